"""How votes go at this moment, counted again and again, and no more often than that is cheap."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from kfar.rooms.decisions import queries
from kfar.rooms.decisions.models import Ballot, Question, Voter

#: How long after its close a question is told of.
AFTER = timedelta(hours=1)
#: The share of time that counting may take.
SHARE = 0.05


@dataclass(frozen=True)
class Standing:
    """How a vote goes: how many were asked and how many ballots came in.

    `standing`, votes by option as exact texts, is None where it is not shown before the close.
    """

    opens_at: datetime
    closes_at: datetime
    closed: bool
    asked: int
    answered: int
    standing: list[str] | None


#: Standings by question, with until when they are good enough (`time.monotonic`).
_known: dict[UUID, tuple[float, Standing]] = {}


def now() -> dict[UUID, Standing]:
    """Return how each vote goes that is open, or has closed within the hour."""
    today = timezone.now()
    rows = Question.objects.filter(
        Q(closed_at=None, opens_at__lte=today) | Q(closed_at__gt=today - AFTER)
    )
    found = {row.pk: _of(row) for row in rows}
    for gone in _known.keys() - found.keys():
        del _known[gone]
    return found


def _of(row: Question) -> Standing:
    closed = row.closed_at is not None
    until, known = _known.get(row.pk, (0.0, None))
    began = time.monotonic()
    if known is not None and known.closed == closed and began < until:
        return known
    so_far = queries.so_far(row.pk)
    standing = Standing(
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        closed=closed,
        asked=Voter.objects.filter(question=row).count(),
        answered=Ballot.objects.filter(voter__question=row).count(),
        standing=None if so_far is None else [str(votes or 0) for votes in so_far.votes],
    )
    took = time.monotonic() - began
    _known[row.pk] = (began + took / SHARE, standing)
    return standing
