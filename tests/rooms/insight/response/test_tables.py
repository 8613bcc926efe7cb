"""What was sold and promoted, the same on every engine."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import ibis
import pytest

from kfar.lake import insight
from kfar.lake.engines import Engine
from kfar.rooms.insight.response.tables import promoted, sold
from tests.lake.touches import BORYS, a_touch, settle

pytestmark = pytest.mark.django_db

#: A Sunday's week, and the one that begins the day after.
SUNDAYS, MONDAYS = date(2026, 2, 23), date(2026, 3, 2)
SHOWN = {
    "product": "VARCHAR",
    "place": "VARCHAR",
    "week": "DATE",
    "display": "VARCHAR",
    "mailer": "VARCHAR",
}


def test_sales_and_promotions_are_told_alike(spoken: Engine, data_dir: Path) -> None:
    tea: dict[str, Any] = {"category": "TEA", "product": "t", "place": "1"}
    settle(
        [
            a_touch("1", units=2, paid=180, discount=20, **tea),
            a_touch("2", units=1, paid=100, customer=BORYS, **tea),
            a_touch("3", hours=24, units=3, paid=300, **tea),
            a_touch("4", hours=24, units=1, paid=90, **tea | {"place": "2"}),
            a_touch("5", paid=1, measure=0.5, measure_unit="kg", **tea),
            a_touch("6", units=1, paid=1, **tea | {"category": None}),
            a_touch("7", units=1, paid=1, kind="return", **tea),
        ]
    )
    bought = sold(insight.touches())
    shown = ibis.table(dict.fromkeys(SHOWN, "string") | {"week": "date"}, name="shown")
    ours = promoted(shown, bought)
    with insight.reading() as session:
        session.load(
            "shown",
            SHOWN,
            [
                ("t", "1", SUNDAYS, "7", None),
                ("t", "1", SUNDAYS, "3", "A"),
                ("t", "2", MONDAYS, None, "D"),
                ("t", "3", SUNDAYS, "7", "A"),
                ("other", "1", SUNDAYS, "7", "A"),
            ],
        )
        columns = ("category", "product", "place", "week", "units", "paid", "regular")
        rows = session.ask(bought.select(*columns).order_by("place", "week"))
        promotions = session.ask(ours.order_by("place"))
    assert rows == [
        ("TEA", "t", "1", SUNDAYS, 3, 280, 300),
        ("TEA", "t", "1", MONDAYS, 3, 300, 300),
        ("TEA", "t", "2", MONDAYS, 1, 90, 90),
    ]
    assert promotions == [
        ("TEA", "t", "1", SUNDAYS, "3", "A"),
        ("TEA", "t", "2", MONDAYS, None, "D"),
    ]
