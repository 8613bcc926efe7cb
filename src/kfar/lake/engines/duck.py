"""DuckDB behind the port: two databases in memory a process, one cursor a session."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

import duckdb
import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from kfar.ground import locks
from kfar.ground.errors import Refused
from kfar.lake.engines import Session

if TYPE_CHECKING:
    import pyarrow as pa
    from ibis.expr.types import Table

#: A multiple of DuckDB's vector of 2,048: one customer's timeline is one or two groups.
GROUP = 4_096
#: DuckDB's own size, for files that are soon written anew.
LOOSE = 122_880
#: Of the machine's memory, for each process; what needs more uses the disk.
MEMORY = "25%"

#: Passes of the planner that small questions need: no more is read than what they ask for.
PASSES = {
    "expression_rewriter", "filter_pullup", "filter_pushdown", "limit_pushdown", "top_n",
    "unused_columns",
}  # fmt: skip

FULL = ("no space left", "file too large", "quota exceeded")
ZONED = "TIMESTAMP WITH TIME ZONE"

#: The locks on this process's folders, held to its end.
_locks: list[int] = []


class Duck:
    """The engine."""

    settles = True

    @contextmanager
    def session(self, *, small: bool = False) -> Iterator[Session]:
        """Open a session on one of the process's databases."""
        # By process: a connection does not survive a fork.
        cursor = _database(os.getpid(), _spills(), small).cursor()
        try:
            yield DuckSession(cursor)
        finally:
            cursor.close()


def sweep() -> None:
    """Remove what queries of killed processes did not have room for in memory."""
    for folder in _spills().glob("*"):
        if locks.free(folder):
            shutil.rmtree(folder, ignore_errors=True)


class DuckSession:
    """A session: a cursor with its own temporary tables and views."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection) -> None:
        self.cursor = cursor
        self.files: list[Path] = []

    def run(self, sql: str, **params: object) -> None:
        """Run a statement for what it does."""
        with self._told():
            self.cursor.execute(_parsed(sql), params or None)

    def rows(self, sql: str, **params: object) -> list[tuple[Any, ...]]:
        """Return the rows of a query; instants are aware, in UTC."""
        with self._told():
            found = self.cursor.execute(_parsed(sql), params or None)
            zoned = {i for i, column in enumerate(found.description) if str(column[1]) == ZONED}
            rows = found.fetchall()
        if not zoned:
            return rows
        return [
            tuple(
                value.replace(tzinfo=UTC) if i in zoned and value is not None else value
                for i, value in enumerate(row)
            )
            for row in rows
        ]

    def ask(self, table: Table) -> list[tuple[Any, ...]]:
        """Return the rows of an Ibis expression."""
        return self.rows(_sql(table.op()))

    def arrow(self, table: Table) -> pa.Table:
        """Return the rows of an Ibis expression as Arrow."""
        import pyarrow as pa  # noqa: PLC0415 - takes a while

        with self._told():
            found = self.cursor.sql(_sql(table.op())).to_arrow_table()
        # A sum of BIGINT is a HUGEINT, for which Arrow has a decimal alone.
        whole = [
            field.with_type(pa.int64()) if pa.types.is_decimal(field.type) else field
            for field in found.schema
        ]
        return found.cast(pa.schema(whole))

    def keep(self, name: str, table: Table) -> Table:
        """Make a table of what an Ibis expression asks."""
        import ibis  # noqa: PLC0415 - takes a while

        self.run(f"CREATE OR REPLACE TEMP TABLE {name} AS {_sql(table.op())}")
        return ibis.table(table.schema(), name=name)

    def arrays(self, sql: str, **params: object) -> list[NDArray[np.uint64]]:
        """Return columns as arrays."""
        with self._told():
            found = self.cursor.execute(_parsed(sql), params or None).fetchnumpy()
        return cast("list[NDArray[np.uint64]]", list(found.values()))

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

    def view(self, name: str, columns: Mapping[str, str], files: Collection[Path]) -> None:
        """Make a view of Parquet files."""
        self.run(f"CREATE OR REPLACE TEMP VIEW {name} AS {self._of(columns, files)}")

    def table(
        self, name: str, columns: Mapping[str, str], files: Collection[Path], where: str
    ) -> None:
        """Make a table of rows of Parquet files, without a view, which takes a millisecond."""
        rows = f"SELECT * FROM ({self._of(columns, files)}) WHERE {where}"  # noqa: S608 - ours
        self.run(f"CREATE OR REPLACE TEMP TABLE {name} AS {rows}")

    def _of(self, columns: Mapping[str, str], files: Collection[Path]) -> str:
        """Return the query of Parquet files: those of one width together, which is fast."""
        self.files.extend(files)
        known = files if isinstance(files, Mapping) else {}
        widths: dict[int, list[str]] = {0: []} if not files else {}
        for file in files:
            quoted = widths.setdefault(known.get(file, len(columns)), [])
            quoted.append("'" + str(file).replace("'", "''") + "'")
        selects = []
        for width, quoted in widths.items():
            missing = [
                f'NULL::{kind.removesuffix(" NOT NULL")} AS "{column}"'
                for column, kind in list(columns.items())[width:]
            ]
            # A star: to parse the names of all columns takes a quarter of a millisecond.
            shown = ", ".join(["*", *missing] if quoted else missing)
            source = f"FROM read_parquet([{', '.join(quoted)}])" if quoted else "WHERE false"
            selects.append(f"SELECT {shown} {source}")
        return " UNION ALL ".join(selects)

    def write(self, sql: str, file: Path, *, loose: bool = False) -> None:
        """Write Parquet."""
        target = str(file).replace("'", "''")
        packed, group = ("lz4_raw", LOOSE) if loose else ("zstd", GROUP)
        self.run(
            f"COPY ({sql}) TO '{target}'"
            f" (FORMAT parquet, COMPRESSION {packed}, ROW_GROUP_SIZE {group})"
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


@lru_cache(maxsize=256)
def _sql(operation: Any) -> str:
    """Return what an Ibis expression asks, in SQL; that takes longer than to ask it of little."""
    import ibis  # noqa: PLC0415 - takes a while, and what settles touches needs none

    return str(ibis.to_sql(operation.to_expr(), dialect="duckdb"))


@lru_cache(maxsize=256)
def _parsed(sql: str) -> duckdb.Statement:
    """Return a statement, to be run in any session; of a small question, that is a third."""
    statement: duckdb.Statement
    [statement] = duckdb.extract_statements(sql)
    return statement


@lru_cache(maxsize=2)
def _database(pid: int, spills: Path, small: bool) -> duckdb.DuckDBPyConnection:
    """Return the process's database for small questions or for others.

    It is in memory, and nothing is fetched from outside. For small ones, a second thread and
    most passes of the planner cost more than they gain.
    What has no room in memory goes to a folder of the process's own, locked while it lives.
    """
    sweep()
    spill = spills / f"{pid}-{uuid4().hex}"
    _locks.append(locks.take_folder(spill))
    database = duckdb.connect(
        config={
            "threads": 1 if small else 2,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "temp_directory": str(spill),
        }
    )
    database.execute("SET GLOBAL TimeZone = 'UTC'")
    database.execute("SET GLOBAL parquet_metadata_cache = true")  # files never change
    database.execute(f"SET GLOBAL memory_limit = '{MEMORY}'")
    if small:
        passes = {name for (name,) in database.execute("FROM duckdb_optimizers()").fetchall()}
        database.execute(f"SET GLOBAL disabled_optimizers = '{','.join(passes - PASSES)}'")
    return database


def _spills() -> Path:
    folder: Path = settings.KFAR_DATA_DIR / "lake" / "spill"
    return folder


def _sound(file: Path) -> bool:
    """Return whether every value of a Parquet file can be read."""
    try:
        with duckdb.connect() as alone:
            alone.execute("SELECT count(COLUMNS(*)) FROM read_parquet($f)", {"f": str(file)})
            alone.fetchall()
    except duckdb.Error:
        return False
    return True
