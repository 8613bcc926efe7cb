"""The close: counted beside the question's row, as it is in the end, once, though it is killed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction

from kfar.ground.tokens import new_voter
from kfar.rooms.decisions import admitting, closing, commands, ledger, queries, receipts
from kfar.rooms.decisions.facts import Closed
from kfar.rooms.decisions.models import Minted, Question
from kfar.rooms.decisions.proving.checking import check
from kfar.rooms.decisions.taking import Sent, take_ballots
from tests.clock import Clock
from tests.people import NONCE, a_customer, announced, ask, outcome
from tests.programs import Home
from tests.rooms.decisions.doors import asker, key, open_to


def wrong(question: UUID) -> list[str]:
    """What anybody finds wrong with what is published."""
    poll = queries.question(question)
    assert poll is not None
    assert poll.result is not None
    published = {
        "log.txt": ledger.lines(question),
        "heads.txt": ledger.notes(question),
        "ballots.csv": receipts.rows(question),
        "result.json": [json.dumps(poll.result.told)],
    }
    files = {name: "\n".join(lines).encode() for name, lines in published.items()}
    return [str(each) for each in check(files.__getitem__).wrong]


def meanwhile(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> list[object]:
    """Do `act` when the close counts for the first time; return how often it counts."""
    counted, count = list[object](), closing._count

    def slowly(question: Question, aside: Mapping[int, str]) -> dict[str, Any]:
        result = count(question, aside)
        if not counted:
            act()
        counted.append(result["ballots"])
        return result

    monkeypatch.setattr(closing, "_count", slowly)
    return counted


@pytest.mark.django_db
class TestMeanwhile:
    def test_who_is_erased_while_ballots_are_counted_is_not_in_the_result(
        self, clock: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        anna, hania = a_customer("Anna"), a_customer("Hania")
        question = ask(asker(), closes_at=clock.now + timedelta(hours=1))
        for own in (anna, hania):
            commands.vote(by=own, question_id=question, text="0")
        clock.forward(hours=1)
        counted = meanwhile(monkeypatch, lambda: commands.forget(customers=[anna]))
        assert closing.close_due() == 1
        assert counted == [2, 1]
        assert outcome(question) == ((1, 0), (0,), 1)
        assert wrong(question) == []

    def test_a_ballot_that_comes_late_but_in_time_is_counted(
        self, clock: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        question = open_to(closes_at=clock.now + timedelta(hours=1))
        late = Sent(question, new_voter(key(), question.bytes, "once"), "1", NONCE, clock.now)
        clock.forward(hours=1)
        counted = meanwhile(monkeypatch, lambda: take_ballots(ballots=[late]))
        assert closing.close_due() == 1
        assert counted == [0, 1]
        assert outcome(question) == ((0, 1), (1,), 1)
        assert wrong(question) == []

    def test_a_question_taken_back_is_not_closed(
        self, clock: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        a_customer()
        tomasz = asker()
        question = ask(tomasz, closes_at=clock.now + timedelta(hours=1))
        clock.forward(hours=1)

        def taken_back() -> None:
            commands.withdraw(by=tomasz, question_id=question, reason={"en": "A typo"})

        meanwhile(monkeypatch, taken_back)
        assert closing.close_due() == 0
        assert [fact for fact in announced() if isinstance(fact, Closed)] == []
        assert [line.split()[0] for line in ledger.lines(question, 1)] == ["withdrawn", "close"]


@pytest.mark.django_db(transaction=True)
def test_others_write_while_ballots_are_counted(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = open_to(closes_at=clock.now + timedelta(hours=1))
    clock.forward(hours=1)

    def held() -> bool:
        try:
            with transaction.atomic():
                Question.objects.held(question)
                return bool(Question.objects.update(asked_by=asker()))
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as beside:
        counted = meanwhile(monkeypatch, lambda: beside.submit(held).result(timeout=60))
        assert closing.close_due() == 1
    assert counted == [0]


@pytest.mark.django_db
def test_by_what_voters_were_known_is_forgotten_some_at_a_time(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(closing, "SOME", 2)
    closed, other = open_to(closes_at=clock.now + timedelta(hours=1)), open_to()
    for asked in (closed, closed, closed, other):
        admitting.mint(question_id=asked, ip="198.51.100.7")
    clock.forward(hours=1)
    for left in (2, 1, 1):
        closing.close_due()
        assert Minted.objects.count() == left
    assert Minted.objects.get().question_id == other


@pytest.mark.parametrize("at", ["_seal_some", "_doubles", "_count", "_keep", "announce", "_let_go"])
def test_killed_at_any_step_it_is_closed_once(kfar: Home, at: str) -> None:
    said = kfar.run(
        f"""
        from django.utils import timezone
        from kfar.rooms.decisions import closing, commands, ledger
        from kfar.rooms.decisions.models import Question
        from tests.people import a_customer, announced, ask
        from tests.programs import forked
        from tests.rooms.decisions.doors import asker
        from tests.rooms.decisions.test_closing import wrong
        from django.db import connections
        people = [a_customer(f"Anna{{n}}") for n in range(3)]
        question = ask(asker())
        for own in people:
            commands.vote(by=own, question_id=question, text="1")
        Question.objects.update(closes_at=timezone.now())
        connections.close_all()
        forked(closing.close_due, killed_at=(closing, "{at}"))
        closing.close_due()
        print(wrong(question), [line.split()[0] for line in ledger.lines(question, 1)])
        print([type(fact).__name__ for fact in announced()].count("Closed"))
        """
    )
    assert said == "[] ['ballot', 'ballot', 'ballot', 'close']\n1"
