"""Quadrature: integrals over time and over who may leave, as weighted sums.

Golub and Welsch, "Calculation of Gauss Quadrature Rules" (Mathematics of Computation 23, 1969).
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import ArrayLike

from kfar.rooms.insight.clv.histories import Floats


@cache
def legendre(nodes: int) -> tuple[Floats, Floats]:
    """Return places in 0 … 1 and their weights, both (nodes,): the mean of a smooth function."""
    place, weight = np.polynomial.legendre.leggauss(nodes)
    rule = (place + 1) / 2, weight / 2
    for array in rule:
        array.setflags(write=False)  # everybody's
    return rule


def beta_mean(a: ArrayLike, b: ArrayLike, nodes: int = 40) -> tuple[Floats, Floats]:
    """Return places in 0 … 1 and weights, both (rows, nodes): the mean over Beta(a, b), each row.

    `a` and `b` are (rows,) or one for all.
    """
    high, low = np.broadcast_arrays(
        np.atleast_1d(np.asarray(a, np.float64)), np.atleast_1d(np.asarray(b, np.float64))
    )
    one, other = low[:, np.newaxis] - 1, high[:, np.newaxis] - 1
    n = np.arange(nodes)
    whole = 2 * n + one + other
    # The recurrence of Jacobi's polynomials on -1 … 1; both quotients are 0/0 where n is small.
    with np.errstate(divide="ignore", invalid="ignore"):
        middle = (other**2 - one**2) / (whole * (whole + 2))
        beside = 4 * n * (n + one) * (n + other) * (n + one + other)
        beside = beside / (whole**2 * (whole + 1) * (whole - 1))
    total = one + other
    middle[:, :1] = (other - one) / (total + 2)
    beside[:, 1:2] = 4 * (1 + one) * (1 + other) / ((2 + total) ** 2 * (3 + total))
    matrix = np.zeros((len(high), nodes, nodes))
    matrix[:, n, n] = middle
    matrix[:, n[1:], n[:-1]] = np.sqrt(beside[:, 1:])
    place, vector = np.linalg.eigh(matrix)  # reads the lower half
    return (place + 1) / 2, vector[:, 0, :] ** 2
