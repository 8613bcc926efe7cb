"""Promises: given once, kept once, on record, and everybody told once."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from threading import Barrier, Event
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from pytest_django import Settings

from kfar.ground.errors import Refused
from kfar.rooms.promises import commands, queries
from kfar.rooms.promises.facts import PromiseKept, PromiseMade
from kfar.rooms.promises.models import Letter, Letters, Promise
from kfar.rooms.promises.queries import Promised, Record
from kfar.rooms.promises.rules import State
from tests.at_once import at_once
from tests.clock import Clock
from tests.people import a_customer, an_employee, announced, noted, refuses

pytestmark = pytest.mark.django_db


def promise(by: UUID, to: UUID, **given: Any) -> UUID:
    """Promise fresh milk within a week."""
    due = timezone.localdate() + timedelta(days=7)
    fresh: dict[str, Any] = {
        "text": {"en": "Fresh milk"},
        "owner": by,
        "due": due,
        "voice_id": uuid4(),
        "once": uuid4(),
    }
    return commands.promise(by=by, to=to, **(fresh | given))


class TestPromise:
    def test_it_is_given_announced_and_noted(self, clock: Clock) -> None:
        anna, noa, dana, voice = a_customer(), an_employee(), an_employee("Dana"), uuid4()
        once = promise(noa, anna, owner=dana, voice_id=voice)
        promised = Promised(
            id=once,
            text={"en": "Fresh milk"},
            owner="Dana",
            owner_id=dana,
            due=clock.today + timedelta(days=7),
            made_at=clock.now,
            kept_at=None,
            how="",
            voice_id=voice,
            question_id=None,
            reply_id=None,
            to=1,
            state=State.OPEN,
        )
        assert queries.promise(once) == promised
        assert queries.for_voice(voice) == queries.to_customer(anna) == [promised]
        assert queries.by_id([once, uuid4()]) == {once: promised}
        assert promised.personal
        assert announced() == [
            PromiseMade(promise_id=once, voice_id=voice, question_id=None, at=clock.now)
        ]
        assert noted(anna) == [("promises.promised", noa)]

    def test_sent_twice_it_is_promised_once(self) -> None:
        anna, noa, once = a_customer(), an_employee(), uuid4()
        assert [promise(noa, anna, once=once) for _ in range(2)] == [once, once]
        assert (Promise.objects.count(), len(announced()), len(noted(anna))) == (1, 1, 1)
        assert queries.recipients(once) == [anna]

    def test_what_cannot_be_promised(self) -> None:
        anna, noa = a_customer(), an_employee()
        with refuses("village.may_not", act="promises.promise"):
            promise(anna, anna)
        with refuses("promises.no_such_owner"):
            promise(noa, anna, owner=anna)
        with refuses("promises.nothing_promised"):
            promise(noa, anna, text={"en": " "})
        with refuses("promises.due_in_past"):
            promise(noa, anna, due=timezone.localdate() - timedelta(days=1))
        assert (Promise.objects.count(), noted(anna)) == (0, [])

    def test_today_is_the_companys_day(self, clock: Clock, settings: Settings) -> None:
        """At 23:30 in New York it is tomorrow already in London, and still today here."""
        settings.TIME_ZONE = "America/New_York"
        clock.to(datetime(2026, 3, 1, 23, 30, tzinfo=ZoneInfo("America/New_York")))
        anna, noa = a_customer(), an_employee()
        assert str(clock.today) == "2026-03-01"
        assert promise(noa, anna, due=clock.today)
        with refuses("promises.due_in_past"):
            promise(noa, anna, due=clock.today - timedelta(days=1))


class TestPledge:
    def test_a_question_has_one_given_to_all_who_answered(self, clock: Clock) -> None:
        anna, borys, noa = a_customer(), a_customer("Borys"), an_employee("Noa", "brand")
        question = uuid4()
        made = [
            commands.pledge(
                owner=noa,
                text={"en": "We grow them"},
                due=clock.today,
                to=[anna, borys, anna],
                question_id=question,
            )
            for _ in range(2)
        ]
        assert made[0] == made[1]
        found = queries.for_question(question)
        assert found is not None
        assert (found.id, found.to, found.personal) == (made[0], 2, False)
        assert sorted(queries.recipients(made[0])) == sorted([anna, borys])
        assert announced() == [
            PromiseMade(promise_id=made[0], voice_id=None, question_id=question, at=clock.now)
        ]
        assert (noted(anna), noted(borys)) == ([], [])

    def test_it_stands_also_where_nobody_answered(self, clock: Clock) -> None:
        noa = an_employee("Noa", "brand")
        made = commands.pledge(
            owner=noa, text={"en": "We grow them"}, due=clock.today, to=[], question_id=uuid4()
        )
        assert queries.recipients(made) == []
        assert queries.record() == Record(open=1, late=0, kept=0, kept_in_time=0)


class TestKeep:
    def test_it_is_kept_once_and_says_how(self, clock: Clock) -> None:
        anna, noa, voice = a_customer(), an_employee(), uuid4()
        once = promise(noa, anna, voice_id=voice)
        at = clock.forward(days=1)
        commands.keep(by=noa, promise_id=once, how=" A new\r\ncow ")
        clock.forward(days=1)
        commands.keep(by=noa, promise_id=once, how="Another")
        found = queries.promise(once)
        assert found is not None
        assert (found.kept_at, found.how, found.state) == (at, "A new\ncow", State.KEPT)
        assert announced()[1:] == [
            PromiseKept(promise_id=once, voice_id=voice, question_id=None, at=at)
        ]
        assert noted(anna)[1:] == [("promises.kept", noa)]

    def test_without_a_right_words_or_a_promise_nothing_happens(self) -> None:
        anna, noa = a_customer(), an_employee()
        once = promise(noa, anna)
        with refuses("village.may_not", act="promises.promise"):
            commands.keep(by=anna, promise_id=once, how="Done")
        with refuses("promises.how_missing"):
            commands.keep(by=noa, promise_id=once, how="\x00 ")
        with refuses("promises.too_long", most=1000, length=1001):
            commands.keep(by=noa, promise_id=once, how="x" * 1001)
        with refuses("promises.not_found"):
            commands.keep(by=noa, promise_id=uuid4(), how="Done")
        assert (Promise.objects.get().kept_at, len(noted(anna))) == (None, 1)


class TestRecord:
    def test_open_late_and_kept_are_counted(self, clock: Clock) -> None:
        anna, noa = a_customer(), an_employee()
        assert queries.record() == Record(open=0, late=0, kept=0, kept_in_time=0)
        ids = [promise(noa, anna, due=clock.today + timedelta(days=n)) for n in (0, 1, 2, 3, 3)]
        commands.keep(by=noa, promise_id=ids[4], how="Done")
        clock.forward(days=2)
        assert queries.record() == Record(open=2, late=2, kept=1, kept_in_time=1)
        commands.keep(by=noa, promise_id=ids[0], how="Done")
        clock.forward(seconds=1)
        commands.keep(by=noa, promise_id=ids[2], how="Done")
        assert queries.record() == Record(open=1, late=1, kept=3, kept_in_time=2)
        assert [p.id for p in queries.waiting()] == [ids[1], ids[3]]
        assert [p.id for p in queries.kept(most=2)] == [ids[2], ids[0]]
        assert queries.kept_to_voters() == []
        pledged = commands.pledge(
            owner=noa, text={"en": "Rye"}, due=clock.today, to=[anna], question_id=uuid4()
        )
        commands.keep(by=noa, promise_id=pledged, how="Baked")
        assert [p.id for p in queries.kept_to_voters()] == [pledged]

    @pytest.mark.parametrize(
        ("hour", "day", "in_time"), [(23, 1, 1), (0, 2, 0)], ids=["23:30", "after midnight"]
    )
    def test_the_last_moment_is_midnight_where_the_company_is(
        self, hour: int, day: int, in_time: int, clock: Clock, settings: Settings
    ) -> None:
        settings.TIME_ZONE = "America/New_York"
        here = ZoneInfo("America/New_York")
        clock.to(datetime(2026, 3, 1, 9, tzinfo=here))
        noa = an_employee()
        once = promise(noa, a_customer(), due=clock.today)
        clock.to(datetime(2026, 3, day, hour, 30, tzinfo=here))
        assert queries.record() == Record(open=in_time, late=1 - in_time, kept=0, kept_in_time=0)
        commands.keep(by=noa, promise_id=once, how="Done")
        assert queries.record() == Record(open=0, late=0, kept=1, kept_in_time=in_time)


class TestLetters:
    def test_each_is_told_once(self, clock: Clock) -> None:
        anna, borys, about = a_customer(), a_customer("Borys"), uuid4()
        commands.tell(customers=[anna, borys, anna], what="promise-kept", about=about)
        clock.forward(hours=1)
        commands.tell(customers=[borys, anna], what="promise-kept", about=about)
        commands.tell(customers=[anna], what="promise-made", about=about)
        told = [(t.what, t.about, t.sent_at) for t in queries.told(anna)]
        assert told == [("promise-made", about, None), ("promise-kept", about, None)]
        assert (len(queries.told(borys)), queries.letters_waiting()) == (1, 3)

    def test_they_go_out_once_the_oldest_first(self, clock: Clock) -> None:
        people = [a_customer(name) for name in ("Anna", "Borys", "Celina")]
        for person in people:
            commands.tell(customers=[person], what="promise-kept", about=uuid4())
            clock.forward(seconds=1)
        sent: list[UUID] = []
        assert (
            commands.send_waiting(send=lambda letter: sent.append(letter.customer_id), most=2) == 2
        )
        assert (sent, queries.letters_waiting()) == (people[:2], 1)
        assert commands.send_waiting(send=lambda letter: sent.append(letter.customer_id)) == 1
        assert commands.send_waiting(send=lambda letter: sent.append(letter.customer_id)) == 0
        assert (sent, queries.letters_waiting()) == (people, 0)
        assert queries.told(people[2])[0].sent_at == clock.now

    def test_one_that_fails_is_tried_again_after_1_2_4_minutes_at_most_six_hours_apart(
        self, clock: Clock
    ) -> None:
        commands.tell(customers=[a_customer()], what="promise-kept", about=uuid4())
        waits, asked = [], []

        def send(letter: Letter) -> None:
            asked.append(letter)
            if len(asked) < 12:
                raise OSError("anna@village.example is unknown here")

        for _ in range(11):
            assert commands.send_waiting(send=send) == 0
            waits.append(Letter.objects.get().due_at - clock.now)
            clock.to(Letter.objects.get().due_at - timedelta(microseconds=1))
            assert commands.send_waiting(send=send) == 0
            clock.forward(microseconds=1)
        minutes = [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360]
        assert waits == [timedelta(minutes=n) for n in minutes]
        assert (commands.send_waiting(send=send), len(asked)) == (1, 12)

    def test_what_somebody_waits_for_goes_before_what_many_get(self) -> None:
        many = [a_customer(f"Anna{n}") for n in range(3)]
        for customers, what in ((many, "question-asked"), (many[:1], "return-link")):
            commands.tell(customers=customers, what=what, about=uuid4())
        sent: list[str] = []
        for most in (2, 9):
            commands.send_waiting(send=lambda letter: sent.append(letter.what), most=most)
        assert sent == ["return-link", *["question-asked"] * 3]

    def test_after_three_failures_in_a_row_the_rest_wait_for_the_next_round(
        self, clock: Clock
    ) -> None:
        people = [a_customer(f"Anna{n}") for n in range(9)]
        for person in people:
            commands.tell(customers=[person], what="promise-kept", about=uuid4())
            clock.forward(seconds=1)
        asked: list[int] = []

        def send(letter: Letter) -> None:
            asked.append(people.index(letter.customer_id))
            if asked[-1] in {0, 1, 3, 4, 5}:
                raise OSError

        assert (commands.send_waiting(send=send), asked) == (1, [0, 1, 2, 3, 4, 5])
        assert (commands.send_waiting(send=send), asked[6:]) == (3, [6, 7, 8])

    def test_one_refused_until_a_moment_waits_for_it_and_holds_up_nobody(
        self, clock: Clock
    ) -> None:
        people = [a_customer(f"Anna{n}") for n in range(6)]
        for person in people:
            commands.tell(customers=[person], what="promise-kept", about=uuid4())
            clock.forward(seconds=1)
        again = clock.now + timedelta(hours=1)

        def send(letter: Letter) -> None:
            if letter.customer_id != people[-1]:
                raise Refused("decisions.too_often", again=again)

        assert commands.send_waiting(send=send) == 1
        waiting = Letter.objects.filter(sent_at=None)
        assert set(waiting.values_list("due_at", "tries")) == {(again, 0)}
        clock.to(again)
        assert commands.send_waiting(send=lambda _: None) == 5

    def test_a_round_ends_when_others_have_waited_long_enough(
        self, clock: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("Anna", "Borys", "Celina"):
            commands.tell(customers=[a_customer(name)], what="promise-kept", about=uuid4())
        seconds = itertools.count()
        monkeypatch.setattr(commands, "time", SimpleNamespace(monotonic=lambda: next(seconds)))
        monkeypatch.setattr(commands, "TURN", 2.0)
        assert [commands.send_waiting(send=lambda _: None) for _ in range(4)] == [1, 1, 1, 0]

    def test_who_dies_while_sending_keeps_the_letter_for_five_minutes(self, clock: Clock) -> None:
        commands.tell(customers=[a_customer()], what="promise-kept", about=uuid4())

        def die(letter: Letter) -> None:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            commands.send_waiting(send=die)
        clock.forward(minutes=5, microseconds=-1)
        assert commands.send_waiting(send=lambda _: None) == 0
        clock.forward(microseconds=1)
        assert commands.send_waiting(send=lambda _: None) == 1


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_two_workers_send_each_letter_once(self) -> None:
        people = [a_customer(f"Anna{n}") for n in range(30)]
        commands.tell(customers=people, what="promise-kept", about=uuid4())
        sent: list[UUID] = []

        def work() -> int:
            return commands.send_waiting(send=lambda letter: sent.append(letter.customer_id))

        done = at_once(work, work)
        assert sorted(sent) == sorted(people)
        assert sum(n for n in done if isinstance(n, int)) == 30

    def test_two_workers_with_the_same_letter_in_hand_send_it_once(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Both have read the letter as waiting; one takes it, and the other leaves it."""
        anna = a_customer()
        commands.tell(customers=[anna], what="promise-kept", about=uuid4())
        both_have_it, one_is_through = Barrier(2), Event()
        waiting, sent = Letters.waiting, []

        def together(rows: Letters) -> list[Letter]:
            found = list(waiting(rows))
            both_have_it.wait()
            return found

        def send(letter: Letter) -> None:
            sent.append(letter.customer_id)
            one_is_through.wait(5)

        def work() -> int:
            done = commands.send_waiting(send=send)
            one_is_through.set()
            return done

        monkeypatch.setattr(Letter.objects, "waiting", lambda: together(Letter.objects.all()))
        assert (sorted(map(int, at_once(work, work))), sent) == ([0, 1], [anna])  # type: ignore[arg-type]

    def test_promised_and_kept_at_once_it_is_promised_and_kept_once(self) -> None:
        anna, noa, once = a_customer(), an_employee(), uuid4()
        assert at_once(*[lambda: promise(noa, anna, once=once)] * 3) == [once] * 3
        keep = [lambda: commands.keep(by=noa, promise_id=once, how="Done")] * 3
        assert at_once(*keep) == [None] * 3
        assert [type(fact) for fact in announced()] == [PromiseMade, PromiseKept]
        assert queries.recipients(once) == [anna]
