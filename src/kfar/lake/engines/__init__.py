"""Engines: what reads and writes sets of touches. One port; DuckDB stands behind it today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol


class Session(Protocol):
    """One conversation with an engine. Its tables and views are its own and end with it.

    Parameters are named, `$name` in SQL. A file that cannot be read is
    `Refused("lake.damaged")`, a disk that takes no more is `Refused("lake.disk_full")`.
    """

    def run(self, sql: str, **params: object) -> None:
        """Run a statement for what it does."""

    def rows(self, sql: str, **params: object) -> list[tuple[Any, ...]]:
        """Return the rows of a query; instants are aware, in UTC."""

    def load(self, name: str, columns: Mapping[str, str], rows: Sequence[Sequence[object]]) -> None:
        """Make the table `name` of `columns` (name to SQL type) from rows in memory."""

    def view(self, name: str, columns: Mapping[str, str], files: Sequence[Path]) -> None:
        """Make the view `name` of Parquet files, all of these columns; without files, empty."""

    def write(self, sql: str, file: Path) -> None:
        """Write the rows of a query, in its order, as Parquet (zstd, ~20,000 rows a group)."""


class Engine(Protocol):
    """Where sessions come from. Any thread may open one; a session stays in its thread."""

    def session(self) -> AbstractContextManager[Session]:
        """Open a session, closed at the end of the `with`."""


def engine() -> Engine:
    """Return this Kfar's engine."""
    from kfar.lake.engines.duck import Duck  # noqa: PLC0415 - only what is used is imported

    return Duck()
