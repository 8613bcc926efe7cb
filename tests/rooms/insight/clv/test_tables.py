"""The histories of all customers, as both engines tell them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
from pytest_django import Settings

from kfar.lake import insight
from kfar.lake.engines import Engine
from kfar.lake.touch import Touch
from kfar.rooms.insight.clv import tables
from kfar.rooms.insight.clv.histories import summary
from tests.lake.touches import ANNA, BORYS, a_touch, settle

EWA = UUID("33333333-0000-4000-8000-000000000000")
DAY = 24


def bought(key: str, who: UUID, days: float, paid: int | None, currency: str | None) -> Touch:
    return a_touch(key, days * DAY, customer=who, paid=paid, currency=currency)


#: From noon of the first of March, UTC: two lines on the first day, two on the third, one on
#: the thirteenth.
TOUCHES = [
    bought("a", ANNA, 0, 500, "PLN"),
    bought("b", ANNA, 0.1, 250, "PLN"),
    bought("c", ANNA, 2, 1000, "PLN"),
    bought("d", ANNA, 2, -100, "PLN"),
    bought("e", ANNA, 12, 700, "EUR"),
    bought("f", ANNA, 30, 9999, "PLN"),
    bought("g", BORYS, 5, None, None),
    bought("h", EWA, 40, 100, "PLN"),
    a_touch("i", 7 * DAY, customer=BORYS, kind="visit"),
]


@pytest.mark.django_db
def test_a_history_counts_days_after_the_first(
    spoken: Engine, data_dir: Path, settings: Settings
) -> None:
    settings.TIME_ZONE = "Europe/Warsaw"
    settle(TOUCHES)
    asked = tables.summary(insight.touches(), date(2026, 3, 20), "PLN")
    assert asked.columns == ("customer", "frequency", "recency", "age", "spent")
    with insight.reading() as session:
        assert session.ask(asked.order_by("customer")) == [
            (ANNA, 2, 12, 19, 900),
            (BORYS, 0, 0, 14, 0),
        ]


@pytest.mark.django_db
def test_arrays_and_the_lake_tell_the_same(
    spoken: Engine, data_dir: Path, settings: Settings
) -> None:
    settings.TIME_ZONE = "UTC"
    settle(TOUCHES)
    lines = [touch for touch in TOUCHES if touch.kind == "purchase"]
    who = np.array([touch.customer.hex for touch in lines])
    days = [touch.at.date().isoformat() for touch in lines]
    paid = [touch.paid or 0 if touch.currency == "PLN" else 0 for touch in lines]
    told = summary(who, days, "2026-04-20", paid, unit=1)
    with insight.reading() as session:
        asked = tables.summary(insight.touches(), date(2026, 4, 20), "PLN")
        rows = session.ask(asked.order_by("customer"))
    assert [row[0].hex for row in rows] == told.customer.tolist()
    assert [row[1:4] for row in rows] == list(
        zip(told.frequency.tolist(), told.recency.tolist(), told.age.tolist(), strict=True)
    )
    assert [row[4] for row in rows] == (told.frequency * told.mean_value).round().tolist()
