"""NBD: customers buy at their own rates, and stay.

Ehrenberg, "The Pattern of Consumer Purchases" (Applied Statistics 8, 1959): what the models of this
package come to where nobody leaves. Repeat purchases of each are Poisson(λ age), and λ is
Gamma(r, α) among customers, so what comes is negative binomial.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betainc

from kfar.rooms.insight.clv.histories import Floats, checked
from kfar.rooms.insight.figures import Withheld
from kfar.rooms.insight.rates.shrinkage import fit_rates


@dataclass(frozen=True, eq=False)
class NBD:
    """A fitted model. `alpha` is in the unit of age. Its methods are those of `BGNBD`."""

    r: float
    alpha: float
    log_likelihood: float

    def alive(self, frequency: ArrayLike, recency: ArrayLike, age: ArrayLike) -> Floats:
        """Return 1 for everybody."""
        return np.ones_like(np.asarray(frequency, np.float64))

    def expected(
        self, frequency: ArrayLike, recency: ArrayLike, age: ArrayLike, horizon: float
    ) -> Floats:
        """Return how many purchases are to be expected within the `horizon`."""
        return horizon * self.rate(frequency, recency, age, 0.0)

    def rate(
        self, frequency: ArrayLike, recency: ArrayLike, age: ArrayLike, after: float
    ) -> Floats:
        """Return purchases per unit of time, the same at any time from now."""
        x, known = np.asarray(frequency, np.float64), np.asarray(age, np.float64)
        return np.asarray((self.r + x) / (self.alpha + known), np.float64)

    def more_than(
        self,
        number: ArrayLike,
        frequency: ArrayLike,
        recency: ArrayLike,
        age: ArrayLike,
        horizon: float,
    ) -> Floats:
        """Return the probability of more than `number` purchases within the `horizon`."""
        x, known = np.asarray(frequency, np.float64), np.asarray(age, np.float64)
        stays = (self.alpha + known) / (self.alpha + known + horizon)
        # The beta function itself: scipy's distribution takes twelve times as long for one person.
        least = np.asarray(number, np.float64) + 1
        return np.asarray(betainc(least, self.r + x, 1 - stays), np.float64)


def fit_nbd(frequency: ArrayLike, age: ArrayLike) -> NBD | Withheld:
    """Fit by maximum likelihood to `frequency` (people,) repeat purchases in `age` each.

    Withheld as `rates.fit_rates` does: `insight.few_buyers`. Raises `ValueError` where they are
    no histories, or an age is 0.
    """
    x, known = checked(frequency, age)
    rates = fit_rates(x[:, np.newaxis], known)
    if np.isnan(rates.r[0]):
        return Withheld("insight.few_buyers", {"buyers": int(rates.buyers[0]), "fewest": 10})
    return NBD(float(rates.r[0]), float(rates.alpha[0]), float(rates.log_likelihood[0]))
