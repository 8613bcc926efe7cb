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
    """Return customer, category, occasion and day of all that was bought, once a visit each.

    A visit that goes on over midnight is of its first day.
    """
    bought = touches.filter(
        touches.kind == "purchase", touches.paid > 0, touches.category.notnull()
    )
    days = bought.group_by("occasion").agg(day=bought.day.min())
    once = bought.select("customer", "category", "occasion").distinct()
    return once.inner_join(days, "occasion").select("customer", "category", "occasion", "day")


def history(
    rows: Iterable[Sequence[Any]], categories: Sequence[str] | None = None
) -> tuple[list[UUID], tuple[str, ...], History]:
    """Return the customers, the categories and the history of rows of `baskets`.

    Both ascending; the history's numbers are places in them, its days ordinals. What is not of
    `categories`, where they are given, is left out.
    """
    told = list(rows)
    names = tuple(sorted({row[1] for row in told})) if categories is None else tuple(categories)
    what = {name: n for n, name in enumerate(names)}
    told = [row for row in told if row[1] in what]
    people = sorted({row[0] for row in told})
    who = {person: n for n, person in enumerate(people)}
    visits = {visit: n for n, visit in enumerate(sorted({row[2] for row in told}))}
    columns = np.array(
        [(who[p], what[c], day.toordinal(), visits[v]) for p, c, v, day in told], np.int64
    ).reshape(-1, 4)
    person, category, day, visit = columns.T
    return people, names, History(person, category, day, visit, len(people), len(names))
