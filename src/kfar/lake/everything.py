"""Everything: all touches of one customer, one after the other, however many there are."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from uuid import UUID

from kfar.lake.table import reading
from kfar.lake.touch import COLUMNS, NAMES, Touch

#: Touches in memory at once.
PAGE = 1000


def everything(customers: Collection[UUID]) -> Iterator[Touch]:
    """Yield all touches of a customer, under all of their ids, the oldest first.

    The table is read as it is when the first one is asked for. Raises `Refused("lake.damaged")`.
    """
    with reading(customers) as session:
        after: Touch | None = None
        while True:
            rows = session.rows(
                f"""SELECT {NAMES} FROM touches
                WHERE $at IS NULL OR ("at", id) > ($at::TIMESTAMPTZ, $id::UUID)
                ORDER BY "at", id LIMIT {PAGE}""",  # noqa: S608 - constants of ours
                at=after and after.at,
                id=after and after.id,
            )
            for row in rows:
                after = Touch(**dict(zip(COLUMNS, row, strict=True)))
                yield after
            if len(rows) < PAGE:
                return
