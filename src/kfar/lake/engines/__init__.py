"""Engines: what reads and writes sets of touches. One port; DuckDB and Spark stand behind it.

Touches settle with DuckDB, on the machine of the gate, and it opens one person's pages. What
is asked of the whole table is asked of the engine that `KFAR_ENGINE` names.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from django.conf import settings

from kfar.ground.errors import Refused

if TYPE_CHECKING:
    import pyarrow as pa
    from ibis.expr.types import Table

import numpy as np
from numpy.typing import NDArray


class Session(Protocol):
    """One conversation with an engine. Its tables and views are its own and end with it.

    SQL is DuckDB's, and its parameters are named, `$name`; another engine has it translated. An
    id (UUID) is counted, compared and joined by, and stays an id. A file that cannot be read is
    `Refused("lake.damaged")`, a disk that takes no more is `Refused("lake.disk_full")`.
    """

    def run(self, sql: str, **params: object) -> None:
        """Run a statement for what it does."""

    def rows(self, sql: str, **params: object) -> list[tuple[Any, ...]]:
        """Return the rows of a query; instants are aware, in UTC."""

    def ask(self, table: Table) -> list[tuple[Any, ...]]:
        """Return the rows of an Ibis expression over this session's tables, as `rows` does."""

    def arrow(self, table: Table) -> pa.Table:
        """Return the rows of an Ibis expression as an Arrow table: text, numbers and days.

        Engines have no one type for an id there, so none is asked for.
        """

    def keep(self, name: str, table: Table) -> Table:
        """Make the table `name` of what an Ibis expression asks; return it, to build others on."""

    def load(self, name: str, columns: Mapping[str, str], rows: Sequence[Sequence[object]]) -> None:
        """Make the table `name` of `columns` (name to SQL type) from rows in memory."""

    def arrays(self, sql: str, **params: object) -> list[NDArray[np.uint64]]:
        """Return the columns of a query, each of UBIGINT without NULL, as arrays.

        Where touches settle alone.
        """

    def view(self, name: str, columns: Mapping[str, str], files: Collection[Path]) -> None:
        """Make the view `name` of Parquet files; without files, empty.

        A mapping says of each file how many of the columns it has: the first ones; the others
        are NULL. Other files have them all.
        """

    def table(
        self, name: str, columns: Mapping[str, str], files: Collection[Path], where: str
    ) -> None:
        """Make the table `name` of those rows of Parquet files, as `view` shows them, that fit.

        `where` is a condition in SQL.
        """

    def write(self, sql: str, file: Path, *, loose: bool = False) -> None:
        """Write the rows of a query, in its order, as Parquet: zstd, ~4,000 rows a group.

        `loose` is quicker to write, larger, and slower to look something up in.
        """


class Engine(Protocol):
    """Where sessions come from. Any thread may open one; a session stays in its thread.

    `settles` says whether rows can be added and deleted with it. Where not, `run` makes and
    drops temporary tables and views, and nothing else.
    """

    settles: bool

    def session(self, *, small: bool = False) -> AbstractContextManager[Session]:
        """Open a session, closed at the end of the `with`.

        With `small`, for questions about few rows, which take longer to plan than to answer.
        """


def engine() -> Engine:
    """Return the engine with which touches settle, and which opens one person's pages."""
    from kfar.lake.engines.duck import Duck  # noqa: PLC0415 - only what is used is imported

    return Duck()


def sweep() -> None:
    """Remove what engines of processes that were killed have left in the data directory."""
    from kfar.lake.engines.duck import sweep  # noqa: PLC0415

    sweep()


def wide() -> Engine:
    """Return the engine for what is asked of the whole table: `KFAR_ENGINE`.

    Raises `Refused("lake.no_spark")` where it is Spark and the extra is not installed.
    """
    if settings.KFAR_ENGINE == "duckdb":
        return engine()
    try:
        from kfar.lake.engines.spark import Spark  # noqa: PLC0415
    except ImportError as error:
        raise Refused("lake.no_spark") from error
    return Spark("local[*]" if settings.KFAR_ENGINE == "spark" else settings.KFAR_ENGINE)
