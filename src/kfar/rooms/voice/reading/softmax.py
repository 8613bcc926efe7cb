"""Multinomial logistic regression on top of what is said already, held back by a ridge.

After Hosmer and Lemeshow, "Applied Logistic Regression" (2000): what was said before is an offset.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy import sparse

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def fitted(
    x: sparse.csr_matrix | Floats, offset: Floats, y: Ints, ridge: float, weight: Floats
) -> Floats:
    """Return what to add to `offset`, (columns + 1, classes), the last row whatever `x` is.

    `x` is (rows, columns), `offset` logarithms (rows, classes), `y` which class each row is of,
    `weight` how much it counts.
    """
    from scipy import optimize  # noqa: PLC0415 - who only reads needs none of it

    shape, one = (x.shape[1] + 1, offset.shape[1]), np.arange(len(y))

    def loss(flat: Floats) -> tuple[float, Floats]:
        at = flat.reshape(shape)
        chances = of(offset + x @ at[:-1] + at[-1])
        pull = chances.copy()
        pull[one, y] -= 1
        pull *= weight[:, None]
        slope = np.vstack([x.T @ pull, pull.sum(0)]) + ridge * at
        lost = -(weight * np.log(chances[one, y])).sum() + ridge * (at**2).sum() / 2
        return float(lost), slope.ravel()

    start = np.zeros(shape[0] * shape[1])
    at = optimize.minimize(loss, start, jac=True, method="L-BFGS-B").x
    return np.asarray(at.reshape(shape))


def of(raised: Floats) -> Floats:
    """Return the probabilities of logarithms that are known but for a constant, (rows, classes)."""
    grown = np.exp(raised - raised.max(1, keepdims=True))
    chances: Floats = np.maximum(grown / grown.sum(1, keepdims=True), 1e-12)
    return chances
