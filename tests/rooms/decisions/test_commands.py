"""Questions: asked once, answered by who was asked, closed once, and counted to the last ballot."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from threading import Event
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from pytest_django import Settings

from kfar.ground.ballots import Paper
from kfar.ground.errors import Refused
from kfar.rooms.customers import commands as customers
from kfar.rooms.customers.models import Handle
from kfar.rooms.decisions import closing, commands, queries
from kfar.rooms.decisions.counting.rules import Method
from kfar.rooms.decisions.facts import Asked, Closed, Voted
from kfar.rooms.decisions.models import Ballot, Question, Voter
from kfar.rooms.decisions.queries import Poll
from kfar.rooms.decisions.receipts import Cast
from tests.at_once import at_once
from tests.clock import Clock
from tests.people import a_customer, an_employee, announced, ask, noted, outcome, refuses

pytestmark = pytest.mark.django_db


def asker() -> UUID:
    return an_employee("Tomasz", "brand")


class TestAsk:
    def test_all_who_agreed_are_asked(self, clock: Clock) -> None:
        anna, borys = a_customer(), a_customer("Borys")
        a_customer("Celina", asked=False)
        dov = a_customer("Dov")
        customers.consent(by=dov, purpose="ask", given=False, source="web")
        tomasz, closes = asker(), clock.now + timedelta(days=2)
        question = ask(
            tomasz,
            text={"en": " Which?\x00 ", "pl": " "},
            options=[{"en": " A "}, {"en": "B"}],
            closes_at=closes,
        )
        found = queries.question(question)
        assert found is not None
        assert found == Poll(
            id=question,
            manifest=found.manifest,
            asked_by=tomasz,
            asked_at=clock.now,
            opens_at=clock.now,
            closes_at=closes,
            closed_at=None,
            withdrawn=None,
            asked=2,
            answered=0,
            result=None,
        )
        assert (found.text, found.options) == ({"en": "Which?"}, ({"en": "A"}, {"en": "B"}))
        assert (found.method, found.pledge) == (Method.PLURALITY, {"en": "We grow them"})
        assert found.pledge_due == clock.today + timedelta(days=30)
        assert sorted(queries.invited(question)) == sorted([anna, borys])
        assert announced() == [Asked(question_id=question, at=clock.now)]
        assert queries.open_count() == 1

    def test_sent_twice_it_is_asked_once_and_nothing_of_it_changes(self) -> None:
        a_customer()
        tomasz, once = asker(), uuid4()
        ask(tomasz, once=once)
        a_customer("Borys")
        assert ask(tomasz, once=once, text={"en": "Another?"}) == once
        assert Question.objects.get().declared.text == {"en": "Which apples?"}
        assert (Voter.objects.count(), len(announced())) == (1, 1)

    def test_what_cannot_be_asked(self) -> None:
        tomasz = asker()
        with refuses("decisions.nobody_to_ask"):
            ask(tomasz)
        anna = a_customer()
        for nobody in (anna, an_employee(), uuid4()):
            with refuses("village.may_not", act="decisions.ask"):
                ask(nobody)
        with refuses("decisions.no_text"):
            ask(tomasz, text={"en": "\x00"})
        assert Question.objects.count() == 0

    def test_who_has_two_addresses_is_asked_once(self) -> None:
        anna = a_customer()
        Handle.objects.create(customer_id=anna, kind="email", value="anna@home.example")
        assert queries.invited(ask(asker())) == [anna]

    def test_the_day_of_the_close_is_the_companys(self, clock: Clock, settings: Settings) -> None:
        settings.TIME_ZONE = "Asia/Jerusalem"
        here = ZoneInfo("Asia/Jerusalem")
        clock.to(datetime(2026, 3, 1, 12, tzinfo=here))
        a_customer()
        closes = datetime(2026, 3, 3, 0, 30, tzinfo=here)  # in London it is still the 2nd
        with refuses("decisions.pledge_before_close"):
            ask(asker(), closes_at=closes, pledge_due=date(2026, 3, 2))
        assert ask(asker(), closes_at=closes, pledge_due=date(2026, 3, 3))


class TestVote:
    def test_the_last_answer_counts_and_the_first_is_announced(self, clock: Clock) -> None:
        anna = a_customer()
        question = ask(asker())
        first = clock.forward(hours=1)
        assert commands.vote(by=anna, question_id=question, text="0").again is False
        clock.forward(hours=1)
        assert commands.vote(by=anna, question_id=question, text="1").again is True
        assert queries.answer_of(question, anna) == "1"
        ballot = Ballot.objects.get()
        assert (ballot.first_at, ballot.cast_at) == (first, clock.now)
        assert announced()[1:] == [Voted(question_id=question, customer_id=anna, at=first)]
        assert noted(anna) == []

    def test_only_who_was_asked_and_only_with_a_ballot(self) -> None:
        anna = a_customer()
        question = ask(asker())
        late = a_customer("Borys")
        with refuses("decisions.not_asked"):
            commands.vote(by=late, question_id=question, text="0")
        with refuses("decisions.not_found"):
            commands.vote(by=anna, question_id=uuid4(), text="0")
        for text in ("", "2", "-1", "0 1", "0 0", "00", "A"):
            with refuses("decisions.not_a_ballot"):
                commands.vote(by=anna, question_id=question, text=text)
        with refuses("decisions.not_a_ballot"):
            commands.vote(by=anna, question_id=question, text="0", nonce="short")
        assert Ballot.objects.count() == 0

    def test_from_the_closing_time_on_it_is_closed_counted_or_not(self, clock: Clock) -> None:
        anna = a_customer()
        question = ask(asker(), closes_at=clock.now + timedelta(hours=1))
        clock.forward(hours=1, microseconds=-1)
        commands.vote(by=anna, question_id=question, text="0")
        clock.forward(microseconds=1)
        with refuses("decisions.closed"):
            commands.vote(by=anna, question_id=question, text="1")
        assert (closing.close_due(), queries.answer_of(question, anna)) == (1, "0")
        clock.forward(hours=-1)
        with refuses("decisions.closed"):
            commands.vote(by=anna, question_id=question, text="1")


class TestClose:
    def test_the_last_answers_are_counted_once(self, clock: Clock) -> None:
        people = [a_customer(f"Anna{n}") for n in range(4)]
        question = ask(asker(), method="approval", closes_at=clock.now + timedelta(hours=1))
        for person, choices in zip(people[:3], ("0", "0 1", "1"), strict=True):
            commands.vote(by=person, question_id=question, text=choices)
        commands.vote(by=people[0], question_id=question, text="1")
        assert (closing.close_due(), outcome(question)) == (0, None)
        at = clock.forward(hours=1)
        assert [closing.close_due() for _ in range(2)] == [1, 0]
        assert outcome(question) == ((1, 3), (1,), 3)
        assert announced()[-1] == Closed(question_id=question, at=at)
        assert len([fact for fact in announced() if isinstance(fact, Closed)]) == 1
        assert sorted(queries.voters(question)) == sorted(people[:3])
        found = queries.question(question)
        assert found is not None
        assert (found.asked, found.answered, found.closed_at, found.open) == (4, 3, at, False)

    def test_each_question_closes_in_its_time(self, clock: Clock) -> None:
        a_customer()
        tomasz = asker()
        asked = [ask(tomasz, closes_at=clock.now + timedelta(hours=n)) for n in (3, 1, 2)]
        clock.forward(hours=2)
        assert queries.open_count() == 1
        assert closing.close_due() == 2
        assert [outcome(question) for question in asked] == [None, *[((0, 0), (), 0)] * 2]
        clock.forward(hours=1)
        assert closing.close_due() == 1
        open_, later = (ask(tomasz, closes_at=clock.now + timedelta(hours=n)) for n in (1, 2))
        found = [poll.id for poll in queries.questions()]
        assert found[:3] == [open_, later, asked[0]]
        assert sorted(found[3:]) == sorted(asked[1:])


class TestSecrecy(TestCase):
    @given(st.lists(st.integers(0, 1), min_size=3, max_size=3))
    def test_before_the_close_nobody_can_tell_who_chose_what(self, choices: list[int]) -> None:
        """All that can be asked of the room is the same, whatever others chose."""
        people = [a_customer(name) for name in ("Anna", "Borys", "Celina")]
        question = ask(asker())
        seen = []
        for ballots in ([0, 0, 0], choices):
            for person, choice in zip(people, ballots, strict=True):
                commands.vote(by=person, question_id=question, text=str(choice))
            seen.append(
                (
                    queries.question(question),
                    queries.by_id([question]),
                    queries.questions(),
                    queries.open_count(),
                    sorted(queries.invited(question)),
                    sorted(queries.voters(question)),
                    [poll for person in people for poll, _ in queries.asked_of(person)],
                )
            )
            for person, choice in zip(people, ballots, strict=True):
                assert queries.answer_of(question, person) == str(choice)
                assert [mine for _, mine in queries.asked_of(person)] == [str(choice)]
        assert seen[0] == seen[1]


def test_a_customer_sees_what_they_were_asked_newest_first(clock: Clock) -> None:
    anna, tomasz = a_customer(), asker()
    first = ask(tomasz)
    borys = a_customer("Borys")
    clock.forward(hours=1)
    second = ask(tomasz)
    commands.vote(by=anna, question_id=first, text="1")
    assert [(p.id, mine) for p, mine in queries.asked_of(anna)] == [(second, None), (first, "1")]
    assert [(p.id, mine) for p, mine in queries.asked_of(borys)] == [(second, None)]
    assert queries.answer_of(first, borys) is None
    assert queries.question(uuid4()) is None


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_asked_twice_at_once_it_is_one_question(self) -> None:
        a_customer()
        tomasz, once = asker(), uuid4()
        assert at_once(*[lambda: ask(tomasz, once=once)] * 4) == [once] * 4
        assert (Voter.objects.count(), len(announced())) == (1, 1)

    def test_voting_while_it_closes_loses_no_ballot_that_was_taken(self, clock: Clock) -> None:
        """Whoever was thanked is counted with what they chose; everybody else was told no."""
        people = [a_customer(f"Anna{n}") for n in range(24)]
        question = ask(asker(), method="approval", closes_at=clock.now + timedelta(hours=1))

        def vote(number: int) -> str:
            text = ("0", "1", "0 1")[number % 3]
            commands.vote(by=people[number], question_id=question, text=text)
            return text

        def close() -> str:
            clock.forward(hours=1)
            assert closing.close_due() == 1
            return ""

        acts: list[Callable[[], str]] = [partial(vote, n) for n in range(24)]
        done = at_once(*acts[:12], close, *acts[12:])
        taken = [ballot for ballot in done if isinstance(ballot, str) and ballot]
        told_no = [no for no in done if isinstance(no, Refused) and no.code == "decisions.closed"]
        assert len(taken) + len(told_no) == 24
        found = outcome(question)
        assert found is not None
        votes = tuple(sum(option in text for text in taken) for option in "01")
        assert (found[0], found[2]) == (votes, len(taken))

    def test_the_close_waits_for_a_ballot_that_is_being_taken(
        self, clock: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A vote that was let in stands still until the close is done, or waits for it."""
        anna = a_customer()
        question = ask(asker(), closes_at=clock.now + timedelta(hours=1))
        let_in, done, allows = Event(), Event(), Paper.allows

        def slowly(paper: Paper, text: str) -> bool:
            let_in.set()
            done.wait(0.5)  # in vain, where the close waits as it should
            return allows(paper, text)

        def close() -> bool:
            let_in.wait()
            clock.forward(hours=1)
            closed = closing.close_due()
            done.set()
            return closed == 1

        monkeypatch.setattr(Paper, "allows", slowly)

        def vote() -> bool:
            return commands.vote(by=anna, question_id=question, text="1").again

        assert at_once(vote, close) == [False, True]
        assert outcome(question) == ((0, 1), (1,), 1)

    def test_one_who_votes_twice_at_once_has_one_ballot(self) -> None:
        anna = a_customer()
        question = ask(asker())
        votes = [
            partial(commands.vote, by=anna, question_id=question, text=str(n % 2)) for n in range(4)
        ]
        again = [cast.again for cast in at_once(*votes) if isinstance(cast, Cast)]
        assert sorted(again) == [False, True, True, True]
        assert Ballot.objects.count() == 1
        assert [type(fact) for fact in announced()] == [Asked, Voted]
