"""A mixture Shiryaev–Roberts e-detector of people per hour.

Shin, Ramdas and Rinaldo, "E-detectors: a nonparametric framework for sequential change detection"
(2022, definitions 2.2 and 2.4, theorem 2.4): where Λ_t has a mean of at most 1 given the past as
long as nothing has changed, M_t = (M_{t-1} + 1) · Λ_t minus t never grows in the mean, so it takes
1/α hours on the average until M reaches 1/α; a weighted mean of such M is one, too. Λ is the
likelihood ratio of "r times as many people" to "as many as expected", for each r of `MULTIPLES`:
Poisson, or negative binomial where hours are more spread than that. Its mean is 1 where as many
come as expected, and less where fewer come or their numbers are less spread.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

#: How many times as many people as expected is looked for, and how much each is listened to.
MULTIPLES = np.array([1.5, 2.0, 3.0, 5.0, 10.0])
WEIGHTS = np.full(len(MULTIPLES), 1 / len(MULTIPLES))
#: The most that one multiple may say for a change, so that it stays a number.
MOST = 1e100


def log_ratios(people: ArrayLike, expected: ArrayLike, spread: ArrayLike = 0.0) -> Floats:
    """Return log Λ of each multiple, (…, multiples).

    `people` (…) came where `expected` (…) were to be expected; `spread` (…) is how much the
    variance is beyond Poisson's, in parts of the expectation's square: 0 for none.
    """
    came, mean, beyond = (np.asarray(of, float)[..., None] for of in (people, expected, spread))
    safe = np.where(beyond > 0, beyond, 1.0)
    more = (MULTIPLES - 1) * mean
    spread_out = (1 / safe + came) * np.log1p(safe * more / (1 + safe * mean))
    ratios: Floats = came * np.log(MULTIPLES) - np.where(beyond > 0, spread_out, more)
    return ratios


def step(state: Floats, ratios: Floats) -> Floats:
    """Return M (…, multiples) an hour later: (M + 1) · Λ, of `log_ratios`."""
    with np.errstate(over="ignore"):
        return np.minimum((state + 1) * np.exp(ratios), MOST)


def evidence(state: Floats) -> Floats:
    """Return the weighted mean of M over the multiples, (…): what is held to the threshold."""
    mixed: Floats = state @ WEIGHTS
    return mixed


def begin(shape: tuple[int, ...] = ()) -> Floats:
    """Return M before the first hour, (*shape, multiples)."""
    return np.zeros((*shape, len(MULTIPLES)))


def follow(people: Floats, expected: Floats, spread: ArrayLike = 0.0) -> Floats:
    """Return the evidence after each hour, (…, hours), from nothing on.

    `people` and `expected` are (…, hours) or spread out to it, `spread` is (…).
    """
    people, expected = np.broadcast_arrays(people, expected)
    state, told = begin(people.shape[:-1]), np.empty(people.shape)
    for hour in range(people.shape[-1]):
        ratios = log_ratios(people[..., hour], expected[..., hour], spread)
        state = step(state, ratios)
        told[..., hour] = evidence(state)
    return told


def since(people: Floats, expected: Floats, spread: float = 0.0) -> int:
    """Return with which hour of `people` (hours,) the change most likely began, up to the last.

    It is where the likelihood of "from here on r times as many" is highest, over all r.
    """
    ratios = log_ratios(people, expected, spread)
    from_here = np.cumsum(ratios[::-1], axis=0)[::-1]
    return int(from_here.max(axis=1).argmax())
