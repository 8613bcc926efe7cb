"""Ballots from the gate: thousands at once, in rows and in the log, each voter's last, once."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from kfar.ground.ballots import commitment
from kfar.ground.tokens import new_voter
from kfar.rooms.decisions import closing, commands, ledger, queries, receipts, taking
from kfar.rooms.decisions.facts import Counted
from kfar.rooms.decisions.models import Ballot
from kfar.rooms.decisions.taking import Sent, take_ballots
from tests.clock import Clock
from tests.people import NONCE, a_customer, announced, ask
from tests.rooms.decisions.doors import asker, key, open_to, votes

pytestmark = pytest.mark.django_db


def strangers(question: UUID, many: int) -> list[int]:
    return [new_voter(key(), question.bytes, f"once {n}") for n in range(many)]


def in_the_log(question: UUID) -> list[str]:
    return list(ledger.lines(question, 1))


def test_enough_at_once_enter_the_log_at_once_without_their_order(clock: Clock) -> None:
    question = open_to()
    numbers = strangers(question, closing.TOGETHER)
    ballots = [Sent(question, n, str(n % 2), NONCE, clock.now) for n in numbers]
    assert take_ballots(ballots=ballots) == len(numbers)
    bound = {
        commitment(str(question), row.tracker, NONCE, row.text): row.tracker
        for row in Ballot.objects.all()
    }
    assert in_the_log(question) == [f"ballot {bound[c]} link {c}" for c in sorted(bound)]
    assert set(Ballot.objects.values_list("sealed", flat=True)) == {len(numbers) + 1}
    held = receipts.of_voter(question, numbers[0])
    assert held is not None
    assert held.proves(ledger.public_key(question)) is not None
    assert closing.seal_due() == 0


def test_fewer_wait_for_others(clock: Clock) -> None:
    question = open_to()
    numbers = strangers(question, closing.TOGETHER)
    take_ballots(ballots=[Sent(question, n, "1", NONCE, clock.now) for n in numbers[:-1]])
    assert (in_the_log(question), closing.seal_due()) == ([], 0)
    take_ballots(ballots=[Sent(question, numbers[-1], "1", NONCE, clock.now)])
    assert closing.seal_due() == len(in_the_log(question)) == len(numbers)


def test_taken_again_they_change_nothing(clock: Clock) -> None:
    people = [a_customer("Anna"), a_customer("Hania")]
    question = ask(asker())
    voters = [queries.voter(question, own) or 0 for own in people]
    ballots = [
        Sent(question, voters[0], "1", NONCE, clock.now),
        Sent(question, voters[1], "0", NONCE, clock.now),
        Sent(question, voters[0], "0", NONCE, clock.now + timedelta(seconds=1)),
        Sent(question, 10**9, "0", NONCE, clock.now),  # nobody was asked by that number
        Sent(question, voters[1], "7", NONCE, clock.now + timedelta(seconds=1)),
    ]
    assert take_ballots(ballots=ballots) == 2
    clock.forward(minutes=1)
    assert closing.seal_due() == 2
    before = (votes(question), in_the_log(question), announced())
    assert before[0] == [("email", "0")] * 2
    assert take_ballots(ballots=ballots) == 0
    assert (votes(question), in_the_log(question), announced()) == before
    [counted] = [fact for fact in before[2] if isinstance(fact, Counted)]
    assert sorted(counted.customers) == sorted(map(str, people))


def test_what_was_said_on_a_page_meanwhile_is_the_later_word(clock: Clock) -> None:
    anna = a_customer()
    question = ask(asker())
    early = Sent(question, queries.voter(question, anna) or 0, "0", NONCE, clock.now)
    clock.forward(seconds=1)
    commands.vote(by=anna, question_id=question, text="1")
    assert take_ballots(ballots=[early]) == 0
    assert votes(question) == [("email", "1")]


def test_who_is_stopped_on_the_way_takes_all_of_them_again(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = open_to()
    numbers = strangers(question, 5)
    ballots = [Sent(question, n, "1", NONCE, clock.now, "a network") for n in numbers]
    monkeypatch.setattr(taking, "AT_ONCE", 2)
    take, left = taking._take, iter([False, True])

    def stopped(*given: object) -> int:
        if next(left):
            raise KeyboardInterrupt
        return take(*given)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(taking, "_take", stopped)
        with pytest.raises(KeyboardInterrupt):
            take_ballots(ballots=ballots)
    assert votes(question) == [("link", "1")] * 2
    assert take_ballots(ballots=ballots) == 3
    assert votes(question) == [("link", "1")] * 5
