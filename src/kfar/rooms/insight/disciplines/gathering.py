"""From rows to arrays: `tables.cells` of everybody, in times; `tables.lines` of one person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import numpy as np

from kfar.rooms.insight.disciplines.places import Compared
from kfar.rooms.insight.disciplines.shrinking import Cells, Ints
from kfar.rooms.insight.disciplines.tables import ALONE, MEASURES

if TYPE_CHECKING:
    import pyarrow as pa


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


def mine(told: pa.Table, categories: Mapping[str, int], compared: Compared) -> dict[str, Cells]:
    """Return what one person did, by measure; of `tables.lines` it takes `KINDS` and `ALONE`.

    `categories` says which place each has; lines in others are left out. The same as `gather`
    says of the person among all, where places are of the same `Compared`.
    """
    (what, names), (unit, units) = (_coded(told[name]) for name in ("category", "unit"))
    place = np.array([categories.get(name, -1) for name in names], np.int64)[what]
    kinds, at = np.unique(what * len(units) + unit, return_inverse=True)
    named = [(names[kind // len(units)], units[kind % len(units)]) for kind in kinds.tolist()]
    prices, packs = (told[name].to_numpy() for name in ("price", "content"))
    values = {name: told[name].to_numpy().astype(np.float64) for name in ALONE}
    values["tier"], values["pack"] = compared.places(named, prices, packs, at)
    found = {}
    for name in MEASURES:
        known = ~np.isnan(values[name]) & (place >= 0)
        category, cell = np.unique(place[known], return_inverse=True)
        of = values[name][known]
        found[name] = Cells(
            person=np.zeros(len(category), np.int64),
            category=category,
            lines=np.bincount(cell, minlength=len(category)).astype(np.float64),
            total=np.bincount(cell, of, len(category)).astype(np.float64),
            squares=np.bincount(cell, of**2, len(category)).astype(np.float64),
            people=1,
            categories=len(categories),
        )
    return found


def _coded(column: pa.ChunkedArray) -> tuple[Ints, list[str]]:
    """Return words as places in a list of those that there are."""
    coded = column.combine_chunks().dictionary_encode()
    return coded.indices.to_numpy().astype(np.int64), coded.dictionary.to_pylist()
