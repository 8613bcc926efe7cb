"""Ballots set aside: by rule at the close, by hand before, each with its reason in the log."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from kfar.ground.tokens import new_voter
from kfar.rooms.decisions import admitting, closing, commands, ledger, queries, screening, taking
from kfar.rooms.decisions.models import Ballot, Minted
from kfar.rooms.decisions.proving.lines import read_log
from kfar.rooms.decisions.screening import Suspect
from kfar.rooms.decisions.taking import Sent
from tests.clock import Clock
from tests.people import NONCE, an_employee, outcome, refuses
from tests.rooms.decisions.doors import asker, key, open_to, votes

pytestmark = pytest.mark.django_db


def cast(question: UUID, text: str, ip: str, times: int = 1) -> list[str]:
    """Ballots by link, each of a new voter; their trackers."""
    found = []
    for _ in range(times):
        number = admitting.mint(question_id=question, ip=ip)
        found.append(commands.vote(question_id=question, voter=number, text=text).tracker)
    return found


def close(question: UUID, clock: Clock) -> None:
    clock.forward(days=8)
    assert closing.close_due() == 1


def test_a_burst_is_set_aside_and_counted_by_nobody(clock: Clock) -> None:
    question = open_to()
    made = cast(question, "0", "198.51.100.7", 30)
    for n in range(3):
        cast(question, "1", f"203.0.{n}.1")
    assert screening.suspected(question) == [Suspect(t, "network-burst") for t in sorted(made)]
    close(question, clock)
    assert outcome(question) == ((0, 3), (1,), 3)
    poll = queries.question(question)
    assert poll is not None
    assert poll.result is not None
    assert poll.result.aside == 30
    assert Ballot.objects.count() == 33
    log = read_log(ledger.lines(question, 1))
    assert log.aside == dict.fromkeys(made, "network-burst")
    assert (log.wrong, bool(log.closed)) == ([], True)
    assert screening.aside(question) == [Suspect(t, "network-burst") for t in sorted(made)]


def test_who_came_by_the_gate_is_looked_at_like_who_came_by_the_page(clock: Clock) -> None:
    question, soon = open_to(), clock.now + timedelta(seconds=1)
    numbers = [new_voter(key(), question.bytes, f"once {n}") for n in range(30)]
    first = [Sent(question, n, "1", NONCE, clock.now, "a network") for n in numbers]
    # Who has changed their mind at once is no newcomer the second time.
    again = [Sent(question, n, "0", NONCE, soon) for n in numbers]
    taking.take_ballots(ballots=[*first, *again])
    taking.take_ballots(ballots=[*first, *again])
    assert votes(question) == [("link", "0")] * 30
    assert {one.reason for one in screening.suspected(question)} == {"network-burst"}
    assert Minted.objects.filter(network="a network", at=clock.now).count() == 30


def test_what_somebody_has_cleared_no_rule_sets_aside(clock: Clock) -> None:
    question, by = open_to(), asker()
    made = cast(question, "0", "198.51.100.7", 30)
    screening.take_back(by=by, question_id=question, tracker=made[0])
    assert len(screening.suspected(question)) == 29
    close(question, clock)
    assert outcome(question) == ((1, 0), (0,), 1)
    assert read_log(ledger.lines(question, 1)).wrong == []


def test_by_hand_and_back_again(clock: Clock) -> None:
    question, by = open_to(), asker()
    [first] = cast(question, "0", "198.51.100.7")
    [other] = cast(question, "1", "203.0.113.1")
    for _twice in range(2):
        screening.set_aside(by=by, question_id=question, tracker=first, reason="bought")
    screening.set_aside(by=by, question_id=question, tracker=other, reason="automated")
    assert screening.aside(question) == sorted(
        [Suspect(first, "bought"), Suspect(other, "automated")], key=lambda one: one.tracker
    )
    screening.take_back(by=by, question_id=question, tracker=other)
    said = [line for line in ledger.lines(question, 1) if not line.startswith("ballot")]
    assert said == [f"aside {first} bought", f"aside {other} automated", f"back {other}"]
    close(question, clock)
    assert outcome(question) == ((0, 1), (1,), 1)


def test_a_voter_whose_ballot_stands_aside_does_not_vote_it_back(clock: Clock) -> None:
    question = open_to()
    number = admitting.mint(question_id=question, ip="198.51.100.7")
    first = commands.vote(question_id=question, voter=number, text="0")
    screening.set_aside(by=asker(), question_id=question, tracker=first.tracker, reason="automated")
    commands.vote(question_id=question, voter=number, text="1")
    close(question, clock)
    assert outcome(question) == ((0, 0), (), 0)
    assert read_log(ledger.lines(question, 1)).aside == {first.tracker: "automated"}


def test_who_may_not_and_what_cannot_be(clock: Clock) -> None:
    question, by = open_to(), asker()
    [known] = cast(question, "0", "198.51.100.7")
    with refuses("village.may_not", act="decisions.screen"):
        screening.set_aside(by=an_employee(), question_id=question, tracker=known, reason="bought")
    with refuses("village.may_not", act="decisions.screen"):
        screening.take_back(by=an_employee(), question_id=question, tracker=known)
    with refuses("decisions.unknown_reason"):
        screening.set_aside(by=by, question_id=question, tracker=known, reason="dislike")
    with refuses("decisions.no_such_ballot"):
        screening.take_back(by=by, question_id=question, tracker="a" * 16)
    close(question, clock)
    with refuses("decisions.closed"):
        screening.set_aside(by=by, question_id=question, tracker=known, reason="bought")
