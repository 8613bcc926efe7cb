"""DuckDB behind the port: one database in memory a process, one cursor a session."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from kfar.ground.errors import Refused
from kfar.lake.engines import Session

if TYPE_CHECKING:
    from ibis.expr.types import Table

#: A multiple of DuckDB's vector of 2,048: one customer's timeline is one or two groups.
GROUP = 20_480

FULL = ("no space left", "file too large", "quota exceeded")
ZONED = "TIMESTAMP WITH TIME ZONE"


class Duck:
    """The engine."""

    settles = True

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Open a session on the process's database."""
        # By process: a connection does not survive a fork.
        cursor = _database(os.getpid()).cursor()
        try:
            cursor.execute("SET TimeZone = 'UTC'")
            yield DuckSession(cursor)
        finally:
            cursor.close()


class DuckSession:
    """A session: a cursor with its own temporary tables and views."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection) -> None:
        self.cursor = cursor
        self.files: list[Path] = []

    def run(self, sql: str, **params: object) -> None:
        """Run a statement for what it does."""
        with self._told():
            self.cursor.execute(sql, params or None)

    def rows(self, sql: str, **params: object) -> list[tuple[Any, ...]]:
        """Return the rows of a query; instants are aware, in UTC."""
        with self._told():
            found = self.cursor.sql(sql, params=params or None)
            zoned = [i for i, kind in enumerate(found.types) if str(kind) == ZONED]
            if not zoned:
                return found.fetchall()
            # DuckDB would ask for pytz; so they leave as UTC without a zone and get it here.
            columns = ['"' + name.replace('"', '""') + '"' for name in found.columns]
            for i in zoned:
                columns[i] += f" AT TIME ZONE 'UTC' AS {columns[i]}"
            rows = found.project(", ".join(columns)).fetchall()
        return [
            tuple(
                value.replace(tzinfo=UTC) if i in zoned and value is not None else value
                for i, value in enumerate(row)
            )
            for row in rows
        ]

    def ask(self, table: Table) -> list[tuple[Any, ...]]:
        """Return the rows of an Ibis expression."""
        import ibis  # noqa: PLC0415 - an extra

        return self.rows(str(ibis.to_sql(table, dialect="duckdb")))

    def load(self, name: str, columns: Mapping[str, str], rows: Sequence[Sequence[object]]) -> None:
        """Make a table from rows in memory: a list a column, unnested together."""
        parts = [
            f'unnest($c{i}::{kind.removesuffix(" NOT NULL")}[]) AS "{column}"'
            for i, (column, kind) in enumerate(columns.items())
        ]
        lists = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
        self.run(
            f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT {', '.join(parts)}",
            **{f"c{i}": list(values) for i, values in enumerate(lists)},
        )

    def view(self, name: str, columns: Mapping[str, str], files: Sequence[Path]) -> None:
        """Make a view of Parquet files."""
        self.files.extend(files)
        names = ", ".join(f'"{column}"' for column in columns)
        if files:
            quoted = ", ".join("'" + str(file).replace("'", "''") + "'" for file in files)
            select = f"SELECT {names} FROM read_parquet([{quoted}])"  # noqa: S608
        else:
            nulls = (
                f'NULL::{kind.removesuffix(" NOT NULL")} AS "{column}"'
                for column, kind in columns.items()
            )
            select = f"SELECT {', '.join(nulls)} WHERE false"
        self.run(f"CREATE OR REPLACE TEMP VIEW {name} AS {select}")

    def write(self, sql: str, file: Path) -> None:
        """Write Parquet."""
        target = str(file).replace("'", "''")
        self.run(
            f"COPY ({sql}) TO '{target}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {GROUP})"
        )

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Say what DuckDB found in Kfar's own codes, where it is no fault of the program."""
        try:
            yield
        except duckdb.Error as error:
            if isinstance(error, (duckdb.FatalException, duckdb.InternalException)):
                _database.cache_clear()  # it answers no more; the next session starts anew
            if any(words in str(error).lower() for words in FULL):
                raise Refused("lake.disk_full") from error
            damaged = next((file for file in self.files if not _sound(file)), None)
            if damaged is not None:
                raise Refused("lake.damaged", file=damaged.name) from error
            raise


@cache
def _database(pid: int) -> duckdb.DuckDBPyConnection:
    """Return the process's database: in memory, nothing fetched from outside."""
    return duckdb.connect(
        config={
            "threads": 2,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "temp_directory": str(Path(tempfile.gettempdir()) / f"kfar-{pid}"),
        }
    )


def _sound(file: Path) -> bool:
    """Return whether every value of a Parquet file can be read."""
    try:
        with duckdb.connect() as alone:
            alone.execute("SELECT count(COLUMNS(*)) FROM read_parquet($f)", {"f": str(file)})
            alone.fetchall()
    except duckdb.Error:
        return False
    return True
