"""When a product is on offer in a store, and what it costs."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from kfar.rooms.insight.response.gathering import gather
from kfar.rooms.insight.response.panel import Promotions, Sales, panel

MONDAY = date(2026, 1, 5)


def sales(rows: list[tuple[int, int, int, float, float, float]]) -> Sales:
    columns = [np.array(column) for column in zip(*rows, strict=True)]
    return Sales(*columns)


def promotions(rows: list[tuple[int, int, int, str, str]]) -> Promotions:
    columns = [np.array(column) for column in zip(*rows, strict=True)]
    if not rows:
        none, unnamed = np.zeros(0, np.int64), np.zeros(0, np.str_)
        return Promotions(none, none, none, unnamed, unnamed)
    return Promotions(*columns)


def test_the_first_and_the_last_sale_are_sold_by_definition() -> None:
    sold = [(1, 1, w, 1.0, 100.0, 100.0) for w in (2, 4, 7)] + [(1, 2, 0, 1.0, 100.0, 100.0)]
    found = panel(sales(sold), promotions([]))
    assert found.units[0].tolist() == [0, 0, 1, 0, 1, 0, 0, 1]
    assert np.flatnonzero(found.on[0]).tolist() == [3, 4, 5, 6]
    assert not found.on[1].any()
    assert found.season.all()


def test_what_is_promoted_is_on_offer() -> None:
    sold = [(1, 1, w, 1.0, 100.0, 100.0) for w in (3, 5)]
    shown = [(1, 1, 2, "7", ""), (1, 1, 8, "", "A"), (1, 9, 0, "7", ""), (2, 1, 0, "7", "")]
    found = panel(sales(sold), promotions(shown))
    assert np.flatnonzero(found.on[0]).tolist() == [2, 3, 4, 5, 6, 7, 8]
    assert (found.displays, found.mailers) == (("", "7"), ("", "A"))
    assert found.display[0].tolist() == [0, 0, 1, 0, 0, 0, 0, 0, 0]
    assert found.mailer[0].tolist() == [0] * 8 + [1]
    assert np.flatnonzero(found.season[0]).tolist() == [3, 4, 5]


def test_the_price_is_the_middle_stores_over_its_own_base() -> None:
    # Store 1 asks 100, store 2 asks 200; in week 1 both take a fifth off; week 3 sells nothing.
    sold = [
        (1, store, week, 2.0, 2 * base * (0.8 if week == 1 else 1.0), 2 * base)
        for store, base in ((1, 100.0), (2, 200.0))
        for week in (0, 1, 2, 4, 5)
    ]
    found = panel(sales(sold), promotions([]))
    np.testing.assert_allclose(np.exp(found.price), [[1, 0.8, 1, 1, 1, 1]] * 2)


def test_a_price_known_too_seldom_is_not_known() -> None:
    found = panel(sales([(1, 1, w, 1.0, 9.0, 9.0) for w in (0, 5, 9)]), promotions([]))
    assert np.isnan(found.price).all()


def test_nothing_sold_is_refused() -> None:
    none, nothing = np.zeros(0, np.int64), np.zeros(0)
    with pytest.raises(ValueError, match="nothing was sold"):
        panel(Sales(none, none, none, nothing, nothing, nothing), promotions([]))


def test_tables_become_panels_by_category() -> None:
    weeks = [MONDAY + timedelta(weeks=w) for w in range(3)]
    sold = pa.table(
        {
            "category": ["tea"] * 3 + ["oil", "tea"],
            "product": ["a", "a", "a", "b", "a"],
            "place": ["x", "x", "x", "x", "elsewhere"],
            "week": [*weeks, weeks[0], weeks[0]],
            "units": [1, 2, 3, 4, 5],
            "paid": [100, 150, 300, 400, 500],
            "regular": [100, 200, 300, 400, 500],
        }
    )
    promoted = pa.table(
        {
            "category": ["tea", "oil"],
            "product": ["a", "b"],
            "place": ["x", "x"],
            "week": [weeks[1], weeks[0]],
            "display": ["7", None],
            "mailer": [None, "A"],
        }
    )
    panels = gather(sold, promoted)
    assert sorted(panels) == ["oil", "tea"]
    assert panels["tea"].units.tolist() == [[1, 2, 3]]  # nobody knows what was shown elsewhere
    assert panels["tea"].display.tolist() == [[0, 1, 0]]
    np.testing.assert_allclose(np.exp(panels["tea"].price), [[1, 0.75, 1]])
    assert panels["oil"].mailers == ("", "A")
