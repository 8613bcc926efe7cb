"""Which category was bought on which visit, from the lake: one expression for every engine.

What `history.History` is made of; market baskets as in Agrawal, Imieliński and Swami (1993).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

import numpy as np

from kfar.rooms.insight.next_best.history import History

if TYPE_CHECKING:
    from ibis.expr.types import Table


def baskets(touches: Table) -> Table:
    """Return one row a visit with a purchase: customer, occasion, day, `categories` (a list).

    Each category of it once. A visit that goes on over midnight is of its first day.
    """
    bought = touches.filter(
        touches.kind == "purchase", touches.paid > 0, touches.category.notnull()
    )
    return bought.group_by("customer", "occasion").agg(
        day=bought.day.min(), categories=bought.category.collect(distinct=True)
    )


def history(
    rows: Iterable[tuple[Any, ...]], categories: Sequence[str] | None = None
) -> tuple[list[UUID], tuple[str, ...], History]:
    """Return the customers, the categories and the history of rows of `baskets`.

    Both ascending; the history's numbers are places in them, its days ordinals. What is not of
    `categories`, where they are given, is left out.
    """
    told = [(who, day.toordinal(), frozenset(bought)) for who, _, day, bought in sorted(rows)]
    if categories is None:
        categories = sorted(frozenset().union(*(bought for _, _, bought in told)))
    names = tuple(categories)
    what = {name: n for n, name in enumerate(names)}
    told = [(who, day, bought) for who, day, bought in told if not bought.isdisjoint(what)]
    people = sorted({who for who, _, _ in told})
    place = {who: n for n, who in enumerate(people)}
    columns = np.array(
        [
            (place[who], what[name], day, visit)
            for visit, (who, day, bought) in enumerate(told)
            for name in bought
            if name in what
        ],
        np.int64,
    ).reshape(-1, 4)
    person, category, day, visit = columns.T
    return people, names, History(person, category, day, visit, len(people), len(names))
