"""Promotions: what was displayed and mailed, in which week and where, as sources tell it.

It names nobody. What a source tells becomes one Parquet file in the data directory; a week
stands in the file that told it last, and that is so when its row in the catalogue is committed.
"""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction

from kfar.ground import disk, locks
from kfar.ground.errors import Refused
from kfar.lake import table
from kfar.lake.engines import Session, engine
from kfar.rooms.insight import promotion_files
from kfar.rooms.insight.models import Promoted

if TYPE_CHECKING:
    from ibis.expr.types import Table

#: What a file of ours has, and so what `opened` makes a view of.
COLUMNS = {
    "product": "VARCHAR NOT NULL",
    "place": "VARCHAR NOT NULL",
    "week": "DATE NOT NULL",
    "display": "VARCHAR",
    "mailer": "VARCHAR",
}
LOCK, PART, TABLE = "taking.lock", ".part", ".parquet"


@dataclass(frozen=True)
class Taken:
    """What a file told: so many `rows`, of `weeks` weeks; `changed` of them were not so before.

    Of its `products` nobody here ever bought `unbought`: where that is most of them, the codes
    are not those of the purchases.
    """

    rows: int
    weeks: int
    changed: int
    first: date
    last: date
    products: int
    unbought: int


@dataclass(frozen=True)
class Known:
    """What is known: rows, weeks, the first and the last Monday, and who told."""

    rows: int
    weeks: int
    first: date
    last: date
    sources: tuple[str, ...]


def take(*, file: Path, source: str) -> Taken:
    """Take what a CSV or Parquet file tells of promotions; the weeks in it are told anew.

    Columns as `promotion_files.select` says. The same file again changes nothing, and where one
    line cannot be understood, nothing is taken. Raises `Refused`, as that does, and
    `insight.no_file`, `insight.bad_source`, `lake.disk_full`.
    """
    try:
        with file.open("rb") as opened:
            told = hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        raise Refused("insight.no_file", file=file.name) from error
    with engine().session() as session:
        select = promotion_files.select(session, file)
        return take_table(session=session, source=source, name=told[:32], select=select)


def take_table(*, session: Session, source: str, name: str, select: str) -> Taken:
    """Take what a query tells, with the columns `COLUMNS`; a week is named by its Monday.

    `name` stands for what it tells: what was told under it is not written again. Raises
    `Refused`: `insight.bad_source`, `insight.no_rows`, `lake.disk_full`.
    """
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,49}", source):
        raise Refused("insight.bad_source", source=source[:60])
    where = folder() / source
    file = where / f"{name}{TABLE}"
    try:
        where.mkdir(parents=True, exist_ok=True)
        with locks.held(where / LOCK):
            _sweep(source, where, file)
            if not file.exists():
                _write(session, select, file)
            session.view("told", COLUMNS, [file])
            weeks = session.rows("SELECT week, count(*) FROM told GROUP BY week ORDER BY week")
            if not weeks:
                file.unlink()
                raise Refused("insight.no_rows")
            changed = _point(source, file.name, weeks)
            products = {name for (name,) in session.rows("SELECT DISTINCT product FROM told")}
    except OSError as error:
        if disk.is_full(error):
            raise Refused("lake.disk_full") from error
        raise
    rows = sum(count for _, count in weeks)
    unbought = len(products - _bought())
    return Taken(rows, len(weeks), changed, weeks[0][0], weeks[-1][0], len(products), unbought)


def known() -> Known | None:
    """Return what is known of promotions; None where nothing is."""
    rows = list(Promoted.objects.values_list("source", "week", "rows"))
    if not rows:
        return None
    weeks = {week for _, week, _ in rows}
    return Known(
        rows=sum(count for *_, count in rows),
        weeks=len(weeks),
        first=min(weeks),
        last=max(weeks),
        sources=tuple(sorted({source for source, *_ in rows})),
    )


def state() -> str:
    """Return what changes when, and only when, something else is known of promotions."""
    rows = Promoted.objects.order_by("source", "week").values_list("source", "week", "file")
    return hashlib.sha256(repr(list(rows)).encode()).hexdigest()


def opened(session: Session) -> Table:
    """Make the view `promotions` in a session; return it to build Ibis expressions on.

    `COLUMNS`. Raises `Refused("lake.damaged")`, where it is asked and a file is missing.
    """
    import ibis  # noqa: PLC0415 - takes a while

    files: dict[Path, list[date]] = {}
    for source, week, name in Promoted.objects.values_list("source", "week", "file"):
        files.setdefault(folder() / source / name, []).append(week)
    session.view("promotions_none", COLUMNS, [])
    parts = ["SELECT * FROM promotions_none"]
    for n, (file, weeks) in enumerate(files.items()):
        session.view(f"promotions_{n}", COLUMNS, [file])
        listed = ", ".join(f"DATE '{week.isoformat()}'" for week in weeks)
        parts.append(f"SELECT * FROM promotions_{n} WHERE week IN ({listed})")  # noqa: S608
    session.run(f"CREATE OR REPLACE TEMP VIEW promotions AS {' UNION ALL '.join(parts)}")
    kinds = {"week": "date"}
    return ibis.table({name: kinds.get(name, "string") for name in COLUMNS}, name="promotions")


def missing() -> list[str]:
    """Return the files that weeks stand in and that are not there, as they lie in `folder`."""
    named = Promoted.objects.values_list("source", "file").distinct().order_by("source", "file")
    paths = [f"{source}/{file}" for source, file in named]
    return [path for path in paths if not (folder() / path).is_file()]


def folder() -> Path:
    """Return where the files are, in a folder for each source."""
    found: Path = settings.KFAR_DATA_DIR / "promotions"
    return found


def _bought() -> set[str]:
    """Return the codes of all products that were ever bought."""
    with table.reading() as session:
        rows = session.rows(
            "SELECT DISTINCT product FROM touches WHERE kind = 'purchase' AND product IS NOT NULL"
        )
    return {product for (product,) in rows}


def _write(session: Session, select: str, file: Path) -> None:
    """Write a file under another name, and put it under its own when it is on the disk."""
    part = file.with_suffix(PART)
    try:
        session.write(select, part, loose=True)
        disk.sync(part)
        os.replace(part, file)
        disk.sync(file.parent)
    finally:
        part.unlink(missing_ok=True)


def _sweep(source: str, where: Path, file: Path) -> None:
    """Remove what no week stands in any more, and what was killed while it was written.

    What was replaced is removed with the next that comes, when nobody reads it any more.
    """
    named = {file.name, *Promoted.objects.filter(source=source).values_list("file", flat=True)}
    for other in where.iterdir():
        if other.suffix in (PART, TABLE) and other.name not in named:
            other.unlink(missing_ok=True)


@transaction.atomic
def _point(source: str, name: str, weeks: list[tuple[date, int]]) -> int:
    """Let weeks stand in this file; return for how many of them that is new."""
    there = Promoted.objects.filter(source=source, file=name).values_list("week", flat=True)
    new = {week: rows for week, rows in weeks if week not in set(there)}
    Promoted.objects.filter(source=source, week__in=new).delete()
    Promoted.objects.bulk_create(
        Promoted(source=source, week=week, file=name, rows=rows) for week, rows in new.items()
    )
    return len(new)
