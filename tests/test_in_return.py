"""In return, through the whole loop: asked after all is decided, kept by itself, never pressed."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.core import mail
from pytest_django import Settings

from kfar import loop
from kfar.ground.money import Money
from kfar.lake import outbox
from kfar.loop import deciding, in_return, keeping
from kfar.rooms.customers import commands as customers
from kfar.rooms.customers import queries as people
from kfar.rooms.promises import commands as promises
from kfar.rooms.promises import ending
from kfar.rooms.promises import queries as record
from kfar.rooms.promises.facts import PromiseMoved
from kfar.rooms.promises.in_return import commands, queries
from kfar.rooms.promises.rules import State
from kfar.rooms.service import commands as service
from kfar.rooms.service import queries as cases
from kfar.rooms.service import together
from kfar.rooms.voice import commands as voice
from kfar.rooms.voice import queries as voices
from kfar.rooms.voice.facts import Reviewed
from kfar.rooms.voice.follow_up import queries as asking
from kfar.rooms.voice.rules import Stands
from tests.clock import Clock
from tests.people import a_customer, an_employee, refuses
from tests.rooms.voice.reviews.reviewing import MILK, review

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _world(settings: Settings, data_dir: object, db: None) -> None:
    settings.KFAR_COMPANY = "Orchard"
    settings.KFAR_URL = "https://orchard.example"
    loop.post_notice()


@pytest.fixture
def noa(db: None) -> UUID:
    return an_employee()


def say(by: UUID, text: str = "The milk was sour") -> UUID:
    said = voice.say(by=by, text=text, language="en")
    outbox.deliver()
    return said


def answer(by: UUID, voice_id: UUID) -> None:
    case = cases.case(voice_id)
    assert case is not None
    service.remedy(
        by=by, case_id=case.id, kind="answer", amount=Money(0, "USD"), words="Sorry", once=uuid4()
    )
    outbox.deliver()


def ask(by: UUID, voice_id: UUID, clock: Clock, kind: str = "review", days: int = 30) -> UUID:
    once = uuid4()
    in_return.ask(
        by=by, voice_id=voice_id, kind=kind, words="", language="en",
        due=clock.today + timedelta(days=days), once=once,
    )  # fmt: skip
    return once


def letters() -> list[str]:
    loop.tick()
    found = [str(m.subject) for m in mail.outbox]
    mail.outbox.clear()
    return found


def state(promise_id: UUID) -> State:
    found = queries.given(promise_id)
    assert found is not None
    return found.state


def test_asked_after_all_is_decided_and_kept_by_a_review(noa: UUID, clock: Clock) -> None:
    anna = a_customer()
    said = say(anna)
    with refuses("promises.decide_first"):
        ask(noa, said, clock)
    answer(noa, said)
    letters()
    once = ask(noa, said, clock)
    loop.tick()
    [letter] = mail.outbox
    assert letter.subject == "Would you do something in return?"
    assert "Noa asks, and no is a good answer:\nA review, good or bad\n" in str(letter.body)
    assert "stays as it is, whatever you say" in str(letter.body)
    assert len(re.findall(r"https://orchard\.example/in-return/\S+/", str(letter.body))) == 1
    commands.agree(by=anna, promise_id=once)
    clock.forward(minutes=1)
    review(anna, 1)  # whatever it says
    outbox.deliver()
    assert state(once) is State.KEPT
    found = voices.voice(said)
    assert found is not None
    assert found.stands is Stands.TOLD  # what was asked holds nothing open and closes nothing


def test_of_a_product_only_its_review_keeps_it_and_once(noa: UUID, clock: Clock) -> None:
    anna = a_customer()
    milk, other = (
        commands.offer(
            by=anna, kind="review", words="", language="en", due=clock.today, once=uuid4(),
            about="MILK 1L",
        )
        for _two in range(2)
    )  # fmt: skip
    clock.forward(minutes=1)
    review(anna, 4)
    outbox.deliver()
    assert state(milk) is State.OPEN  # that was of bread
    written = review(anna, 2, ware=MILK)
    fact = Reviewed(review_id=written, customer_id=anna, at=clock.now)
    for _twice in range(2):
        outbox.deliver()
        in_return.review_promised(fact)
    assert {state(milk), state(other)} == {State.KEPT, State.OPEN}
    assert queries.counts() == queries.Counts(2, 1, 1, 0)
    found = next(one for one in (milk, other) if state(one) is State.KEPT)
    by_it = queries.given(found)
    assert by_it is not None
    assert by_it.by_itself


def test_the_letter_names_the_product(noa: UUID, clock: Clock) -> None:
    anna = a_customer()
    said = say(anna)
    answer(noa, said)
    letters()
    in_return.ask(
        by=noa, voice_id=said, kind="review", words="", language="en", due=clock.today,
        once=uuid4(), about="MILK 1L",
    )  # fmt: skip
    loop.tick()
    [letter] = mail.outbox
    assert "and no is a good answer:\nA review, good or bad: MILK 1L\n" in str(letter.body)


def test_it_never_moves_what_they_get(noa: UUID, clock: Clock) -> None:
    anna = a_customer()
    said = say(anna)
    answer(noa, said)
    once = ask(noa, said, clock)
    commands.agree(by=anna, promise_id=once)
    commands.withdraw(by=anna, promise_id=once)
    outbox.deliver()
    given = cases.remedies_for([said])[said]
    assert [one.undone_at for one in given] == [None]
    assert record.record() == record.Record(0, 0, 0, 0)


def test_with_a_promise_of_ours_beside_it(noa: UUID, clock: Clock) -> None:
    anna = a_customer()
    said = say(anna)
    deciding.promise(
        by=noa, voice_id=said, text={"en": "Milk"}, owner=noa, due=clock.today, once=uuid4()
    )
    once = ask(noa, said, clock, kind="trial")
    assert sorted(letters()) == ["A promise to you", "Would you do something in return?"]
    assert state(once) is State.ASKED


def test_nobody_is_asked_who_was_asked_lately_or_wants_no_questions(
    noa: UUID, clock: Clock
) -> None:
    anna, dov = a_customer(), a_customer("Dov", asked=False)
    customers.choose_way(by=(eva := a_customer("Eva")), purpose="promised", way=people.NO_WAY)
    first, second = say(anna), say(anna, "And again")
    for own in (first, second, other := say(dov), third := say(eva)):
        answer(noa, own)
    ask(noa, first, clock)
    for own in (second, other, third):
        with refuses("promises.not_now"):
            ask(noa, own, clock)
        assert queries.for_voices([own]) == []
    assert anna not in asking.free()  # surveys and meetings wait, too
    clock.forward(days=100)
    ask(noa, second, clock)


def test_one_comes_back_once_and_never_to_who_was_asked_lately(
    noa: UUID, clock: Clock, settings: Settings
) -> None:
    anna = a_customer()
    once = commands.offer(
        by=anna, kind="trial", words="", language="en", due=clock.today + timedelta(days=10),
        once=uuid4(),
    )  # fmt: skip
    assert (in_return.remind_due(), letters()) == (0, [])
    clock.forward(days=8)
    assert [in_return.remind_due() for _twice in range(2)] == [1, 0]
    assert letters() == ["You said you would do something in return"]
    clock.forward(days=60)
    assert (in_return.remind_due(), letters(), state(once)) == (0, [], State.LATE)

    borys = a_customer("Borys")
    said = say(borys)
    answer(noa, said)
    letters()
    asked = ask(noa, said, clock, days=7)
    commands.agree(by=borys, promise_id=asked)
    letters()
    clock.forward(days=6)
    assert timedelta(days=25) < settings.KFAR_ASK_EVERY  # they were asked, and rest
    assert (in_return.remind_due(), letters()) == (0, [])


def test_a_letter_that_comes_too_late_is_not_sent(noa: UUID, clock: Clock) -> None:
    anna = a_customer()
    said = say(anna)
    answer(noa, said)
    letters()
    once = ask(noa, said, clock)
    commands.withdraw(by=anna, promise_id=once)
    assert letters() == []


class TestTogether:
    """A promise decides and tells for all voices that are decided together."""

    @pytest.fixture
    def both(self, noa: UUID, clock: Clock) -> tuple[UUID, UUID, UUID]:
        """Two voices of Anna's that are decided together, and hers."""
        anna = a_customer()
        one = say(anna)
        clock.forward(hours=1)
        other = say(anna, "And the bread was stale")
        self.merge(noa, one, other)
        return one, other, anna

    def merge(self, by: UUID, one: UUID, other: UUID) -> None:
        first, second = cases.case(one), cases.case(other)
        assert first is not None
        assert second is not None
        together.merge(by=by, case_id=first.id, other_id=second.id)

    def promise(self, by: UUID, voice_id: UUID, clock: Clock) -> UUID:
        once = uuid4()
        deciding.promise(
            by=by, voice_id=voice_id, text={"en": "Milk"}, owner=by, due=clock.today, once=once
        )
        outbox.deliver()
        return once

    def stands(self, *ids: UUID) -> list[Stands]:
        found = voices.by_id(ids)
        return [found[own].stands for own in ids]

    def test_made_and_kept_for_each_with_its_own_words(
        self, both: tuple[UUID, UUID, UUID], noa: UUID, clock: Clock
    ) -> None:
        one, other, _anna = both
        once = self.promise(noa, other, clock)
        assert self.stands(one, other) == [Stands.OWED, Stands.OWED]
        assert [cases.case(own).waiting for own in (one, other)] == [False, False]  # type: ignore[union-attr]
        loop.tick()
        texts = sorted(str(m.body).splitlines()[1] for m in mail.outbox)
        assert texts == ["“And the bread was stale”", "“The milk was sour”"]
        mail.outbox.clear()
        assert [p.id for p in record.for_voice(one)] == [once]
        assert [p.voice_id for p in record.for_voices(both)[one]] == [one]
        promises.keep(by=noa, promise_id=once, how="Milk and bread came")
        assert letters() == ["We kept our promise"] * 2
        assert self.stands(one, other) == [Stands.TOLD, Stands.TOLD]
        assert record.record().kept == 1  # one promise

    def test_broken_each_waits_again(
        self, both: tuple[UUID, UUID, UUID], noa: UUID, clock: Clock
    ) -> None:
        one, other, _anna = both
        once = self.promise(noa, one, clock)
        clock.forward(minutes=1)
        ending.break_promise(by=noa, promise_id=once, why="No milk")
        letters()
        assert not {*self.stands(one, other)} & {Stands.OWED, Stands.TOLD, Stands.CLOSED}
        assert [cases.case(own).waiting for own in (one, other)] == [True, True]  # type: ignore[union-attr]

    def test_moved_each_hears_where_it_spoke_each_time_once(
        self, both: tuple[UUID, UUID, UUID], noa: UUID, clock: Clock
    ) -> None:
        one, other, anna = both
        once = self.promise(noa, other, clock)
        letters()
        for days in (2, 3):
            later = clock.today + timedelta(days=days)
            ending.move(by=noa, promise_id=once, due=later, why=f"{days} days more")
            found = record.promise(once)
            assert found is not None
            moved = found.moves[-1]
            fact = PromiseMoved(promise_id=once, move_id=moved.id, at=moved.at)
            for _twice in range(2):
                keeping.promise_moved(fact)
            loop.tick()
            bodies = sorted(str(m.body) for m in mail.outbox)
            assert [body.splitlines()[1] for body in bodies] == [
                "“And the bread was stale”", "“The milk was sour”"
            ]  # fmt: skip
            assert all(f"Why: {days} days more" in body for body in bodies)
            assert letters() == ["A promise to you has another day"] * 2
        assert self.stands(one, other) == [Stands.OWED, Stands.OWED]
        [also] = record.reach_of_move(moved.id)
        assert (also.voice_id, also.customer_id) == (one, anna)
        told = record.move(also.about)
        assert told is not None
        assert (told.id, told.after) == (moved.id, later)
        # Who needs it no more hears nothing of a third day.
        ending.move(by=noa, promise_id=once, due=later + timedelta(days=1), why="More")
        ending.release(by=anna, promise_id=once)
        assert letters() == []
        assert promises.forget(customers=[anna]).rows["promises.MovedFor"] == 3

    def test_released_each_rests(
        self, both: tuple[UUID, UUID, UUID], noa: UUID, clock: Clock
    ) -> None:
        one, other, anna = both
        once = self.promise(noa, one, clock)
        ending.release(by=anna, promise_id=once)
        outbox.deliver()
        assert self.stands(one, other) == [Stands.CLOSED, Stands.CLOSED]

    def test_what_was_apart_or_decided_before_is_left_alone(
        self, both: tuple[UUID, UUID, UUID], noa: UUID, clock: Clock
    ) -> None:
        one, other, anna = both
        alone = say(anna, "The eggs were fine")
        answer(noa, one)  # reaches both
        third = say(anna, "And the butter")
        self.merge(noa, third, one)
        once = self.promise(noa, third, clock)
        assert self.stands(one, other, third)[:2] == [Stands.TOLD, Stands.TOLD]
        assert self.stands(third) == [Stands.OWED]
        assert self.stands(alone) == [Stands.UNREAD]
        assert [reach.voice_id for reach in record.reach(once)] == [third]

    def test_taken_apart_later_it_stays_promised_for_both(
        self, both: tuple[UUID, UUID, UUID], noa: UUID, clock: Clock
    ) -> None:
        one, other, anna = both
        once = self.promise(noa, one, clock)
        case = cases.case(other)
        assert case is not None
        together.split(by=noa, case_id=case.id)
        promises.keep(by=noa, promise_id=once, how="Done")
        outbox.deliver()
        assert self.stands(one, other) == [Stands.TOLD, Stands.TOLD]
        assert promises.forget(customers=[anna]).rows["promises.AlsoFor"] == 1
