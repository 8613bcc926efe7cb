"""Whether the model is better than a plain guess, tried on a time it has not seen.

It learns from one time and is judged by the next. A category is shown where the model comes
nearer than the category's mean, and that not by chance; and intervals are as wide as they had to
be (split conformal prediction: Vovk, Gammerman and Shafer, *Algorithmic Learning in a Random
World*, 2005; here with time as the split).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kfar.rooms.insight.disciplines.shrinking import Cells, Ints, Shrunk, shrink
from kfar.rooms.insight.figures import LEVEL, Calibration, Floats, calibrated, rmse

#: Lines in either time, and people with so many: below, nothing can be judged.
FEWEST, PEOPLE = 5, 20
#: By how many standard errors the model has to be better (one-sided, 90 %).
SURE = 1.2816


@dataclass(frozen=True, eq=False)
class Judged:
    """How the model did, over categories, and altogether.

    `error` and `plain` are the RMSE of the model and of the category's mean, NaN where there was
    nobody; `people` how many were compared. `shown` says where the model may be shown. Altogether
    `total_error` and `total_plain`, and the `calibration`. Of what came, `level` lay between
    `low` and `high` standard deviations (`Shrunk.ahead`) from what was said.
    """

    error: Floats
    plain: Floats
    people: Ints
    shown: NDArray[np.bool_]
    total_error: float
    total_plain: float
    calibration: Calibration
    low: float
    high: float
    level: float


def judge(before: Cells | Shrunk, after: Cells, level: float = LEVEL) -> Judged:
    """Return how what is learned from `before` went with what came `after`, its mean of lines.

    Both times hold the same people and categories in the same places. Compared are cells with
    five lines or more in both. Raises `ValueError` where there are none.
    """
    said = before if isinstance(before, Shrunk) else shrink(before)
    here, there = matched(said.cells, after)
    if not len(here):
        raise ValueError("nobody bought in both times what could be compared")
    j, count = after.category[there], after.categories
    came, value, expected = after.value[there], said.value[here], said.expected[here]
    missed, plainly = (came - value) ** 2, (came - expected) ** 2
    people = np.bincount(j, minlength=count)
    each = np.maximum(people, 1)
    gain = np.bincount(j, plainly - missed, count) / each
    spread = np.bincount(j, (plainly - missed - gain[j]) ** 2, count) / np.maximum(people - 1, 1)
    low, high = np.quantile((came - value) / said.ahead[here], [(1 - level) / 2, (1 + level) / 2])
    with np.errstate(invalid="ignore"):
        error, plain = (
            np.where(people > 0, np.sqrt(np.bincount(j, of, count) / each), np.nan)
            for of in (missed, plainly)
        )
    return Judged(
        error=error,
        plain=plain,
        people=people,
        shown=(people >= PEOPLE) & (gain > SURE * np.sqrt(spread / each)),
        total_error=rmse(value, came),
        total_plain=rmse(expected, came),
        calibration=calibrated(value, came),
        low=float(low),
        high=float(high),
        level=level,
    )


def held(said: Shrunk, judged: Judged, after: Cells) -> float:
    """Return the share of what came `after` that lay in the intervals learned before."""
    here, there = matched(said.cells, after)
    low, high = interval(said, judged)
    came = after.value[there]
    return float(np.mean((low[here] <= came) & (came <= high[here])))


def interval(said: Shrunk, judged: Judged) -> tuple[Floats, Floats]:
    """Return from where to where the mean of as many lines again lies, (cells,) each."""
    low, high = (np.clip(said.value + of * said.ahead, 0, 1) for of in (judged.low, judged.high))
    return np.minimum(low, said.value), np.maximum(high, said.value)


def matched(before: Cells, after: Cells, fewest: int = FEWEST) -> tuple[Ints, Ints]:
    """Return the places in `before` and in `after` of cells with enough lines in both."""
    if (before.people, before.categories) != (after.people, after.categories):
        raise ValueError("both times hold the same people and categories")
    enough, later = (np.flatnonzero(cells.lines >= fewest) for cells in (before, after))
    _, here, there = np.intersect1d(
        before.key[enough], after.key[later], assume_unique=True, return_indices=True
    )
    return enough[here], later[there]
