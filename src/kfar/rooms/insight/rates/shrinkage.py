"""Purchase rates of each person, shrunk towards the category's: the Gamma-Poisson model.

A person buys a category c at a rate of their own, so that y purchases in a time t are
Poisson(rate · t); rates differ between people as a Gamma distribution of shape r and of α units
of time: mean r/α. Then y is negative binomial (Greenwood and Yule, "An Inquiry into the Nature
of Frequency Distributions", JRSS 83, 1920; for purchases Ehrenberg, "The Pattern of Consumer
Purchases", Applied Statistics 8, 1959), and what is known of a person's rate after y in t is
again a Gamma: shape r + y, α + t, mean (r + y)/(α + t), between the own rate y/t and r/α.
r and α are found by maximum likelihood over all people, those who never bought included:
empirical Bayes (Robbins 1956).

Counts are people × columns (categories, or products), as an array or of scipy.sparse; exposure
is the time each person was watched (people,), in any one unit: days, or visits. Whole numbers
are quickest, since people of one exposure are counted together.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from scipy.special import digamma, gammaincinv, gammaln, polygamma

from kfar.rooms.insight.figures import LEVEL, Figure, Floats, Reason, Withheld

#: Buyers below which nothing is said of how rates differ between people.
FEWEST = 10
#: The shape where all people are as good as alike (Poisson), and where fitting stops looking.
ALIKE, APART = 1e5, 1e-5
#: Cells of a block of columns × exposures that are worked on at once: 16 MB an array.
CELLS = 2_000_000
STEPS, NEAR = 200, 1e-9


@dataclass(frozen=True, eq=False)
class Rates:
    """How rates differ between people, for each column: arrays (columns,).

    `r` and `alpha` are NaN in columns with too few `buyers`, and everything said of those is.
    An `r` of 100,000 says that people are alike. `log_likelihood` is that of the counts.
    """

    r: Floats
    alpha: Floats
    buyers: NDArray[np.int64]
    log_likelihood: Floats

    @property
    def usual(self) -> Floats:
        """The mean rate over all people, those who never buy included."""
        return self.r / self.alpha

    def mean(self, counts: ArrayLike | sparse.sparray, exposure: ArrayLike) -> Floats:
        """Return everybody's rate, (people, columns): the mean of what is known after `counts`.

        It is dense: of a hundred thousand products, ask for some people's rows at a time.
        """
        return (self.r + _dense(counts)) / (self.alpha + _times(exposure)[:, None])

    def interval(
        self, counts: ArrayLike | sparse.sparray, exposure: ArrayLike, level: float = LEVEL
    ) -> tuple[Floats, Floats]:
        """Return between which rates everybody's lies in `level` of the cases, as `mean`."""
        shape = self.r + _dense(counts)
        scale = 1 / (self.alpha + _times(exposure)[:, None])
        low, high = (scale * gammaincinv(shape, at) for at in _ends(level))
        return low, high

    def figure(
        self, column: int, count: int, exposure: float, horizon: int, level: float = LEVEL
    ) -> Figure | Withheld:
        """Return how often one person will buy in `horizon` days, where exposure is in days.

        The interval is that of the expectation; the baseline is what is usual. The reason is
        `insight.bought` (times, days), or `insight.never_bought` (days). Withheld as
        `insight.few_buyers` (buyers, fewest) where nothing is known of the column.
        """
        if np.isnan(self.r[column]):
            buyers = int(self.buyers[column])
            return Withheld("insight.few_buyers", {"buyers": buyers, "fewest": FEWEST})
        shape, time = self.r[column] + count, self.alpha[column] + exposure
        low, high = (horizon * gammaincinv(shape, at) / time for at in _ends(level))
        reason = (
            Reason("insight.bought", {"times": count, "days": exposure})
            if count
            else Reason("insight.never_bought", {"days": exposure})
        )
        return Figure(
            value=float(horizon * shape / time),
            low=float(low),
            high=float(high),
            horizon=horizon,
            baseline=float(horizon * self.usual[column]),
            reasons=(reason,),
            level=level,
        )


def fit_rates(
    counts: ArrayLike | sparse.sparray, exposure: ArrayLike, fewest: int = FEWEST
) -> Rates:
    """Fit how rates differ between people, for each column by itself.

    `counts` (people, columns) are whole numbers, `exposure` (people,) above zero. People without
    any purchase belong to it, as rows of zeros. Raises `ValueError` where shapes differ or
    something is negative, and `ArithmeticError` where no maximum is found.
    """
    table, times = sparse.csc_array(counts), _times(exposure)
    if table.ndim != 2 or table.shape[0] != len(times):
        raise ValueError("counts are people × columns, exposure has one for each of the people")
    if (table.data < 0).any() or (table.data != np.floor(table.data)).any():
        raise ValueError("counts are whole numbers, not below zero")
    table.sum_duplicates()
    table.eliminate_zeros()
    buyers = np.diff(table.indptr).astype(np.int64)
    r, alpha, likely = (np.full(len(buyers), np.nan) for _ in range(3))
    time, of, people = np.unique(times, return_inverse=True, return_counts=True)
    columns = np.flatnonzero(buyers >= max(fewest, 1))
    size = max(CELLS // len(time), 1)
    for start in range(0, len(columns), size):
        block = columns[start : start + size]
        r[block], alpha[block], likely[block] = _fit(_Block(table[:, block], time, of, people))
    return Rates(r, alpha, buyers, likely)


class _Block:
    """All that the likelihood has to know of some columns, and the likelihood."""

    def __init__(
        self, table: sparse.csc_array, time: Floats, of: NDArray[np.intp], people: NDArray[np.intp]
    ) -> None:
        """Count purchases by exposure, and people by their number of purchases."""
        columns = int(table.shape[1])
        self.time, self.people = time, people.astype(np.float64)
        where = np.repeat(np.arange(columns), np.diff(table.indptr))
        cell = where * len(time) + of[table.indices]
        bought = np.bincount(cell, table.data, columns * len(time))
        self.bought = bought.reshape(columns, len(time))
        pairs = np.stack([where, table.data.astype(np.int64)], axis=1)
        found, times = np.unique(pairs, axis=0, return_counts=True)
        self.column, self.number, self.times = found[:, 0], found[:, 1], times
        self.columns = columns
        never_varies = gammaln(self.number + 1) * times
        self.fixed = np.bincount(self.column, never_varies, columns) - self.bought @ np.log(time)

    def _over_people(self, r: Floats, function: Any) -> Floats:
        """Return Σ function(r + y) − function(r) over people."""
        each = function(r[self.column] + self.number) - function(r[self.column])
        return np.bincount(self.column, each * self.times, self.columns).astype(np.float64)

    def log_likelihood(self, r: Floats, alpha: Floats) -> Floats:
        """Return it for each column."""
        both = np.log(alpha[:, None] + self.time)
        never = r * ((np.log(alpha)[:, None] - both) @ self.people)
        ever = self._over_people(r, gammaln) - (self.bought * both).sum(1)
        return np.asarray(ever + never - self.fixed, np.float64)

    def slopes(self, r: Floats, alpha: Floats) -> tuple[Floats, Floats, Floats, Floats, Floats]:
        """Return the derivatives by log r and log of the mean: each, and rr, rm, mm."""
        both = alpha[:, None] + self.time
        watched = r * ((self.time / both) @ self.people)  # r Σ t/(α + t)
        by_r = r * (
            self._over_people(r, digamma) + (np.log(alpha)[:, None] - np.log(both)) @ self.people
        )
        by_alpha = watched - alpha * (self.bought / both).sum(1)
        rr = r**2 * self._over_people(r, lambda x: polygamma(1, x)) + by_r
        turning = alpha[:, None] * self.time / both**2
        aa = -r * (turning @ self.people) - (turning * self.bought).sum(1)
        # The mean is r/α: what is felt of α is felt of both.
        return by_r + by_alpha, -by_alpha, rr + 2 * watched + aa, -(watched + aa), aa


def _fit(block: _Block) -> tuple[Floats, Floats, Floats]:
    """Climb to the maximum of every column at once: Newton's steps, halved where they fall.

    By shape and mean, which hardly depend on one another.
    """
    mean = np.log(block.bought.sum(1) / (block.time @ block.people))
    shape = np.zeros(block.columns)
    least, most = np.log(APART), np.log(ALIKE)
    likely = block.log_likelihood(np.exp(shape), np.exp(shape - mean))
    for _ in range(STEPS):
        by_r, by_mean, rr, rm, mm = block.slopes(np.exp(shape), np.exp(shape - mean))
        surface = rr * mm - rm**2
        bowl = (rr < 0) & (mm < 0) & (surface > 0)
        surface = np.where(bowl, surface, 1.0)
        to_r = np.where(bowl, -(mm * by_r - rm * by_mean) / surface, by_r / (np.abs(rr) + 1e-12))
        to_mean = np.where(
            bowl, -(rr * by_mean - rm * by_r) / surface, by_mean / (np.abs(mm) + 1e-12)
        )
        to_r = np.clip(shape + np.clip(to_r, -2, 2), least, most) - shape
        to_mean = np.clip(to_mean, -2, 2)
        for _ in range(STEPS):
            r, alpha = np.exp(shape + to_r), np.exp(shape + to_r - mean - to_mean)
            reached = block.log_likelihood(r, alpha)
            falls = reached < likely - NEAR * np.abs(likely)
            if not falls.any():
                break
            to_r, to_mean = np.where(falls, to_r / 2, to_r), np.where(falls, to_mean / 2, to_mean)
        shape, mean, likely = shape + to_r, mean + to_mean, reached
        if max(np.abs(to_r).max(), np.abs(to_mean).max()) < 1e-7:
            return np.exp(shape), np.exp(shape - mean), likely
    raise ArithmeticError("no maximum of the likelihood was found")


def _ends(level: float) -> Iterator[float]:
    if not 0 < level < 1:
        raise ValueError("a level is between 0 and 1")
    return iter(((1 - level) / 2, (1 + level) / 2))


def _times(exposure: ArrayLike) -> Floats:
    times = np.asarray(exposure, np.float64)
    if times.ndim != 1 or not (times > 0).all():
        raise ValueError("exposure is above zero for each of the people")
    return times


def _dense(counts: ArrayLike | sparse.sparray) -> Floats:
    return np.asarray(sparse.csr_array(counts).toarray(), np.float64)
