"""Soft drinks of The Complete Journey: what one would think, and what is within."""

from __future__ import annotations

import duckdb
import pytest

from bench.response import tables, views
from kfar.rooms.insight.figures import Withheld
from kfar.rooms.insight.response.gathering import gather
from kfar.rooms.insight.response.panel import Panel
from kfar.rooms.insight.response.respond import Effect, Held, Response, naive, respond

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def drinks() -> Panel:
    with duckdb.connect() as lake:
        views(lake)
        return gather(*tables(lake, ["SOFT DRINKS"]))["SOFT DRINKS"]


def test_displays_seem_to_sell_three_times_as_much_and_do_not(drinks: Panel) -> None:
    assert naive(drinks) == pytest.approx(3.4, abs=0.15)
    answer = respond(drinks)
    assert isinstance(answer, Response)
    # Something is sold the week before already, so it is withheld, and says what it would be.
    assert isinstance(answer.display, Withheld)
    assert answer.display.params["which"] == "before"
    value = answer.display.params["value"]
    assert isinstance(value, float)
    assert 1.15 < value < 1.35
    assert isinstance(answer.mailer, Withheld)
    assert answer.mailer.code == "insight.nothing_within"


def test_prices_and_mailers_are_told_by_other_products(drinks: Panel) -> None:
    answer = respond(drinks, Held.STORE_WEEK)
    assert isinstance(answer, Response)
    assert isinstance(answer.elasticity, Effect)
    assert answer.elasticity.high < -1.5
    assert isinstance(answer.display, Effect)
    assert 1 < answer.display.low < answer.display.high < naive(drinks) / 2
