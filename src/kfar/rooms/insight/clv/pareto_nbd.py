"""Pareto/NBD: customers buy at their own rates, and leave at some time nobody sees.

Schmittlein, Morrison and Colombo, "Counting Your Customers: Who Are They and What Will They Do
Next?" (Management Science 33, 1987), with the likelihood of Fader and Hardie, "A Note on Deriving
the Pareto/NBD Model and Related Expressions" (2005). While there, a customer buys at random at the
rate λ, which is Gamma(r, α) among customers, and leaves at random at the rate μ, which is
Gamma(s, β).

The notes write the integral over the time of leaving with the hypergeometric function, as a
difference that loses its digits, and without a gradient. Here it is an integral, of

    s (α + y) ** -(r + x) (β + y) ** -(s + 1)    for y from the last purchase until today,

which is smooth and positive, and so are its derivatives.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betainc, digamma, expit, exprel, gammaln

from kfar.rooms.insight.clv.fitting import Scaled, maximise
from kfar.rooms.insight.clv.histories import Floats, grouped
from kfar.rooms.insight.clv.quadrature import legendre

NAMES = "r alpha s beta"
STARTS = ((-0.5, -1.0, -0.5, -1.0), (0.5, 0.5, 0.5, 0.5), (-1.0, -2.5, 0.0, 2.0))
#: Nodes of the integral over the time of leaving: five digits at the worst, commonly ten.
NODES = 24
#: The integral ends where its integrand has fallen by e to this.
DEEP = 34.0
#: Rows at once, so that their nodes stay in the processor's cache.
AT_ONCE = 1024


@dataclass(frozen=True, eq=False)
class ParetoNBD:
    """A fitted model. `alpha` and `beta` are in the unit of recency and age.

    `covariance` (4, 4) is that of the logarithms of `r`, `alpha`, `s` and `beta`. Its methods
    take histories (people,) as `fit_pareto_nbd` does, and return an array (people,).
    """

    r: float
    alpha: float
    s: float
    beta: float
    log_likelihood: float
    covariance: Floats = field(repr=False)

    @property
    def parameters(self) -> Floats:
        """`r`, `alpha`, `s` and `beta`, (4,)."""
        return np.array([self.r, self.alpha, self.s, self.beta])

    def alive(self, frequency: ArrayLike, recency: ArrayLike, age: ArrayLike) -> Floats:
        """Return the probability that a customer is still one."""
        x, last, known = np.broadcast_arrays(
            *(np.asarray(of, np.float64) for of in (frequency, recency, age))
        )
        stay = -(self.r + x) * np.log(self.alpha + known) - self.s * np.log(self.beta + known)
        gone = leaving(x.ravel(), last.ravel(), known.ravel(), self.parameters)[0]
        return np.asarray(expit(stay - gone.reshape(x.shape)), np.float64)

    def expected(
        self, frequency: ArrayLike, recency: ArrayLike, age: ArrayLike, horizon: float
    ) -> Floats:
        """Return how many purchases are to be expected within the `horizon`."""
        x, known = np.asarray(frequency, np.float64), np.asarray(age, np.float64)
        # (1 - c ** -(s - 1)) / (s - 1), which is log c at s = 1.
        longer = np.log1p(horizon / (self.beta + known))
        mean = (self.beta + known) * longer * exprel((1 - self.s) * longer)
        rate = (self.r + x) / (self.alpha + known)
        return np.asarray(self.alive(frequency, recency, age) * rate * mean, np.float64)

    def rate(
        self, frequency: ArrayLike, recency: ArrayLike, age: ArrayLike, after: float
    ) -> Floats:
        """Return how many purchases are to be expected per unit of time, `after` some from now."""
        x, known = np.asarray(frequency, np.float64), np.asarray(age, np.float64)
        stays = np.exp(-self.s * np.log1p(after / (self.beta + known)))
        rate = (self.r + x) / (self.alpha + known)
        return np.asarray(self.alive(frequency, recency, age) * rate * stays, np.float64)

    def more_than(
        self,
        number: ArrayLike,
        frequency: ArrayLike,
        recency: ArrayLike,
        age: ArrayLike,
        horizon: float,
    ) -> Floats:
        """Return the probability of more than `number` purchases within the `horizon`.

        The mean, over when one leaves, of buying that often until then.
        """
        n, x, known = (np.asarray(of, np.float64) for of in (number, frequency, age))
        fall = -self.s * np.log1p(horizon / (self.beta + known))
        shape, scale = self.r + x, self.alpha + known
        more = np.exp(fall) * betainc(n + 1, shape, horizon / (scale + horizon))
        # Leaving is as likely between any two nodes, so a node is a quantile of its time.
        for place, weight in zip(*legendre(2 * NODES), strict=True):
            share = -np.expm1(fall)
            until = (self.beta + known) * np.expm1(-np.log1p(-share * place) / self.s)
            more = more + weight * share * betainc(n + 1, shape, until / (scale + until))
        return np.asarray(self.alive(frequency, recency, age) * more, np.float64)

    def of_new(self, horizon: float) -> float:
        """Return how many repeat purchases a new customer makes within the `horizon`."""
        return float(self.expected([0.0], [0.0], [0.0], horizon)[0])


def fit_pareto_nbd(
    frequency: ArrayLike,
    recency: ArrayLike,
    age: ArrayLike,
    weights: ArrayLike | None = None,
) -> ParetoNBD:
    """Fit by maximum likelihood to histories (people,), as `histories` defines them.

    `weights` (people,) say how many customers a row stands for. Raises `ValueError` where they
    are no histories, and where the likelihood has no maximum (`NoMaximum`): where hardly anybody
    comes again, nobody leaves, or all are alike.
    """
    climb = Likelihood(grouped(frequency, recency, age, weights))
    found = maximise(climb, STARTS, NAMES, climb.people)
    r, alpha, s, beta = np.exp(found.at).tolist()
    unit = climb.unit
    return ParetoNBD(r, alpha * unit, s, beta * unit, climb.whole(found), found.covariance)


class Likelihood(Scaled):
    """The log-likelihood and its gradient, for logarithms of the parameters."""

    def __call__(self, logs: Floats) -> tuple[float, Floats]:
        """Return a customer's mean log-likelihood, and its gradient (4,)."""
        r, alpha, s, beta = np.exp(logs)
        counts, share, shape = self.counts, self.share, r + self.x
        gone, by = leaving(self.x, self.last, self.age, np.exp(logs))
        # Who is there until now, or left on the way, which is likelier by the factor e to `more`.
        until, beyond = np.log(alpha + self.age), np.log(beta + self.age)
        stay = -shape * until - s * beyond
        total = np.logaddexp(stay, gone)
        alike = share @ (gammaln(r + counts) - gammaln(r))
        mean = alike + r * np.log(alpha) + s * np.log(beta) + self.weight @ total

        left = self.weight * np.exp(gone - total)
        stays = self.weight - left
        by_r = share @ (digamma(r + counts) - digamma(r)) + np.log(alpha)
        by_r += -stays @ until + by[0] @ left
        by_alpha = r / alpha - stays @ (shape / (alpha + self.age)) + by[1] @ left
        by_s = np.log(beta) - stays @ beyond + by[2] @ left
        by_beta = s / beta - s * (stays @ (1 / (beta + self.age))) + by[3] @ left
        return float(mean), np.array([by_r * r, by_alpha * alpha, by_s * s, by_beta * beta])


def leaving(x: Floats, last: Floats, known: Floats, parameters: Floats) -> tuple[Floats, Floats]:
    """Return the logarithm of the integral over the time of leaving, and how it rises.

    `x`, `last` and `known` are (people,), `parameters` are r, α, s and β; the logarithm is
    (people,), -inf where last is known, and its derivatives by the parameters are (4, people).
    """
    logarithm, by = np.empty(len(x)), np.empty((4, len(x)))
    for first in range(0, len(x), AT_ONCE):
        these = slice(first, first + AT_ONCE)
        logarithm[these], by[:, these] = _leaving(x[these], last[these], known[these], parameters)
    return logarithm, by


def _leaving(x: Floats, last: Floats, known: Floats, parameters: Floats) -> tuple[Floats, Floats]:
    r, alpha, s, beta = parameters
    places, weights = legendre(NODES)
    # With z = log((m + y) / (m + last)) the integrand is nearly exp(-(k - 1) z), if it falls at the
    # beginning as (m + y) ** -k does.
    k = r + x + s + 1
    begin = k / ((r + x) / (alpha + last) + (s + 1) / (beta + last))
    # It ends where it is too small to matter: not before either factor alone, or both as if
    # they fell as slowly as the slower, are.
    slow = max(alpha, beta) + last
    with np.errstate(over="ignore"):
        far = np.minimum((alpha + last) * np.expm1(DEEP / (r + x)), slow * np.expm1(DEEP / k))
        far = np.minimum(far, (beta + last) * np.expm1(DEEP / (s + 1)))
    longest = np.log1p(np.minimum(known - last, far) / begin)
    ahead = begin * np.expm1(places[:, np.newaxis] * longest)  # y - last, (nodes, people)
    by_alpha, by_beta = 1 / (alpha + last + ahead), 1 / (beta + last + ahead)
    log_alpha, log_beta = np.log(by_alpha), np.log(by_beta)
    fall = (r + x) * log_alpha + (s + 1) * log_beta
    peak = (r + x) * -np.log(alpha + last) - (s + 1) * np.log(beta + last)
    part = np.exp(fall - peak)
    part *= weights[:, np.newaxis] * (begin + ahead)
    whole = part.sum(axis=0)
    part /= whole
    with np.errstate(divide="ignore"):  # nobody leaves in no time
        logarithm = np.log(s * whole * longest) + peak
    return logarithm, np.array(
        [
            np.einsum("kn,kn->n", part, log_alpha),
            -(r + x) * np.einsum("kn,kn->n", part, by_alpha),
            1 / s + np.einsum("kn,kn->n", part, log_beta),
            -(s + 1) * np.einsum("kn,kn->n", part, by_beta),
        ]
    )
