"""What the demo asks: once, by its households, so that the rule decides."""

from __future__ import annotations

from datetime import timedelta
from uuid import NAMESPACE_URL, uuid5

import pytest

from kfar.doors.cli import asked, demo
from kfar.rooms.customers import commands as customers
from kfar.rooms.customers.commands import Newcomer
from kfar.rooms.decisions import closing, queries
from kfar.rooms.decisions.counting.rules import Method
from kfar.rooms.village import defaults
from tests.clock import Clock

pytestmark = pytest.mark.django_db


def test_the_ranking_closes_and_another_rule_would_have_named_another(clock: Clock) -> None:
    defaults.begin()
    demo.employ()
    households = [
        Newcomer(key=str(n), email=f"household-{n}@demo.kfar.example", consents=("ask",))
        for n in (18, *range(200, 500, 7))
    ]
    customers.meet_many(source="completejourney", newcomers=households)
    assert demo.ask() == 38 + 24
    assert demo.ask() == 0
    clock.to(clock.now + asked.SOON)
    assert closing.close_due() == 1
    ranking, budget = (
        queries.question(uuid5(NAMESPACE_URL, f"https://demo.kfar.example/{name}"))
        for name in ("ranking", "budget")
    )
    assert ranking is not None
    assert ranking.result is not None
    assert ranking.options[ranking.result.winners[0]]["en"] == "Olive oil"
    assert ranking.result.others[Method.PLURALITY] == (0,)
    assert budget is not None
    assert (budget.result, budget.answered, budget.asked) == (None, 24, len(households))
    assert budget.closes_at - clock.now > timedelta(days=13)
