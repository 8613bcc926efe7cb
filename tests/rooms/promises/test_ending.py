"""A promise moves, breaks or is released in the open, and the record hides no delay."""

from __future__ import annotations

from datetime import date, timedelta
from statistics import median
from uuid import UUID, uuid4

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from kfar.rooms.customers import commands as customers
from kfar.rooms.promises import commands, ending, queries
from kfar.rooms.promises.facts import PromiseBroken, PromiseMoved, PromiseReleased
from kfar.rooms.promises.queries import Record
from kfar.rooms.promises.rules import Course, State, discipline
from tests.clock import Clock
from tests.people import a_customer, an_employee, announced, noted, refuses
from tests.rooms.promises.test_commands import promise

TODAY = date(2026, 3, 31)


def stands(promise_id: UUID) -> State:
    found = queries.promise(promise_id)
    assert found is not None
    return found.state


@pytest.mark.django_db
class TestMove:
    def test_both_days_stay_on_record_and_lateness_counts_from_the_first(
        self, clock: Clock
    ) -> None:
        anna, noa = a_customer(), an_employee()
        first = clock.today + timedelta(days=2)
        once = promise(noa, anna, due=first)
        for days in (5, 9):
            ending.move(
                by=noa, promise_id=once, due=clock.today + timedelta(days=days), why=" The cow "
            )
        found = queries.promise(once)
        assert found is not None
        assert [(m.before, m.after, m.why) for m in found.moves] == [
            (first, clock.today + timedelta(days=5), "The cow"),
            (clock.today + timedelta(days=5), clock.today + timedelta(days=9), "The cow"),
        ]
        assert (found.due, found.first_due) == (clock.today + timedelta(days=9), first)
        facts = announced()[1:]
        assert [(type(f), getattr(f, "move_id", None)) for f in facts] == [
            (PromiseMoved, move.id) for move in found.moves
        ]
        assert noted(anna)[1:] == [("promises.moved", noa)] * 2
        clock.forward(days=8)
        commands.keep(by=noa, promise_id=once, how="Done")
        assert queries.record() == Record(open=0, late=0, kept=1, kept_in_time=0)
        assert (queries.discipline().median, queries.discipline().share) == (6.0, 0.0)

    def test_the_same_day_is_no_news_and_some_days_are_none(self, clock: Clock) -> None:
        anna, noa = a_customer(), an_employee()
        once = promise(noa, anna, due=clock.today)
        ending.move(by=noa, promise_id=once, due=clock.today, why="")
        later = clock.today + timedelta(days=1)
        with refuses("promises.why_missing"):
            ending.move(by=noa, promise_id=once, due=later, why=" ")
        with refuses("promises.due_in_past"):
            ending.move(by=noa, promise_id=once, due=clock.today - timedelta(days=1), why="x")
        with refuses("village.may_not", act="promises.promise"):
            ending.move(by=anna, promise_id=once, due=later, why="x")
        commands.keep(by=noa, promise_id=once, how="Done")
        with refuses("promises.over"):
            ending.move(by=noa, promise_id=once, due=later, why="x")
        found = queries.promise(once)
        assert found is not None
        assert (found.moves, found.first_due) == ((), None)


@pytest.mark.django_db
class TestBreak:
    def test_who_breaks_it_says_why_and_it_stays_broken_when_kept_after_all(
        self, clock: Clock
    ) -> None:
        anna, noa, voice = a_customer(), an_employee(), uuid4()
        once = promise(noa, anna, voice_id=voice)
        with refuses("promises.why_missing"):
            ending.break_promise(by=noa, promise_id=once, why="")
        for _ in range(2):
            ending.break_promise(by=noa, promise_id=once, why="No milk")
        assert announced()[1:] == [
            PromiseBroken(promise_id=once, voice_id=voice, question_id=None, at=clock.now)
        ]
        assert noted(anna)[1:] == [("promises.broken", noa)]
        commands.keep(by=noa, promise_id=once, how="A goat")
        assert stands(once) is State.BROKEN
        assert queries.record() == Record(open=0, late=0, kept=0, kept_in_time=0, broken=1)

    def test_by_rule_a_month_after_it_was_due_and_not_renewed(self, clock: Clock) -> None:
        anna, noa = a_customer(), an_employee()
        forgotten, renewed = (promise(noa, anna, due=clock.today) for _ in range(2))
        clock.forward(days=30)
        ending.move(by=noa, promise_id=renewed, due=clock.today, why="Still at it")
        assert ending.break_due() == 0
        clock.forward(days=1)
        assert (ending.break_due(), ending.break_due()) == (1, 0)
        found = queries.promise(forgotten)
        assert found is not None
        assert (found.state, found.broken_by, found.why) == (State.BROKEN, "", "")
        assert stands(renewed) is State.LATE


@pytest.mark.django_db
class TestRelease:
    def test_each_of_many_for_themselves_and_when_all_have_it_is_released(
        self, clock: Clock
    ) -> None:
        anna, borys, noa = a_customer(), a_customer("Borys"), an_employee("Noa", "brand")
        once = commands.pledge(
            owner=noa, text={"en": "Rye"}, due=clock.today, to=[anna, borys], question_id=uuid4()
        )
        for _ in range(2):
            ending.release(by=anna, promise_id=once)
        assert (queries.recipients(once), queries.released_by(anna)) == ([borys], {once})
        assert stands(once) is State.OPEN
        ending.release(by=borys, promise_id=once)
        assert (stands(once), queries.recipients(once)) == (State.RELEASED, [])
        assert announced()[1:] == [
            PromiseReleased(promise_id=once, customer_id=anna, all=False, at=clock.now),
            PromiseReleased(promise_id=once, customer_id=borys, all=True, at=clock.now),
        ]
        with refuses("promises.over"):
            commands.keep(by=noa, promise_id=once, how="Done")

    def test_one_person_under_two_names_releases_once(self, clock: Clock) -> None:
        anna, hania, ewa = a_customer(), a_customer("Hania"), an_employee("Ewa", "lead")
        once = commands.pledge(
            owner=ewa, text={"en": "Rye"}, due=clock.today, to=[anna, hania], question_id=uuid4()
        )
        customers.merge(by=ewa, one=anna, other=hania)
        ending.release(by=hania, promise_id=once)
        assert stands(once) is State.RELEASED

    def test_nobody_releases_what_was_promised_to_others(self) -> None:
        noa, once = an_employee(), None
        once = promise(noa, a_customer())
        with refuses("promises.not_found"):
            ending.release(by=a_customer("Borys"), promise_id=once)
        to_all = commands.promise_all(
            by=an_employee("Ewa", "lead"), text={"en": "Rye"}, owner=noa,
            due=timezone.localdate(), once=uuid4(),
        )  # fmt: skip
        with refuses("promises.not_found"):
            ending.release(by=a_customer(), promise_id=to_all)


@pytest.mark.django_db
def test_what_is_promised_to_all_is_public_and_the_rest_is_not(clock: Clock) -> None:
    anna, noa, ewa = a_customer(), an_employee(), an_employee("Ewa", "lead")
    with refuses("village.may_not", act="promises.public"):
        commands.promise_all(by=noa, text={"en": "Rye"}, owner=noa, due=clock.today, once=uuid4())
    once = uuid4()
    for _ in range(2):
        commands.promise_all(by=ewa, text={"en": "Rye"}, owner=noa, due=clock.today, once=once)
    promise(noa, anna)
    pledged = commands.pledge(
        owner=ewa, text={"en": "Oats"}, due=clock.today, to=[anna], question_id=uuid4()
    )
    clock.forward(hours=1)
    ending.break_promise(by=ewa, promise_id=once, why="No flour")
    assert [one.id for one in queries.public()] == [once, pledged]
    assert [one.personal for one in queries.public()] == [False, False]


DAYS = st.none() | st.dates(date(2026, 3, 1), TODAY)


@given(st.lists(st.tuples(st.dates(date(2026, 2, 1), date(2026, 5, 1)), DAYS, DAYS)))
def test_the_record_is_as_counted_by_hand(
    rows: list[tuple[date, date | None, date | None]],
) -> None:
    courses = [Course(due, kept, broken) for due, kept, broken in rows]
    found = discipline(courses, TODAY)
    ended = [min([d for d in (k, b) if d], default=TODAY) for _due, k, b in rows]
    late = [(end - due).days for (due, _k, _b), end in zip(rows, ended, strict=True) if end > due]
    in_time = sum(k is not None and b is None and k <= due for due, k, b in rows)
    assert (found.kept, found.late) == (in_time, len(late))
    assert found.median == (float(median(late)) if late else None)
    assert found.fell_due == in_time + len(late) + sum(
        b is not None and end <= due for (due, _k, b), end in zip(rows, ended, strict=True)
    )
    assert found.low <= (found.share or 0.0) + 1e-9
    assert (found.share or 0.0) <= found.high + 1e-9


def test_what_was_released_is_owed_to_nobody() -> None:
    released = Course(TODAY - timedelta(days=9), released=TODAY)
    found = discipline([released], TODAY)
    assert (found.fell_due, found.released, found.median, found.share) == (0, 1, None, None)
