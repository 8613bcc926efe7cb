"""Regression of what happens or does not: a category bought, a customer gone.

A discrete-time hazard is the regression of a yes or no on person-weeks: logistic as in Allison,
"Discrete-Time Methods for the Analysis of Event Histories" (Sociological Methodology 13, 1982),
or complementary log-log, proportional hazards seen in intervals, as in Prentice and Gloeckler
(Biometrics 34, 1978). One person has many weeks, so the covariance is robust to clusters: Liang
and Zeger (Biometrika 73, 1986).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from kfar.rooms.insight.figures import Floats

Link = Literal["logit", "cloglog"]
#: Steps at most; what part of the likelihood one gains that counts as none; how often it is halved.
STEPS, STILL, HALVINGS = 50, 1e-12, 30
#: How far from 0 and 1 a probability stays, and so how large a linear predictor gets.
EDGE = 1e-12


@dataclass(frozen=True, eq=False)
class Fit:
    """`beta` (1 + columns,), the intercept first, and its `covariance`, of one `link`."""

    beta: Floats
    covariance: Floats
    link: Link

    def predictor(self, x: Floats) -> tuple[Floats, Floats]:
        """Return the linear predictor of `x` (rows, columns) and its standard error, (rows,)."""
        full = _with_one(x)
        variance = np.einsum("rc,cd,rd->r", full, self.covariance, full)
        return full @ self.beta, np.sqrt(np.maximum(variance, 0))

    def chance(self, x: Floats) -> Floats:
        """Return the probability of each row of `x` (rows, columns)."""
        return self.probability(_with_one(x) @ self.beta)

    def probability(self, predictor: Floats) -> Floats:
        """Return what a linear predictor means, in 0 … 1."""
        return _mean(predictor, self.link)[0]


def fit(
    x: Floats,
    y: Floats,
    *,
    weight: Floats | None = None,
    ridge: float = 0.0,
    link: Link = "logit",
    cluster: NDArray[np.int64] | None = None,
) -> Fit:
    """Fit by iteratively reweighted least squares (Fisher scoring), with halved steps.

    `x` (rows, columns) without the column of ones; `y` (rows,) in 0 … 1, with `weight` (rows,) as
    many trials each; `ridge` times half the squared coefficients is taken off the likelihood, the
    intercept's not. The covariance is robust to `cluster` (rows,), by default to each row. Raises
    `ValueError` where there is no optimum to find, as where a column tells everything.
    """
    full = _with_one(x)
    trials = np.ones(len(full)) if weight is None else weight
    share = float(np.clip(np.average(y, weights=trials), 1e-6, 1 - 1e-6))
    beta = np.zeros(full.shape[1])
    beta[0] = np.log(share / (1 - share)) if link == "logit" else np.log(-np.log1p(-share))
    penalty = np.full(len(beta), ridge)
    penalty[0] = 0

    def objective(at: Floats) -> float:
        mean = _mean(full @ at, link)[0]
        likelihood = trials @ (y * np.log(mean) + (1 - y) * np.log1p(-mean))
        return float(likelihood - 0.5 * penalty @ at**2)

    now = objective(beta)
    for _ in range(STEPS):
        residual, information = _scores(full, y, trials, beta, link)
        bread = information + np.diag(penalty)
        try:
            slope = full.T @ residual - penalty * beta
            step = np.linalg.solve(bread, slope)
        except np.linalg.LinAlgError as error:
            raise ValueError("columns that say the same") from error
        for _ in range(HALVINGS):
            if (new := objective(beta + step)) >= now - 1e-9 * abs(now):
                break
            step = step / 2
        beta, now = beta + step, new
        if slope @ step < STILL * (1 + abs(now)):
            break
    else:
        raise ValueError("no optimum")
    residual, information = _scores(full, y, trials, beta, link)
    scores = full * residual[:, np.newaxis]
    if cluster is not None:
        _, of = np.unique(cluster, return_inverse=True)
        scores = np.stack([np.bincount(of, column) for column in scores.T], axis=1)
    inverse = np.linalg.inv(information + np.diag(penalty))
    return Fit(beta, inverse @ (scores.T @ scores) @ inverse, link)


def _scores(
    full: Floats, y: Floats, trials: Floats, beta: Floats, link: Link
) -> tuple[Floats, Floats]:
    """Return each row's score by its linear predictor, and the expected information."""
    mean, slope = _mean(full @ beta, link)
    variance = mean * (1 - mean)
    weights = trials * slope**2 / variance
    return trials * (y - mean) * slope / variance, full.T @ (full * weights[:, np.newaxis])


def _mean(predictor: Floats, link: Link) -> tuple[Floats, Floats]:
    """Return the mean and its slope by the predictor."""
    if link == "logit":
        mean = 1 / (1 + np.exp(-np.clip(predictor, -27, 27)))
        return mean, mean * (1 - mean)
    rate = np.exp(np.clip(predictor, -27, 3.2))
    mean = np.clip(-np.expm1(-rate), EDGE, 1 - EDGE)
    return mean, rate * (1 - mean)


def _with_one(x: Floats) -> Floats:
    return np.column_stack([np.ones(len(x)), x])
