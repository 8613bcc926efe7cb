"""Import of files: the good rows are taken, each bad one is named, nothing is taken twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import islice
from operator import attrgetter
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings

from kfar.ground.errors import Refused
from kfar.lake.engines import Session, engine
from kfar.rooms.customers.commands import Newcomer
from kfar.rooms.touchpoints import records
from kfar.rooms.touchpoints.commands import import_table
from kfar.rooms.touchpoints.rules import Row, check_source, read_row

#: Rows taken at once, each time as one batch.
CHUNK = 50_000

#: The fields of `Row` as columns.
TYPES = {
    "key": "VARCHAR",
    "customer_key": "VARCHAR",
    "email": "VARCHAR",
    "at": "TIMESTAMPTZ",
    "channel": "VARCHAR",
    "kind": "VARCHAR",
    "place": "VARCHAR",
    "basket": "VARCHAR",
    "product": "VARCHAR",
    "product_name": "VARCHAR",
    "category": "VARCHAR",
    "department": "VARCHAR",
    "units": "INTEGER",
    "paid": "BIGINT",
    "discount": "BIGINT",
    "currency": "VARCHAR",
}


@dataclass(frozen=True)
class Reject:
    """A row that was not taken: its line in the file, and why. Not what it says."""

    line: int
    refused: Refused


@dataclass(frozen=True)
class Imported:
    """What became of a file's rows: `taken`, `known` already, `rejected`."""

    taken: int
    known: int
    rejected: int


def import_file(
    path: Path,
    *,
    source: str,
    reject: Callable[[Reject], None] = lambda rejected: None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Imported:
    """Take the rows of a CSV or NDJSON file (`rules.COLUMNS`) as touches told by `source`.

    `reject` is called with each bad row, in the order of the file; `progress` with the bytes
    read, of how many. The same row is taken once, be it in this file again, in another, or
    after the import was killed. Rows read before a full disk stay taken.
    Raises `Refused` where the file as a whole cannot be read, or the disk is full.
    """
    check_source(source)
    taken = good = rejected = 0
    zone = ZoneInfo(settings.TIME_ZONE)

    def rows() -> Iterator[Row]:
        nonlocal rejected
        for number, fields in records.read(file, path.name):
            try:
                if isinstance(fields, Refused):
                    raise fields
                yield read_row(fields, zone=zone, currency=settings.KFAR_CURRENCY)
            except Refused as refused:
                rejected += 1
                reject(Reject(number, refused))

    try:
        total = path.stat().st_size
        file = path.open("rb")
    except OSError as error:
        raise Refused("touchpoints.no_file", file=path.name) from error
    with file, engine().session() as session:
        coming = rows()
        progress(0, total)
        while chunk := list(islice(coming, CHUNK)):
            good += len(chunk)
            taken += _take(session, source, chunk)
            progress(file.tell(), total)
        progress(total, total)
    return Imported(taken=taken, known=good - taken, rejected=rejected)


def _take(session: Session, source: str, chunk: list[Row]) -> int:
    by_key: dict[str, Row] = {}
    for row in chunk:
        by_key.setdefault(row.key, row)
    people: dict[str, Newcomer] = {}
    for row in sorted(by_key.values(), key=attrgetter("at")):
        known = people.get(row.customer_key)
        if known is None:
            people[row.customer_key] = Newcomer(row.customer_key, email=row.email, met_at=row.at)
        elif row.email and not known.email:
            people[row.customer_key] = replace(known, email=row.email)
    session.load("rows", TYPES, list(by_key.values()))
    name = sha256("\x1f".join(by_key).encode()).hexdigest()
    return import_table(
        session=session,
        source=source,
        batch=f"{source}/{name}",
        newcomers=people.values(),
        select="SELECT * EXCLUDE email FROM rows",
    )
