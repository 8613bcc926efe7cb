"""Groups of people who stand near one another.

K-means (Lloyd 1982) for 2 to 5 groups over the people's places; the silhouette (Rousseeuw,
"Silhouettes", 1987) says how many. As in Polis (Small et al. 2021; `clusters.clj`), a hundred
base clusters stand for the people where all pairs would be too many, the last refresh's
centres are where the next begins, and their number changes only after another has been
better for several refreshes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import permutations
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from kfar.rooms.decisions.consulting.votes import Floats, Ints

Real = TypeVar("Real", np.float32, np.float64)

#: Base clusters, and how often their centres are moved: near is enough.
BASE, BASE_STEPS = 100, 8
#: Groups at most; a base this much larger allows one more.
MOST, FOR_ONE_MORE = 5, 12
#: Starts that are tried for each number of groups, and steps after which one ends anyway.
STARTS, STEPS = 12, 300
#: The last centres are left only for such as stand this much nearer to the people (sum of squares).
BETTER = 0.9
#: Refreshes in which another number of groups has to be better, one after the other.
PATIENCE = 4


@dataclass(frozen=True)
class Kept:
    """What one refresh hands to the next.

    `centres` of the groups for each number of groups tried, in the order of the groups'
    numbers; `groups` is the number in use, `leading` the one that was best in the last
    `streak` refreshes.
    """

    centres: Mapping[int, tuple[tuple[float, ...], ...]] = field(default_factory=dict)
    groups: int = 0
    leading: int = 0
    streak: int = 0

    def carried(self, matrix: Floats) -> Kept:
        """Return the same with the centres in a new space, by `Space.carried`."""
        moved = {k: _rows(np.array(rows) @ matrix) for k, rows in self.centres.items()}
        return Kept(moved, self.groups, self.leading, self.streak)


@dataclass(frozen=True, eq=False)
class Base:
    """A hundred places that stand for all: `places` (base, dimensions), `people` at each."""

    places: Floats
    people: Ints


@dataclass(frozen=True, eq=False)
class Groups:
    """Who belongs together.

    `of` has a group's number from 0 for each place; `centres` has shape (groups, dimensions);
    `base` stands for the places, `base_of` has the group of each; `silhouettes` by number of
    groups, in -1 … +1. There are no groups where fewer than two places differ.
    """

    of: Ints
    centres: Floats
    base: Base
    base_of: Ints
    silhouettes: Mapping[int, float]
    kept: Kept


def group(places: Floats, previous: Kept | None = None) -> Groups:
    """Find the groups of `places`, shape (people, dimensions), in any order.

    Deterministic, and the same places after themselves give the same groups. Groups are
    numbered by size, the largest first; with `previous`, as those that stood nearest to them.
    """
    previous = previous or Kept()
    base = _base(places)
    most = min(MOST, 2 + len(base.people) // FOR_ONE_MORE, len(base.people))
    found: dict[int, Floats] = {}
    for groups in range(2, most + 1):
        centres = _settled(places, _start(base, groups, previous.centres.get(groups)))
        if len(np.unique(_nearest(places, centres))) == groups:
            found[groups] = centres
    if not found:
        nowhere = np.full(len(base.people), -1)
        return Groups(
            np.full(len(places), -1), np.empty((0, places.shape[1])), base, nowhere, {}, previous
        )
    marks = {k: silhouette(base, _nearest(base.places, c)) for k, c in found.items()}
    best = max(marks, key=lambda k: (round(marks[k], 9), -k))
    streak = previous.streak + 1 if best == previous.leading else 1
    steady = previous.groups in found and streak < PATIENCE
    chosen = previous.groups if steady else best
    before = np.array(previous.centres.get(previous.groups, ()))
    found[chosen] = centres = _named(places, found[chosen], before)
    kept = Kept({k: _rows(c) for k, c in found.items()}, chosen, best, streak)
    of, base_of = _nearest(places, centres), _nearest(base.places, centres)
    return Groups(of, centres, base, base_of, marks, kept)


def silhouette(base: Base, of: NDArray[np.integer]) -> float:
    """Return the mean silhouette of all people, each standing at their place in `base`.

    With a the mean distance to the others of the own group and b that to the nearest other
    group, a person's is (b - a) / max(a, b); 0 for who is alone in a group. `of` is the
    group of each place; there have to be two at least.
    """
    member = (of[:, np.newaxis] == np.unique(of)) * base.people[:, np.newaxis]
    gaps = base.places[:, np.newaxis] - base.places
    sums = np.sqrt((gaps**2).sum(axis=2)) @ member
    size, own = member.sum(axis=0), member > 0
    others = (size[np.newaxis] * own).sum(axis=1) - 1
    near = (sums * own).sum(axis=1) / np.maximum(others, 1)
    far = np.where(own, np.inf, sums / size).min(axis=1)
    most = np.where(others > 0, np.maximum(far, near), 0)
    mark = np.divide(far - near, most, out=np.zeros(len(far)), where=most > 0)
    return float(np.average(mark, weights=base.people))


def _base(places: Floats) -> Base:
    """Stand for `places` with a hundred: ten bands of as many people, ten cells in each."""
    distinct, times = np.unique(places, axis=0, return_counts=True)
    if len(distinct) <= BASE:
        return Base(distinct, times)
    side = int(BASE**0.5)
    cells: list[Ints] = []
    for band in np.array_split(_along(places, 0), side):
        cells += np.array_split(band[_along(places[band], 1)], side)
    centres = np.array([places[cell].mean(axis=0) for cell in cells])
    single = places.astype(np.float32)  # argmin is several times faster, and near is enough
    for _ in range(BASE_STEPS):
        centres = _moved(places, centres, _nearest(single, centres.astype(np.float32)))
    people = np.bincount(_nearest(single, centres.astype(np.float32)), minlength=len(centres))
    return Base(centres[people > 0], people[people > 0])


def _along(places: Floats, axis: int) -> Ints:
    """Return the order of `places` along an axis, which no order of the people changes."""
    return np.lexsort(np.roll(places.T, -axis, axis=0)[::-1])


def _start(base: Base, groups: int, last: tuple[tuple[float, ...], ...] | None) -> Floats:
    """Return the centres to begin with: the last ones, or the best of several seeded starts."""
    draw = np.random.default_rng(groups)
    tries = [_settled(base.places, _spread(base, groups, draw), base.people) for _ in range(STARTS)]
    best = min(tries, key=lambda centres: round(_cost(base, centres), 9))
    if last is None:
        return best
    warm = np.array(last)
    peopled = len(np.unique(_nearest(base.places, warm))) == groups
    return warm if peopled and _cost(base, best) >= BETTER * _cost(base, warm) else best


def _spread(base: Base, groups: int, draw: np.random.Generator) -> Floats:
    """Draw centres far from one another (k-means++, Arthur and Vassilvitskii 2007)."""
    chosen: list[int] = []
    weight = base.people.astype(float)
    for _ in range(groups):
        reach = np.cumsum(weight)
        chosen.append(int(np.searchsorted(reach, draw.random() * reach[-1], side="right")))
        gaps = base.places[:, np.newaxis] - base.places[chosen]
        weight = base.people * (gaps**2).sum(axis=2).min(axis=1)
    return base.places[chosen]


def _settled(points: Floats, centres: Floats, weights: Ints | None = None) -> Floats:
    """Move `centres` until each stands in the middle of the points nearest to it."""
    of = _nearest(points, centres)
    for _ in range(STEPS):
        centres = _moved(points, centres, of, weights)
        before, of = of, _nearest(points, centres)
        if (of == before).all():
            break
    return centres


def _moved(points: Floats, centres: Floats, of: Ints, weights: Ints | None = None) -> Floats:
    """Return the middle of each centre's points; one that has none stays."""
    ones = np.ones(len(points)) if weights is None else weights.astype(float)
    count = np.bincount(of, ones, len(centres))
    sums = [np.bincount(of, axis * ones, len(centres)) for axis in points.T]
    middle = np.stack(sums, axis=1) / np.maximum(count, 1)[:, np.newaxis]
    return np.where(count[:, np.newaxis] > 0, middle, centres)


def _nearest(points: NDArray[Real], centres: NDArray[Real]) -> Ints:
    """Return the number of the centre nearest to each point; the lower where two are."""
    # Squares, less what all centres have alike. For so few dimensions BLAS would spend more on
    # its threads than on the sums, above all beside other work.
    gaps = np.einsum("cd,dp->cp", -2 * centres, np.ascontiguousarray(points.T))
    gaps += (centres**2).sum(axis=1)[:, np.newaxis]
    return np.asarray(gaps.argmin(axis=0), np.int64)


def _cost(base: Base, centres: Floats) -> float:
    gaps = base.places - centres[_nearest(base.places, centres)]
    return float(base.people @ (gaps**2).sum(axis=1))


def _named(places: Floats, centres: Floats, before: Floats) -> Floats:
    """Put `centres` into the order of those `before` that they stand nearest to.

    New ones, and all where there were none before, come after, the largest first.
    """
    size = np.bincount(_nearest(places, centres), minlength=len(centres))
    largest = [int(n) for n in np.lexsort((*centres.T[::-1], -size))]
    if not len(before):
        return centres[largest]
    gaps = ((before[:, np.newaxis] - centres) ** 2).sum(axis=2)
    old, new = gaps.shape
    if new >= old:
        pick = min(
            permutations(range(new), old), key=lambda p: sum(gaps[n, c] for n, c in enumerate(p))
        )
        return centres[[*pick, *(n for n in largest if n not in pick)]]
    pick = min(
        permutations(range(old), new), key=lambda p: sum(gaps[n, c] for c, n in enumerate(p))
    )
    return centres[np.argsort(pick)]


def _rows(centres: Floats) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(float(x) for x in row) for row in centres)
