"""From rows to arrays: `tables.cells` of everybody, in times; `tables.lines` of one person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np

from kfar.rooms.insight.disciplines.places import Compared
from kfar.rooms.insight.disciplines.shrinking import Cells
from kfar.rooms.insight.disciplines.tables import ALONE, KINDS, MEASURES


@dataclass(frozen=True, eq=False)
class Gathered:
    """Whose places in `Cells.person` and `Cells.category` are which, and `times` by measure.

    A measure of which nothing is known in a time (nobody said whose label it is) has no cells.
    """

    customers: tuple[UUID | int, ...]
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


def mine(
    rows: Sequence[tuple[Any, ...]], categories: Mapping[str, int], compared: Compared
) -> dict[str, Cells]:
    """Return what one person did, by measure; a row has `KINDS` and `ALONE` of `tables.lines`.

    `categories` says which place each has; lines in others are left out. The same as `gather`
    says of the person among all, where places are of the same `Compared`.
    """
    known = [row for row in rows if row[0] in categories]
    at = np.array([categories[row[0]] for row in known], np.int64)
    tier, pack = compared.of([row[: len(KINDS)] for row in known])
    alone = np.array([row[len(KINDS) :] for row in known], np.float64).reshape(-1, len(ALONE))
    values = {**dict(zip(ALONE, alone.T, strict=True)), "tier": tier, "pack": pack}
    found = {}
    for name in MEASURES:
        told = ~np.isnan(values[name])
        category, place = np.unique(at[told], return_inverse=True)
        of = values[name][told].astype(np.float64)
        found[name] = Cells(
            person=np.zeros(len(category), np.int64),
            category=category,
            lines=np.bincount(place, minlength=len(category)).astype(np.float64),
            total=np.bincount(place, of, len(category)).astype(np.float64),
            squares=np.bincount(place, of**2, len(category)).astype(np.float64),
            people=1,
            categories=len(categories),
        )
    return found
