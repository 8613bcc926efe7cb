"""Rates are shrunk to what is usual, as far as little is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import sparse
from scipy.stats import nbinom

from kfar.rooms.insight.figures import Figure, Withheld
from kfar.rooms.insight.rates.shrinkage import ALIKE, Rates, fit_rates

Ints = NDArray[np.int64]
#: Accidents of 647 women at machines in five weeks, as Greenwood and Yule (1920) tell them.
ACCIDENTS = np.repeat([0, 1, 2, 3, 4, 5], [447, 132, 42, 21, 3, 2])


def planted(people: int, r: list[float], alpha: list[float], seed: int = 1) -> tuple[Ints, Ints]:
    """Counts of people whose rates differ so, and how many days each was watched."""
    chance = np.random.default_rng(seed)
    exposure = chance.integers(30, 366, people)
    rates = chance.gamma(r, 1 / np.array(alpha), (people, len(r)))
    return chance.poisson(rates * exposure[:, None]), exposure


def test_accidents_of_greenwood_and_yule() -> None:
    """With one exposure the mean is that of the counts, and nothing near is likelier."""
    found = fit_rates(ACCIDENTS[:, None], np.ones(647))
    assert found.usual == pytest.approx([301 / 647])
    r, alpha = found.r[0], found.alpha[0]
    # Greenwood and Yule fitted by moments: r 0.865 (variance 0.692, mean 0.465).
    assert r == pytest.approx(0.865, abs=0.05)
    likely = nbinom.logpmf(ACCIDENTS, r, alpha / (1 + alpha)).sum()
    assert found.log_likelihood == pytest.approx([likely])
    for near in (0.99, 1.01):
        p = near * alpha / (1 + near * alpha)
        assert nbinom.logpmf(ACCIDENTS, near * r, p).sum() < likely
        assert nbinom.logpmf(ACCIDENTS, near * r, alpha / (1 + alpha)).sum() < likely


def test_what_was_planted_is_found() -> None:
    counts, exposure = planted(40_000, [0.4, 2.0], [60.0, 500.0])
    found = fit_rates(sparse.csr_array(counts), exposure)
    assert found.r == pytest.approx([0.4, 2.0], rel=0.05)
    assert found.alpha == pytest.approx([60.0, 500.0], rel=0.05)
    assert found.buyers.tolist() == (counts > 0).sum(0).tolist()


def test_intervals_hold_what_they_say() -> None:
    """Of the people's true rates 80 % lie in theirs."""
    chance = np.random.default_rng(2)
    exposure = chance.integers(30, 366, 20_000)
    true = chance.gamma(0.8, 1 / 100, (20_000, 1))
    counts = chance.poisson(true * exposure[:, None])
    low, high = fit_rates(counts, exposure).interval(counts, exposure)
    assert ((low < true) & (true < high)).mean() == pytest.approx(0.8, abs=0.01)


def test_where_people_are_alike_the_own_count_says_nothing() -> None:
    exposure = np.full(5_000, 100)
    counts = np.repeat([[1], [2]], 2_500, axis=0)  # less spread than chance makes
    found = fit_rates(counts, exposure)
    assert found.r == pytest.approx([ALIKE])
    assert found.mean(counts, exposure) == pytest.approx(np.full((5_000, 1), 0.015), rel=1e-3)


def test_nothing_is_said_of_what_few_buy() -> None:
    counts, exposure = planted(200, [1.0, 1.0], [100.0, 100.0])
    counts[:, 1] = 0
    counts[:9, 1] = 3
    found = fit_rates(counts, exposure)
    assert np.isnan(found.r).tolist() == [False, True]
    assert np.isnan(found.mean(counts, exposure)[:, 1]).all()
    assert found.figure(1, 3, 100, 30) == Withheld(
        "insight.few_buyers", {"buyers": 9, "fewest": 10}
    )


def test_a_figure_by_hand() -> None:
    rates = Rates(np.array([1.0]), np.array([60.0]), np.array([50]), np.array([-1.0]))
    found = rates.figure(0, 3, 60, 30)
    assert isinstance(found, Figure)
    assert (found.value, found.baseline, found.horizon) == (1.0, 0.5, 30)
    assert (found.low, found.high) == pytest.approx((0.4362, 1.6702), abs=1e-4)  # χ²(8) / 8
    assert found.reasons[0].code == "insight.bought"
    never = rates.figure(0, 0, 60, 30)
    assert isinstance(never, Figure)
    assert never.value == 0.25
    assert never.reasons[0].code == "insight.never_bought"


def test_what_does_not_fit_is_refused() -> None:
    for wrong, time in (([[1], [2]], 1), ([[-1]], 1), ([[0.5]], 1), ([[1]], 0)):
        with pytest.raises(ValueError, match=r"counts|exposure"):
            fit_rates(wrong, [time])
    counts, exposure = planted(50, [1.0], [100.0])
    with pytest.raises(ValueError, match="between 0 and 1"):
        fit_rates(counts, exposure).interval(counts, exposure, 1.5)


@settings(max_examples=25)
@given(st.integers(0, 10_000))
def test_each_rate_is_between_the_own_and_the_usual(seed: int) -> None:
    """Whatever people's and columns' order, and however they are stored."""
    counts, exposure = planted(60, [0.5, 1.0, 3.0], [50.0, 80.0, 400.0], seed)
    found = fit_rates(counts, exposure, fewest=5)
    mean = found.mean(counts, exposure)
    own = counts / exposure[:, None]
    assert (mean >= np.minimum(own, found.usual) - 1e-12).all()
    assert (mean <= np.maximum(own, found.usual) + 1e-12).all()
    people, columns = np.random.default_rng(seed).permutation(60), [2, 0, 1]
    other = fit_rates(sparse.coo_array(counts[people][:, columns]), exposure[people], fewest=5)
    assert other.mean(counts[:, columns], exposure) == pytest.approx(mean[:, columns], rel=1e-4)
    assert other.log_likelihood == pytest.approx(found.log_likelihood[columns])
