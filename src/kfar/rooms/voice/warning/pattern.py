"""What was to be expected: people per hour of the week, learned from the company's own weeks.

A rate per hour of the week is the level × what the hour of day does × what the day of week does ×
what is left for that hour of the week. Each of the three is shrunken towards "nothing" as far as
the data cannot tell it from chance: the mean of a Gamma posterior whose prior is learned by moments
(Clayton and Kaldor, "Empirical Bayes estimates of age-standardized relative risks", Biometrics 43,
1987). Whether hours are more spread than Poisson's is asked by the score test of Dean and Lawless
(Journal of the American Statistical Association 84, 1989).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kfar.rooms.voice.warning.detector import Floats

DAYS, DAY, WEEK = 7, 24, 168
#: What the score test has to pass before hours count as spread: one in twenty by chance.
SPREAD = 1.645
#: The least that is known before anything is said: four weeks, and so many people in them.
WEEKS, PEOPLE = 4, 60


@dataclass(frozen=True, eq=False)
class Pattern:
    """People to be expected in each hour of the week, (168,), and how spread they are.

    `hours` (168,) are those it was learned from, in which `seen` people came. The shape of a
    week is that of `whole` (168,), from which more may have come.
    """

    expected: Floats
    spread: float
    hours: Floats
    seen: float
    whole: Floats

    def part(self, seen: float, weeks: float) -> Pattern:
        """Return the pattern of a stream within this one: the same shape, its own level."""
        expected = self.expected / self.expected.sum() * seen / weeks
        return Pattern(expected, self.spread, self.hours, seen, self.whole)

    def learned_again(self, worlds: int, draw: np.random.Generator) -> Floats:
        """Return what would be learned of this pattern in as many hours, (worlds, 168).

        A parametric bootstrap (Efron, Annals of Statistics 7, 1979): as far as these are from
        the pattern, so far the pattern may be from the truth.
        """
        mean, spread = self.whole * self.hours, self.spread / self.hours
        came = people((worlds, WEEK), mean, spread, draw)
        again = _rates(came, self.hours)
        if self.whole is self.expected:
            return again
        level = draw.poisson(self.seen, (worlds, 1)) * self.expected.sum() / self.seen
        again *= np.maximum(level, 1 / self.hours.sum()) / again.sum(axis=1, keepdims=True)
        return again


def people(
    shape: tuple[int, ...], mean: Floats, spread: ArrayLike, draw: np.random.Generator
) -> Floats:
    """Return people who come, of `shape`: Poisson, or negative binomial where there is spread."""
    beyond = np.asarray(spread)
    if beyond.any():
        mean = draw.gamma(1 / beyond, mean * beyond, shape)
    return draw.poisson(mean, shape).astype(float)


def enough(hours: int, people: float) -> bool:
    """Return whether so many hours with so many people in them are enough to learn from."""
    return hours >= WEEKS * WEEK and people >= PEOPLE


def learn(people: Floats, hour: NDArray[np.int64]) -> Pattern:
    """Learn from hours (hours,): how many `people` came, and which `hour` of the week it was.

    Hours that are not to be learned from are left out by the caller; every hour of the week has
    to be there at least once, and one person.
    """
    hours = np.bincount(hour, minlength=WEEK).astype(float)
    came = np.bincount(hour, weights=people, minlength=WEEK).astype(float)
    expected = _rates(came, hours)
    spread = _spread(people, expected[hour])
    return Pattern(expected, spread, hours, float(people.sum()), expected)


def _rates(came: Floats, hours: Floats) -> Floats:
    """Return people per hour of the week (…, 168), of those who `came` in so many `hours`."""
    week = hours.reshape(DAYS, DAY)
    table = came.reshape(*came.shape[:-1], DAYS, DAY)
    expected = week * (table.sum(axis=(-2, -1), keepdims=True) / hours.sum())
    for axis in (-2, -1, ()):  # what the hour of day does, the day of week, this very hour
        expected = expected * _shrunken(table, expected, axis)
    total = table.sum(axis=(-2, -1), keepdims=True) / expected.sum(axis=(-2, -1), keepdims=True)
    rates: Floats = (expected * total / week).reshape(came.shape)
    return rates


def _shrunken(came: Floats, expected: Floats, axis: int | tuple[()]) -> Floats:
    """Return by what to multiply what is `expected` (…, 7, 24), the same along an axis.

    (came + κ) / (expected + κ), with κ such that the variance of what came is what it is; κ is
    infinite, and nothing is done, where chance explains all.
    """
    n, e = came.sum(axis=axis, keepdims=True), expected.sum(axis=axis, keepdims=True)
    both = (-2, -1)
    excess = ((n - e) ** 2 - e).sum(axis=both, keepdims=True)
    beyond = np.maximum(excess, 0) / (e**2).sum(axis=both, keepdims=True)
    multiplier: Floats = (1 + beyond * n) / (1 + beyond * e)
    return multiplier


def _spread(people: Floats, expected: Floats) -> float:
    """Return the variance beyond Poisson's in parts of the expectation's square; 0 by default."""
    beyond = float(((people - expected) ** 2 - people).sum())
    squares = float((expected**2).sum())
    return beyond / squares if beyond > SPREAD * (2 * squares) ** 0.5 else 0.0
