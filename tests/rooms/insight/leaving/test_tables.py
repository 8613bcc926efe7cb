"""The tables of leaving, the same on every engine."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from kfar.lake import insight
from kfar.lake.engines import Engine
from kfar.rooms.insight.leaving import tables
from tests.lake.engines.conftest import spoken
from tests.lake.touches import ANNA, BORYS, a_touch, settle

pytestmark = pytest.mark.django_db
__all__ = ["spoken"]


def test_visits_are_told_alike(spoken: Engine, data_dir: Path) -> None:
    settle(
        [
            a_touch("1", basket="a", category="BREAD", paid=300),
            a_touch("2", basket="a", category="MILK", paid=150),
            a_touch("3", hours=2, basket="b", category="BREAD", paid=None),
            a_touch("4", hours=48, category="FUEL", paid=5000),
            a_touch("5", hours=72, category=None, paid=5),
            a_touch("6", kind="voice", category="BREAD"),
            a_touch("7", customer=BORYS, hours=24, category="TEA", paid=-20),
            a_touch("8", customer=BORYS, hours=24, kind="remedy"),
            a_touch("9", customer=BORYS, hours=25, kind="remedy"),
        ]
    )
    touches = insight.touches()
    with insight.reading() as session:
        rows = session.ask(tables.visits(touches, without=["FUEL"]))
        every = session.ask(tables.visits(touches))
        helped = session.ask(tables.days(touches, ["remedy"]))
    first = date(2026, 3, 1)
    assert sorted(rows) == [(ANNA, first, 450, 2), (BORYS, date(2026, 3, 2), -20, 1)]
    assert sorted(every)[1] == (ANNA, date(2026, 3, 3), 5000, 1)
    assert helped == [(BORYS, date(2026, 3, 2))]
    customers, visits = tables.numbered(rows)
    assert customers == [ANNA, BORYS]
    assert visits.person.tolist() == [0, 1]
    assert visits.day.tolist() == [first.toordinal(), first.toordinal() + 1]
    assert visits.spend.tolist() == [450, -20]
