"""Customers promise by their own yes alone, and take it back without a word."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction

from kfar.rooms.customers import commands as customers
from kfar.rooms.promises import commands as ours
from kfar.rooms.promises import ending
from kfar.rooms.promises import queries as record
from kfar.rooms.promises.facts import AskedInReturn, KeptInReturn, PromisedInReturn
from kfar.rooms.promises.in_return import commands, queries
from kfar.rooms.promises.in_return.queries import Counts, Given
from kfar.rooms.promises.in_return.rules import MOST_OPEN, Kind
from kfar.rooms.promises.models import Promise
from kfar.rooms.promises.queries import Record
from kfar.rooms.promises.rules import State
from tests.clock import Clock
from tests.people import a_customer, an_employee, announced, noted, refuses
from tests.rooms.promises.test_commands import promise

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna(db: None, clock: Clock) -> UUID:
    return a_customer()


@pytest.fixture
def noa(db: None) -> UUID:
    return an_employee()


def asked(by: UUID, to: UUID, clock: Clock, **more: Any) -> UUID:
    fresh: dict[str, Any] = {
        "voice_id": uuid4(), "kind": "review", "words": "", "language": "en",
        "due": clock.today + timedelta(days=30), "once": uuid4(),
    }  # fmt: skip
    said = fresh | more
    commands.ask(by=by, customer_id=to, **said)
    return UUID(str(said["once"]))


def offered(by: UUID, clock: Clock, **more: Any) -> UUID:
    fresh: dict[str, Any] = {
        "kind": "review", "words": "", "language": "en", "due": clock.today, "once": uuid4(),
    }  # fmt: skip
    return commands.offer(by=by, **(fresh | more))


def given(promise_id: UUID) -> Given:
    found = queries.given(promise_id)
    assert found is not None
    return found


class TestAsk:
    def test_it_binds_nobody_until_they_say_yes(self, anna: UUID, noa: UUID, clock: Clock) -> None:
        once = asked(noa, anna, clock, words=" A word ", kind="other")
        one = given(once)
        assert (one.state, one.asked, one.text, one.asked_by) == (
            *(State.ASKED, True, {"en": "A word"}, "Noa"),
        )
        assert queries.counts() == Counts(0, 0, 0, 0)
        assert queries.open_ones() == []
        assert record.record() == Record(0, 0, 0, 0)
        for act in (commands.done, commands.mark):
            with refuses("promises.over"):
                act(by=anna if act is commands.done else noa, promise_id=once)
        clock.forward(hours=1)
        commands.agree(by=anna, promise_id=once)
        commands.agree(by=anna, promise_id=once)
        assert (given(once).state, given(once).agreed_at) == (State.OPEN, clock.now)
        assert queries.counts() == Counts(1, 0, 1, 0)
        assert [type(fact) for fact in announced()] == [AskedInReturn, PromisedInReturn]
        assert noted(anna) == [
            ("promises.asked_in_return", noa), ("promises.promised_in_return", None),
        ]  # fmt: skip

    def test_sent_twice_it_is_one_and_a_voice_is_asked_on_once(
        self, anna: UUID, noa: UUID, clock: Clock
    ) -> None:
        voice_id, once = uuid4(), uuid4()
        for _twice in range(2):
            asked(noa, anna, clock, voice_id=voice_id, once=once)
        with refuses("promises.asked_already"):
            asked(noa, anna, clock, voice_id=voice_id)
        assert len(queries.for_voices([voice_id])) == 1
        with pytest.raises(IntegrityError), transaction.atomic():
            Promise.objects.create(
                giver_id=anna, kind="trial", voice_id=voice_id, due=clock.today, text={}
            )

    def test_a_no_is_a_no_and_silence_is_none(self, anna: UUID, noa: UUID, clock: Clock) -> None:
        once, silent = asked(noa, anna, clock), asked(noa, anna, clock)
        commands.withdraw(by=anna, promise_id=once)
        with refuses("promises.over"):
            commands.agree(by=anna, promise_id=once)
        assert (given(once).state, given(once).agreed_at) == (State.RELEASED, None)
        clock.forward(days=31)
        assert (given(silent).state, given(silent).asked) == (State.ASKED, False)
        with refuses("promises.over"):
            commands.agree(by=anna, promise_id=silent)
        assert queries.counts() == Counts(0, 0, 0, 0)

    def test_who_may_not_does_not(self, anna: UUID, noa: UUID, clock: Clock) -> None:
        borys = a_customer("Borys")
        with refuses("village.may_not", act="promises.promise"):
            asked(borys, anna, clock)
        once = asked(noa, anna, clock)
        for act in (commands.agree, commands.withdraw, commands.done):
            with refuses("promises.not_found"):
                act(by=borys, promise_id=once)
        commands.agree(by=anna, promise_id=once)
        with refuses("village.may_not", act="promises.promise"):
            commands.mark(by=borys, promise_id=once)
        assert given(once).state is State.OPEN


class TestGiven:
    def test_taken_back_at_any_time_and_nothing_follows(self, anna: UUID, clock: Clock) -> None:
        once = offered(anna, clock)
        clock.forward(days=90)  # no rule breaks it, however late it is
        assert (given(once).state, ending.break_due()) == (State.LATE, 0)
        for _twice in range(2):
            commands.withdraw(by=anna, promise_id=once)
        assert (given(once).state, queries.counts()) == (State.RELEASED, Counts(1, 0, 0, 1))
        with refuses("promises.over"):
            commands.done(by=anna, promise_id=once)
        assert noted(anna)[1:] == [("promises.withdrew", None)]
        assert (record.record(), record.discipline().fell_due) == (Record(0, 0, 0, 0), 0)

    def test_done_by_their_word_or_as_somebody_here_notes(
        self, anna: UUID, noa: UUID, clock: Clock
    ) -> None:
        first, second = offered(anna, clock), offered(anna, clock, kind="referral")
        commands.done(by=anna, promise_id=first, how=" My aunt ")
        for _twice in range(2):
            commands.mark(by=noa, promise_id=second, how="A friend came")
        assert [(given(one).state, given(one).how) for one in (first, second)] == [
            (State.KEPT, "My aunt"), (State.KEPT, "A friend came"),
        ]  # fmt: skip
        assert [type(fact) for fact in announced()] == [PromisedInReturn] * 2 + [KeptInReturn] * 2
        assert noted(anna)[2:] == [("promises.did", None), ("promises.kept_in_return", noa)]
        with refuses("promises.over"):
            commands.withdraw(by=anna, promise_id=first)

    def test_a_deed_keeps_the_oldest_one_and_only_one(self, anna: UUID, clock: Clock) -> None:
        before = clock.now
        clock.forward(minutes=1)
        first = offered(anna, clock)
        clock.forward(minutes=1)
        second, other = offered(anna, clock), offered(anna, clock, kind="trial")
        deed = uuid4()

        def fulfil(deed: UUID, at: Any) -> bool:
            return commands.fulfil(customer_id=anna, kind=Kind.REVIEW, deed_id=deed, at=at)

        assert not fulfil(uuid4(), before)  # a review from before keeps nothing
        assert [fulfil(deed, clock.now) for _twice in range(2)] == [True, False]
        assert [given(one).state for one in (first, second, other)] == [
            State.KEPT, State.OPEN, State.OPEN,
        ]  # fmt: skip
        assert given(first).by_itself
        assert (fulfil(uuid4(), clock.now), fulfil(uuid4(), clock.now)) == (True, False)

    def test_a_review_keeps_what_was_promised_of_that_product(
        self, anna: UUID, clock: Clock
    ) -> None:
        any_ = offered(anna, clock)
        milk, bread = offered(anna, clock, about=" Milk  1L"), offered(anna, clock, about="718")

        def reviews(*names: str) -> list[UUID]:
            commands.fulfil(
                customer_id=anna, kind=Kind.REVIEW, deed_id=uuid4(), at=clock.now, names=names
            )
            return [one for one in (any_, milk, bread) if given(one).state is State.KEPT]

        assert given(milk).about == "Milk 1L"
        assert reviews("718", "RYE BREAD") == [bread]  # before what is about any
        assert reviews("718", "RYE BREAD") == [any_, bread]
        assert reviews("12", "EGGS") == [any_, bread]
        assert reviews("33", "MILK 1L") == [any_, milk, bread]

    def test_one_person_under_two_names_has_them_all(
        self, anna: UUID, noa: UUID, clock: Clock
    ) -> None:
        hania, ewa = a_customer("Hania"), an_employee("Ewa", "lead")
        once = asked(noa, anna, clock)
        customers.merge(by=ewa, one=anna, other=hania)
        commands.agree(by=hania, promise_id=once)
        assert [one.id for one in queries.of_customer(hania)] == [once]

    def test_nobody_promises_without_end(self, anna: UUID, clock: Clock) -> None:
        once = uuid4()
        for _twice in range(2):
            offered(anna, clock, once=once)
        for _n in range(MOST_OPEN - 1):
            offered(anna, clock)
        with refuses("promises.too_many", most=MOST_OPEN):
            offered(anna, clock)
        commands.withdraw(by=anna, promise_id=once)
        offered(anna, clock)
        with refuses("promises.too_long", most=1_000, length=1_001):
            offered(anna, clock, words="x" * 1_001)


class TestBeside:
    def test_the_companys_own_do_not_know_of_them(
        self, anna: UUID, noa: UUID, clock: Clock
    ) -> None:
        voice_id, once = uuid4(), uuid4()
        asked(noa, anna, clock, voice_id=voice_id, once=once)
        commands.agree(by=anna, promise_id=once)
        made = promise(noa, anna, voice_id=voice_id)
        assert [one.id for one in record.for_voice(voice_id)] == [made]
        assert [one.id for one in record.to_customer(anna)] == [made]
        assert (record.promise(once), record.by_id([once]), len(record.waiting())) == (None, {}, 1)
        with refuses("promises.not_found"):
            ours.keep(by=noa, promise_id=once, how="x")
        with refuses("promises.not_found"):
            ending.move(by=noa, promise_id=once, due=clock.today, why="x")
        with refuses("promises.not_found"):
            ending.break_promise(by=noa, promise_id=once, why="x")
        with refuses("promises.not_found"):
            ending.release(by=anna, promise_id=once)

    def test_the_database_holds_what_cannot_be(self, anna: UUID, noa: UUID, clock: Clock) -> None:
        for wrong in (
            {"owner_id": None},  # nobody's
            {"giver_id": anna, "kind": ""},
            {"giver_id": anna, "kind": "trial", "to_all": True},
            {"giver_id": anna, "kind": "trial", "broken_at": clock.now},
            {"giver_id": anna, "kind": "trial", "kept_at": clock.now},  # without a yes
        ):
            with pytest.raises(IntegrityError), transaction.atomic():
                Promise.objects.create(text={}, due=clock.today, **wrong)

    def test_who_leaves_takes_theirs_along(self, anna: UUID, noa: UUID, clock: Clock) -> None:
        borys = a_customer("Borys")
        for own in (anna, borys):
            commands.agree(by=own, promise_id=asked(noa, own, clock))
        promise(noa, anna)
        before = Promise.objects.in_return().count()
        gone = ours.forget(customers=[anna])
        assert (before, gone.rows["promises.Promise"]) == (2, 2)
        assert queries.counts() == Counts(1, 0, 1, 0)
        assert queries.of_customer(anna) == []
