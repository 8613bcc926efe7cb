"""Settling: touches move from the inbox to the table, each exactly once."""

from __future__ import annotations

from uuid import UUID

from kfar.lake import inbox, table
from kfar.lake.engines import engine
from kfar.lake.models import Touchpoint
from kfar.lake.touch import COLUMNS

#: Fewer stay in the inbox: a table of many small files is slow to read.
ENOUGH = 10_000


def settle(*, enough: int = ENOUGH) -> int:
    """Move the inbox to the table once `enough` touches wait in it; return how many moved.

    Their file enters the catalogue in the transaction that takes them out of the inbox, so a
    process killed anywhere leaves each in one of the two. Touches that come meanwhile stay
    for the next time. Raises `Refused("lake.disk_full")`; then all stay where they are.
    """
    if Touchpoint.objects.count() < enough:
        return 0
    # Alone from the reading on: what is erased in between must not come back.
    with table.alone(), engine().session() as session:
        rows = inbox.fresh()
        place = list(COLUMNS).index("id")
        ids = [UUID(str(row[place])) for row in rows]
        session.load("settling", COLUMNS, rows)
        table.append(
            session,
            select="SELECT * FROM settling",
            along=lambda: inbox.remove(ids),
        )
    return len(rows)
