"""BG/NBD: customers buy at their own rates, and after any purchase may leave for good.

Fader, Hardie and Lee, "'Counting Your Customers' the Easy Way: An Alternative to the Pareto/NBD
Model" (Marketing Science 24, 2005). While there, a customer buys at random at the rate λ, which
is Gamma(r, α) among customers; after each repeat purchase one leaves with probability p, which is
Beta(a, b). The numbers of equations below are the paper's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betainc, betaln, digamma, expit, gammaln

from kfar.rooms.insight.clv.fitting import Scaled, maximise
from kfar.rooms.insight.clv.histories import Floats, grouped
from kfar.rooms.insight.clv.quadrature import beta_mean

NAMES = "r alpha a b"
STARTS = ((-0.5, -1.5, 0.0, 0.5), (0.5, 0.5, -1.0, 1.0), (-1.0, -2.5, -1.0, 3.0))


@dataclass(frozen=True, eq=False)
class BGNBD:
    """A fitted model. `alpha` is in the unit of recency and age.

    `covariance` (4, 4) is that of the logarithms of `r`, `alpha`, `a` and `b`. Its methods take
    histories (people,) as `fit_bgnbd` does, and return an array (people,).
    """

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float
    covariance: Floats = field(repr=False)

    @property
    def parameters(self) -> Floats:
        """`r`, `alpha`, `a` and `b`, (4,)."""
        return np.array([self.r, self.alpha, self.a, self.b])

    def alive(self, frequency: ArrayLike, recency: ArrayLike, age: ArrayLike) -> Floats:
        """Return the probability that a customer is still one; 1 who never came again."""
        x, last, known = (np.asarray(of, np.float64) for of in (frequency, recency, age))
        left = np.log(self.a) - np.log(np.maximum(self.b + x - 1, 1e-300))
        gap = (self.r + x) * np.log((self.alpha + known) / (self.alpha + last))
        return np.where(x > 0, expit(-left - gap), 1.0)

    def expected(
        self, frequency: ArrayLike, recency: ArrayLike, age: ArrayLike, horizon: float
    ) -> Floats:
        """Return how many purchases are to be expected within the `horizon`, equation (10).

        That has a hypergeometric function and a singularity at a = 1; its integral over p has
        neither: (1 - (1 + pt / (α + T)) ** -(r + x)) / p, over Beta(a, b + x).
        """
        shape, scale, mean = self._person(frequency, age)
        for p, weight in self._leaving(frequency):
            mean -= weight * np.expm1(-shape * np.log1p(p * horizon / scale)) / p
        return self.alive(frequency, recency, age) * mean

    def rate(
        self, frequency: ArrayLike, recency: ArrayLike, age: ArrayLike, after: float
    ) -> Floats:
        """Return how many purchases are to be expected per unit of time, `after` some from now."""
        shape, scale, mean = self._person(frequency, age)
        for p, weight in self._leaving(frequency):
            mean += weight * np.exp(-(shape + 1) * np.log1p(p * after / scale))
        return self.alive(frequency, recency, age) * shape / scale * mean

    def more_than(
        self,
        number: ArrayLike,
        frequency: ArrayLike,
        recency: ArrayLike,
        age: ArrayLike,
        horizon: float,
    ) -> Floats:
        """Return the probability of more than `number` purchases within the `horizon`.

        Equation (8), summed: who is there buys that often, and stays after all but the last.
        """
        n, x, known = (np.asarray(of, np.float64) for of in (number, frequency, age))
        stays = np.exp(betaln(self.a, self.b + x + n) - betaln(self.a, self.b + x))
        buys = betainc(n + 1, self.r + x, horizon / (self.alpha + known + horizon))
        return np.asarray(self.alive(frequency, recency, age) * stays * buys, np.float64)

    def of_new(self, horizon: float) -> float:
        """Return how many repeat purchases a new customer makes within `horizon`, equation (9)."""
        return float(self.expected([0.0], [0.0], [0.0], horizon)[0])

    def _person(self, frequency: ArrayLike, age: ArrayLike) -> tuple[Floats, Floats, Floats]:
        """Return what is known of each one's λ, shape and rate of its Gamma, and zeros."""
        x, known = np.asarray(frequency, np.float64), np.asarray(age, np.float64)
        return self.r + x, self.alpha + known, np.zeros(np.broadcast_shapes(x.shape, known.shape))

    def _leaving(self, frequency: ArrayLike) -> Iterator[tuple[Floats, Floats]]:
        """Yield what p may be of each one who is there, and the weight of that, both (people,)."""
        values, place = np.unique(np.asarray(frequency, np.float64), return_inverse=True)
        p, weight = beta_mean(self.a, self.b + values)
        for n in range(p.shape[1]):
            yield p[place, n], weight[place, n]


def fit_bgnbd(
    frequency: ArrayLike,
    recency: ArrayLike,
    age: ArrayLike,
    weights: ArrayLike | None = None,
) -> BGNBD:
    """Fit by maximum likelihood to histories (people,), as `histories` defines them.

    `weights` (people,) say how many customers a row stands for. Raises `ValueError` where they
    are no histories, and where the likelihood has no maximum (`NoMaximum`): where hardly anybody
    comes again, nobody leaves, or all are alike.
    """
    climb = Likelihood(grouped(frequency, recency, age, weights))
    found = maximise(climb, STARTS, NAMES, climb.people)
    r, alpha, a, b = np.exp(found.at).tolist()
    return BGNBD(r, alpha * climb.unit, a, b, climb.whole(found), found.covariance)


class Likelihood(Scaled):
    """Equation (7), and its gradient, for logarithms of the parameters."""

    def __call__(self, logs: Floats) -> tuple[float, Floats]:
        """Return a customer's mean log-likelihood, and its gradient (4,)."""
        r, alpha, a, b = np.exp(logs)
        counts, share = self.counts, self.share
        alike = gammaln(r + counts) - gammaln(r) + r * np.log(alpha)
        alike += gammaln(b + counts) - gammaln(b) + gammaln(a + b) - gammaln(a + b + counts)
        left = np.log(a) - np.log(b + np.maximum(counts, 1) - 1)
        shape = r + self.x
        # Who bought last at `last` is there (stay), or left just then (go), which is likelier by
        # the factor e to `more`.
        until, since = np.log(alpha + self.age), np.log(alpha + self.last)
        more = left[self.of] + shape * (until - since)
        again = self.x > 0
        go = np.where(again, expit(more), 0.0)
        longer = np.where(again, np.logaddexp(0, more), 0.0)
        mean = share @ alike + self.weight @ (longer - shape * until)

        stay, gone = self.weight * (1 - go), self.weight * go
        left_at = np.bincount(self.of, gone)
        by_r = share @ (digamma(r + counts) - digamma(r) + np.log(alpha))
        by_r -= stay @ until + gone @ since
        by_alpha = r / alpha - stay @ (shape / (alpha + self.age))
        by_alpha -= gone @ (shape / (alpha + self.last))
        both = digamma(a + b) - digamma(a + b + counts)
        by_a = share @ both + left_at.sum() / a
        by_b = share @ (digamma(b + counts) - digamma(b) + both)
        by_b -= (left_at / (b + np.maximum(counts, 1) - 1)).sum()
        return float(mean), np.array([by_r * r, by_alpha * alpha, by_a * a, by_b * b])
