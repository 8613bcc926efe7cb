"""Ties: both say so, either ends it, and nobody learns from them who is a customer."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from kfar.rooms.customers import commands as customers
from kfar.rooms.customers import erasure
from kfar.rooms.customers import queries as people
from kfar.rooms.customers.ties import commands, queries, rules
from kfar.rooms.customers.ties.models import Tie, TieInvitation, TieStop
from kfar.rooms.customers.ties.queries import Circle
from tests.clock import Clock
from tests.people import a_customer, an_employee, email, noted, refuses
from tests.rooms.customers.ties.knowing import agree, be_named, tie

pytestmark = [pytest.mark.django_db]

ELSEWHERE = "dana@elsewhere.example"


def known(customer_id: UUID) -> list[str]:
    return [one.name for one in queries.known(customer_id)]


def test_both_say_so_and_both_know_each_other() -> None:
    anna, borys = a_customer("Anna"), a_customer("Borys")
    once = commands.invite(by=anna, once=uuid4())
    assert (known(anna), known(borys)) == ([], [])
    offer = queries.invitation(once)
    assert offer is not None
    assert (offer.name, offer.by, offer.open) == ("Anna", anna, True)
    for _twice in range(2):
        commands.accept(by=borys, invitation_id=once)
    assert (known(anna), known(borys)) == (["Borys"], ["Anna"])
    assert noted(anna) == [("customers.tie_invited", None), ("customers.tied", None)]
    assert noted(borys) == [("customers.tied", None)]
    assert queries.invitations(anna) == []


def test_an_invitation_is_for_one_person_once() -> None:
    anna, borys, celina = a_customer("Anna"), a_customer("Borys"), a_customer("Celina")
    once = commands.invite(by=anna, once=uuid4())
    with refuses("customers.tie_self"):
        commands.accept(by=anna, invitation_id=once)
    commands.accept(by=borys, invitation_id=once)
    with refuses("customers.tie_over"):
        commands.accept(by=celina, invitation_id=once)
    commands.end(by=anna, other=borys)
    with refuses("customers.tie_over"):  # what was ended is begun by a new one alone
        commands.accept(by=borys, invitation_id=once)
    with refuses("customers.tie_over"):
        commands.accept(by=borys, invitation_id=uuid4())
    assert Tie.objects.count() == 0


def test_the_same_sent_twice_is_one_invitation() -> None:
    anna, once = a_customer("Anna"), uuid4()
    for _twice in range(2):
        assert commands.invite(by=anna, once=once, email=ELSEWHERE) == once
    assert TieInvitation.objects.count() == 1


def test_an_invitation_is_over_after_two_weeks(clock: Clock) -> None:
    anna, borys = a_customer("Anna"), a_customer("Borys")
    once = commands.invite(by=anna, once=uuid4())
    clock.forward(days=14)
    with refuses("customers.tie_over"):
        commands.accept(by=borys, invitation_id=once)
    assert queries.invitations(anna) == []
    clock.forward(days=17)
    assert (commands.tidy(), TieInvitation.objects.count()) == (1, 0)


def test_only_who_invited_takes_it_back() -> None:
    anna, borys = a_customer("Anna"), a_customer("Borys")
    once = commands.invite(by=anna, once=uuid4(), email=ELSEWHERE)
    with refuses("customers.tie_over"):
        commands.take_back(by=borys, invitation_id=once)
    for _twice in range(2):
        commands.take_back(by=anna, invitation_id=once)
    assert (queries.invitations(anna), commands.claim_letters()) == ([], [])
    with refuses("customers.tie_over"):
        commands.accept(by=borys, invitation_id=once)


def test_either_ends_it_and_nobody_else() -> None:
    anna, borys, celina = a_customer("Anna"), a_customer("Borys"), a_customer("Celina")
    tie(anna, borys)
    for other in (anna, borys, uuid4()):
        commands.end(by=celina, other=other)
    assert known(anna) == ["Borys"]
    for _twice in range(2):
        commands.end(by=borys, other=anna)
    assert (known(anna), known(borys), Tie.objects.count()) == ([], [], 0)
    assert noted(anna)[-1] == ("customers.untied", None)


def test_a_no_is_not_told_and_reads_like_silence() -> None:
    anna, borys = a_customer("Anna"), a_customer("Borys")
    silent, declined = (commands.invite(by=anna, once=uuid4()) for _each in range(2))
    for _twice in range(2):
        commands.decline(invitation_id=declined)
    shown = {one.id: (one.until, one.written) for one in queries.invitations(anna)}
    assert len(shown) == 2
    assert shown[silent][1] is shown[declined][1] is False
    offers = [queries.invitation(each) for each in (silent, declined)]
    assert [offer.open for offer in offers if offer] == [True, True]
    with refuses("customers.tie_over"):
        commands.accept(by=borys, invitation_id=declined)


def test_nobody_finds_out_who_is_a_customer_by_inviting() -> None:
    """A customer's address, a stranger's, and one that wants no letters are the same."""
    anna = a_customer("Anna")
    a_customer("Borys")
    first = commands.invite(by=a_customer("Ewa"), once=uuid4(), email="stop@elsewhere.example")
    commands.stop(invitation_id=first)
    for address in (email("Borys"), ELSEWHERE, "stop@elsewhere.example"):
        commands.invite(by=anna, once=uuid4(), email=address)
    for letter in commands.claim_letters():
        commands.sent(invitation_id=letter.id)
    shown = queries.invitations(anna)
    assert {(one.written, one.until - one.at) for one in shown} == {(True, rules.LASTS)}
    assert len(shown) == 3
    assert list(TieInvitation.objects.values_list("address", flat=True)) == [""] * 4


def test_an_address_gets_one_letter_a_month_from_all_who_invite(clock: Clock) -> None:
    for name in ("Anna", "Borys", "Celina"):
        commands.invite(by=a_customer(name), once=uuid4(), email=ELSEWHERE)
        clock.forward(seconds=1)
    [letter] = commands.claim_letters()
    assert (letter.name, letter.address) == ("Anna", ELSEWHERE)
    assert commands.claim_letters() == []  # it is being sent
    commands.sent(invitation_id=letter.id)
    dana = a_customer("Dana")
    for passed in (29, 1):
        clock.forward(days=passed)
        commands.invite(by=dana, once=uuid4(), email="Dana@Elsewhere.example ")
        found = commands.claim_letters()
    assert [letter.name for letter in found] == ["Dana"]


def test_what_stands_after_a_plus_is_no_other_mailbox() -> None:
    anna = a_customer("Anna")
    for address in ("d.ana@gmail.com", "dana+1@gmail.com", "dana+2@googlemail.com"):
        commands.invite(by=anna, once=uuid4(), email=address)
    assert len(commands.claim_letters()) == 1


def test_a_letter_that_failed_is_tried_again_and_never_after_its_time(clock: Clock) -> None:
    commands.invite(by=a_customer("Anna"), once=uuid4(), email=ELSEWHERE)
    tries = []
    for _minute in range(11):
        tries.append(len(commands.claim_letters()))
        clock.forward(minutes=1)
    assert tries == [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]
    clock.forward(days=14)
    assert commands.claim_letters() == []
    assert (commands.tidy(), TieInvitation.objects.get().address) == (1, "")


def test_who_took_a_name_that_is_an_advertisement_meanwhile_writes_no_letter() -> None:
    anna = a_customer("Anna")
    commands.invite(by=anna, once=uuid4(), email=ELSEWHERE)
    customers.rename(by=anna, name="Buy at shop.example")
    assert commands.claim_letters() == []
    with refuses("customers.tie_bad_name", most=60):
        commands.invite(by=anna, once=uuid4())
    customers.rename(by=anna, name="")
    with refuses("customers.tie_no_name"):
        commands.invite(by=anna, once=uuid4())


def test_nobody_invites_without_end_and_a_no_makes_no_room(clock: Clock) -> None:
    anna, made = a_customer("Anna"), []
    for _day in range(2):
        made += [commands.invite(by=anna, once=uuid4()) for _each in range(rules.MOST_A_DAY)]
        with refuses("customers.tie_enough"):
            commands.invite(by=anna, once=uuid4())
        clock.forward(days=1)
    commands.decline(invitation_id=made[0])
    with refuses("customers.tie_enough"):
        commands.invite(by=anna, once=uuid4())
    commands.take_back(by=anna, invitation_id=made[1])
    commands.invite(by=anna, once=uuid4())


def test_all_together_write_so_many_an_hour(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    monkeypatch.setattr(rules, "MOST_AN_HOUR", 2)
    anna = a_customer("Anna")
    for number in range(3):
        commands.invite(by=anna, once=uuid4(), email=f"d{number}@elsewhere.example")
    for letter in (first := commands.claim_letters()):
        commands.sent(invitation_id=letter.id)
    assert (len(first), commands.claim_letters()) == (2, [])
    clock.forward(hours=1)
    assert len(commands.claim_letters()) == 1


@pytest.mark.parametrize("wrong", ["dana", "dana@", "@x", "a b@c.de", "\x00@"])
def test_what_is_no_address_is_asked_for_again(wrong: str) -> None:
    anna = a_customer("Anna")
    with refuses("customers.tie_no_address"):
        commands.invite(by=anna, once=uuid4(), email=wrong)


def test_there_is_room_for_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MOST_TIES", 1)
    anna, borys, celina = a_customer("Anna"), a_customer("Borys"), a_customer("Celina")
    tie(anna, borys)
    once = commands.invite(by=celina, once=uuid4())
    with refuses("customers.tie_full", most=1):
        commands.accept(by=borys, invitation_id=once)


class TestCircle:
    def test_who_knows_nobody_has_none(self) -> None:
        anna = a_customer("Anna")
        found = queries.circle(anna)
        assert (found, bool(found)) == (Circle(), False)

    def test_friends_are_named_only_where_they_agreed(self) -> None:
        anna, borys, celina = a_customer("Anna"), a_customer("Borys"), a_customer("Celina")
        tie(anna, borys)
        tie(celina, anna)
        be_named(borys)
        assert queries.circle(anna) == Circle({borys: "Borys"}, frozenset({celina}))
        agree(borys, purpose="named-to-friends", given=False)
        assert queries.circle(anna) == Circle({}, frozenset({borys, celina}))

    def test_beyond_counts_who_agreed_by_way_of_who_agreed(self) -> None:
        anna, borys, celina = a_customer("Anna"), a_customer("Borys"), a_customer("Celina")
        tie(anna, borys)
        tie(borys, celina)
        said = []
        for who in ((), (borys,), (celina,)):
            agree(*who)
            said.append(queries.circle(anna).beyond)
        assert said == [frozenset(), frozenset(), frozenset({celina})]
        agree(borys, given=False)
        assert queries.circle(anna) == Circle({}, frozenset({borys}))

    def test_a_friend_is_no_friends_friend_and_nobody_is_their_own(self) -> None:
        people_ = [a_customer(name) for name in ("Anna", "Borys", "Celina")]
        anna, borys, celina = people_
        tie(anna, borys)
        tie(borys, celina)
        tie(celina, anna)
        agree(*people_)
        assert queries.circle(anna) == Circle({}, frozenset({borys, celina}))

    @pytest.mark.parametrize("size", [1, 12])
    def test_it_asks_as_often_for_many_as_for_few(
        self, size: int, django_assert_num_queries: object
    ) -> None:
        anna = a_customer("Anna")
        for number in range(size):
            friend, far = a_customer(f"Friend {number}"), a_customer(f"Far {number}")
            Tie.objects.create(one_id=min(anna, friend), other_id=max(anna, friend))
            Tie.objects.create(one_id=min(far, friend), other_id=max(far, friend))
            agree(friend, far)
            be_named(friend)
        with django_assert_num_queries(10):  # type: ignore[operator]
            found = queries.circle(anna)
        assert (len(found.named), len(found.beyond)) == (size, size)


class TestOnePerson:
    def test_who_turns_out_to_be_another_brings_their_ties_and_takes_them_away(self) -> None:
        lead = an_employee("Ewa", "lead")
        anna, borys, at_work, celina = map(a_customer, ("Anna", "Borys", "Borys at work", "Celina"))
        tie(anna, borys)
        tie(at_work, celina)
        tie(anna, at_work)
        made = customers.merge(by=lead, one=borys, other=at_work)
        assert made is not None
        person = people.person_of([borys])[borys]
        assert [one.id for one in queries.known(anna)] == [person]
        assert queries.circle(celina).friends == {person}
        assert queries.circle(borys).friends == queries.circle(at_work).friends == {anna, celina}
        customers.unmerge(by=lead, merge_id=made)
        assert queries.circle(anna).friends == {borys, at_work}
        assert queries.circle(celina).friends == {at_work}

    def test_who_ends_it_ends_it_for_all_of_their_names(self) -> None:
        lead = an_employee("Ewa", "lead")
        anna, borys, at_work = a_customer("Anna"), a_customer("Borys"), a_customer("At work")
        tie(anna, borys)
        tie(anna, at_work)
        customers.merge(by=lead, one=borys, other=at_work)
        commands.end(by=anna, other=people.person_of([borys])[borys])
        assert Tie.objects.count() == 0

    def test_two_who_are_one_are_no_friends_of_themselves(self) -> None:
        lead = an_employee("Ewa", "lead")
        anna, other = a_customer("Anna"), a_customer("Anna at work")
        tie(anna, other)
        once = commands.invite(by=anna, once=uuid4())
        made = customers.merge(by=lead, one=anna, other=other)
        assert made is not None
        assert (queries.known(anna), bool(queries.circle(other))) == ([], False)
        with refuses("customers.tie_self"):
            commands.accept(by=other, invitation_id=once)
        customers.unmerge(by=lead, merge_id=made)
        assert known(other) == ["Anna"]

    def test_their_last_word_under_any_name_counts(self, clock: Clock) -> None:
        lead = an_employee("Ewa", "lead")
        anna, borys, at_work = a_customer("Anna"), a_customer("Borys"), a_customer("At work")
        tie(anna, borys)
        be_named(borys)
        customers.merge(by=lead, one=borys, other=at_work)
        person = people.person_of([borys])[borys]
        assert queries.circle(anna).named.keys() == {person}
        clock.forward(minutes=1)
        agree(at_work, purpose="named-to-friends", given=False)
        assert queries.circle(anna) == Circle({}, frozenset({person}))


def test_who_is_erased_is_known_by_nobody_and_gets_no_letter() -> None:
    anna, borys, celina = a_customer("Anna"), a_customer("Borys"), a_customer("Celina")
    tie(anna, borys)
    tie(celina, anna)
    waits = commands.invite(by=celina, once=uuid4(), email=email("Anna"))
    commands.invite(by=anna, once=uuid4(), email=ELSEWHERE)
    gone = erasure.forget(customers=[anna])
    assert {k: n for k, n in gone.rows.items() if "Tie" in k} == {
        "customers.Tie": 2,
        "customers.TieInvitation": 1,
    }
    assert (known(borys), known(celina), commands.claim_letters()) == ([], [], [])
    assert [one.id for one in queries.invitations(celina)] == [waits]


def test_a_no_to_letters_stays_when_who_said_it_is_erased() -> None:
    once = commands.invite(by=a_customer("Anna"), once=uuid4(), email=email("Borys"))
    commands.stop(invitation_id=once)
    with refuses("customers.tie_over"):
        commands.stop(invitation_id=commands.invite(by=a_customer("Ewa"), once=uuid4()))
    erasure.forget(customers=[a_customer("Borys")])
    commands.invite(by=a_customer("Celina"), once=uuid4(), email=email("Borys"))
    assert (commands.claim_letters(), TieStop.objects.count()) == ([], 1)
