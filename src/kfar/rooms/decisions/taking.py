"""How ballots that came through the gate are taken: thousands at once, into rows and the log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from operator import attrgetter
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection, transaction

from kfar.ground.tokens import tracker
from kfar.lake.outbox import announce
from kfar.rooms.decisions import closing, queries, rules
from kfar.rooms.decisions.facts import Counted
from kfar.rooms.decisions.models import Ballot, Minted, Question, Voter
from kfar.rooms.decisions.proving.manifest import Tier

#: So many are taken in one transaction: who else votes waits for it, about a second at most.
AT_ONCE = 20_000


@dataclass(frozen=True)
class Sent:
    """A ballot that came through the gate: whose by the voter's number, and when.

    `network` is where a voter came from who was new with it, as a keyed hash.
    """

    question_id: UUID
    voter: int
    text: str
    nonce: str
    at: datetime
    network: str = ""


def take_ballots(*, ballots: Sequence[Sent]) -> int:
    """Take ballots; return how many voices that is.

    The last that was received of a voter counts. Those for a question that is not open any
    more, of voters not asked, or not allowed by the question's paper, are left: the gate has
    refused them, or the question has been counted. Each `AT_ONCE` are a transaction; taken
    again, they change nothing, so whoever is killed on the way takes all of them again.
    """
    asked: dict[UUID, list[Sent]] = {}
    for sent in ballots:
        asked.setdefault(sent.question_id, []).append(sent)
    taken = 0
    for question_id in sorted(asked):
        question = Question.objects.filter(pk=question_id, closed_at=None).first()
        if question is not None:
            rows = _rows(question, asked[question_id])
            while some := list(islice(rows, AT_ONCE)):
                taken += _take(question_id, some)
    return taken


class _Row(msgspec.Struct, frozen=True):
    """A ballot as the database reads it (`_SENT`); its voter, if new, is from `network`."""

    voter: int
    tracker: str
    text: str
    nonce: str
    at: datetime
    network: str
    new_at: datetime


#: What `msgspec` writes of rows, as a table named `sent`.
_SENT = {
    "postgresql": "json_to_recordset(%s::json) AS sent"
    "(voter bigint, tracker text, text text, nonce text, at timestamptz,"
    " network text, new_at timestamptz)",
    "sqlite": "(SELECT value ->> 'voter' AS voter, value ->> 'tracker' AS tracker,"
    " value ->> 'text' AS text, value ->> 'nonce' AS nonce,"
    " replace(rtrim(value ->> 'at', 'Z'), 'T', ' ') AS at, value ->> 'network' AS network,"
    " replace(rtrim(value ->> 'new_at', 'Z'), 'T', ' ') AS new_at FROM json_each(%s)) AS sent",
}
_VOTER, _BALLOT, _MINTED = (model._meta.db_table for model in (Voter, Ballot, Minted))
#: Whom a door let in without a row has a number below zero, and gets the row now.
_COME_IN = f"""
    INSERT INTO {_VOTER} (id, question_id, number, tier)
    SELECT sent.voter, %s, 1, %s FROM {{sent}} WHERE sent.voter < 0 ON CONFLICT DO NOTHING
"""  # noqa: S608 - names of tables
_MINT = f"""
    INSERT INTO {_MINTED} (voter, question_id, network, at)
    SELECT sent.voter, %s, sent.network, sent.new_at FROM {{sent}} WHERE sent.network <> ''
    ON CONFLICT DO NOTHING
"""  # noqa: S608
#: What was said on a page meanwhile is the later word; sent again, it is the same word. CROSS
#: JOIN keeps SQLite from going through all voters for each ballot.
_NEWS = f"""
    SELECT sent.voter, voter.tier, voter.customer_id, before.id IS NULL
    FROM {{sent}} CROSS JOIN {_VOTER} AS voter LEFT JOIN {_BALLOT} AS before
        ON before.voter_id = voter.id
    WHERE voter.id = sent.voter AND voter.question_id = %s AND (
        before.id IS NULL OR (
            before.cast_at <= sent.at
            AND (before.text, before.nonce) <> (sent.text, sent.nonce)
        )
    )
"""  # noqa: S608
_KEEP = f"""
    INSERT INTO {_BALLOT}
        (voter_id, tracker, text, nonce, first_at, cast_at, sealed, aside, cleared)
    SELECT sent.voter, sent.tracker, sent.text, sent.nonce, sent.at, sent.at, %s, '', FALSE
    FROM {{sent}} WHERE TRUE
    ON CONFLICT (voter_id) DO UPDATE SET text = excluded.text, nonce = excluded.nonce,
        cast_at = excluded.cast_at, sealed = excluded.sealed
"""  # noqa: S608


def _rows(question: Question, came: list[Sent]) -> Iterator[_Row]:
    """Yield what may be taken, the last of each voter, by their rows."""
    paper, key, raw = question.declared.paper, queries.ballot_key(), question.pk.bytes
    allowed = {text for text in {sent.text for sent in came} if paper.allows(text)}
    last = {
        rules.signed(sent.voter): sent
        for sent in sorted(came, key=attrgetter("at"))
        if sent.at < question.closes_at and sent.text in allowed
    }
    new = {rules.signed(sent.voter): sent for sent in reversed(came) if sent.network}
    for voter in sorted(last):
        one, first = last[voter], new.get(voter, last[voter])
        known = tracker(key, raw, rules.unsigned(voter))
        at, new_at = one.at.astimezone(UTC), first.at.astimezone(UTC)
        yield _Row(voter, known, one.text, one.nonce, at, first.network, new_at)


@transaction.atomic
def _take(question_id: UUID, rows: list[_Row]) -> int:
    question = Question.objects.select_for_update().filter(pk=question_id).first()
    if question is None or question.closed_at is not None:
        return 0
    own, came = question.pk.hex, msgspec.json.encode(rows).decode()
    with connection.cursor() as cursor:
        cursor.execute(_of_sent(_COME_IN), [own, Tier.LINK.value, came])
        cursor.execute(_of_sent(_MINT), [own, came])
        cursor.execute(_of_sent(_NEWS), [came, own])
        news = {voter: told for voter, *told in cursor.fetchall()}
        good = [row for row in rows if row.voter in news]
        if not good:
            return 0
        sealed = None  # few wait for others, enough enter the log at once
        if len(good) >= closing.TOGETHER:
            ballots = [(row.tracker, news[row.voter][0], row.text, row.nonce) for row in good]
            sealed = closing.enter(question_id, ballots)
        cursor.execute(_of_sent(_KEEP), [sealed, msgspec.json.encode(good).decode()])
    new = [str(_uuid(who)) for _, who, first in news.values() if first and who is not None]
    if new:
        at = max(row.at for row in good)
        announce(Counted(question_id=question_id, customers=new, at=at))
    return len(good)


def _of_sent(statement: str) -> str:
    return statement.format(sent=_SENT[connection.vendor])


def _uuid(value: Any) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)
