"""Withholding: when a model of purchases must not be used, and why.

A model with a parameter that nothing in the data holds gives figures all the same. So it is
asked for through `fitted`, which gives it, or the reason why there is none.

Whether anybody leaves is seen without a model. Who buys at random at whatever rate and stays has
bought x times in an age of T with the last time at T x / (x + 1) on the average: the times are
those of x points thrown on it (Kingman, "Poisson Processes", 1993). Who left was last seen
earlier.
"""

from __future__ import annotations

from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from kfar.rooms.insight.clv.fitting import NoMaximum
from kfar.rooms.insight.clv.histories import Histories, grouped
from kfar.rooms.insight.figures import Withheld

#: Of fewer who came again, the parameters of leaving are known to a factor of two at best.
REPEATERS = 100
#: Last seen so late, of how late it would be if nobody left, nobody can be told to have left:
#: holidays and changing seasons do as much.
LATE = 0.97
#: Standard errors below 1 that chance explains, in 99 of 100 panels.
CHANCE = 2.33

M_co = TypeVar("M_co", covariant=True)


class Fit(Protocol[M_co]):
    """`fit_bgnbd` or `fit_pareto_nbd`."""

    def __call__(
        self,
        frequency: ArrayLike,
        recency: ArrayLike,
        age: ArrayLike,
        weights: ArrayLike | None = None,
    ) -> M_co: ...


def fitted(
    fit: Fit[M_co],
    frequency: ArrayLike,
    recency: ArrayLike,
    age: ArrayLike,
    weights: ArrayLike | None = None,
) -> M_co | Withheld:
    """Return the model that `fit` finds for histories (people,), or why it is withheld.

    `too_few_repeat` (`repeaters`, `needed`): who came again are too few. `nobody_leaves`
    (`seen_until`): people come until the last day, so no figure can say who left; 1 where they
    come as if all stayed. `no_maximum` (`runaways`): the data do not hold these parameters.
    Raises `ValueError` where they are no histories.
    """
    rows = grouped(frequency, recency, age, weights)
    repeaters = float(rows.weight[rows.frequency > 0].sum())
    if repeaters < REPEATERS:
        return Withheld("too_few_repeat", {"repeaters": repeaters, "needed": REPEATERS})
    until, error = seen_until(rows)
    if until > min(LATE, 1 - CHANCE * error):
        return Withheld("nobody_leaves", {"seen_until": round(until, 3)})
    try:
        return fit(rows.frequency, rows.recency, rows.age, rows.weight)
    except NoMaximum as failed:
        return Withheld("no_maximum", {"runaways": failed.runaways})


def seen_until(rows: Histories) -> tuple[float, float]:
    """Return how late those who came again were last seen, and the standard error of that.

    1: as late as if nobody left.
    """
    again = rows.frequency > 0
    x, weight = rows.frequency[again], rows.weight[again]
    late = weight @ (rows.recency[again] / rows.age[again])
    whole = weight @ (x / (x + 1))
    error = np.sqrt(weight @ (x / ((x + 1) ** 2 * (x + 2))))
    return float(late / whole), float(error / whole)
