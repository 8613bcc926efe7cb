"""The table of what was bought on which visit, the same on every engine."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from kfar.lake import insight
from kfar.lake.engines import Engine
from kfar.rooms.insight.next_best import tables
from tests.lake.engines.conftest import spoken
from tests.lake.touches import ANNA, BORYS, a_touch, settle

pytestmark = pytest.mark.django_db
__all__ = ["spoken"]


def test_baskets_are_told_alike(spoken: Engine, data_dir: Path) -> None:
    settle(
        [
            a_touch("1", basket="a", category="MILK", paid=300),
            a_touch("2", basket="a", category="BREAD", paid=150),
            a_touch("3", basket="a", category="BREAD", paid=150, hours=24),
            a_touch("4", hours=48, category="FUEL", paid=5000),
            a_touch("5", hours=72, category=None, paid=5),
            a_touch("6", kind="voice", category="BREAD"),
            a_touch("7", customer=BORYS, hours=24, category="TEA", paid=-20),
            a_touch("8", customer=BORYS, hours=24, category="TEA", paid=20),
        ]
    )
    with insight.reading() as session:
        rows = session.ask(tables.baskets(insight.touches()))
    first = date(2026, 3, 1)
    told = sorted((who, day, sorted(bought)) for who, _, day, bought in rows)
    assert told == [
        (ANNA, first, ["BREAD", "MILK"]),
        (ANNA, date(2026, 3, 3), ["FUEL"]),
        (BORYS, date(2026, 3, 2), ["TEA"]),
    ]
    people, names, history = tables.history(rows)
    assert people == [ANNA, BORYS]
    assert names == ("BREAD", "FUEL", "MILK", "TEA")
    columns = (history.person, history.category, history.day - first.toordinal())
    assert sorted(zip(*(column.tolist() for column in columns), strict=True)) == [
        (0, 0, 0),
        (0, 1, 2),
        (0, 2, 0),
        (1, 3, 1),
    ]
    assert len(set(history.visit.tolist())) == 3
    # Of some categories alone, with who bought them.
    people, names, history = tables.history(rows, ["MILK", "CHEESE", "TEA"])
    assert people == [ANNA, BORYS]
    assert names == ("MILK", "CHEESE", "TEA")
    assert history.category.tolist() == [0, 2]
