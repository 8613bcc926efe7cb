"""Appending: a batch enters the table whole and once, and no touch enters twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import transaction

from kfar.lake.engines import Session
from kfar.lake.models import Batch, IdRun, Segment
from kfar.lake.table import ids
from kfar.lake.table.catalogue import ORDER, described, taken
from kfar.lake.table.ids import HALVES, Ids
from kfar.lake.table.writing import APPENDING, TABLE, Notes, finish, part, writing
from kfar.lake.touch import COLUMNS

#: Larger batches are written as they come, which is faster; compaction puts them in order.
SORTED = 200_000


@contextmanager
def alone() -> Iterator[None]:
    """Let nobody else append or erase until the end of the `with`; `append` may be called in it.

    Who reads what they will append (an inbox, a log) reads it in here: otherwise it might be
    erased in between and come back. Raises `Refused("lake.disk_full")`, whoever noticed it.
    """
    with writing(APPENDING):
        yield


def append(
    session: Session,
    *,
    select: str,
    batch: str = "",
    params: Mapping[str, object] | None = None,
    along: Callable[[], object] = lambda: None,
) -> int:
    """Add the rows of `select` to the table as one batch; return how many are new.

    `select` names columns of `COLUMNS` (those left out are NULL), with `params` in it. A
    batch of the same name is taken once (one without a name always), and a row whose id
    stands in the table already is left out, so anything may be sent twice.
    All rows become visible at once, or none do. `along` is called in the transaction that
    makes them so. Appends wait for one another; reading and compaction go on.
    Not to be called inside a transaction. Raises `Refused("lake.disk_full")`; where there is a
    bucket, `Refused("lake.bucket_away")`, `Refused("lake.versioned")`, `Refused("lake.no_s3")`.
    """
    with writing(APPENDING) as notes:
        if batch and taken(batch):
            return 0
        ids.ready(session, notes)
        schema = ", ".join(f'"{name}" {kind}' for name, kind in COLUMNS.items())
        session.run(f"CREATE OR REPLACE TEMP TABLE arriving ({schema})")
        session.run(f"INSERT INTO arriving BY NAME ({select})", **(params or {}))
        new = _leave_out_known(session)
        if len(new):
            segment, run = _write(session, new, notes)
        with transaction.atomic(durable=True):
            if len(new):
                Segment.objects.create(**segment)
                run.save()
            if batch:
                Batch.objects.create(name=batch)
            along()
        session.run("DROP TABLE arriving")
        notes.sweep()
        ids.merge(notes)
        return len(new)


def _leave_out_known(session: Session) -> Ids:
    """Drop from `arriving` what is there twice, and what the table holds; return the new ids."""
    low, high, place = session.arrays(f"SELECT {HALVES}, rowid::UBIGINT FROM arriving")  # noqa: S608
    arriving, order = Ids.of(low, high)
    out = arriving.again() | ids.known(arriving)
    if out.any():
        session.load("known", {"place": "BIGINT"}, [(int(n),) for n in place[order][out]])
        session.run("DELETE FROM arriving WHERE rowid IN (SELECT place FROM known)")
    return arriving[~out]


def _write(session: Session, new: Ids, notes: Notes) -> tuple[dict[str, Any], IdRun]:
    """Write `arriving` and its ids to new files; return what the catalogue will say of them."""
    name = notes.new(TABLE)
    ordered = len(new) <= SORTED
    rows = f"SELECT * FROM arriving {ORDER if ordered else ''}"  # noqa: S608
    session.write(rows, part(name), loose=not ordered)
    finish([name])
    facts = described(session, "arriving")
    return {**facts, "name": name, "ordered": ordered, "noted": True}, ids.write(new, notes)
