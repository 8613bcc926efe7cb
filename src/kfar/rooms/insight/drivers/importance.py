"""How much of what is explained is each driver's: Shapley values of R², and relative weights.

Lindeman, Merenda and Gold (*Introduction to Bivariate and Multivariate Analysis*, 1980, p. 119)
give each driver what it adds to R², on the average of all orders in which drivers can be
added; this is its Shapley value, and what R's relaimpo calls `lmg` (Grömping, Journal of
Statistical Software 17(1), 2006). Johnson (Multivariate Behavioral Research 35, 2000) comes near
to it by the uncorrelated variables that are closest to the drivers.

Covariances are (…, 1 + drivers, 1 + drivers), the outcome first; any number of them at once.
"""

from __future__ import annotations

from functools import cache
from math import comb

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
#: 2^16 sets of drivers; each more doubles time and memory.
MOST = 16


def explained(covariance: Floats) -> Floats:
    """Return R² of every set of drivers, (…, 2^drivers); bit k of a place says driver k is in.

    Each driver in turn is swept out of all sets that hold it (Goodnight, American Statistician
    33, 1979), and leaves the matrix of those that do not; so the matrices become smaller while
    they become more. A driver that the ones before it determine adds nothing. Raises
    `ValueError` beyond 16 drivers.
    """
    lead, drivers = covariance.shape[:-2], covariance.shape[-1] - 1
    if drivers > MOST:
        raise ValueError(f"{drivers} drivers are more than {MOST}")
    total = covariance[..., 0, 0, None]
    # Those to come stand behind; the next is the last but for the outcome at the very end.
    left = np.roll(covariance, -1, axis=(-2, -1)).reshape(*lead, 1, drivers + 1, drivers + 1)
    own = np.diagonal(covariance, axis1=-2, axis2=-1)[..., 1:]
    for k in range(drivers):
        column, pivot, rest = left[..., 1:, 0], left[..., 0, 0], left[..., 1:, 1:]
        there = pivot > 1e-10 * own[..., k, None]
        slope = column / np.where(there, pivot, np.inf)[..., None]
        left = np.concatenate([rest, rest - slope[..., :, None] * column[..., None, :]], axis=-3)
    share: Floats = (total - left[..., 0, 0]) / np.where(total > 0, total, np.inf)
    return share


def lmg(covariance: Floats) -> Floats:
    """Return each driver's share of the outcome's variance, (…, drivers); they sum to R²."""
    drivers = covariance.shape[-1] - 1
    shares: Floats = explained(covariance) @ _turns(drivers)
    return shares


def johnson(covariance: Floats) -> Floats:
    """Return Johnson's relative weights, (…, drivers); they sum to R² where no driver is a copy."""
    spread = np.sqrt(np.diagonal(covariance, axis1=-2, axis2=-1))
    correlation = covariance / (spread[..., :, None] * spread[..., None, :])
    values, vectors = np.linalg.eigh(correlation[..., 1:, 1:])
    root = np.sqrt(np.maximum(values, 0))[..., None, :]
    turned = np.swapaxes(vectors, -1, -2)
    near = (vectors * root) @ turned
    whole = np.where(root > 1e-8, root, np.inf)
    slope = (vectors / whole) @ turned @ correlation[..., 1:, 0, None]
    weights: Floats = (near**2 @ slope**2)[..., 0]
    return weights


@cache
def _turns(drivers: int) -> Floats:
    """Return by how much R² of each set counts for each driver, (2^drivers, drivers).

    In 1 of drivers · (drivers - 1 over s) orders, a driver comes after the very set of s others.
    """
    inside = (np.arange(2**drivers)[:, None] >> np.arange(drivers)) & 1 == 1
    size = inside.sum(axis=1)
    after = np.array([1 / (drivers * comb(drivers - 1, s)) for s in range(drivers)])
    gained, lost = after[np.maximum(size - 1, 0)], after[np.minimum(size, drivers - 1)]
    turns: Floats = np.where(inside, gained[:, None], -lost[:, None])
    return turns
