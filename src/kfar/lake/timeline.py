"""The timeline: what one customer and the company had to do with each other."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from kfar.lake.table import reading
from kfar.lake.touch import COLUMNS, NAMES, OCCASION, Touch


def timeline(
    customers: Collection[UUID], *, before: tuple[datetime, UUID] | None = None, most: int
) -> list[Touch]:
    """Return the touches of a customer's `most` latest occasions, newest occasion first.

    `customers` are all of the customer's ids.
    An occasion is a basket with all its lines, or one other touch alone (`Touch.occasion`);
    its time is that of its latest touch. The touches of an occasion stand together, by time,
    then product. Give `(time, occasion)` of the last one as `before` for those that follow:
    nothing is shown twice or left out, whatever happens meanwhile.
    Raises `Refused("lake.damaged")`.
    """
    with reading(customers) as session:
        rows = session.rows(
            f"""
            WITH keyed AS (SELECT *, {OCCASION} AS occasion FROM touches),
            occasions AS (
                SELECT occasion, max("at") AS latest FROM keyed GROUP BY occasion
                HAVING $at IS NULL OR (latest, occasion) < ($at::TIMESTAMPTZ, $occasion::UUID)
                ORDER BY latest DESC, occasion DESC LIMIT $most
            )
            SELECT {NAMES} FROM keyed JOIN occasions USING (occasion)
            ORDER BY latest DESC, occasion DESC, "at", product_name, id
            """,  # noqa: S608 - constants of ours
            at=before and before[0],
            occasion=before and before[1],
            most=most,
        )
    return [_touch(row) for row in rows]


def touch(customers: Collection[UUID], touch_id: UUID) -> Touch | None:
    """Return one touch of a customer; None where it is not there, or not this customer's."""
    with reading(customers) as session:
        rows = session.rows(f"SELECT {NAMES} FROM touches WHERE id = $id", id=touch_id)  # noqa: S608
    return _touch(rows[0]) if rows else None


def _touch(row: tuple[Any, ...]) -> Touch:
    return Touch(**dict(zip(COLUMNS, row, strict=True)))
