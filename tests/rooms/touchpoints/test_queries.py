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
from kfar.rooms.touchpoints.queries import Counts, Episode, Line, Only
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


def test_a_journey_is_baskets_and_other_touches(data_dir: Path) -> None:
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

    journey = queries.journey([ANNA])

    milk_line = Line(milk.id, "1", "MILK", "DAIRY", 2, None, None, usd(350), usd(50))
    fuel_line = Line(fuel.id, None, "PETROL", "FUEL", None, 10.5, "gal", usd(2500), usd(0))
    said, bought = journey.episodes
    assert (said.kind, said.ref, said.at) == ("voice", "v1", NOON + timedelta(hours=5))
    assert (said.channel, said.source, said.lines, said.steps) == ("web", "kfar", (), ())
    assert said.fits == {voice}
    assert bought == Episode(
        id=milk.occasion,
        person=ANNA,
        at=milk.at,
        until=milk.at,
        touches=2,
        channel="store",
        kind="purchase",
        source="test",
        place="7",
        ref=None,
        name=None,
        lines=(milk_line, fuel_line),
        steps=(),
        paid=usd(2850),
        discount=usd(50),
        fits=frozenset({milk.id, fuel.id}),
        first=True,
        unknown=False,
        links=(),
    )
    assert journey.more is None
    assert queries.line(milk.id, ANNA) == milk_line
    assert queries.line(milk.id, BORYS) is None
    assert queries.line(voice, ANNA) is None
    assert queries.line(uuid4(), ANNA) is None


def test_what_was_asked_for_of_a_basket_has_its_own_sum(data_dir: Path) -> None:
    given: dict[str, Any] = {"basket": "b", "currency": "USD"}
    milk = a_touch("milk", department="DAIRY", product_name="MILK", paid=350, **given)
    bread = a_touch("bread", department="BREAD", product_name="RYE", paid=420, **given)
    settle([milk, bread])
    [basket] = queries.journey([ANNA], only=Only(departments=["DAIRY"])).episodes
    assert ([line.id for line in basket.lines], basket.paid) == ([milk.id, bread.id], usd(770))
    assert ([line.id for line in basket.fitting], basket.fitting_paid) == ([milk.id], usd(350))


def test_a_visit_has_its_steps_and_what_each_was_about(data_dir: Path) -> None:
    def step(key: str, minutes: float, kind: str, **fields: Any) -> Touch:
        return a_touch(key, minutes / 60, channel="web", kind=kind, **fields)

    settle(
        [
            step("1", 0, "page", name="Coffee", url="https://shop.example/coffee"),
            step("2", 1, "track", name="Product Added", properties='{"name": "Dark roast"}'),
            step("3", 2, "track", name="Products Searched", properties='{"query": "oat"}'),
            step("4", 3, "track", name="Played", properties="[1, broken"),
            step("5", 4, "track", name="Played", properties="[1]"),
            step("6", 5, "identify", properties='{"name": "Anna"}'),
            step("7", 5, "track", name="Dark roast", properties='{"name": "Dark roast"}'),
        ]
    )
    [visit] = queries.journey([ANNA]).episodes
    assert (visit.kind, visit.lines) == ("browsing", ())
    assert (visit.at, visit.until, visit.touches) == (NOON, NOON + timedelta(minutes=5), 7)
    told = [(s.kind, s.name, s.url, s.what) for s in visit.steps]
    assert told[:5] == [
        ("page", "Coffee", "https://shop.example/coffee", ""),
        ("track", "Product Added", "", "Dark roast"),
        ("track", "Products Searched", "", "oat"),
        ("track", "Played", "", ""),
        ("track", "Played", "", ""),
    ]
    assert sorted(told[5:]) == [("identify", "", "", ""), ("track", "Dark roast", "", "")]


def test_several_customers_have_one_journey_with_who_did_what(data_dir: Path) -> None:
    settle([a_touch("1"), a_touch("2", 1, customer=BORYS), a_touch("3", 2)])
    found = queries.journey([ANNA, BORYS])
    assert [e.person for e in found.episodes] == [ANNA, BORYS, ANNA]
    assert queries.journey([]).episodes == ()
    assert found.counts.values["people"] == {str(ANNA): 2, str(BORYS): 1}
    assert queries.portrait(ANNA, BORYS).last_at == NOON + timedelta(hours=2)


def test_load_more_goes_on_where_it_was(data_dir: Path) -> None:
    settle([a_touch(f"{n}/{k}", n, basket=str(n), paid=1) for n in range(7) for k in range(3)])
    found: list[Episode] = []
    cursor, sizes = None, []
    while True:
        page = queries.journey([ANNA], before=cursor, most=3)
        found += page.episodes
        sizes.append(len(page.episodes))
        cursor = page.more
        if cursor is None:
            break
    assert sizes == [3, 3, 1]
    assert [visit.at for visit in found] == [NOON + timedelta(hours=n) for n in range(6, -1, -1)]
    assert [len(visit.lines) for visit in found] == [3] * 7


def test_a_visit_that_goes_on_behind_the_cursor_is_shown_whole(data_dir: Path) -> None:
    web = {"channel": "web", "kind": "page"}
    settle([a_touch("1", 0, **web), a_touch("2", 0.2), a_touch("3", 0.4, **web)])
    first = queries.journey([ANNA], most=1)
    settle([a_touch("4", 0.5, **web)], "later")
    then = queries.journey([ANNA], before=first.more, most=1)
    assert [e.id for e in first.episodes] == [a_touch("2").id]
    assert [[s.id for s in e.steps] for e in then.episodes] == [[a_touch("1").id, a_touch("3").id]]
    assert then.after == a_touch("2", 0.2).at


@pytest.mark.parametrize(
    "cursor", ["x", "1-2", "9" * 40 + "-" + "0" * 32, "-", "1-" + "g" * 32, f"1-{'0' * 32}-7"]
)
def test_a_broken_cursor_is_refused(data_dir: Path, cursor: str) -> None:
    with pytest.raises(Refused, match=r"touchpoints\.bad_cursor"):
        queries.journey([ANNA], before=cursor)


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
    nobody = queries.journey([uuid4()])
    assert (nobody.episodes, nobody.more, nobody.counts.chapters) == ((), None, ())


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
