"""Files that tell of promotions: which columns they have, and the first line that is wrong."""

from __future__ import annotations

import csv
import re
from pathlib import Path

from kfar.ground.errors import Refused
from kfar.lake.engines import Session

NEEDED = ("product", "place", "display", "mailer")
#: One of these: any day of the week, or its ISO number, 2026-W07.
WHEN = ("week", "day")
PARQUET = b"PAR1"
#: Of the first line of CSV, in characters.
LONGEST = 10_000
YEARS = (1900, 2200)


def select(session: Session, file: Path) -> str:
    """Return the query of what a CSV or Parquet file tells: product, place, week, display, mailer.

    Its columns, in any order, others passed over: `product` and `place` as on the journeys;
    `week` or `day`, a date in it; `display` and `mailer`, codes of its own, empty for none. CSV
    is UTF-8 with a first line of names. Raises `Refused`: `insight.bad_file`,
    `insight.lacks_columns`, `insight.bad_week` and `insight.empty_cell` with the line.
    """
    with file.open("rb") as opened:
        parquet = opened.read(len(PARQUET)) == PARQUET
    name = "'" + str(file).replace("'", "''") + "'"
    source = f"read_parquet({name}, file_row_number = true)" if parquet else _csv(name, file)
    kinds = _described(session, source, file)
    missing = [column for column in NEEDED if column not in kinds]
    when = next((column for column in WHEN if column in kinds), None)
    if when is None:
        missing.append(" / ".join(WHEN))
    if missing or when is None:
        raise Refused("insight.lacks_columns", columns=", ".join(missing))
    line = "file_row_number + 1" if parquet else "row_number() OVER () + 1"
    texts = {column: _text(*kinds[column]) for column in (*NEEDED, when)}
    rows = (
        f"SELECT {texts['product']} AS product, {texts['place']} AS place,"  # noqa: S608
        f" {_week(texts[when])} AS week, {texts['display']} AS display,"
        f" {texts['mailer']} AS mailer, {texts[when]} AS told, {line} AS line FROM {source}"
    )
    _check(session, rows, file)
    return f"SELECT product, place, week, display, mailer FROM ({rows})"  # noqa: S608


def _csv(name: str, file: Path) -> str:
    """Return SQL for a CSV file, whose first line says what stands between its columns."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            head = opened.readline(LONGEST)
    except UnicodeDecodeError as error:
        raise _bad(file, error) from error
    between = max(",;\t", key=head.count)
    names = [cell.strip() for cell in next(csv.reader([head], delimiter=between), [])]
    if not names or len(set(names)) < len(names) or "" in names:
        raise Refused("insight.bad_file", file=file.name)
    quoted = [cell.replace("'", "''") for cell in names]
    columns = ", ".join(f"'{cell}': 'VARCHAR'" for cell in quoted)
    return (
        f"read_csv({name}, auto_detect = false, header = true, delim = '{between}', quote = '\"',"
        f" escape = '\"', columns = {{{columns}}})"
    )


def _described(session: Session, source: str, file: Path) -> dict[str, tuple[str, str]]:
    """Return the columns by their names in small letters: as the file has them, and their type."""
    try:
        rows = session.rows(f"DESCRIBE SELECT * FROM {source}")  # noqa: S608
    except Refused:
        raise
    except Exception as error:
        raise _bad(file, error) from error
    return {name.strip().lower(): (name, kind) for name, kind, *_ in rows}


def _text(name: str, kind: str) -> str:
    """Return SQL for a column as text, NULL where it is empty."""
    column = '"' + name.replace('"', '""') + '"'
    if kind in ("DOUBLE", "FLOAT"):  # numbers that had gaps among them were made such
        column = f"CASE WHEN {column} = floor({column}) THEN {column}::BIGINT END"
    return f"nullif(trim({column}::VARCHAR), '')"


def _week(text: str) -> str:
    """Return SQL for the Monday of a text's week, NULL where it is no date."""
    day = (
        f"coalesce(try_cast({text} AS DATE), try_cast(try_cast({text} AS TIMESTAMP) AS DATE),"
        f" try_strptime({text} || '-1', '%G-W%V-%u')::DATE)"
    )
    monday = f"date_trunc('week', {day})::DATE"
    return f"CASE WHEN year({day}) BETWEEN {YEARS[0]} AND {YEARS[1]} THEN {monday} END"


def _check(session: Session, rows: str, file: Path) -> None:
    """Refuse the file for the first of its lines that says nothing."""
    try:
        wrong = session.rows(
            f"""SELECT line, told, product IS NULL, place IS NULL FROM ({rows})
            WHERE week IS NULL OR product IS NULL OR place IS NULL ORDER BY line LIMIT 1"""  # noqa: S608
        )
    except Refused:
        raise
    except Exception as error:
        raise _bad(file, error) from error
    for line, told, no_product, no_place in wrong:
        if no_product or no_place:
            column = "product" if no_product else "place"
            raise Refused("insight.empty_cell", column=column, line=line)
        raise Refused("insight.bad_week", week=(told or "")[:40], line=line)


def _bad(file: Path, error: Exception) -> Refused:
    """Return that a file cannot be read, whatever the engine finds wrong; with the line it names.

    The engine's own words hold what stands there, and are not repeated.
    """
    line = re.search(r"\bLine: (\d+)", str(error))
    if line:
        return Refused("insight.bad_line", file=file.name, line=int(line[1]))
    return Refused("insight.bad_file", file=file.name)
