"""The inbox: touches as they happen, one row each, in the transaction of what they tell of."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from kfar.lake.models import Touchpoint
from kfar.lake.touch import COLUMNS, Touch


def put(touch: Touch) -> None:
    """Keep a touch. The same id twice is one touch: the first stays.

    It is kept with the caller's transaction, or not at all.
    """
    put_rows([tuple(vars(touch).values())])


def put_rows(rows: Sequence[Sequence[object]]) -> None:
    """Keep touches given as rows of `COLUMNS`; like `put`, for many."""
    kept = [
        Touchpoint(
            **{
                name: "" if value is None and kind == "VARCHAR" else value
                for (name, kind), value in zip(COLUMNS.items(), row, strict=True)
            }
        )
        for row in rows
    ]
    Touchpoint.objects.bulk_create(kept, ignore_conflicts=True, batch_size=1000)


def fresh(customers: Collection[UUID] | None = None) -> list[tuple[object, ...]]:
    """Return the inbox (of these customers, or all) as rows of `COLUMNS`, in no order."""
    touches = Touchpoint.objects.all()
    if customers is not None:
        touches = touches.filter(customer__in=customers)
        if not touches.exists():  # as mostly; to ask for all the columns takes thrice as long
            return []
    rows = touches.values_list(*COLUMNS)
    return [tuple(None if value == "" else value for value in row) for row in rows]


def remove(ids: Sequence[UUID]) -> None:
    """Take touches out of the inbox."""
    for start in range(0, len(ids), 1000):
        Touchpoint.objects.filter(pk__in=ids[start : start + 1000]).delete()
