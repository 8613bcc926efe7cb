"""Maximum likelihood: where it is, how sure that is, and whether there is one.

Parameters are positive, so they are sought as logarithms, where the likelihoods of this package
are nearly quadratic. The search is L-BFGS-B (Byrd, Lu, Nocedal and Zhu 1995) on the analytic
gradient; one step of Newton ends it. The covariance is the inverse of the observed information,
the Hessian from differences of the gradient: by the delta method, a parameter's standard error
is its own times that of its logarithm.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from kfar.rooms.insight.clv.histories import Floats, Histories

#: Logarithms of parameters: log-likelihood and gradient, both a customer's mean.
Climb = Callable[[Floats], tuple[float, Floats]]
#: In units of the data no parameter is sought beyond e to this.
FAR = 12.0
#: Whose logarithm is surer than this is identified: within a factor of 20.
SURE = 3.0
#: The search has found the maximum where Newton's step is shorter.
NEAR = 0.01
STEP = 1e-5


class NoMaximum(ValueError):  # noqa: N818 - what there is not
    """The likelihood rises without end; `runaways` are the parameters that go with it."""

    def __init__(self, runaways: tuple[str, ...]) -> None:
        super().__init__(
            f"the likelihood has no maximum that the data hold: {', '.join(runaways)} run away."
            " Give more customers, or a longer time, or use a simpler model"
        )
        self.runaways = runaways


@dataclass(frozen=True, eq=False)
class Maximum:
    """The logarithms of the parameters at the maximum, a customer's mean, and the covariance."""

    at: Floats
    mean: float
    covariance: Floats


class Scaled:
    """Histories as likelihoods read them: time in the mean age, `unit`, so parameters are near 1.

    What depends on the frequency alone is computed once for each of `counts`, of which row `of`
    has one; `share` is that of the customers with each.
    """

    def __init__(self, rows: Histories) -> None:
        self.people = float(rows.weight.sum())
        self.purchases = float(rows.weight @ rows.frequency)
        self.unit = float(rows.age @ rows.weight / self.people) or 1.0
        self.weight = rows.weight / self.people
        self.x, self.last, self.age = rows.frequency, rows.recency / self.unit, rows.age / self.unit
        self.counts, self.of = np.unique(rows.frequency, return_inverse=True)
        self.share = np.bincount(self.of, self.weight)

    def whole(self, found: Maximum) -> float:
        """Return the log-likelihood of all customers, in the unit of the data."""
        return float(found.mean * self.people - self.purchases * np.log(self.unit))


def maximise(climb: Climb, starts: Sequence[Sequence[float]], names: str, weight: float) -> Maximum:
    """Return the maximum of `climb` over the parameters `names`, for `weight` customers in all.

    `starts` (logarithms) are tried in turn until one leads there. Raises `NoMaximum`, a
    `ValueError`, where none does.
    """
    runaways: tuple[str, ...] = ()
    called = names.split()
    for start in starts:
        found = minimize(
            lambda at: _falling(climb, at),
            np.array(start, float),
            jac=True,
            method="L-BFGS-B",
            bounds=[(-FAR, FAR)] * len(called),
            options={"ftol": 1e-12, "gtol": 1e-6, "maxcor": 20},
        )
        at = found.x
        hessian = _hessian(climb, at)
        curves, ways = np.linalg.eigh(hessian)
        flat = curves * weight < SURE**-2
        ran = np.abs(at) > FAR - 1
        if not flat.any() and not ran.any():
            step = np.linalg.solve(hessian, climb(at)[1])
            if (np.abs(step) < NEAR).all():
                covariance = np.asarray(np.linalg.inv(hessian * weight), np.float64)
                return Maximum(at + step, climb(at + step)[0], covariance)
            ran |= np.abs(step) >= NEAR
        # The parameters that the flat directions are about.
        ran |= (np.abs(ways[:, flat]) > 0.4).any(axis=1)
        runaways = runaways or tuple(n for n, is_so in zip(called, ran, strict=True) if is_so)
    raise NoMaximum(runaways)


def _falling(climb: Climb, at: Floats) -> tuple[float, Floats]:
    mean, slope = climb(at)
    return -mean, -slope


def _hessian(climb: Climb, at: Floats) -> Floats:
    """Return how the gradient falls (parameters, parameters): positive at a maximum."""
    steps = np.eye(len(at)) * STEP
    rows = [(climb(at - step)[1] - climb(at + step)[1]) / (2 * STEP) for step in steps]
    return (np.array(rows) + np.array(rows).T) / 2
