"""The mix of a place: which categories are bought there more often, or less, than everywhere.

Of visits to a place a share y/v has the category; of all visits everywhere s. Lift is the one over
the other. Visits of one customer are alike, so the test goes by customers: with y_i of the v_i
visits of customer i, what is left of each is r_i = y_i − s v_i, their sum is 0 on the average, and
its variance Σ r_i², as in Liang and Zeger, "Longitudinal Data Analysis Using Generalized Linear
Models" (Biometrika 73, 1986). A customer who comes daily with a cat is one customer with a cat.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from kfar.rooms.insight.affinity.pairs import false_finds
from kfar.rooms.insight.figures import Floats

#: Customers of a place below which its mix is not compared: sums of few are not normal.
FEWEST = 30


@dataclass(frozen=True, eq=False)
class Mix:
    """How places differ from all of them: arrays (places, categories), NaN where not compared.

    `share` of visits to the place, `lift`, the test's `z`, and `q`, the share of false finds
    among all that are as sure. `usual` (categories,) is the share of visits everywhere.
    """

    share: Floats
    usual: Floats
    lift: Floats
    z: Floats
    q: Floats


def mix(
    visits: ArrayLike,
    squares: ArrayLike,
    customers: ArrayLike,
    *,
    bought: ArrayLike,
    bought_squares: ArrayLike,
    crossed: ArrayLike,
) -> Mix:
    """Compare places by sums over their customers.

    Of v_i, v_i² and 1 (places,); of y_i, y_i², y_i v_i (places, categories). Raises
    `ValueError` where shapes differ.
    """
    v, vv, n = (np.asarray(x, np.float64) for x in (visits, squares, customers))
    y, yy, yv = (np.asarray(x, np.float64) for x in (bought, bought_squares, crossed))
    if not (v.shape == vv.shape == n.shape == y.shape[:1] and y.shape == yy.shape == yv.shape):
        raise ValueError("sums are of the same places and categories")
    usual = y.sum(0) / max(v.sum(), 1)
    variance = yy - 2 * usual * yv + usual**2 * vv[:, None]
    compared = (n >= FEWEST)[:, None] & (variance > 0) & (usual > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(compared, y / v[:, None], np.nan)
        z = np.where(compared, (y - usual * v[:, None]) / np.sqrt(variance), np.nan)
        lift = share / usual
    q = np.full(y.shape, np.nan)
    q[compared] = false_finds(2 * ndtr(-np.abs(z[compared])))
    return Mix(share, usual, lift, z, q)
