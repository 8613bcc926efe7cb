"""Merges by human hand, their history, and what is proposed."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from kfar.rooms.customers import commands, queries
from kfar.rooms.customers.facts import Merged, Unmerged
from kfar.rooms.customers.models import Customer, Merge, Proposal
from tests.at_once import at_once
from tests.clock import Clock
from tests.people import a_customer, an_employee, announced, noted, refuses
from tests.rooms.customers.test_rules import claim, sure

pytestmark = pytest.mark.django_db


def lead() -> UUID:
    return an_employee("Ewa", "lead")


def merge(by: UUID, one: UUID, other: UUID) -> UUID:
    made = commands.merge(by=by, one=one, other=other)
    assert made is not None
    return made


class TestMerge:
    def test_two_are_one_until_it_is_taken_back(self, clock: Clock) -> None:
        anna, hania, ewa = a_customer("Anna"), a_customer("Hania", language="pl"), lead()
        assert queries.count() == 2
        made = merge(ewa, hania, anna)
        assert commands.merge(by=ewa, one=anna, other=hania) is None
        first, second = (anna, hania) if queries.selves(hania)[0] == anna else (hania, anna)
        for own in (anna, hania):
            assert queries.selves(own) == [first, second]
            person = queries.person(own)
            assert person is not None
            assert person.id == first
            assert ("email", "hania@village.example") in person.names
        assert (queries.count(), queries.agreed("ask")) == (1, [first])
        [joined] = queries.merges(anna)
        assert (joined.id, joined.was.id, joined.by, joined.undone_at) == (made, second, ewa, None)

        for _ in range(2):
            commands.unmerge(by=ewa, merge_id=made)
        assert [queries.selves(own) for own in (anna, hania)] == [[anna], [hania]]
        assert (queries.count(), len(queries.agreed("ask"))) == (2, 2)
        [joined] = queries.merges(first)
        assert joined.undone_at == clock.now
        for own in (anna, hania):
            assert [act for act, _by in noted(own)] == ["customers.merged", "customers.unmerged"]
            assert {by for _act, by in noted(own)} == {ewa}
        assert announced() == [
            Merged(merge_id=made, loser=second, winner=first, at=clock.now),
            Unmerged(merge_id=made, loser=second, winner=first, at=clock.now),
        ]

    def test_who_may_not_is_refused(self) -> None:
        anna, hania, noa = a_customer("Anna"), a_customer("Hania"), an_employee("Noa")
        made = merge(lead(), anna, hania)
        with refuses("village.may_not", act="customers.merge"):
            commands.merge(by=noa, one=anna, other=hania)
        with refuses("village.may_not", act="customers.merge"):
            commands.unmerge(by=noa, merge_id=made)
        with refuses("customers.not_found"):
            commands.unmerge(by=lead(), merge_id=uuid4())
        with refuses("customers.not_found"):
            commands.merge(by=lead(), one=anna, other=uuid4())

    def test_a_merge_that_was_undone_is_not_made_again_by_itself(self) -> None:
        [visitor] = commands.resolve(claims=[claim(anonymous_id="a")])
        [anna] = commands.resolve(claims=[claim(1, anonymous_id="a", user_id="u")])
        assert anna is not None
        commands.unmerge(by=lead(), merge_id=Merge.objects.get().pk)
        assert commands.resolve(
            claims=[claim(2, anonymous_id="a", user_id="u"), claim(3, anonymous_id="a")]
        ) == [anna, visitor]
        assert queries.selves(anna) == [anna]
        assert commands.propose(one=anna, other=visitor, ground="match") is None  # type: ignore[arg-type]

    @pytest.mark.django_db(transaction=True)
    def test_two_who_merge_the_same_people_at_once_make_one_merge(self) -> None:
        anna, hania, ewa = a_customer("Anna"), a_customer("Hania"), lead()
        made = at_once(
            *[lambda: commands.merge(by=ewa, one=anna, other=hania)] * 2,
            *[lambda: commands.merge(by=ewa, one=hania, other=anna)] * 2,
        )
        assert sorted(made, key=str) == sorted([None, None, None, Merge.objects.get().pk], key=str)
        assert queries.count() == 1


class TestAnyMerges(TestCase):
    @settings(max_examples=25)
    @given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), st.booleans()), max_size=10))
    def test_who_is_one_follows_from_the_merges_that_stand(
        self, acts: list[tuple[int, int, bool]]
    ) -> None:
        people, ewa = [a_customer(name) for name in "ABCDE"], lead()
        made: list[UUID] = []
        for one, other, back in acts:
            if back and made:
                commands.unmerge(by=ewa, merge_id=made.pop(one % len(made)))
            elif (new := commands.merge(by=ewa, one=people[one], other=people[other])) is not None:
                made.append(new)
        groups = {own: {own} for own in people}
        for loser, winner in Merge.objects.filter(undone_at=None).values_list("loser", "winner"):
            whole = groups[loser] | groups[winner]
            groups.update(dict.fromkeys(whole, whole))
        for own in people:
            assert set(queries.selves(own)) == groups[own]
        assert queries.count() == len({frozenset(group) for group in groups.values()})
        assert len(queries.agreed("ask")) == queries.count()


class TestProposals:
    def test_accepted_they_are_one_and_dismissed_they_stay_two(self) -> None:
        anna, hania, borys, ewa = *map(a_customer, ("Anna", "Hania", "Borys")), lead()
        same = commands.propose(
            one=anna, other=hania, ground="match", score=0.97, evidence=["name"]
        )
        different = commands.propose(one=borys, other=hania, ground="match", score=0.8)
        assert same is not None
        assert different is not None
        assert [p.id for p in queries.proposals()] == [same, different]
        for _ in range(2):
            commands.accept(by=ewa, proposal_id=same)
            commands.dismiss(by=ewa, proposal_id=different)
        assert queries.proposals() == []
        assert len({*queries.person_of([anna, hania]).values()}) == 1
        # Neither is asked again, under whichever of their names.
        for one, other in ((anna, borys), (hania, borys), (anna, hania), (anna, anna)):
            assert commands.propose(one=one, other=other, ground="match") is None
        assert Proposal.objects.count() == 2
        with refuses("customers.decided"):
            commands.dismiss(by=ewa, proposal_id=same)
        with refuses("customers.decided"):
            commands.accept(by=ewa, proposal_id=different)

    def test_only_who_may_decides_and_sees_them(self) -> None:
        asked = commands.propose(one=a_customer("A"), other=a_customer("B"), ground="match")
        assert asked is not None
        noa = an_employee("Noa")
        for act in (commands.accept, commands.dismiss, commands.compare):
            with refuses("village.may_not", act="customers.merge"):
                act(by=noa, proposal_id=asked)
            with refuses("customers.not_found"):
                act(by=lead(), proposal_id=uuid4())

    def test_who_looks_leaves_a_line_with_both(self) -> None:
        anna, borys, ewa = a_customer("Anna"), a_customer("Borys"), lead()
        asked = commands.propose(one=anna, other=borys, ground="match")
        assert asked is not None
        commands.compare(by=ewa, proposal_id=asked)
        assert noted(anna) == noted(borys) == [("customers.compared", ewa)]

    def test_a_shared_device_asks_whether_its_first_visits_were_theirs(self) -> None:
        said = [
            claim(0, anonymous_id="a"),
            *(claim(n, anonymous_id="a", user_id=f"{n}") for n in (1, 2)),
        ]
        visitor, first, _second = commands.resolve(claims=said)
        [asked] = queries.proposals()
        assert (asked.merged, asked.ground, asked.score) == (True, "device", None)
        assert {asked.one.id, asked.other.id} == {visitor, first}
        commands.dismiss(by=lead(), proposal_id=asked.id)
        assert first is not None
        assert queries.selves(first) == [first]

    def test_what_is_shown_of_two_that_are_merged_is_what_each_had(self) -> None:
        said = [
            claim(0, anonymous_id="a", email="a@x.example"),
            *(sure(n, anonymous_id="a", user_id=f"{n}") for n in (1, 2)),
        ]
        commands.resolve(claims=said)
        [asked] = queries.proposals()
        assert {asked.one.names, asked.other.names} == {
            (("told-email", "a@x.example"),),
            (("web", "1"),),
        }


def test_an_id_nobody_has_is_its_own_person() -> None:
    nobody = uuid4()
    assert queries.selves(nobody) == [nobody]
    assert queries.people([nobody]) == {}
    assert Customer.objects.count() == 0
