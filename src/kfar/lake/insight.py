"""Insight: the whole table, asked by whatever engine `KFAR_ENGINE` names.

What is asked of everybody is written once, as an Ibis expression on `touches()`:

    table = insight.touches()
    visits = table.group_by("customer").agg(visits=table.occasion.nunique())
    with insight.reading() as session:
        rows = session.ask(visits)
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.conf import settings

from kfar.lake import inbox, table
from kfar.lake.engines import Session, wide
from kfar.lake.touch import COLUMNS, OCCASION

if TYPE_CHECKING:
    from ibis.expr.types import Table

#: What is added to the columns of a touch, since no two engines say it alike.
ADDED = {"occasion": "UUID NOT NULL", "day": "DATE NOT NULL"}

TOUCHES = f"""
CREATE OR REPLACE TEMP VIEW touches AS
SELECT *, {OCCASION} AS occasion, ("at" AT TIME ZONE '{{zone}}')::DATE AS day
FROM (SELECT * FROM settled UNION ALL SELECT * FROM unsettled) AS both_of_them
"""  # noqa: S608 - a constant of ours


@contextmanager
def reading() -> Iterator[Session]:
    """Open a session in which `touches` holds table and inbox, as they are now.

    Beside `COLUMNS` it has `occasion` (`Touch.occasion`) and `day`, the company's. Raises
    `Refused("lake.damaged", file=…)`, `Refused("lake.no_spark")`, `Refused("lake.bucket_away")`.
    """
    with table.lease(), wide().session() as session:
        # The inbox first: a touch that settles meanwhile is then in both, and never in none.
        session.load("fresh", COLUMNS, inbox.fresh())
        session.view("settled", COLUMNS, table.fetched(table.files()))
        # Once a session, so that no question looks at every id of the table again.
        session.run(
            "CREATE OR REPLACE TEMP TABLE unsettled AS"
            " SELECT fresh.* FROM fresh ANTI JOIN settled USING (id)"
        )
        session.run(TOUCHES.format(zone=settings.TIME_ZONE))
        yield session


def touches() -> Table:
    """Return the table that `reading` opens, to build Ibis expressions on."""
    import ibis  # noqa: PLC0415 - takes a while
    from ibis.backends.sql.datatypes import DuckDBType  # noqa: PLC0415

    columns = {
        name: DuckDBType.from_string(kind.removesuffix(" NOT NULL"))
        for name, kind in (COLUMNS | ADDED).items()
    }
    return ibis.table(columns, name="touches")
