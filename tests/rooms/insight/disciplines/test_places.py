"""Where a value stands among all of its kind, kept in a few numbers."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import rankdata

from kfar.rooms.insight.disciplines.places import POINTS, compared, places

LITRE, PIECE = ("MILK", "l"), ("MILK", "")


def test_equals_share_the_middle_of_their_places() -> None:
    found = places([("MILK", "l", 2.0, 1), ("MILK", "l", 1.0, 3), ("MILK", "", 9.0, 5)])
    assert found.names == (PIECE, LITRE)
    values = np.array([1.0, 2.0, 9.0, np.nan, 1.0])
    of = found.of([LITRE, LITRE, PIECE, LITRE, ("BREAD", "l")], values)
    assert of == pytest.approx([0.375, 0.875, 0.5, np.nan, np.nan], nan_ok=True)


def test_below_all_is_0_above_all_is_1_and_between_two_on_the_line() -> None:
    found = places([("MILK", "l", 2.0, 1), ("MILK", "l", 1.0, 1)])
    assert found.of([LITRE] * 3, np.array([0.5, 1.5, 2.5])).tolist() == [0, 0.5, 1]


@given(st.lists(st.integers(1, 300), min_size=1, max_size=500))
def test_of_few_values_the_place_is_the_mid_rank(values: list[int]) -> None:
    """Whatever way lines of the same value come in: at once, or one by one."""
    found = places([("MILK", "l", float(value), 1.0) for value in values], points=300)
    expected = (rankdata(values) - 0.5) / len(values)
    assert found.of([LITRE] * len(values), np.array(values, float)) == pytest.approx(expected)


def test_of_many_values_a_grid_is_as_good() -> None:
    prices = np.random.default_rng(0).lognormal(size=20_000)
    found = places([("MILK", "l", float(price), 1.0) for price in prices])
    assert len(found.values) <= POINTS
    expected = (rankdata(prices) - 0.5) / len(prices)
    away = np.abs(found.of([LITRE] * len(prices), prices) - expected)
    assert away.max() < 1 / POINTS
    of = found.of([LITRE] * 200, np.linspace(0, prices.max(), 200))
    assert all(one <= other for one, other in pairwise(of))


def test_what_is_unknown_is_compared_with_nothing() -> None:
    offers = [("MILK", "l", 1.0, 2.0, 3), ("MILK", "", 0.0, 0.0, 9), ("MILK", "l", 3.0, 4.0, 3)]
    found = compared(1.5, offers)
    tier, pack = found.of([row[:4] for row in offers])
    assert tier == pytest.approx([0.25, np.nan, 0.75], nan_ok=True)
    assert pack == pytest.approx([0.25, np.nan, 0.75], nan_ok=True)
    assert found.tier.names == found.pack.names == (LITRE,)


def test_nothing_is_placed_among_nothing() -> None:
    found = places([])
    assert found.names == ()
    assert np.isnan(found.of([LITRE], np.array([1.0]))).all()
    assert len(found.of([], np.zeros(0))) == 0
