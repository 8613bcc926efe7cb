"""Ballots through the gate: the last of a voter counts, and every one received in time."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from pytest_django import Settings

from kfar import loop
from kfar.ground.ballots import Form, Paper
from kfar.ground.limits import windows
from kfar.ground.tokens import read_voter, voter_token
from kfar.lake import outbox
from kfar.lake.intake import records
from kfar.lake.intake.log import LogWriter
from kfar.lake.intake.notice import Board, notice_file
from kfar.lake.models import Touchpoint
from kfar.rooms.decisions import commands, queries
from kfar.rooms.decisions.models import Minted
from tests.clock import Clock
from tests.people import NONCE, a_customer, an_employee, ask, outcome
from tests.rooms.decisions.doors import open_to
from tests.rooms.decisions.doors import votes as voted

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def intake(data_dir: Path) -> LogWriter:
    return LogWriter(data_dir / "intake")


def ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def sent(question: UUID, voter: int, at: datetime, *options: int) -> bytes:
    """A ballot as the gate puts it."""
    text = " ".join(map(str, options))
    return records.ballot(ms(at), str(question), voter, text, NONCE)


def number(question: UUID, customer_id: UUID) -> int:
    voter = queries.voter(question, customer_id)
    assert voter is not None
    return voter


def votes(question: UUID) -> tuple[int, ...] | None:
    found = outcome(question)
    return found and found[0]


def test_a_voter_who_is_new_at_the_gate_is_kept_with_where_they_came_from(
    clock: Clock, intake: LogWriter, data_dir: Path, settings: Settings
) -> None:
    settings.KFAR_NEW_VOTERS = "7/hour"
    by_link, by_phone = open_to(), open_to("phone")
    loop.post_notice()
    board = Board(notice_file(data_dir))
    assert board.voters == windows("7/hour")
    link = {name: question.link for name, question in board.notice.questions.items()}
    assert link == {str(by_link): True, str(by_phone): False}
    new, at = 1 << 63 | 5, ms(clock.now)
    intake.commit([records.ballot(at, str(by_link), new, "1", NONCE, network="a network")])
    assert loop.take_in() == 1
    assert voted(by_link) == [("link", "1")]
    assert (Minted.objects.get().network, Minted.objects.get().at) == ("a network", clock.now)


def test_the_last_of_a_voter_counts_and_only_from_those_asked(
    clock: Clock, intake: LogWriter
) -> None:
    anna, borys = a_customer(), a_customer("Borys")
    question = ask(an_employee("Tomasz", "brand"), closes_at=clock.now + timedelta(hours=1))
    voters = number(question, anna), number(question, borys)
    intake.commit(
        [
            sent(question, voters[0], clock.now, 0),
            sent(question, voters[1], clock.now, 0),
            sent(question, voters[0], clock.now + timedelta(seconds=1), 1),
            sent(question, 999_999, clock.now, 0),
            sent(question, voters[1], clock.now, 0, 1),  # two, where one may be chosen
            sent(uuid4(), voters[0], clock.now, 0),
        ]
    )
    assert loop.take_in() == 6
    assert queries.answer_of(question, anna) == "1"
    assert queries.answer_of(question, borys) == "0"  # what came after was no ballot
    outbox.deliver()
    touches = Touchpoint.objects.filter(kind="vote").values_list("customer", flat=True)
    assert sorted(touches) == sorted([anna, borys])


def test_a_word_on_the_page_that_came_later_stays(clock: Clock, intake: LogWriter) -> None:
    anna = a_customer()
    question = ask(an_employee("Tomasz", "brand"), closes_at=clock.now + timedelta(hours=1))
    intake.commit([sent(question, number(question, anna), clock.now, 0)])
    clock.forward(seconds=1)
    commands.vote(by=anna, question_id=question, text="1")
    loop.take_in()
    assert queries.answer_of(question, anna) == "1"


def test_a_question_is_not_counted_before_all_received_in_time_have_been_taken(
    clock: Clock, intake: LogWriter
) -> None:
    anna = a_customer()
    closes = clock.now + timedelta(hours=1)
    question = ask(an_employee("Tomasz", "brand"), closes_at=closes)
    voter = number(question, anna)
    clock.forward(hours=1)
    # The gate has said nothing yet: a ballot may be under way.
    assert (loop.close_due(), votes(question)) == (0, None)
    intake.commit(
        [
            sent(question, voter, closes - timedelta(milliseconds=1), 0),
            sent(question, voter, closes, 1),  # too late: the gate would have refused it
            records.until(ms(closes)),
        ]
    )
    assert (loop.close_due(), votes(question)) == (0, None)
    loop.take_in()
    assert (loop.close_due(), votes(question)) == (1, (1, 0))


def test_a_gate_that_is_gone_holds_up_no_question_for_long(clock: Clock, intake: LogWriter) -> None:
    a_customer()
    question = ask(an_employee("Tomasz", "brand"), closes_at=clock.now + timedelta(hours=1))
    clock.forward(hours=1, seconds=29)
    assert (loop.close_due(), votes(question)) == (0, None)
    clock.forward(seconds=1)
    assert (loop.close_due(), votes(question)) == (1, (0, 0))


def test_the_notice_says_which_questions_are_open_and_what_signs_their_tokens(
    clock: Clock, data_dir: Path
) -> None:
    anna = a_customer()
    question = ask(
        an_employee("Tomasz", "brand"),
        method="approval",
        closes_at=clock.now + timedelta(hours=1),
    )
    assert (loop.post_notice(), loop.post_notice()) == (1, 0)
    assert notice_file(data_dir).stat().st_mode & 0o777 == 0o600
    board = Board(notice_file(data_dir))
    open_now = board.notice.questions[str(question)]
    assert (open_now.opens, open_now.closes) == (ms(clock.now), ms(clock.now) + 3_600_000)
    assert open_now.paper == Paper(Form.CHOICES, options=2, most=2)
    voter = number(question, anna)
    token = voter_token(queries.ballot_key(), question, voter)
    assert read_voter(board.secret, token) == (question.bytes, voter)
    clock.forward(hours=2)
    loop.close_due()
    assert loop.post_notice() == 1
    board.look()
    assert board.notice.questions == {}
