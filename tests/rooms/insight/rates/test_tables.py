"""Purchases and buyers are counted alike on every engine."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from pytest_django import Settings

from kfar.lake.engines import Engine
from kfar.rooms.insight.rates import tables
from tests.lake.touches import ANNA, BORYS
from tests.rooms.insight.bought import asked

pytestmark = pytest.mark.django_db

FIRST, SECOND, THIRD = date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 3)


def test_counts_exposure_buyers_and_places(
    spoken: Engine, data_dir: Path, settings: Settings
) -> None:
    """A category twice in a basket is bought once; what was given back or said is no purchase."""
    settings.TIME_ZONE = "UTC"
    with asked() as (touches, session):
        counted = tables.counts(touches, "category").order_by("customer", "category")
        assert session.ask(counted) == [
            (ANNA, "bread", 1, FIRST, FIRST),
            (ANNA, "milk", 2, FIRST, SECOND),
            (BORYS, "bread", 1, THIRD, THIRD),
        ]
        products = tables.counts(touches, "product").order_by("customer", "product")
        assert [row[1:3] for row in session.ask(products)] == [
            *[("b", 1), ("g", 1), ("m", 2), ("n", 1)],
            ("b", 1),
        ]
        watched = tables.exposure(touches, date(2026, 3, 11)).order_by("customer")
        assert session.ask(watched) == [(ANNA, 10, 3), (BORYS, 8, 1)]
        watched = tables.exposure(touches, THIRD)
        assert session.ask(watched) == [(ANNA, 2, 2)]
        found = tables.buyers(touches, "category").order_by("category")
        assert session.ask(found) == [
            ("bread", 2, 2, 2, 1, 90, FIRST, THIRD, 1.0),
            ("milk", 1, 2, 3, 4, 310, FIRST, SECOND, 0.5),
        ]
        first_two = tables.buyers(tables.within(touches, FIRST, THIRD), "category")
        assert session.ask(first_two.order_by("category")) == [
            ("bread", 1, 1, 1, 1, 50, FIRST, FIRST, 1.0),
            ("milk", 1, 2, 3, 4, 310, FIRST, SECOND, 1.0),
        ]
        where = tables.places(touches, "category").order_by("category", "place")
        assert session.ask(where) == [
            ("bread", "1", 1, 1, 50),
            ("bread", "2", 1, 1, 40),
            ("milk", "1", 1, 1, 220),
            ("milk", "2", 1, 1, 90),
        ]
