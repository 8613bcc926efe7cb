"""Erasure and forgetting: touches leave the table, and nothing of them stays on disk or bucket."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from kfar.lake import inbox
from kfar.lake.engines import Session, engine, sweep
from kfar.lake.models import Segment, Touchpoint
from kfar.lake.table import catalogue, ids
from kfar.lake.table.catalogue import these
from kfar.lake.table.compaction import swap, write
from kfar.lake.table.ids import Ids
from kfar.lake.table.writing import APPENDING, REWRITING, Notes, remove, writing
from kfar.lake.touch import COLUMNS

#: So many seconds an erasure waits for those who still read what it replaced.
PATIENCE = 60


def erase(customers: Collection[UUID]) -> int:
    """Erase all touches of these customers from table and inbox; return how many there were.

    When it returns, no file of the table, here or in the bucket, holds their ids or their
    touches, be it in an older version; what the database's files still hold goes with `scrub`.
    Killed in the middle it is simply done again. It waits for a step of compaction, and for
    readers (a minute at most, then they find their file gone); appending waits for it. Not to
    be called inside a transaction, or while the same thread reads.
    Raises `Refused("lake.disk_full")` and `Refused("lake.bucket_away")`: it is then to be done
    again.
    """
    if not customers:
        return 0
    gone = these(customers)
    with _both() as (notes, session):
        fresh = inbox.fresh(customers)
        session.load("fresh", COLUMNS, fresh)
        holding = list(catalogue.segments(customers))
        session.view("settled", COLUMNS, catalogue.paths(holding))
        theirs = Ids.read(
            session,
            f"SELECT id FROM settled WHERE {gone} UNION SELECT id FROM fresh",  # noqa: S608
        )
        # First the ids: as long as their touches are there, they are found again.
        ids.take_out(theirs)
        for segment in holding:
            _leave_out(session, segment, gone, notes)
        Touchpoint.objects.filter(customer__in=customers).delete()
    sweep()
    remove(PATIENCE)
    return len(theirs)


def forget(*, before: datetime) -> int:
    """Let touches that happened before that instant leave table and inbox; return how many.

    Each file is its own step, so that nobody waits for long.
    """
    gone = f"\"at\" < TIMESTAMPTZ '{before.isoformat()}'"
    forgotten = 0
    for name in list(Segment.objects.filter(first_at__lt=before).values_list("name", flat=True)):
        with _both() as (notes, session):
            for segment in Segment.objects.filter(name=name):
                session.view("settled", COLUMNS, catalogue.paths([segment]))
                old = f"SELECT id FROM settled WHERE {gone}"  # noqa: S608 - an instant
                ids.take_out(Ids.read(session, old))
                forgotten += _leave_out(session, segment, gone, notes)
    with writing(APPENDING):
        forgotten += Touchpoint.objects.filter(at__lt=before).delete()[0]
    return forgotten


def forget_old() -> int:
    """Forget touches older than the company keeps them (`KFAR_KEEP_TOUCHES_DAYS`), day by day."""
    if settings.KFAR_KEEP_TOUCHES is None:
        return 0
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    return forget(before=today - settings.KFAR_KEEP_TOUCHES)


@contextmanager
def _both() -> Iterator[tuple[Notes, Session]]:
    """Let nobody else append, compact or erase until the end of the `with`."""
    with writing(REWRITING) as notes, writing(APPENDING) as new, engine().session() as session:
        ids.ready(session, new)
        yield notes, session


def _leave_out(session: Session, segment: Segment, gone: str, notes: Notes) -> int:
    """Write a file anew without some of its rows; return how many they were."""
    session.view("whole", COLUMNS, catalogue.paths([segment]))
    [(fewer,)] = session.rows(f"SELECT count(*) FROM whole WHERE {gone}")  # noqa: S608
    if not fewer:
        return 0
    rows = f"SELECT * FROM whole WHERE NOT ({gone})"  # noqa: S608
    rest = write(session, rows, notes, depth=segment.depth, ordered=segment.ordered)
    swap([segment], [rest] if rest else [], notes, fewer=fewer)
    return int(fewer)
