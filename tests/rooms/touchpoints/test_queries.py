"""Journeys as others read them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from pytest_django.fixtures import Settings

from kfar.ground.errors import Refused
from kfar.ground.money import Money
from kfar.lake.models import Touchpoint
from kfar.lake.touch import Touch
from kfar.rooms.customers.commands import Newcomer, meet_many
from kfar.rooms.touchpoints import commands, queries
from kfar.rooms.touchpoints.portrait import Category, Day, Place
from kfar.rooms.touchpoints.queries import Counts, Line, Visit
from tests.lake.touches import ANNA, BORYS, NOON, a_touch, settle

pytestmark = pytest.mark.django_db


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def test_a_live_touch_is_met_once_for_its_ref() -> None:
    def meet(customer_id: UUID, ref: str) -> UUID:
        return commands.meet(customer_id=customer_id, channel="web", kind="voice", at=NOON, ref=ref)

    one = meet(ANNA, "7")
    assert meet(ANNA, "7") == one
    assert len({one, meet(BORYS, "7"), meet(ANNA, "8")}) == 3
    assert Touchpoint.objects.count() == 3


def test_a_journey_is_visits_and_other_touches(data_dir: Path) -> None:
    milk = a_touch(
        "milk", 1, basket="b", place="7", product="1", product_name="MILK", category="DAIRY",
        units=2, paid=350, discount=50, currency="USD",
    )  # fmt: skip
    fuel = a_touch(
        "fuel", 1, basket="b", place="7", product_name="PETROL", category="FUEL",
        measure=10.5, measure_unit="gal", paid=2500, discount=0, currency="USD",
    )  # fmt: skip
    settle([milk, fuel])
    voice = commands.meet(
        customer_id=ANNA, channel="web", kind="voice", at=NOON + timedelta(hours=5), ref="v1"
    )

    journey = queries.journey(ANNA)

    milk_line = Line(milk.id, "1", "MILK", "DAIRY", 2, None, None, usd(350), usd(50))
    fuel_line = Line(fuel.id, None, "PETROL", "FUEL", None, 10.5, "gal", usd(2500), usd(0))
    assert journey.visits == (
        Visit(
            voice, NOON + timedelta(hours=5), "web", "voice", "kfar", None, "v1", (),
            usd(0), usd(0),
        ),
        Visit(
            milk.occasion, NOON + timedelta(hours=1), "store", "purchase", "test", "7", None,
            (milk_line, fuel_line), usd(2850), usd(50),
        ),
    )  # fmt: skip
    assert journey.more is None
    assert queries.line(milk.id, ANNA) == milk_line
    assert queries.line(milk.id, BORYS) is None
    assert queries.line(voice, ANNA) is None
    assert queries.line(uuid4(), ANNA) is None


def test_load_more_goes_on_where_it_was(data_dir: Path) -> None:
    settle([a_touch(f"{n}/{k}", n, basket=str(n), paid=1) for n in range(7) for k in range(3)])
    found: list[Visit] = []
    cursor, sizes = None, []
    while True:
        page = queries.journey(ANNA, cursor, most=3)
        found += page.visits
        sizes.append(len(page.visits))
        cursor = page.more
        if cursor is None:
            break
    assert sizes == [3, 3, 1]
    assert [visit.at for visit in found] == [NOON + timedelta(hours=n) for n in range(6, -1, -1)]
    assert [len(visit.lines) for visit in found] == [3] * 7


@pytest.mark.parametrize("cursor", ["x", "1-2", "9" * 40 + "-" + "0" * 32, "-", "1-" + "g" * 32])
def test_a_broken_cursor_is_refused(data_dir: Path, cursor: str) -> None:
    with pytest.raises(Refused, match=r"touchpoints\.bad_cursor"):
        queries.journey(ANNA, cursor)


def test_a_portrait_counts_what_there_is(data_dir: Path, settings: Settings) -> None:
    settings.TIME_ZONE = "America/New_York"

    def buy(key: str, at: datetime, category: str, place: str = "7", **more: Any) -> None:
        given: dict[str, Any] = {"basket": key, "currency": "USD", "paid": 1000, "discount": 100}
        bought.append(
            a_touch(
                f"{key}{category}", at=at, category=category, place=place, **{**given, **more}
            )
        )  # fmt: skip

    bought: list[Touch] = []
    # 04:30 UTC on the 2nd is still the 1st in New York.
    buy("a", datetime(2026, 1, 1, 20, tzinfo=UTC), "DAIRY")
    buy("b", datetime(2026, 1, 2, 4, 30, tzinfo=UTC), "DAIRY")
    buy("c", datetime(2026, 1, 4, 20, tzinfo=UTC), "BREAD", "8")
    buy("c", datetime(2026, 1, 4, 20, tzinfo=UTC), "DAIRY", "8", paid=-50)
    buy("d", datetime(2026, 4, 14, 20, tzinfo=UTC), "BREAD", currency="EUR")
    mailing = a_touch("m", at=datetime(2025, 12, 1, 5, tzinfo=UTC), kind="campaign")
    known_until = a_touch("x", at=datetime(2026, 5, 1, tzinfo=UTC), customer=BORYS)
    settle([*bought, mailing, known_until])

    portrait = queries.portrait(ANNA)

    assert (portrait.first_at, portrait.last_at) == (mailing.at, bought[-1].at)
    assert (portrait.visits, portrait.days_between, portrait.visits_lately) == (4, 51.5, 1)
    assert (portrait.spent, portrait.saved) == (usd(2950), usd(400))
    assert portrait.categories == (
        Category("DAIRY", 3, 0.75, usd(1950)),
        Category("BREAD", 2, 0.5, usd(1000)),
    )
    assert portrait.places == (Place("7", 3), Place("8", 1))
    assert portrait.strip == (
        Day(date(2025, 12, 1), 0, ("campaign",)),
        Day(date(2026, 1, 1), 2, ("purchase",)),
        Day(date(2026, 1, 4), 1, ("purchase",)),
        Day(date(2026, 4, 14), 1, ("purchase",)),
    )


def test_a_portrait_of_nobody_is_empty(data_dir: Path) -> None:
    portrait = queries.portrait(uuid4())
    assert (portrait.first_at, portrait.last_at, portrait.days_between) == (None, None, None)
    assert (portrait.visits, portrait.visits_lately) == (0, 0)
    assert (portrait.spent, portrait.saved) == (usd(0), usd(0))
    assert (portrait.categories, portrait.places, portrait.strip) == ((), (), ())
    assert queries.journey(uuid4()) == queries.Journey((), None)


def test_a_customer_met_live_alone_has_a_portrait(data_dir: Path) -> None:
    commands.meet(customer_id=ANNA, channel="web", kind="vote", at=NOON, ref="1")
    portrait = queries.portrait(ANNA)
    assert (portrait.first_at, portrait.visits, portrait.visits_lately) == (NOON, 0, 0)
    assert portrait.strip == (Day(NOON.date(), 0, ("vote",)),)


def test_counts(data_dir: Path) -> None:
    assert queries.counts() == Counts(0, 0, 0)
    meet_many(source="test", newcomers=[Newcomer(key="anna"), Newcomer(key="borys")])
    settle([a_touch("1", place="7"), a_touch("2", place="8"), a_touch("3")])
    assert queries.counts() == Counts(3, 2, 2)
    commands.meet(customer_id=ANNA, channel="web", kind="vote", at=NOON, ref="1", place="7")
    settle([a_touch("4", place="8")], "later")
    assert queries.counts() == Counts(5, 2, 3)  # kfar's "7" is not the shop's
