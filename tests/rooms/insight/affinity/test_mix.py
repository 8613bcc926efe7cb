"""How places differ: a planted one is found, and one daily visitor is one customer."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from kfar.rooms.insight.affinity.mix import Mix, mix

Ints = NDArray[np.int64]


def told(place: Ints, visits: Ints, bought: Ints, places: int) -> Mix:
    """Compare by what each customer did: their place, visits, and visits with each category."""
    there = np.eye(places, dtype=np.int64)[place]
    return mix(
        there.T @ visits,
        there.T @ visits**2,
        there.sum(0),
        bought=there.T @ bought,
        bought_squares=there.T @ bought**2,
        crossed=there.T @ (bought * visits[:, None]),
    )


def test_by_hand() -> None:
    """Thirty at each place come twice; at the first all have it once, at the second nobody."""
    place = np.repeat([0, 1], 30)
    found = told(place, np.full(60, 2), np.where(place == 0, 1, 0)[:, None], 2)
    assert found.usual.tolist() == [0.25]
    assert found.share.tolist() == [[0.5], [0.0]]
    assert found.lift.tolist() == [[2.0], [0.0]]
    # What is left of each is 1 − .25 · 2 = ½, and at the second place −½: 30 · ½ / √(30 / 4).
    assert found.z.tolist() == [[pytest.approx(30**0.5)], [pytest.approx(-(30**0.5))]]


def test_a_planted_difference_is_found_and_chance_is_not() -> None:
    chance = np.random.default_rng(5)
    place, visits = np.repeat(np.arange(10), 100), chance.integers(1, 20, 1000)
    rates = np.full((1000, 20), 0.2)
    rates[place == 3, 7] = 0.4
    found = told(place, visits, chance.binomial(visits[:, None], rates), 10)
    assert np.argwhere(found.q <= 0.01).tolist() == [[3, 7]]
    assert found.lift[3, 7] == pytest.approx(0.4 / 0.22, rel=0.1)


def test_one_who_comes_daily_makes_no_difference() -> None:
    """Half of all visits to a place are of one with a cat: a test of visits would be sure."""
    place = np.repeat([0, 1], 40)
    visits = np.full(80, 5)
    cats = np.zeros((80, 1), np.int64)
    cats[::8] = 1
    visits[0], cats[0] = 200, 200
    found = told(place, visits, cats, 2)
    assert found.lift[0, 0] > 1.4
    assert found.q[0, 0] > 0.1


def test_where_few_come_nothing_is_compared() -> None:
    place = np.repeat([0, 1], [29, 40])
    found = told(place, np.ones(69, np.int64), (np.arange(69) % 2)[:, None], 2)
    assert np.isnan(found.q[0, 0])
    assert not np.isnan(found.q[1, 0])


def test_sums_are_of_the_same_places() -> None:
    with pytest.raises(ValueError, match="same places"):
        mix([1], [1], [1, 2], bought=[[1]], bought_squares=[[1]], crossed=[[1]])
