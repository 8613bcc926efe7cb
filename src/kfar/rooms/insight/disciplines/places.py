"""Where a price or a pack stands among all that was bought in its category, in the same unit.

The place of a value is the share of lines below it and half of those that equal it: its mid-rank,
0 the least and 1 the top (Bross, "How to use ridit analysis", Biometrics 14, 1958). What is kept
of a category is a grid of values with their places; between two of them the place is on the line.
So it says the same of one person's lines alone as of everybody's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from kfar.rooms.insight.disciplines.shrinking import Ints
from kfar.rooms.insight.figures import Floats

#: Points of a grid at most. A category with fewer values than that is kept as it is.
POINTS = 200

#: Category, unit, value, and how many lines have it.
Bought = tuple[str, str, float, float]
#: Category, unit, price and content, 0.0 where unknown: `tables.KINDS`.
Kind = tuple[str, str, float, float]


@dataclass(frozen=True, eq=False)
class Places:
    """A grid for each category and unit: `names`, and `values` ascending with their `place`.

    That of the n-th name stands from `starts[n]` to `starts[n + 1]`.
    """

    names: tuple[tuple[str, str], ...]
    starts: Ints
    values: Floats
    place: Floats

    @cached_property
    def at(self) -> dict[tuple[str, str], int]:
        """Which name stands where."""
        return {name: n for n, name in enumerate(self.names)}

    def of(
        self, names: Sequence[tuple[str, str]], values: Floats, at: Ints | None = None
    ) -> Floats:
        """Return the places of `values` (lines,), each in its category and unit.

        `names` are the lines', or `at` (lines,) says which of them each line has. NaN where
        nothing was bought of the kind, and of NaN.
        """
        place = np.array([self.at.get(name, -1) for name in names], np.int64)
        place = place if at is None else place[at]
        found = np.full(len(values), np.nan)
        order = np.argsort(place, kind="stable")
        ends = np.flatnonzero(np.diff(place[order], prepend=-2, append=-3))
        for first, last in pairwise(ends):
            lines = order[first:last]
            n = place[lines[0]]
            if n >= 0:
                grid = slice(self.starts[n], self.starts[n + 1])
                known = values[lines]
                found[lines] = np.interp(known, self.values[grid], self.place[grid], 0, 1)
        return found


@dataclass(frozen=True, eq=False)
class Compared:
    """With what the lines of one person are compared: what all bought.

    `basket` is of how many lines one is on the average, `tier` and `pack` the places of prices
    and of pack sizes.
    """

    basket: float
    tier: Places
    pack: Places

    def of(self, kinds: Sequence[Kind]) -> tuple[Floats, Floats]:
        """Return the places of prices and of packs, (lines,) each; NaN unknown."""
        prices, packs = np.array([kind[2:] for kind in kinds], np.float64).reshape(-1, 2).T
        return self.places([kind[:2] for kind in kinds], prices, packs)

    def places(
        self,
        names: Sequence[tuple[str, str]],
        prices: Floats,
        packs: Floats,
        at: Ints | None = None,
    ) -> tuple[Floats, Floats]:
        """Return the same; which of `names` each line has, `at` says as in `Places.of`."""
        tier, pack = (np.where(values > 0, values, np.nan) for values in (prices, packs))
        return self.tier.of(names, tier, at), self.pack.of(names, pack, at)

    def rows(self, kinds: Sequence[Kind]) -> list[tuple[object, ...]]:
        """Return the rows of `tables.PLACES`: each kind with its places, None unknown."""
        tier, pack = ([None if x != x else x for x in one.tolist()] for one in self.of(kinds))  # noqa: PLR0124 - NaN
        return [(*kind, *both) for kind, *both in zip(kinds, tier, pack, strict=True)]


def compared(basket: float, offers: Sequence[tuple[str, str, float, float, int]]) -> Compared:
    """Return what to compare with, by the rows of `tables.offers`."""
    return Compared(
        basket=basket,
        tier=places((c, unit, price, lines) for c, unit, price, _, lines in offers if price > 0),
        pack=places((c, unit, pack, lines) for c, unit, _, pack, lines in offers if pack > 0),
    )


def places(rows: Iterable[Bought], points: int = POINTS) -> Places:
    """Return the places of everything in `rows`, which name each value of a kind once or more."""
    kinds: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for category, unit, value, lines in rows:
        kinds.setdefault((category, unit), []).append((value, lines))
    names = tuple(sorted(kinds))
    grids = [_grid(np.array(kinds[name], np.float64), points) for name in names]
    sizes = [len(values) for values, _ in grids]
    none = np.zeros(0)
    return Places(
        names=names,
        starts=np.cumsum([0, *sizes]).astype(np.int64),
        values=np.concatenate([none, *(values for values, _ in grids)]),
        place=np.concatenate([none, *(place for _, place in grids)]),
    )


def _grid(rows: Floats, points: int) -> tuple[Floats, Floats]:
    """Return values and places of (values, 2) with their lines; of many, some at even places."""
    values, same = np.unique(rows[:, 0], return_inverse=True)
    lines = np.bincount(same, rows[:, 1])
    place = (np.cumsum(lines) - lines / 2) / lines.sum()
    if len(values) <= points:
        return values, place
    wanted = np.searchsorted(place, np.linspace(place[0], place[-1], points))
    some = np.unique(np.clip(wanted, 0, len(values) - 1))
    return values[some], place[some]
