"""What a product of a category is like before anybody has said anything of it.

How the five stars are shared differs between products as a Dirichlet distribution, so that the
stars of one product are Dirichlet-multinomial (Mosimann, Biometrika 49, 1962). Its mean is what
is usual in the category; how many reviews it is worth, A, is the likeliest: empirical Bayes
(Robbins 1956; Minka, "Estimating a Dirichlet Distribution", 2000). Where few products say little
of it, A stays near `WORTH`: its logarithm is held for normal around that, with a deviation of 1.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

STARS = np.arange(1, 6)
#: Between so many reviews A lies; below so many products a category has the prior of all.
FEWEST, MOST, ENOUGH = 2.0, 100.0, 5
#: What a product says of what is usual: n / (n + EVEN), so that none says it alone.
EVEN = 10.0
WORTH = 8.0
STEPS = 24


def fit(counts: Floats, category: Ints, categories: int) -> Floats:
    """Return the prior of each category, (categories, 5): what stands for what, in reviews.

    `counts` (products, 5) are weights by star, `category` (products,). A category of which too
    little is known has the prior of all products, and without any product that is even.
    """
    together = _fit(counts, np.zeros(len(counts), np.int64), 1)
    own = _fit(counts, category, categories)
    said = np.bincount(category[counts.sum(axis=1) > 0], minlength=categories)
    return np.where((said >= ENOUGH)[:, None], own, together)


def _fit(counts: Floats, category: Ints, categories: int) -> Floats:
    total = counts.sum(axis=1)
    there = total > 0
    counts, category, total = counts[there], category[there], total[there]
    speaks = counts / (total + EVEN)[:, None]
    mean = np.full((categories, 5), 1 / 5)
    np.add.at(mean, category, speaks)
    mean /= mean.sum(axis=1, keepdims=True)

    def likely(log_a: Floats) -> Floats:
        """Return the log-likelihood of each category at its own A."""
        a = np.exp(log_a)
        alpha = (a[:, None] * mean)[category]
        each = gammaln(alpha + counts).sum(axis=1) - gammaln(alpha).sum(axis=1)
        each += gammaln(a)[category] - gammaln(a[category] + total)
        held = (log_a - np.log(WORTH)) ** 2 / 2
        found: Floats = np.bincount(category, each, categories) - held
        return found

    # Golden section: as many evaluations as steps, whatever the categories.
    ratio = (np.sqrt(5) - 1) / 2
    low, high = (np.full(categories, np.log(end)) for end in (FEWEST, MOST))
    left, right = high - ratio * (high - low), low + ratio * (high - low)
    at_left, at_right = likely(left), likely(right)
    for _ in range(STEPS):
        lower = at_left > at_right  # the maximum lies in the lower part
        low, high = np.where(lower, low, left), np.where(lower, right, high)
        fresh = np.where(lower, high - ratio * (high - low), low + ratio * (high - low))
        at_fresh = likely(fresh)
        left, right = np.where(lower, fresh, right), np.where(lower, left, fresh)
        at_left, at_right = (
            np.where(lower, at_fresh, at_right),
            np.where(lower, at_left, at_fresh),
        )
    found: Floats = np.exp((low + high) / 2)[:, None] * mean
    return found
