"""Fixed effects, against the same model with a column for each of them."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import sparse

from kfar.rooms.insight.response.poisson import fit, telling

Array = NDArray[np.float64]


def drawn(seed: int) -> tuple[Array, Array, NDArray[np.bool_], NDArray[np.int64]]:
    """Return 3 blocks of 5, 4 and 6 units in 7 weeks, with two columns, some cells missing."""
    draw = np.random.default_rng(seed)
    block = np.repeat([0, 1, 2], [5, 4, 6])
    x = np.stack([draw.random((15, 7)) < 0.4, draw.normal(0, 1, (15, 7))], axis=-1)
    y = draw.poisson(np.exp(1 + draw.normal(0, 0.5, (15, 1)) + x @ [0.4, -0.6]))
    return y.astype(np.float64), x.astype(np.float64), draw.random((15, 7)) < 0.9, block


def by_dummies(y: Array, x: Array, on: NDArray[np.bool_], block: NDArray[np.int64]) -> Array:
    """Return beta and its clustered covariance (2, 3), by a regression with all the dummies."""
    unit, week = np.nonzero(on)
    effects = np.concatenate(
        [np.eye(len(block))[unit], np.eye(3 * y.shape[1])[block[unit] * y.shape[1] + week]], axis=1
    )
    design = np.concatenate([x[on], effects], axis=1)
    came, said = y[on], y[on] + 0.5
    for _ in range(60):
        working = np.log(said) + (came - said) / said
        root = np.sqrt(said)
        b = np.linalg.lstsq(design * root[:, None], working * root, rcond=1e-12)[0]
        said = np.exp(design @ b)
    bread = np.linalg.pinv(design.T @ (design * said[:, None]), rcond=1e-12)
    scores = np.stack(
        [(design * (came - said)[:, None])[block[unit] == g].sum(0) for g in range(3)]
    )
    covariance = bread @ scores.T @ scores @ bread * 3 / 2
    return np.column_stack([b[:2], covariance[:2, :2]])


def matrix(x: Array) -> sparse.csc_array:
    return sparse.csc_array(x.reshape(-1, x.shape[-1]))


@pytest.mark.parametrize("seed", range(5))
def test_it_is_the_regression_with_a_column_for_each_effect(seed: int) -> None:
    y, x, on, block = drawn(seed)
    on = telling(y, on, block)
    found = fit(y, matrix(x), on, block, block)
    exact = by_dummies(y, x, on, block)
    np.testing.assert_allclose(found.beta, exact[:, 0], rtol=1e-5)
    np.testing.assert_allclose(found.covariance, exact[:, 1:], rtol=1e-3, atol=1e-7)
    assert found.converged
    assert (found.cells, found.clusters) == (on.sum(), 3)
    # Every effect is at its best: each unit, and each week of a block, is expected to sell as much.
    np.testing.assert_allclose(found.expected.sum(axis=1), np.where(on, y, 0).sum(axis=1))


def test_what_the_effects_explain_is_not_told() -> None:
    y, x, on, block = drawn(1)
    of_unit = np.repeat(np.arange(15.0)[:, None], 7, axis=1)
    of_week = np.arange(21.0).reshape(3, 7)[block]
    more = np.concatenate([x, x[..., :1] * 2, of_unit[..., None], of_week[..., None]], axis=-1)
    found = fit(y, matrix(more), on, block, block)
    alone = fit(y, matrix(x), on, block, block)
    assert np.isnan(found.beta).tolist() == [False, False, True, True, True]
    np.testing.assert_allclose(found.beta[:2], alone.beta, rtol=1e-6)
    np.testing.assert_allclose(found.within[3:], 0, atol=1e-6)


def test_cells_that_say_nothing_are_left_out() -> None:
    y = np.array([[1.0, 0, 2], [0, 0, 0], [3, 0, 0]])
    on = np.ones((3, 3), np.bool_)
    on[2, 2] = False
    block = np.array([0, 0, 0])
    # The unit that sold nothing, the week in which none did; then the unit that has one week left.
    assert telling(y, on, block).tolist() == [[True, False, True], [False] * 3, [False] * 3]


def test_nothing_sold_is_refused() -> None:
    empty = np.zeros((2, 3))
    block = np.array([0, 0])
    with pytest.raises(ValueError, match="nothing was sold"):
        fit(empty, sparse.csc_array((6, 1)), empty == 0, block, block)
