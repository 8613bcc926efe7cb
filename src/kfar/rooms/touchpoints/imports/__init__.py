"""Import of files: the good rows are taken, each bad one is named, nothing is taken twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings

from kfar.ground.errors import Refused
from kfar.lake import table
from kfar.lake.engines import Session, engine
from kfar.rooms.customers.commands import Newcomer
from kfar.rooms.touchpoints.commands import import_table
from kfar.rooms.touchpoints.imports import chunks
from kfar.rooms.touchpoints.imports.mapping import Mapping, own
from kfar.rooms.touchpoints.imports.reshaping import order_column, reshape
from kfar.rooms.touchpoints.imports.sieve import sift
from kfar.rooms.touchpoints.rules import check_columns, check_source

#: Rows a proposal goes by.
SAMPLE = 1000


@dataclass(frozen=True)
class Reject:
    """A row that was not taken: its line in the file (of Parquet, its row), and why."""

    line: int
    refused: Refused


@dataclass(frozen=True)
class Imported:
    """What became of a file's rows: `taken`, `known` already, `rejected`."""

    taken: int
    known: int
    rejected: int


@dataclass(frozen=True)
class Look:
    """What one sees of a file at first: its columns, whether they are Kfar's, its first rows."""

    names: tuple[str, ...]
    own: bool
    rows: list[list[str]]


def look(path: Path) -> Look:
    """Look at a file without taking anything.

    Raises `Refused` where the file as a whole cannot be read.
    """
    with engine().session() as session, chunks.opened(path, session) as file:
        return Look(file.names, file.own, file.sample(SAMPLE))


def import_file(
    path: Path,
    *,
    source: str,
    mapping: Mapping | None = None,
    reject: Callable[[Reject], None] = lambda rejected: None,
    progress: Callable[[int, int], None] = lambda done, total: None,
    resumed: Callable[[int], None] = lambda rows: None,
) -> Imported:
    """Take the rows of a CSV, NDJSON or Parquet file as touches told by `source`.

    The file has the columns `rules.COLUMNS`, or `mapping` says what its columns are. `reject`
    is called with each bad row, in the order of the file; `progress` with the bytes read, of
    how many; `resumed` with the rows up to which an earlier import of it had come, if any.
    The same row is taken once, be it in this file again, in another, or after the import was
    killed. Rows read before a full disk stay taken. However long the file, memory holds one
    chunk of it.
    Raises `Refused` where the file as a whole cannot be read, or the disk is full.
    """
    check_source(source)
    taken = good = rejected = before = 0
    with engine().session() as session, chunks.opened(path, session) as file:
        if mapping is None:
            check_columns(name.lower() for name in file.names)
            mapping = own(file.names)
        mapping.check(file.names)
        order = mapping.order_of(file.names)
        zone = ZoneInfo(mapping.zone or settings.TIME_ZONE)
        currency = settings.KFAR_CURRENCY
        total = path.stat().st_size
        progress(0, total)
        coming = file.chunks(mapping.named())
        if column := order_column(mapping, file.names):
            coming = chunks.whole_orders(session, coming, column)
        for chunk in coming:
            reshape(session, mapping, file.names, currency=currency)
            sifted = sift(session, order=order, zone=zone, currency=currency)
            for number, why in sorted([*chunk.refused, *sifted], key=itemgetter(0)):
                reject(Reject(number, why))
                rejected += 1
            [(rows,)] = session.rows("SELECT count(*) FROM rows")
            good += rows
            new = _take(session, source) if rows else 0
            if new is None:
                before = good + rejected
            elif before:
                resumed(before)
                before = 0
            taken += new or 0
            progress(chunk.done, total)
        progress(total, total)
    return Imported(taken=taken, known=good - taken, rejected=rejected)


def _take(session: Session, source: str) -> int | None:
    """Take the table `rows`; return how many are new, or None where they were taken before."""
    [(rows, keys)] = session.rows("SELECT count(*), count(DISTINCT key) FROM rows")
    if keys < rows:
        session.run(
            "CREATE OR REPLACE TEMP TABLE rows AS FROM rows"
            " QUALIFY row_number() OVER (PARTITION BY key ORDER BY number) = 1"
        )
    [(name,)] = session.rows("SELECT sha256(string_agg(key, chr(31) ORDER BY number)) FROM rows")
    batch = f"{source}/{name}"
    if table.taken(batch):
        return None
    people = session.rows(
        """SELECT customer_key, min("at") AS first,
            coalesce(arg_min(email, ("at", number)) FILTER (email <> ''), '')
        FROM rows GROUP BY customer_key ORDER BY first, min(number)"""
    )
    return import_table(
        session=session,
        source=source,
        batch=batch,
        newcomers=[Newcomer(key, met_at=first, email=email) for key, first, email in people],
        select="SELECT * EXCLUDE (number, good, email)"
        " REPLACE (measure / 1000000 AS measure) FROM rows",
    )
