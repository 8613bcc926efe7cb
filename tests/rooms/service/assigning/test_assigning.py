"""Nobody has to give cases out: who suits best is suggested with reasons, and gets it in time."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from kfar.ground.money import Money
from kfar.loop import helping
from kfar.rooms.service import commands as service
from kfar.rooms.service import queries as cases
from kfar.rooms.service.assigning import commands, presence, queries
from kfar.rooms.service.assigning.rules import BUSY, Candidate, Why, rank
from kfar.rooms.service.models import Case
from kfar.rooms.service.queries import beside
from kfar.rooms.village import commands as village
from tests.clock import Clock
from tests.people import a_customer, an_employee, email, refuses


def one(
    name: str, served: int = 0, waiting: int = 0, limit: int = 0, here: bool = True
) -> Candidate:
    return Candidate(UUID(int=sum(name.encode())), name, served, waiting, limit, here)


def names(need: int, *candidates: Candidate) -> list[str]:
    return [found.name for found in rank(candidates, need)]


class TestRank:
    def test_authority_then_knowing_then_who_is_free_then_names(self) -> None:
        assert names(50, one("a", served=9, limit=10), one("b", limit=50)) == ["b", "a"]
        assert names(5, one("a", limit=10), one("b", served=1, limit=10)) == ["b", "a"]
        assert names(5, one("a", waiting=2, limit=10), one("b", waiting=1, limit=10)) == ["b", "a"]
        assert names(5, one("b", limit=10), one("a", limit=10)) == ["a", "b"]
        assert names(5, one("a", here=False), one("b")) == ["b"]
        assert names(5) == []

    def test_who_knows_them_is_not_buried_for_it(self) -> None:
        free = one("free", limit=9)
        assert names(5, free, one("knows", 3, BUSY - 1, 9)) == ["knows", "free"]
        assert names(5, free, one("knows", 3, BUSY, 9)) == ["free", "knows"]

    def test_what_speaks_for_somebody_is_said(self) -> None:
        [first, second] = rank([one("a", 2, 1, 500), one("b", 0, 0, 20)], 100)
        assert first.why == ((Why.SERVED, 2), (Why.MAY, 500))
        assert second.why == ((Why.FREE, 0),)

    @given(
        st.lists(
            st.builds(
                Candidate, st.uuids(), st.text(max_size=3), *[st.integers(0, 20)] * 3, st.booleans()
            ),
            unique_by=lambda each: each.id,
        ),
        st.integers(0, 20),
        st.randoms(use_true_random=False),
    )
    def test_it_is_the_same_whatever_order_they_come_in(
        self, candidates: list[Candidate], need: int, random: object
    ) -> None:
        found = rank(candidates, need)
        assert {each.id for each in found} == {each.id for each in candidates if each.here}
        random.shuffle(candidates)  # type: ignore[attr-defined]
        assert rank(candidates, need) == found


def open_case(customer: UUID) -> UUID:
    voice = uuid4()
    service.open_case(voice_id=voice, customer_id=customer)
    return voice


def give(by: UUID, voice: UUID, minor: int = 500) -> None:
    service.remedy(
        by=by, case_id=Case.objects.get(voice_id=voice).pk, kind="refund",
        amount=Money(minor, "USD"), once=uuid4(),
    )  # fmt: skip


def taken(voice: UUID) -> str:
    found = cases.case(voice)
    assert found is not None
    return found.taken_by_name


@pytest.mark.django_db
class TestAssigning:
    def test_who_served_them_before_gets_it_after_the_time_and_keeps_it(self, clock: Clock) -> None:
        adam, noa, anna = an_employee("Adam"), an_employee(), a_customer()
        give(noa, open_case(anna))
        voice = open_case(anna)
        assert [found.name for found in helping.suggest(anna)] == ["Noa", "Adam"]
        clock.forward(minutes=29)
        assert (helping.assign_due(), taken(voice)) == (0, "")
        clock.forward(minutes=1)
        assert (helping.assign_due(), helping.assign_due(), taken(voice)) == (1, 0, "Noa")
        assert [one.taken for one in beside([voice, uuid4()]).values()] == ["Noa"]
        assert queries.waiting() == {noa: 1}
        for _ in range(20):  # however busy Noa gets, it does not wander
            commands.take(by=noa, case_id=Case.objects.get(voice_id=open_case(a_customer("B"))).pk)
        clock.forward(days=1)
        assert (helping.assign_due(), taken(voice)) == (0, "Noa")
        for _twice in range(2):
            commands.take(by=adam, case_id=Case.objects.get(voice_id=voice).pk)
        assert taken(voice) == "Adam"

    def test_who_took_it_is_not_asked_and_who_left_leaves_it(self, clock: Clock) -> None:
        noa, dana = an_employee(), an_employee("Dana", "lead")
        voice = open_case(a_customer())
        commands.take(by=dana, case_id=Case.objects.get(voice_id=voice).pk)
        clock.forward(hours=1)
        assert (helping.assign_due(), taken(voice)) == (0, "Dana")
        village.part(email=email("Dana"))
        assert (helping.assign_due(), taken(voice)) == (1, "Noa")
        assert queries.waiting() == {noa: 1}

    def test_who_is_away_gets_nothing_and_nobody_is_asked_again_later(self, clock: Clock) -> None:
        noa = an_employee()
        voice = open_case(a_customer())
        presence.leave(by=noa, until=clock.now + timedelta(hours=1))
        clock.forward(minutes=30)
        assert (helping.assign_due(), helping.suggest(a_customer("Borys"))) == (0, [])
        presence.leave(by=noa, until=None)
        assert helping.assign_due() == 0
        clock.forward(minutes=30)
        assert (helping.assign_due(), taken(voice)) == (1, "Noa")

    def test_the_time_is_working_time_and_may_be_never(
        self, clock: Clock, settings: Settings
    ) -> None:
        settings.KFAR_WORK_HOURS = "Mon-Fri 09:00-12:10"
        an_employee()
        voice = open_case(a_customer())  # on Monday at 12:00
        clock.forward(hours=21, minutes=19)
        assert helping.assign_due() == 0
        clock.forward(minutes=1)
        assert (helping.assign_due(), taken(voice)) == (1, "Noa")
        settings.KFAR_ASSIGN_AFTER = None
        never = open_case(a_customer())
        clock.forward(days=99)
        assert (helping.assign_due(), taken(never)) == (0, "")

    def test_only_who_decides_takes_cases(self) -> None:
        voice = open_case(a_customer())
        own = Case.objects.get(voice_id=voice).pk
        with refuses("village.may_not", act="service.remedy"):
            commands.take(by=an_employee("Tomasz", "brand"), case_id=own)
        with refuses("service.not_found"):
            commands.take(by=an_employee(), case_id=uuid4())

    def test_what_is_likely_needed_is_what_is_usually_given(self) -> None:
        assert queries.usual() == 0
        dana, anna = an_employee("Dana", "lead"), a_customer()
        noa = an_employee("Aa")
        for minor in (100, 30_000, 40_000):
            give(dana, open_case(anna), minor)
        assert queries.usual() == 30_000
        best = helping.suggest(a_customer("Borys"))
        assert [found.id for found in best] == [dana, noa]
        assert best[0].why[0] == (Why.MAY, 50_000)
