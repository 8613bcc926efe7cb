"""The table: every touch that has settled, as Parquet files with a catalogue in the database.

A file belongs to the table when its catalogue row (`Segment`) is committed, never before:
it is written under another name, synced, renamed, and then its row is inserted. What a
killed append leaves behind is not in the catalogue, so nobody reads it, and the next append
removes it. Nothing else is ever removed: a file that only the catalogue has forgotten (an
older database put back from a backup) stays where it is.

Files are sorted by (customer, at), so one customer's rows stand together: the catalogue says
which files can hold them, Parquet's statistics which row groups.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import reduce
from operator import or_
from pathlib import Path
from typing import TextIO
from uuid import UUID, uuid4

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import Max, Q

from kfar.ground import disk
from kfar.ground.errors import Refused
from kfar.lake import inbox
from kfar.lake.engines import Session, engine
from kfar.lake.models import Segment, Touchpoint
from kfar.lake.scrub import scrub
from kfar.lake.touch import COLUMNS

LOCK = "append.lock"
PART = ".part"
#: Table and inbox; what stands in both is one touch.
BOTH = """
WITH known AS (SELECT * FROM settled {})
FROM known UNION ALL SELECT fresh.* FROM fresh ANTI JOIN known USING (id)
"""


def append(
    session: Session,
    *,
    batch: str,
    select: str,
    params: Mapping[str, object] | None = None,
    along: Callable[[], object] = lambda: None,
) -> int:
    """Add the rows of `select` to the table as one batch; return how many are new.

    `select` names columns of `COLUMNS` (those left out are NULL), with `params` in it. A
    batch of the same name is taken once, and a row whose id stands in the table already is
    left out, so anything may be sent twice.
    All rows become visible at once, or none do. `along` is called in the transaction that
    makes them so. Appends wait for one another; reading goes on.
    Not to be called inside a transaction. Raises `Refused("lake.disk_full")`.
    """
    with _told(), _alone() as lock:
        if Segment.objects.filter(batch=batch).exists():
            return 0
        _sweep(lock)
        schema = ", ".join(f'"{name}" {kind}' for name, kind in COLUMNS.items())
        session.run(f"CREATE OR REPLACE TEMP TABLE arriving ({schema})")
        session.run(f"INSERT INTO arriving BY NAME ({select})", **(params or {}))
        _leave_out_known(session)
        [facts] = session.rows(
            'SELECT count(*), min("at"), max("at"), min(customer), max(customer) FROM arriving'
        )
        name = _write(session, lock) if facts[0] else ""
        with transaction.atomic(durable=True):
            if name:
                Segment.objects.create(
                    name=name,
                    batch=batch,
                    rows=facts[0],
                    first_at=facts[1],
                    last_at=facts[2],
                    min_customer=facts[3],
                    max_customer=facts[4],
                )
            along()
        _clear(lock)
        session.run("DROP TABLE arriving")
        return int(facts[0])


def taken(batch: str) -> bool:
    """Return whether a batch of this name stands in the table."""
    return Segment.objects.filter(batch=batch).exists()


def erase(customers: Collection[UUID]) -> int:
    """Erase all touches of these customers from table and inbox; return how many there were.

    When it returns, no file of the table and none of SQLite holds their ids or their touches.
    Killed in the middle it is simply done again. Not to be called inside a transaction.
    Raises `Refused("lake.disk_full")`.
    """
    erased = 0
    with _told(), _alone() as lock, engine().session() as session:
        _sweep(lock)
        for path in files(customers=customers):
            session.view("whole", COLUMNS, [path])
            [(theirs,)] = session.rows(
                "SELECT count(*) FROM whole WHERE customer IN $gone", gone=list(customers)
            )
            if not theirs:
                continue
            session.run(
                "CREATE OR REPLACE TEMP TABLE arriving AS"
                " SELECT * FROM whole WHERE customer NOT IN $gone",
                gone=list(customers),
            )
            [facts] = session.rows(
                'SELECT count(*), min("at"), max("at"), min(customer), max(customer) FROM arriving'
            )
            rows = Segment.objects.filter(name=path.name)
            if facts[0]:
                bounds = ("rows", "first_at", "last_at", "min_customer", "max_customer")
                name = _write(session, lock)
                rows.update(name=name, **dict(zip(bounds, facts, strict=True)))
            else:
                rows.delete()
            path.unlink()
            _clear(lock)
            erased += theirs
        erased += Touchpoint.objects.filter(customer__in=customers).delete()[0]
    scrub()
    return erased


def files(*, customers: Collection[UUID] | None = None) -> list[Path]:
    """Return the table's files, oldest first; only those that can hold these customers' rows."""
    segments = Segment.objects.order_by("pk")
    if customers is not None:
        within = [Q(min_customer__lte=own, max_customer__gte=own) for own in customers]
        segments = segments.filter(reduce(or_, within, Q(pk=None)))
    return [_folder() / name for name in segments.values_list("name", flat=True)]


def until() -> datetime | None:
    """Return the instant of the latest touch in the table: the end of the known period."""
    last: datetime | None = Segment.objects.aggregate(last=Max("last_at"))["last"]
    return last


@contextmanager
def reading(customers: Collection[UUID] | None = None) -> Iterator[Session]:
    """Open a session in which `touches` holds table and inbox: of these customers, or all.

    `touches` has the columns of `COLUMNS`. A file of the table that is missing or broken is
    `Refused("lake.damaged", file=…)`.
    """
    with engine().session() as session:
        # The inbox first: a touch that settles meanwhile is then in both, and never in none.
        session.load("fresh", COLUMNS, inbox.fresh(customers))
        session.view("settled", COLUMNS, files(customers=customers))
        if customers is None:
            session.run(f"CREATE TEMP VIEW touches AS {BOTH.format('')}")
        else:
            session.run(
                f"CREATE TEMP TABLE touches AS {BOTH.format('WHERE customer IN $customers')}",
                customers=list(customers),
            )
        yield session


def _leave_out_known(session: Session) -> None:
    """Drop from `arriving` what is there twice, and what the table holds already."""
    [(rows, ids, low, high, first, last)] = session.rows(
        "SELECT count(*), count(DISTINCT id), min(customer), max(customer),"
        ' min("at"), max("at") FROM arriving'
    )
    if ids < rows:
        session.run(
            "CREATE OR REPLACE TEMP TABLE arriving AS"
            " SELECT * FROM arriving QUALIFY row_number() OVER (PARTITION BY id) = 1"
        )
    if not rows:
        return
    overlap = Segment.objects.filter(
        min_customer__lte=high, max_customer__gte=low, first_at__lte=last, last_at__gte=first
    )
    names = overlap.values_list("name", flat=True)
    if names:
        session.view("settled", COLUMNS, [_folder() / name for name in names])
        session.run("DELETE FROM arriving WHERE id IN (SELECT id FROM settled)")


def _write(session: Session, lock: TextIO) -> str:
    """Write `arriving` to a new file, whole and on the disk; return its name.

    The name is noted in the lock first, so that the next append knows what this one left.
    """
    name = f"{uuid4().hex}.parquet"
    part = _folder() / (name + PART)
    lock.write(name)
    lock.flush()
    os.fsync(lock.fileno())
    try:
        session.write('SELECT * FROM arriving ORDER BY customer, "at", basket, id', part)
        _sync(part)
        os.replace(part, _folder() / name)
        _sync(_folder())
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return name


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sweep(lock: TextIO) -> None:
    """Remove what a killed append left, if the one before was killed."""
    name = lock.read()
    if name and not Segment.objects.filter(name=name).exists():
        for left in (name, name + PART):
            (_folder() / left).unlink(missing_ok=True)
    _clear(lock)


def _clear(lock: TextIO) -> None:
    lock.seek(0)
    lock.truncate()


@contextmanager
def _alone() -> Iterator[TextIO]:
    """Wait until no other process appends; the lock ends with the process, however it ends."""
    _folder().mkdir(parents=True, exist_ok=True)
    with (_folder() / LOCK).open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.seek(0)
        yield lock


@contextmanager
def _told() -> Iterator[None]:
    """Say that the disk is full, whoever noticed it."""
    try:
        yield
    except (OSError, DatabaseError) as error:
        if disk.is_full(error):
            raise Refused("lake.disk_full") from error
        raise


def _folder() -> Path:
    folder: Path = settings.KFAR_DATA_DIR / "lake"
    return folder
