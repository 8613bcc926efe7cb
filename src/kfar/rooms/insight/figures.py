"""What every figure about a person is: with its interval, its reasons, and how often it is right.

A figure that cannot be had honestly is withheld, and says why. Words are found elsewhere: a
reason is a code, with what stands in its sentence. How far a figure can be trusted is measured
on a time it has not seen, beside a plain guess: calibration as in Murphy and Winkler,
"Reliability of Subjective Probability Forecasts" (Applied Statistics 26, 1977), the area under
the curve as in Hanley and McNeil (Radiology 143, 1982), the quadratic score as in Brier (Monthly
Weather Review 78, 1950).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
#: What of the cases an interval holds, unless it says otherwise.
LEVEL = 0.8


@dataclass(frozen=True)
class Reason:
    """Why a figure is what it is, from the person's own history."""

    code: str
    params: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Withheld:
    """That there is no figure, and why: too few purchases, nothing that tells effects apart."""

    code: str
    params: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Figure:
    """A figure about one person.

    It is about the `horizon` days to come (0: about now). In `level` of all cases what comes lies
    from `low` to `high`. `baseline` is what a plain guess says, without the person's own
    history or without the model. The strongest reason stands first.
    """

    value: float
    low: float
    high: float
    horizon: int
    baseline: float
    reasons: tuple[Reason, ...] = ()
    level: float = LEVEL


@dataclass(frozen=True, eq=False)
class Calibration:
    """What was said of people, and what came, in groups of about as many each.

    `said` and `came` are means (groups,), ascending by what was said; `people` how many in each.
    """

    said: Floats
    came: Floats
    people: NDArray[np.int64]

    @property
    def error(self) -> float:
        """How far off on the average of people: 0 is right."""
        return float(np.average(np.abs(self.said - self.came), weights=self.people))


def calibrated(said: ArrayLike, came: ArrayLike, groups: int = 10) -> Calibration:
    """Return how what was `said` (people,) went with what `came` (people,), in up to `groups`.

    Whoever was said the same of is in the same group, so there may be fewer groups. Raises
    `ValueError` without people, and where the two are not of the same length.
    """
    told, real = _pair(said, came)
    order = np.argsort(told, kind="stable")
    told, real = told[order], real[order]
    wanted = np.linspace(0, len(told), groups + 1).astype(np.int64)[1:-1]
    # A group ends where another thing is said.
    starts = np.unique(np.append(0, np.searchsorted(told, told[wanted], side="left")))
    people = np.diff(np.append(starts, len(told)))
    means = [np.add.reduceat(of, starts) / people for of in (told, real)]
    return Calibration(means[0], means[1], people)


def rmse(said: ArrayLike, came: ArrayLike) -> float:
    """Return the root of the mean squared error, in the unit of both (people,)."""
    told, real = _pair(said, came)
    return float(np.sqrt(np.mean((told - real) ** 2)))


def brier(said: ArrayLike, came: ArrayLike) -> float:
    """Return the mean squared error of probabilities (people,) against what came, 0 or 1."""
    return rmse(said, came) ** 2


def auc(said: ArrayLike, came: ArrayLike) -> float:
    """Return how often of two people, one whom it came to and one not, more was said of the first.

    Equals count half. Raises `ValueError` where it came to nobody or to all.
    """
    told, real = _pair(said, came)
    yes = real > 0
    if yes.all() or not yes.any():
        raise ValueError("it came to all, or to nobody")
    _, place, times = np.unique(told, return_inverse=True, return_counts=True)
    rank = (np.cumsum(times) - (times - 1) / 2)[place]
    hits, misses = int(yes.sum()), int((~yes).sum())
    return float((rank[yes].sum() - hits * (hits + 1) / 2) / (hits * misses))


def _pair(said: ArrayLike, came: ArrayLike) -> tuple[Floats, Floats]:
    told, real = np.asarray(said, np.float64), np.asarray(came, np.float64)
    if told.shape != real.shape or told.ndim != 1 or not len(told):
        raise ValueError("what was said and what came are of the same people, one or more")
    return told, real
