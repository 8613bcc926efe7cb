"""Gamma-Gamma: the paper's numbers, gradient, planted truth."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfar.rooms.insight.clv.fitting import NoMaximum
from kfar.rooms.insight.clv.gamma_gamma import GammaGamma, Likelihood, fit_gamma_gamma
from tests.rooms.insight.clv.cdnow import FITTED, Purchases


def test_cdnow_gives_the_parameters_that_the_paper_prints(cdnow: Purchases) -> None:
    """Fader and Hardie (2013), section 3: the 946 who came again."""
    told = cdnow.until(FITTED)
    again = told.frequency > 0
    model = fit_gamma_gamma(told.frequency[again], told.mean_value[again])
    assert model.parameters.round(2).tolist() == [6.25, 3.74, 15.44]
    cents = fit_gamma_gamma(told.frequency[again], told.mean_value[again] * 100)
    np.testing.assert_allclose(cents.parameters, model.parameters * [1, 1, 100], rtol=1e-6)


def test_a_persons_mean_lies_between_the_own_and_that_of_others() -> None:
    """Equation (5): nearer to one's own the more is known of it."""
    model = GammaGamma(6.25, 3.74, 15.44, 0, np.zeros((3, 3)))
    others = 6.25 * 15.44 / 2.74
    assert model.mean_value([0], [0]) == pytest.approx(others)
    own = model.mean_value([1, 2, 20], [100, 100, 100])
    weight = np.array([1, 2, 20]) * 6.25
    np.testing.assert_allclose(own, (2.74 * others + weight * 100) / (2.74 + weight))


@given(
    rows=st.lists(
        st.tuples(st.integers(1, 50), st.floats(0.5, 500), st.integers(1, 9)),
        min_size=1,
        max_size=8,
    ),
    logs=st.lists(st.floats(-2.5, 2.5), min_size=3, max_size=3),
)
def test_the_gradient_is_that_of_the_log_likelihood(
    rows: list[tuple[int, float, int]], logs: list[float]
) -> None:
    climb = Likelihood(*(np.array(column, float) for column in zip(*rows, strict=True)))
    at = np.array(logs)
    steps = 1e-5 * np.eye(3)
    slope = [(climb(at + step)[0] - climb(at - step)[0]) / 2e-5 for step in steps]
    np.testing.assert_allclose(climb(at)[1], slope, rtol=1e-5, atol=1e-5)


def test_drawn_customers_give_back_the_parameters_they_were_drawn_with() -> None:
    draw = np.random.default_rng(8)
    p, q, gamma = 4.0, 3.0, 20.0
    x = draw.geometric(0.3, 20_000)
    mean = draw.gamma(p * x, 1 / draw.gamma(q, 1 / gamma, 20_000)) / x
    model = fit_gamma_gamma(x, mean)
    errors = np.sqrt(np.diag(model.covariance))
    assert (errors < 0.05).all()
    assert (np.abs(np.log(model.parameters / [p, q, gamma])) < 3 * errors).all()


def test_what_has_no_maximum_or_no_mean_is_refused() -> None:
    with pytest.raises(NoMaximum):
        fit_gamma_gamma(np.full(300, 3), np.full(300, 10.0))
    with pytest.raises(ValueError, match="leave others out"):
        fit_gamma_gamma([0, 1], [1, 1])
    with pytest.raises(ValueError, match="leave others out"):
        fit_gamma_gamma([1, 1], [0, 1])
    with pytest.raises(ValueError, match="infinite"):
        GammaGamma(2, 0.9, 10, 0, np.zeros((3, 3))).mean_value([1], [1])
