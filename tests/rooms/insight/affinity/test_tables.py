"""What was together is counted alike on every engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from kfar.lake.engines import Engine
from kfar.rooms.insight.affinity import tables
from tests.rooms.insight.bought import asked

pytestmark = pytest.mark.django_db


def test_together_in_a_basket_and_in_a_life(spoken: Engine, data_dir: Path) -> None:
    with asked() as (touches, session):
        ask = session.ask
        baskets = tables.items(touches, "category", "occasion").order_by("item")
        assert ask(baskets) == [("bread", 2, 3), ("milk", 2, 3)]
        lives = tables.items(touches, "product", "customer").order_by("item")
        assert ask(lives) == [("b", 2, 2), ("g", 1, 2), ("m", 1, 2), ("n", 1, 2)]
        pairs = tables.pairs(touches, "product", "occasion").order_by("a", "b")
        assert ask(pairs) == [("b", "m", 1), ("b", "n", 1), ("m", "n", 1)]
        pairs = tables.pairs(touches, "product", "customer").order_by("a", "b")
        assert ask(pairs) == [
            *[("b", "g", 1), ("b", "m", 1), ("b", "n", 1)],
            *[("g", "m", 1), ("g", "n", 1), ("m", "n", 1)],
        ]
        often = tables.pairs(touches, "product", "occasion", least=2)
        assert ask(often) == [("b", "m", 1)]  # both are in two baskets, once in the same
