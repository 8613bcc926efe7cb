"""Whose share of what is explained is how large: as published, as by brute force, and by nature."""

from __future__ import annotations

from itertools import permutations
from math import factorial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfar.rooms.insight.drivers.importance import MOST, Floats, explained, johnson, lmg
from tests.rooms.insight.drivers.swiss import SWISS


def covariance(seed: int, drivers: int, rows: int = 60) -> Floats:
    draw = np.random.default_rng(seed)
    table = draw.normal(size=(rows, drivers)) @ draw.normal(size=(drivers, drivers))
    outcome = table @ draw.normal(size=drivers) + draw.normal(size=rows) * draw.uniform(0.1, 9)
    return np.cov(np.column_stack([outcome, table]).T)


def r2(given: Floats, some: tuple[int, ...]) -> float:
    """R² of one set of drivers, from the normal equations."""
    if not some:
        return 0.0
    at = [1 + n for n in some]
    beta = np.linalg.solve(given[np.ix_(at, at)], given[at, 0])
    return float(beta @ given[at, 0] / given[0, 0])


def by_all_orders(given: Floats) -> Floats:
    """LMG as it is defined: what each driver adds, averaged over all orders."""
    drivers = len(given) - 1
    total = np.zeros(drivers)
    for order in permutations(range(drivers)):
        for n, driver in enumerate(order):
            total[driver] += r2(given, order[: n + 1]) - r2(given, order[:n])
    return total / factorial(drivers)


def test_swiss_fertility_as_r_prints_it() -> None:
    """R's `summary(lm(Fertility ~ ., swiss))`: multiple R² 0.7067; shares by all orders."""
    given = np.cov(SWISS.T)
    assert explained(given)[-1] == pytest.approx(0.7067, abs=5e-5)
    # relaimpo, calc.relimp(Fertility ~ ., swiss, type = "lmg"), as widely printed.
    assert lmg(given) == pytest.approx([0.0571, 0.1712, 0.2601, 0.1056, 0.1128], abs=1e-4)
    assert lmg(given) == pytest.approx(by_all_orders(given))


@given(st.integers(0, 10_000), st.integers(1, 5))
def test_shares_are_what_each_adds_on_the_average_of_all_orders(seed: int, drivers: int) -> None:
    given = covariance(seed, drivers)
    assert lmg(given) == pytest.approx(by_all_orders(given), abs=1e-9)


@given(st.integers(0, 10_000), st.integers(1, 6))
def test_every_set_has_the_r2_of_its_regression(seed: int, drivers: int) -> None:
    given, found = covariance(seed, drivers), None
    found = explained(given)
    for place in range(2**drivers):
        some = tuple(n for n in range(drivers) if place >> n & 1)
        assert found[place] == pytest.approx(r2(given, some), abs=1e-9)


@given(st.integers(0, 10_000), st.integers(1, 9))
def test_shares_and_weights_sum_to_r2_and_know_no_units(seed: int, drivers: int) -> None:
    given = covariance(seed, drivers)
    scale = np.random.default_rng(seed).uniform(0.01, 100, drivers + 1) * np.array(
        [1, *np.resize([1, -1], drivers)]
    )
    for measure in (lmg, johnson):
        shares = measure(given)
        assert shares.sum() == pytest.approx(r2(given, tuple(range(drivers))))
        assert (shares > -1e-9).all()
        assert measure(given * np.outer(scale, scale)) == pytest.approx(shares, abs=1e-8)
        order = np.random.default_rng(seed + 1).permutation(drivers)
        at = np.append(0, 1 + order)
        assert measure(given[np.ix_(at, at)]) == pytest.approx(shares[order], abs=1e-8)


@given(st.floats(-0.9, 0.9), st.floats(-0.5, 0.5), st.floats(-0.5, 0.5))
def test_of_two_drivers_both_ways_say_the_same(between: float, one: float, other: float) -> None:
    given = np.array([[1, one, other], [one, 1, between], [other, between, 1]])
    assert johnson(given) == pytest.approx(lmg(given), abs=1e-9)


def test_drivers_that_stand_alike_matter_alike_and_a_stranger_not_at_all() -> None:
    given = np.array(
        [[1.0, 0.5, 0.5, 0], [0.5, 1, 0.3, 0], [0.5, 0.3, 1, 0], [0, 0, 0, 1]],
    )
    for measure in (lmg, johnson):
        first, second, stranger = measure(given)
        assert first == pytest.approx(second)
        assert first == pytest.approx(0.25 / 1.3)
        assert stranger == pytest.approx(0, abs=1e-12)


def test_drivers_that_do_not_hang_together_have_their_squared_correlations() -> None:
    given = np.eye(6)
    given[0, 1:] = given[1:, 0] = [0.1, 0.2, 0.3, 0.4, 0.5]
    for measure in (lmg, johnson):
        assert measure(given) == pytest.approx([0.01, 0.04, 0.09, 0.16, 0.25])


def test_a_copy_shares_with_its_original() -> None:
    given = np.array([[1, 0.6, 0.6], [0.6, 1, 1], [0.6, 1, 1]])
    assert lmg(given) == pytest.approx([0.18, 0.18])


def test_many_at_once_are_as_each_alone() -> None:
    several = np.array([covariance(seed, 4) for seed in range(6)]).reshape(2, 3, 5, 5)
    for measure in (lmg, johnson):
        found = measure(several)
        assert found.shape == (2, 3, 4)
        assert found[1, 2] == pytest.approx(measure(several[1, 2]))


def test_no_more_than_can_be_held() -> None:
    with pytest.raises(ValueError, match="17 drivers are more than 16"):
        lmg(np.eye(MOST + 2))
