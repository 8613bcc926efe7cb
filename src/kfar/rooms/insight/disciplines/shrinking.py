"""A measure of each person in each category, shrunken towards what can be known of it.

Of person i in category j there are n lines with a value each in [0, 1] (1 or 0: on offer or not;
or a share of the price; or a rank), mean y. The model has a category effect, a person effect,
which counts more in some categories than in others, and an interaction:

    y = mu_j + lambda_j a_i + c_ij + e_ij
    a_i ~ N(0, 1),  c_ij ~ N(0, tau_j),  e_ij ~ N(0, sigma_j / n)

So each part is shrunken by its own variance: empirical Bayes as in Efron and Morris (Journal of
the American Statistical Association 70, 1975) and Fay and Herriot (ibid. 74, 1979), whose
sampling variance is known, here from the spread of lines within cells; person and category at
once as in Searle, Casella and McCulloch, *Variance Components* (1992); one factor with loadings
by EM as in Rubin and Thayer (Psychometrika 47, 1982), and tau by MM as in Zhou, Hu, Zhou and
Lange (Journal of Computational and Graphical Statistics 28, 2019). The categories' own parameters
are held together, too: those of a category with few people come near to all others'.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from kfar.rooms.insight.figures import Floats

Ints = NDArray[np.int64]
#: Rounds at most, from nothing and from where another time stood.
ROUNDS, FURTHER = 100, 30
#: Mean shifts of a category's curve below this, in the unit of the measure, end the fitting.
STILL = 1e-5
#: As many lines, and as many cells, does what all categories share count for in each.
LINES, CELLS = 20.0, 5.0
LEAST = 1e-6


@dataclass(frozen=True, eq=False)
class Cells:
    """What `people` did in `categories`, a row for each pair that has lines; arrays (cells,).

    `person` and `category` are places from 0. Of the pair's `lines` (1 or more) the values sum to
    `total`, their squares to `squares`. Raises `ValueError` where that cannot be.
    """

    person: Ints
    category: Ints
    lines: Floats
    total: Floats
    squares: Floats
    people: int
    categories: int

    def __post_init__(self) -> None:
        arrays = (self.person, self.category, self.lines, self.total, self.squares)
        if len({array.shape for array in arrays}) > 1 or self.person.ndim != 1:
            raise ValueError("one row for each person and category")
        if (self.lines < 1).any():
            raise ValueError("a cell has a line at least")
        # Sums of floats may be off by their last digits.
        off = 1e-6 * self.lines
        mean = self.total / self.lines
        if (self.squares > self.total + off).any() or (
            self.squares < mean * self.total - off
        ).any():
            raise ValueError("values of lines are from 0 to 1")
        if (np.diff(np.sort(self.key)) == 0).any():
            raise ValueError("a person stands in a category once")

    @cached_property
    def value(self) -> Floats:
        """The means as they came, (cells,)."""
        return self.total / self.lines

    @cached_property
    def key(self) -> Ints:
        """One number for each pair of person and category, the same in other `Cells`."""
        return self.person * np.int64(self.categories) + self.category


@dataclass(frozen=True, eq=False)
class Learned:
    """What was learned of categories, (categories,) each; it names nobody.

    `plain` is the mean of all lines; `middle` mu, `loading` lambda, `own` tau, and `noise` sigma,
    the variance of a line.
    """

    plain: Floats
    middle: Floats
    loading: Floats
    own: Floats
    noise: Floats

    def says(self, cells: Cells) -> Shrunk:
        """Return what is to be said of these people, who need not be those it was learned from.

        Each is told by their own cells alone, so it is the same among others and by themselves.
        """
        j, y, own = cells.category, cells.value, self.own[cells.category]
        spread = own + self.noise[j] / cells.lines
        effect, unsure = _effects(cells, self.middle, self.loading, spread)
        weight, common = own / spread, self.middle[j] + self.loading[j] * effect[cells.person]
        variance = (1 - weight) ** 2 * self.loading[j] ** 2 * unsure[cells.person]
        return Shrunk(
            cells=cells,
            learned=self,
            value=np.clip(common + weight * (y - common), 0, 1),
            variance=variance + own * (1 - weight),
            effect=effect,
            effect_variance=unsure,
        )


@dataclass(frozen=True, eq=False)
class Shrunk:
    """What is said of people. `value` and `variance` (of what it estimates) are (cells,).

    `effect` a and its variance are (people,).
    """

    cells: Cells
    learned: Learned
    value: Floats
    variance: Floats
    effect: Floats
    effect_variance: Floats

    @property
    def expected(self) -> Floats:
        """The category's mean in each cell: what a plain guess says, (cells,)."""
        return self.learned.plain[self.cells.category]

    @property
    def ahead(self) -> Floats:
        """Standard deviations of the mean of as many lines again, (cells,)."""
        return np.sqrt(self.variance + self.learned.noise[self.cells.category] / self.cells.lines)


def shrink(cells: Cells) -> Shrunk:
    """Return what is to be said of those from whom it is learned.

    Raises `ValueError` without cells.
    """
    return learn(cells).says(cells)


def learn(cells: Cells, start: Learned | None = None) -> Learned:
    """Return what these cells say of categories, fitted by EM.

    It begins where `start` stood, or else from nothing. Raises `ValueError` without cells.
    """
    if not len(cells.lines):
        raise ValueError("there is nothing to learn from")
    j, y, count = cells.category, cells.value, cells.categories
    per = np.bincount(j, minlength=count).astype(np.float64)
    plain = _sum(j, cells.total, count) + LEAST * cells.total.sum() / cells.lines.sum()
    plain /= _sum(j, cells.lines, count) + LEAST
    noise = _noise(cells)
    error = noise[j] / cells.lines
    if start is None:
        between = float(np.mean((y - plain[j]) ** 2))
        middle, own = plain.copy(), np.full(count, between / 4)
        loading = np.full(count, np.sqrt(between) / 3)
    else:
        middle, own, loading = start.middle, start.own, start.loading
    for _ in range(ROUNDS if start is None else FURTHER):
        spread = own[j] + error
        effect, unsure = _effects(cells, middle, loading, spread)
        before = middle, loading
        middle, loading = _lines(cells, effect, unsure, spread, loading)
        rest = (y - middle[j] - loading[j] * effect[cells.person]) ** 2
        rest += loading[j] ** 2 * unsure[cells.person]
        wide, usual = rest / spread**2, 1 / spread
        pull = _sum(j, wide, count) + CELLS * wide.mean()
        own = own * np.sqrt(pull / (_sum(j, usual, count) + CELLS * usual.mean()))
        moved = np.abs(middle - before[0]) + np.abs(loading - before[1])
        if np.average(moved, weights=per) < STILL:
            break
    return Learned(plain, middle, loading, own, noise)


def _noise(cells: Cells) -> Floats:
    """Return the variance of a line within its cell, (categories,)."""
    inside = np.maximum(cells.squares - cells.total**2 / cells.lines, 0)
    within = _sum(cells.category, inside, cells.categories)
    free = _sum(cells.category, cells.lines - 1, cells.categories)
    all_of_them = within.sum() / max(free.sum(), 1)
    noise: Floats = np.maximum((within + LINES * all_of_them) / (free + LINES), LEAST)
    return noise


def _effects(
    cells: Cells, middle: Floats, loading: Floats, spread: Floats
) -> tuple[Floats, Floats]:
    """Return people's effects and the variances of these, (people,) each."""
    here = loading[cells.category]
    known = 1 + _sum(cells.person, here**2 / spread, cells.people)
    pull = here * (cells.value - middle[cells.category]) / spread
    return _sum(cells.person, pull, cells.people) / known, 1 / known


def _lines(
    cells: Cells, effect: Floats, unsure: Floats, spread: Floats, loading: Floats
) -> tuple[Floats, Floats]:
    """Return the line of each category through its people's effects, (categories,) each."""
    j, count, a = cells.category, cells.categories, effect[cells.person]
    per = np.bincount(j, minlength=count)
    usual = float(np.average(loading, weights=per))
    prior = 1 / max(float(np.average((loading - usual) ** 2, weights=per)), 1e-5)
    ones, firsts, seconds, values, products = (
        _sum(j, of / spread, count)
        for of in (1.0, a, a**2 + unsure[cells.person], cells.value, a * cells.value)
    )
    ones = ones + LEAST
    values = values + LEAST * cells.value.mean()
    seconds, products = seconds + prior, products + prior * usual
    determinant = ones * seconds - firsts**2
    return (
        (values * seconds - products * firsts) / determinant,
        (products * ones - values * firsts) / determinant,
    )


def _sum(places: Ints, of: Floats, count: int) -> Floats:
    return np.bincount(places, of, count).astype(np.float64)
