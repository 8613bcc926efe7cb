"""The prominence of each product: the mean of its stars after all that was said, and how sure.

After weights n of each star, and α of the category before them, how the stars are shared is
Dirichlet(α + n): the mean is Σ s (α_s + n_s) / (A + N) stars, with the variance
(Σ s² p_s - mean²) / (A + N + 1). The interval is that of the Beta distribution on 1 … 5 with the
same mean and variance, `LEVEL` of it. Ranking by a posterior mean: Robbins 1956; Efron and
Morris, "Data Analysis Using Stein's Estimator" (JASA 70, 1975).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

from kfar.rooms.voice.prominence.prior import STARS, fit
from kfar.rooms.voice.prominence.weighing import Reviews, weigh

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LEVEL = 0.95


@dataclass(frozen=True, eq=False)
class Scores:
    """Of each product (products,): the mean in stars, between which it lies, and since when.

    `changed` is the day its last change was found at, or -1. `weights` are (products, 5).
    """

    mean: Floats
    low: Floats
    high: Floats
    changed: Ints
    weights: Floats


def weights(reviews: Reviews, until: int) -> tuple[Floats, Ints]:
    """Return what each product's stars weigh, (products, 5), and when each changed last."""
    weighed = weigh(reviews, until)
    cells = reviews.product * 5 + reviews.stars - 1
    counted = np.bincount(cells, weighed.weight, reviews.products * 5).astype(np.float64)
    return counted.reshape(reviews.products, 5), weighed.changed


def after(counted: Floats, alpha: Floats) -> tuple[Floats, Floats, Floats]:
    """Return mean, low and high of each product; both are (products, 5)."""
    shares = alpha + counted
    total = shares.sum(axis=1)
    mean = shares @ STARS / total
    variance = np.maximum(shares @ STARS**2 / total - mean**2, 1e-9) / (total + 1)
    part, spread = (mean - 1) / 4, variance / 16
    worth = part * (1 - part) / spread - 1
    a, b = part * worth, (1 - part) * worth
    low, high = (1 + 4 * betaincinv(a, b, at) for at in ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
    return mean, low, high


def score(reviews: Reviews, category: Ints, categories: int, until: int) -> tuple[Scores, Floats]:
    """Return the scores of all products, and the priors they were made with, (categories, 5)."""
    counted, changed = weights(reviews, until)
    priors = fit(counted, category, categories)
    mean, low, high = after(counted, priors[category])
    return Scores(mean, low, high, changed, counted), priors
