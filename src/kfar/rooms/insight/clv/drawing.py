"""Drawing: customers as the models have them, whose parameters are known.

So that a model can be tried on a truth: Fader, Hardie and Lee (2005) for BG/NBD; Schmittlein,
Morrison and Colombo (1987) for Pareto/NBD.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from kfar.rooms.insight.clv.histories import Floats


def draw_bgnbd(
    parameters: ArrayLike, age: ArrayLike, draw: np.random.Generator
) -> tuple[Floats, Floats]:
    """Return frequency and recency of customers of this `age` (people,), drawn from BG/NBD.

    `parameters` are r, alpha, a and b.
    """
    r, alpha, a, b = np.asarray(parameters, np.float64)
    known = np.asarray(age, np.float64)
    rate, leaves = draw.gamma(r, 1 / alpha, len(known)), draw.beta(a, b, len(known))
    return _bought(rate, known, leaves, draw)


def draw_pareto_nbd(
    parameters: ArrayLike, age: ArrayLike, draw: np.random.Generator
) -> tuple[Floats, Floats]:
    """Return frequency and recency of customers of this `age` (people,), from Pareto/NBD.

    `parameters` are r, alpha, s and beta.
    """
    r, alpha, s, beta = np.asarray(parameters, np.float64)
    known = np.asarray(age, np.float64)
    rate = draw.gamma(r, 1 / alpha, len(known))
    # Rates may be too small to tell from 0: such a one never leaves, as none buys.
    left = np.minimum(draw.gamma(s, 1 / beta, len(known)), 1e300)
    until = draw.exponential(1.0, len(known)) / np.maximum(left, 1e-300)
    return _bought(rate, np.minimum(known, until), np.zeros(len(known)), draw)


def _bought(
    rate: Floats, until: Floats, leaves: Floats, draw: np.random.Generator
) -> tuple[Floats, Floats]:
    """Return how often and until when is bought, at `rate`, each purchase the last by chance."""
    frequency, recency = np.zeros(len(rate)), np.zeros(len(rate))
    there = np.arange(len(rate))
    while len(there):
        at = recency[there] + draw.exponential(1.0, len(there)) / np.maximum(rate[there], 1e-300)
        buys = at <= until[there]
        there, at = there[buys], at[buys]
        frequency[there] += 1
        recency[there] = at
        there = there[draw.random(len(there)) >= leaves[there]]
    return frequency, recency
