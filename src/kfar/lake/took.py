"""How long things took, told by the database; an index on it has them in order."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import DurationField, Func, QuerySet
from django.db.models.sql.compiler import SQLCompiler


class Took(Func):
    """The time from one moment to a later one: to the millisecond on SQLite.

    Subtracted as Django does, SQLite would ask Python for each row, and could not index it.
    """

    template = "(%(expressions)s)"
    arg_joiner = " - "
    output_field = DurationField()

    def __init__(self, since: str, until: str) -> None:
        super().__init__(until, since)

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any
    ) -> tuple[str, tuple[str | int, ...]]:
        """Return it in microseconds, as Django keeps durations there."""
        days = "julianday(%(expressions)s)"
        return super().as_sql(
            compiler,
            connection,
            template=f"(CAST(ROUND(({days}) * 86400000) AS INTEGER) * 1000)",
            arg_joiner=") - julianday(",
        )


def middle(rows: QuerySet[Any], since: str, until: str, many: int) -> timedelta | None:
    """Return the middle time from `since` to `until` of so many rows (of two: their mean).

    None where there are none.
    """
    if not many:
        return None
    took = rows.annotate(took=Took(since, until)).order_by("took").values_list("took", flat=True)
    found: list[timedelta] = list(took[(many - 1) // 2 : many // 2 + 1])
    return sum(found, timedelta()) / len(found)
