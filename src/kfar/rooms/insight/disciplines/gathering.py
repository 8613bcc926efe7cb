"""From the rows of `tables.cells` to arrays, the same people and categories in every time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np

from kfar.rooms.insight.disciplines.shrinking import Cells
from kfar.rooms.insight.disciplines.tables import MEASURES


@dataclass(frozen=True, eq=False)
class Gathered:
    """Whose places in `Cells.person` and `Cells.category` are which, and `times` by measure.

    A measure of which nothing is known in a time (nobody said whose label it is) has no cells.
    """

    customers: tuple[UUID, ...]
    categories: tuple[str, ...]
    times: tuple[dict[str, Cells], ...]


def gather(times: Sequence[Sequence[tuple[Any, ...]]]) -> Gathered:
    """Return what was done in each of `times`, the rows of `tables.cells` for it."""
    customers = sorted({row[0] for rows in times for row in rows})
    categories = sorted({row[1] for rows in times for row in rows})
    person, category = ({key: n for n, key in enumerate(of)} for of in (customers, categories))
    gathered = []
    for rows in times:
        who = np.array([person[row[0]] for row in rows], np.int64)
        what = np.array([category[row[1]] for row in rows], np.int64)
        sums = np.array([row[2:] for row in rows], np.float64).reshape(len(rows), len(MEASURES), 3)
        by_measure = {}
        for n, name in enumerate(MEASURES):
            known = sums[:, n, 0] > 0
            lines, total, squares = sums[known, n].T
            by_measure[name] = Cells(
                person=who[known],
                category=what[known],
                lines=lines,
                total=total,
                squares=squares,
                people=len(customers),
                categories=len(categories),
            )
        gathered.append(by_measure)
    return Gathered(tuple(customers), tuple(categories), tuple(gathered))
