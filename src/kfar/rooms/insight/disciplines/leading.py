"""What a person buys on in a category: price, convenience, or quality and own taste.

Each measure is compared with the category's mean, in units of how much people differ in that
category, so that a category in which all buy on offer makes nobody a bargain hunter. A
discipline's score is the mean of its measures, each with the sign in which it speaks for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from kfar.rooms.insight.disciplines.judging import Judged, interval
from kfar.rooms.insight.disciplines.shrinking import Ints, Shrunk
from kfar.rooms.insight.figures import Figure, Floats, Reason, Withheld

DISCIPLINES = ("price", "convenience", "quality")
#: Which measure speaks for which discipline, and which against it.
SPEAKS = {
    "price": {"deal": 1, "off": 1, "private": 1, "tier": -1, "pack": 1},
    "convenience": {"stock_up": -1, "elsewhere": -1, "weekend": -1, "pack": -1},
    "quality": {"tier": 1, "private": -1, "off": -1},
}
#: Lines of a person in a category without which nothing is said of the two.
FEWEST = 5
SURE = 1.2816
LEAST = 1e-12
NONE = -1


@dataclass(frozen=True, eq=False)
class Measured:
    """One measure: what the model says now, and how it did before on a time it had not seen."""

    now: Shrunk
    judged: Judged


@dataclass(frozen=True, eq=False)
class Leads:
    """Over pairs of person and category, which stand in `person` and `category`, ascending.

    `score` (pairs, disciplines) in standard deviations between people, NaN where no measure of it
    is shown; `unsure` its standard errors. `leads` is the place of the discipline in `DISCIPLINES`
    that is above the others for sure (90 %), or -1.
    """

    person: Ints
    category: Ints
    score: Floats
    unsure: Floats
    leads: Ints

    def counts(self) -> dict[str, int]:
        """Return how many pairs each discipline leads in, for `company.standing`."""
        return {name: int((self.leads == n).sum()) for n, name in enumerate(DISCIPLINES)}


def leads(measured: Mapping[str, Measured]) -> Leads:
    """Return what each person buys on in each category, by measures' names.

    A measure speaks where it may be shown (`Judged.shown`) and the person has five lines.
    Raises `ValueError` for a measure without a discipline, and without any.
    """
    if not measured or not set(measured) <= {name for of in SPEAKS.values() for name in of}:
        raise ValueError("measures are those that speak for a discipline")
    keys = np.unique(np.concatenate([one.now.cells.key for one in measured.values()]))
    standard = {name: _standard(one, keys) for name, one in measured.items()}
    score, unsure = (np.full((len(keys), len(DISCIPLINES)), np.nan) for _ in range(2))
    for n, discipline in enumerate(DISCIPLINES):
        of = {name: sign for name, sign in SPEAKS[discipline].items() if name in measured}
        if not of:
            continue
        signed = np.array([sign * standard[name][0] for name, sign in of.items()])
        errors = np.array([standard[name][1] for name in of])
        known = ~np.isnan(signed)
        many = np.where(known.any(axis=0), known.sum(axis=0), np.nan)
        score[:, n] = np.where(known, signed, 0).sum(axis=0) / many
        # Measures of the same lines err together, so errors are averaged, not their squares.
        unsure[:, n] = np.where(known, errors, 0).sum(axis=0) / many
    categories = next(iter(measured.values())).now.cells.categories
    return Leads(keys // categories, keys % categories, score, unsure, _first(score, unsure))


def figure(one: Measured, name: str, person: int, category: int, horizon: int) -> Figure | Withheld:
    """Return a measure of one person in one category, as `figures` says it."""
    return figures(one, name, person, horizon).get(category) or few(0)


def figures(one: Measured, name: str, person: int, horizon: int) -> dict[int, Figure | Withheld]:
    """Return a measure of one person in each category with a line, for the `horizon` days to come.

    Withheld where there are fewer than five lines (`disciplines.few`), and in a category where
    the model did no better than the category's mean (`disciplines.no_better`). The reason tells
    how many lines it was of, and how many were to be expected.
    """
    cells, code = one.now.cells, f"disciplines.{name}"
    low, high = interval(one.now, one.judged)
    expected, found = one.now.expected, dict[int, Figure | Withheld]()
    for n in np.flatnonzero(cells.person == person):
        category, lines, plain = int(cells.category[n]), int(cells.lines[n]), float(expected[n])
        if lines < FEWEST:
            found[category] = few(lines)
        elif not one.judged.shown[category]:
            people = int(one.judged.people[category])
            found[category] = Withheld("disciplines.no_better", {"people": people})
        else:
            came = {"came": float(cells.total[n]), "of": lines, "expected": plain * lines}
            found[category] = Figure(
                value=float(one.now.value[n]),
                low=float(low[n]),
                high=float(high[n]),
                horizon=horizon,
                baseline=plain,
                reasons=(Reason(code, came),),
                level=one.judged.level,
            )
    return found


@cache
def few(lines: int) -> Withheld:
    """Return that a person has too few lines."""
    return Withheld("disciplines.few", {"lines": lines, "needed": FEWEST})


def _standard(one: Measured, keys: Ints) -> tuple[Floats, Floats]:
    """Return by how much people are above their category's mean, and errors; NaN: not shown."""
    now, cells, of = one.now, one.now.cells, one.now.learned
    between = np.sqrt(np.maximum(of.loading**2 + of.own, LEAST))[cells.category]
    told = (cells.lines >= FEWEST) & one.judged.shown[cells.category]
    score, unsure = np.full(len(keys), np.nan), np.full(len(keys), np.nan)
    at = np.searchsorted(keys, cells.key[told])
    score[at] = ((now.value - now.expected) / between)[told]
    unsure[at] = (np.sqrt(now.variance) / between)[told]
    return score, unsure


def _first(score: Floats, unsure: Floats) -> Ints:
    """Return which is above the others for sure, (pairs,); -1 where none is, or one is unknown."""
    order = np.argsort(np.where(np.isnan(score), -np.inf, score), axis=1)
    rows = np.arange(len(score))
    first, second = order[:, -1], order[:, -2]
    ahead = score[rows, first] - score[rows, second]
    error = np.hypot(unsure[rows, first], unsure[rows, second])
    above: NDArray[np.bool_] = (ahead > SURE * error) & (score[rows, first] > 0)
    return np.where(above, first, NONE)
