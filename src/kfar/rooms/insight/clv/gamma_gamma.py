"""Gamma-Gamma: what a customer's purchases come to, each one's around a mean of one's own.

Fader and Hardie, "The Gamma-Gamma Model of Monetary Value" (2013). A purchase is Gamma(p, ν), and
ν is Gamma(q, γ) among customers; how often one buys says nothing of how much.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import digamma, gammaln

from kfar.rooms.insight.clv.fitting import maximise
from kfar.rooms.insight.clv.histories import Floats, checked, distinct

NAMES = "p q gamma"
STARTS = ((1.0, 1.0, 0.0), (0.0, 0.5, 0.0), (2.5, 2.0, 1.0))


@dataclass(frozen=True, eq=False)
class GammaGamma:
    """A fitted model. `gamma` is in the unit of the values.

    `covariance` (3, 3) is that of the logarithms of `p`, `q` and `gamma`.
    """

    p: float
    q: float
    gamma: float
    log_likelihood: float
    covariance: Floats = field(repr=False)

    @property
    def parameters(self) -> Floats:
        """`p`, `q` and `gamma`, (3,)."""
        return np.array([self.p, self.q, self.gamma])

    def mean_value(self, frequency: ArrayLike, mean_value: ArrayLike) -> Floats:
        """Return what a purchase of each customer comes to on the average, equation (5).

        `frequency` and `mean_value` (people,) are of repeat purchases; who made none is expected
        to be as others. Raises `ValueError` where q <= 1: the mean of others is infinite.
        """
        if self.q <= 1:
            raise ValueError("with q <= 1 the mean among customers is infinite: drop outliers")
        shape, scale = self.person(frequency, mean_value)
        return self.p * scale / (shape - 1)

    def person(self, frequency: ArrayLike, mean_value: ArrayLike) -> tuple[Floats, Floats]:
        """Return what is known of each one's ν: shape and rate of its Gamma, both (people,)."""
        x, mean = np.asarray(frequency, np.float64), np.asarray(mean_value, np.float64)
        return self.q + self.p * x, self.gamma + x * mean


def fit_gamma_gamma(
    frequency: ArrayLike, mean_value: ArrayLike, weights: ArrayLike | None = None
) -> GammaGamma:
    """Fit by maximum likelihood to customers (people,) who came again: 1 or more `frequency`.

    `mean_value` is the mean of that many purchases, above 0; `weights` say how many customers a
    row stands for. Raises `ValueError` where they are not so, and where the likelihood has no
    maximum (`NoMaximum`): where all purchases, or all customers' means, are alike.
    """
    (x, mean), weight = distinct(checked(frequency, mean_value), weights)
    if (x < 1).any() or (mean <= 0).any():
        raise ValueError("a mean value is of one purchase or more, and above 0: leave others out")
    climb = Likelihood(x, mean, weight)
    found = maximise(climb, STARTS, NAMES, climb.people)
    p, q, gamma = np.exp(found.at).tolist()
    log_likelihood = (found.mean - np.log(climb.unit)) * climb.people
    return GammaGamma(p, q, gamma * climb.unit, float(log_likelihood), found.covariance)


class Likelihood:
    """Equation (1a), and its gradient, for logarithms of the parameters.

    Values are counted in their mean, `unit`, so that parameters are near 1.
    """

    def __init__(self, x: Floats, mean: Floats, weight: Floats) -> None:
        self.people = float(weight.sum())
        self.weight = weight / self.people
        self.unit = float(mean @ self.weight)
        self.x, self.spent = x, x * mean / self.unit
        self.log_spent = np.log(self.spent)
        self.begin = float(self.weight @ np.log(mean / self.unit))
        # What depends on the frequency alone is computed once for each.
        self.counts, of = np.unique(x, return_inverse=True)
        self.share = np.bincount(of, self.weight)

    def __call__(self, logs: Floats) -> tuple[float, Floats]:
        """Return a customer's mean log-likelihood, and its gradient (3,)."""
        p, q, gamma = np.exp(logs)
        counts, share, weight = self.counts, self.share, self.weight
        shape = p * self.x + q
        total = np.log(gamma + self.spent)
        mean = share @ (gammaln(p * counts + q) - gammaln(p * counts)) - gammaln(q)
        mean += q * np.log(gamma) - self.begin + weight @ (p * self.x * self.log_spent)
        mean -= weight @ (shape * total)

        both = digamma(p * counts + q)
        by_p = share @ (counts * (both - digamma(p * counts)))
        by_p += weight @ (self.x * (self.log_spent - total))
        by_q = share @ both - digamma(q) + np.log(gamma) - weight @ total
        by_gamma = q / gamma - weight @ (shape / (gamma + self.spent))
        return float(mean), np.array([by_p * p, by_q * q, by_gamma * gamma])
