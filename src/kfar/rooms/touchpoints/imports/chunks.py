"""A file in chunks: each as the table `raw`, with the file's columns c0, c1 … as text.

Parquet is read by the engine. CSV and NDJSON are read record by record (`records.py`), but
the fields of a line without quotes, which most are, are parted by the engine too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Protocol

from kfar.ground.errors import Refused
from kfar.lake.engines import Session
from kfar.rooms.touchpoints.imports import records

#: Rows taken at once, each time as one batch; fewer where they are long. The engine works on
#: 122,880 at a time, on two cores at once.
CHUNK = 2 * 122_880
MOST_LETTERS = 2**26
#: What parts the fields of a record that had quotes, and such records from each other. A field
#: that holds one of these is given their neighbour, with which the rules do the same.
FIELD, RECORD, NEIGHBOUR = "\x1f", "\x1e", "\x1d"

PARQUET = b"PAR1"


@dataclass
class Chunk:
    """Some rows, which stand in `raw`, and those that could not be read, by number."""

    rows: int = 0
    refused: list[tuple[int, Refused]] = field(default_factory=list)
    done: int = 0  # bytes of the file, up to here
    last: bool = False


class Source(Protocol):
    """A file that can be read: its columns, whether they are Kfar's own, and its rows."""

    names: tuple[str, ...]
    own: bool

    def sample(self, most: int) -> list[list[str]]:
        """Return the fields of the first rows."""

    def chunks(self, used: Collection[str]) -> Iterator[Chunk]:
        """Make `raw` of one chunk after the other, of the columns `used`; the last says so."""


@contextmanager
def opened(path: Path, session: Session) -> Iterator[Source]:
    """Open a CSV, NDJSON or Parquet file; Parquet is known by its first bytes.

    Raises `Refused` where the file as a whole cannot be read.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise Refused("touchpoints.no_file", file=path.name) from error
    with file:
        if file.read(len(PARQUET)) == PARQUET:
            yield Parquet(path, session)
        else:
            file.seek(0)
            yield Text(path, file, session)


class Text:
    """A CSV or NDJSON file."""

    def __init__(self, path: Path, file: BinaryIO, session: Session) -> None:
        self.file = file
        self.session = session
        self.shape = records.shape(file, path.name)
        self.names, self.own = self.shape.names, self.shape.own

    def sample(self, most: int) -> list[list[str]]:
        """Return the fields of the first rows."""
        self.file.seek(0)
        found = []
        for _, said in islice(records.read(self.file, self.shape), most):
            if isinstance(said, str):
                found.append(said.split(self.shape.separator))
            elif isinstance(said, list):
                found.append(said)
        return found

    def chunks(self, used: Collection[str]) -> Iterator[Chunk]:
        """Make `raw` of one chunk after the other."""
        self.file.seek(0)
        coming = records.read(self.file, self.shape)
        columns = "".join(f", c[{i + 1}] AS c{i}" for i in _places(self.names, used))
        chunk = Chunk()
        while not chunk.last:
            chunk = Chunk()
            plain: list[str] = []
            first = 0
            quoted: dict[int, str] = {}
            letters = 0
            for number, said in coming:
                chunk.rows += 1
                if isinstance(said, str):
                    first = first or number
                    if number > first + len(plain):
                        plain.extend([""] * (number - first - len(plain)))
                    plain.append(said)
                    letters += len(said)
                elif isinstance(said, list):
                    quoted[number] = _joined(said)
                    letters += len(quoted[number])
                else:
                    chunk.rows -= 1
                    chunk.refused.append((number, said))
                    letters += 100
                if chunk.rows == CHUNK or letters > MOST_LETTERS:
                    break
            else:
                chunk.last = True
            chunk.done = self.file.tell()
            # As one text each, since many small ones travel slowly.
            self.session.run(
                "CREATE OR REPLACE TEMP TABLE plain AS"
                " SELECT unnest(range($first, $first + $lines)) AS number,"
                " unnest(string_split($text, chr(10))) AS line",
                first=first,
                lines=len(plain),
                text="\n".join(plain),
            )
            self.session.run(
                "CREATE OR REPLACE TEMP TABLE quoted AS"
                " SELECT unnest($numbers::BIGINT[]) AS number,"
                " unnest(string_split($text, $record)) AS line",
                numbers=list(quoted),
                text=RECORD.join(quoted.values()),
                record=RECORD,
            )
            self.session.run(
                f"CREATE OR REPLACE TEMP TABLE raw AS SELECT number{columns} FROM ("  # noqa: S608
                "SELECT number, string_split(line, $separator) AS c FROM plain WHERE line <> ''"
                " UNION ALL SELECT number, string_split(line, $field) FROM quoted"
                " WHERE number IS NOT NULL)",
                separator=self.shape.separator or FIELD,
                field=FIELD,
            )
            yield chunk


class Parquet:
    """A Parquet file. Its columns come as text, each type as the rules read it."""

    def __init__(self, path: Path, session: Session) -> None:
        self.session = session
        self.size = path.stat().st_size
        self.file = "read_parquet('{}', file_row_number = true)".format(
            str(path).replace("'", "''")
        )
        self.name = path.name
        with self._readable():
            described = session.rows(f"DESCRIBE SELECT * FROM {self.file}")  # noqa: S608
            [(self.rows,)] = session.rows(f"SELECT count(*) FROM {self.file}")  # noqa: S608
        columns = [(name, kind) for name, kind, *_ in described if name != "file_row_number"]
        self.texts = [_text(name, kind) for name, kind in columns]
        lower = [name.lower() for name, _ in columns]
        self.own = records.own(lower)
        self.names = tuple(lower if self.own else (name for name, _ in columns))

    def sample(self, most: int) -> list[list[str]]:
        """Return the fields of the first rows."""
        with self._readable():
            rows = self.session.rows(
                f"SELECT {', '.join(self.texts)} FROM {self.file} LIMIT {most}"  # noqa: S608
            )
        return [list(row) for row in rows]

    def chunks(self, used: Collection[str]) -> Iterator[Chunk]:
        """Make `raw` of one chunk after the other; rows count from 1."""
        columns = "".join(f", {self.texts[i]} AS c{i}" for i in _places(self.names, used))
        for start in range(0, self.rows or 1, CHUNK):
            end = min(start + CHUNK, self.rows)
            with self._readable():
                self.session.run(
                    "CREATE OR REPLACE TEMP TABLE raw AS"  # noqa: S608 - ours
                    f" SELECT file_row_number + 1 AS number{columns} FROM {self.file}"
                    " WHERE file_row_number >= $start AND file_row_number < $end",
                    start=start,
                    end=end,
                )
            yield Chunk(
                rows=end - start,
                done=self.size * end // (self.rows or 1),
                last=end == self.rows,
            )

    @contextmanager
    def _readable(self) -> Iterator[None]:
        """Say that the file is broken, whatever the engine finds wrong with it."""
        try:
            yield
        except Refused:
            raise
        except Exception as error:
            raise Refused("touchpoints.bad_parquet", file=self.name) from error


def whole_orders(session: Session, chunks: Iterator[Chunk], column: str) -> Iterator[Chunk]:
    """Keep back the rows of a chunk's last order for the next, so that each is seen whole.

    `column` is the order's, in `raw`. An order as long as a whole chunk is let go.
    """
    rows: int = 0
    refused: list[tuple[int, Refused]] = []
    for chunk in chunks:
        if rows:
            session.run("INSERT INTO raw FROM held")
        chunk.rows += rows
        chunk.refused = refused + chunk.refused
        rows, refused = 0, []
        if not chunk.last and chunk.rows:
            first = _last_order(session, column)
            session.run("CREATE OR REPLACE TEMP TABLE held AS FROM raw WHERE number >= $n", n=first)
            [(rows,)] = session.rows("SELECT count(*) FROM held")
            if rows == chunk.rows:
                rows = 0
            else:
                session.run("DELETE FROM raw WHERE number >= $n", n=first)
                refused = [(number, said) for number, said in chunk.refused if number > first]
                chunk.refused = chunk.refused[: len(chunk.refused) - len(refused)]
                chunk.rows -= rows
        yield chunk


def _last_order(session: Session, column: str) -> int:
    """Return the number of the row with which the last order in `raw` begins."""
    [(first,)] = session.rows(
        f"""SELECT min(number) FROM raw WHERE number > (
            SELECT coalesce(max(number), -1) FROM raw
            WHERE {column} <> (SELECT arg_max({column}, number) FROM raw))"""  # noqa: S608 - c0 …
    )
    return int(first)


def _places(names: Collection[str], used: Collection[str]) -> list[int]:
    return [i for i, name in enumerate(names) if name.lower() in used]


def _joined(cells: list[str]) -> str:
    line = FIELD.join(cells)
    if line.count(FIELD) > len(cells) - 1 or RECORD in line:
        line = FIELD.join(
            cell.replace(FIELD, NEIGHBOUR).replace(RECORD, NEIGHBOUR) for cell in cells
        )
    return line


def _text(name: str, kind: str) -> str:
    """Return SQL for a column of Parquet as text, as the rules read it; nothing for NULL."""
    column = '"' + name.replace('"', '""') + '"'
    if kind == "TIMESTAMP WITH TIME ZONE":
        text = f"strftime({column} AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ')"
    elif kind.startswith("TIMESTAMP"):
        text = f"strftime({column}::TIMESTAMP, '%Y-%m-%dT%H:%M:%S.%f')"
    elif kind in ("DOUBLE", "FLOAT"):
        # Sums leave 5.989999999999999; more than millionths of anything are not meant.
        text = (
            f"CASE WHEN isnan({column}) THEN '' WHEN abs({column}) < 1e15"
            f" THEN regexp_replace(printf('%.6f', {column}::DOUBLE), '[.]?0+$', '')"
            f" ELSE {column}::VARCHAR END"
        )
    elif kind.startswith("DECIMAL") and not kind.endswith(",0)"):
        text = f"regexp_replace({column}::VARCHAR, '[.]?0+$', '')"
    else:
        text = f"{column}::VARCHAR"
    return f"coalesce({text}, '')"
