"""What anybody may take along: what `verify.py` reads, and votes as Polis exports them.

People in it are random numbers, the same in the log, in `ballots.csv` and in `votes.csv`, which
says the same as that, a vote a line, of the statements that are shown.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from kfar.rooms.decisions.consultations import sealing
from kfar.rooms.decisions.consultations.refreshing import cast
from kfar.rooms.decisions.consultations.rules import State
from kfar.rooms.decisions.consultations.telling import Outcome
from kfar.rooms.decisions.consulting.packed import unpack
from kfar.rooms.decisions.models import Opinion, Statement
from kfar.rooms.decisions.proving.consultation import STATEMENTS, published_words, votes_told


def votes_csv(consultation_id: UUID) -> Iterator[str]:
    """Return the file of votes, some people at a time: participant, statement, vote.

    By ascending participant and statement; on statements that are shown alone.
    """
    shown = set(_shown(consultation_id))
    yield "participant,statement,vote\n"
    for number, packed in sorted(cast(consultation_id)):
        votes = unpack(packed).items()
        if lines := [f"{number},{on},{vote}\n" for on, vote in votes if on in shown]:
            yield "".join(lines)


def statements_csv(consultation_id: UUID) -> str:
    """Return the file of statements (`proving/consultation.py`). Who said one is not told.

    Words of somebody who was erased are empty.
    """
    rows = Statement.objects.filter(consultation=consultation_id, state=State.SHOWN)
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(STATEMENTS)
    for row in rows.order_by("number"):
        words = published_words(row.text)
        writer.writerow([row.number, int(row.seed), row.nonce, row.language, words])
    return file.getvalue()


def ballots(consultation_id: UUID) -> Iterator[str]:
    """Return the published ballots as `receipts.rows` does those of a question."""
    yield "tracker,nonce,ballot"
    rows = sealing.cast_in(consultation_id).iterator()
    yield from sorted(f"{row.number},{row.nonce},{sealing.text(row)}" for row in rows)


def result(consultation_id: UUID) -> dict[str, Any]:
    """Return what came out as far as it follows from the votes alone."""
    told = Opinion.objects.values_list("told", flat=True).get(pk=consultation_id)
    outcome = Outcome.from_json(told)
    return votes_told(outcome.people, {one.number: one.everybody for one in outcome.statements})


def _shown(consultation_id: UUID) -> Iterator[int]:
    rows = Statement.objects.filter(consultation=consultation_id, state=State.SHOWN)
    yield from rows.values_list("number", flat=True)
