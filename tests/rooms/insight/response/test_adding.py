"""One step for a column more, beside what fitting it whole says."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from kfar.rooms.insight.response.adding import added
from kfar.rooms.insight.response.poisson import Start, fit

PRODUCTS, STORES, WEEKS = 80, 10, 26


def test_a_step_says_what_a_whole_fit_would() -> None:
    draw = np.random.default_rng(5)
    units = PRODUCTS * STORES
    block = np.repeat(np.arange(PRODUCTS), STORES)
    taste = draw.normal(0.5, 0.5, (units, 1))
    season = draw.normal(0, 0.4, (PRODUCTS, WEEKS))[block]
    own = draw.random((units, WEEKS)) < 0.2
    y = draw.poisson(np.exp(taste + season + 0.3 * own)).astype(np.float64)
    on = draw.random(y.shape) < 0.9
    more = [draw.random(y.shape) < share for share in (0.1, 0.3)]

    def columns(*of: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> sparse.csc_array:
        return sparse.csc_array(np.stack([(x & on).ravel().astype(float) for x in of], axis=1))

    first = fit(y, columns(own), on, block, block)
    live = first.problem.live
    places = [np.flatnonzero((x & on)[live] & first.problem.on) for x in more]
    beta, error = added(first, block, places)
    for d, x in enumerate(more):
        whole = fit(y, columns(own, x), on, block, block)
        again = fit(
            y, columns(own, x), on, block, block,
            start=Start(np.array([first.beta[0], 0.0]), first.week),
        )  # fmt: skip
        assert beta[d] == pytest.approx(whole.beta[1], abs=2e-3)
        assert error[d] == pytest.approx(np.sqrt(whole.covariance[1, 1]), rel=0.08)
        assert again.beta == pytest.approx(whole.beta, abs=1e-5)
        assert again.covariance == pytest.approx(whole.covariance, rel=1e-3)
