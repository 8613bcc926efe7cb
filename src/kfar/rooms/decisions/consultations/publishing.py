"""What anybody may take along: votes and statements as CSV, as Polis exports them.

A consultation's log has its manifest, and from the close on

    votes <SHA-256>     of the file of votes, as it is published
    close <time, UTC>   nothing comes after this

so whoever has the file knows that it is the one, and can compute groups and common ground
again. People in it are random numbers.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from hashlib import sha256
from uuid import UUID

from kfar.rooms.decisions.consultations.refreshing import cast
from kfar.rooms.decisions.consultations.rules import State
from kfar.rooms.decisions.consulting.packed import unpack
from kfar.rooms.decisions.models import Statement


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
    """Return the file of statements: statement, seed, language, text. Who said it is not told.

    Words of somebody who was erased are empty.
    """
    rows = Statement.objects.filter(consultation=consultation_id, state=State.SHOWN)
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["statement", "seed", "language", "text"])
    for row in rows.order_by("number"):
        writer.writerow([row.number, int(row.seed), row.language, row.text])
    return file.getvalue()


def votes_line(consultation_id: UUID) -> str:
    """Return the line that binds the file of votes."""
    digest = sha256()
    for part in votes_csv(consultation_id):
        digest.update(part.encode())
    return f"votes {digest.hexdigest()}"


def _shown(consultation_id: UUID) -> Iterator[int]:
    rows = Statement.objects.filter(consultation=consultation_id, state=State.SHOWN)
    yield from rows.values_list("number", flat=True)
