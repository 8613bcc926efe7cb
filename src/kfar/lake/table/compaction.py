"""Compaction: many small files become few, each with all that some customers did, in order.

A step reads some files and writes others with the same rows, one output at a time, so that
memory holds one file's rows at most. They change places in the catalogue in one transaction.
Appending and reading go on meanwhile; an erasure waits for one step.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from kfar.ground.errors import Refused
from kfar.lake.engines import Session, engine
from kfar.lake.models import Segment
from kfar.lake.table.catalogue import ORDER, described, paths
from kfar.lake.table.plan import (
    BITS,
    Piece,
    Step,
    bounds,
    places,
    small_step,
    whole_step,
    worth_a_whole,
)
from kfar.lake.table.writing import (
    APPENDING,
    REWRITING,
    TABLE,
    Notes,
    finish,
    part,
    remove,
    unfinished,
    writing,
)
from kfar.lake.touch import COLUMNS

#: So long a file that is not in order waits for others to be put in order with.
LATE = timedelta(minutes=1)


def compact(*, whole: bool = False) -> int:
    """Join files where it is worth it; return how many were joined.

    With `whole` it is done to the end, worth it or not: each customer stands in one file,
    or in few who share many. To be called often; meant for a thread of its own, since a step
    takes some seconds of work and there may be many.
    Raises `Refused("lake.disk_full")`, `Refused("lake.bucket_away")`, and
    `Refused("lake.damaged", file=…)` where a file does not hold what the catalogue says.
    """
    for lock in (APPENDING, REWRITING):
        if unfinished(lock):
            with writing(lock):  # what was left is removed
                pass
    remove()
    joined = 0
    now = timezone.now()
    if whole or worth_a_whole(_pieces(now)):
        while step := whole_step(_pieces(now)):
            joined += _take(step)
    while not whole and (step := small_step(_pieces(timezone.now()), late=_late())):
        joined += _take(step)
    return joined


def _late() -> bool:
    waited = timezone.now() - LATE
    return Segment.objects.filter(ordered=False, added_at__lt=waited).exists()


def _pieces(until: datetime) -> list[Piece]:
    """Return the files of what was appended until then, as the plan sees them."""
    return [
        Piece(name, rows, depth, customer.int >> (BITS - depth), ordered)
        for name, rows, depth, customer, ordered in Segment.objects.filter(added_at__lte=until)
        .order_by("pk")
        .values_list("name", "rows", "depth", "min_customer", "ordered")
    ]


def _take(step: Step) -> int:
    """Do a step, where its files are still there; return how many files it joined."""
    names = [piece.name for piece in step.pieces]
    with writing(REWRITING) as notes, engine().session() as session:
        segments = list(Segment.objects.filter(name__in=names))
        if len(segments) < len(names):  # somebody was quicker
            return 0
        session.view("joined", COLUMNS, paths(segments))
        made = []
        for place in places(step):
            low, high = bounds(step.depth, place)
            rows = f"SELECT * FROM joined WHERE customer BETWEEN '{low}' AND '{high}'"  # noqa: S608
            made.append(write(session, f"{rows} {ORDER}", notes, depth=step.depth))
        swap(segments, [new for new in made if new], notes)
    return len(names)


def write(session: Session, rows: str, notes: Notes, **fields: object) -> Segment | None:
    """Write a file with the rows of a query, in order; return its row, None where it is empty."""
    name = notes.new(TABLE)
    session.write(rows, part(name))
    session.view("written", COLUMNS, {part(name): len(COLUMNS)})
    facts = described(session, "written")
    if not facts:
        part(name).unlink()
        return None
    finish([name])
    return Segment(name=name, **facts, **fields)


def swap(old: Iterable[Segment], new: Iterable[Segment], notes: Notes, *, fewer: int = 0) -> None:
    """Put new files in the place of old ones, which hold the same touches but `fewer`."""
    old, new = list(old), list(new)
    if sum(s.rows for s in old) != sum(s.rows for s in new) + fewer:
        raise Refused("lake.damaged", file=old[0].name)
    notes.note([segment.name for segment in old])
    added = max(segment.added_at for segment in old)
    for segment in new:
        segment.added_at = added
        segment.noted = all(segment.noted for segment in old)
    with transaction.atomic(durable=True):
        Segment.objects.filter(pk__in=[segment.pk for segment in old]).delete()
        Segment.objects.bulk_create(new)
    notes.sweep()
