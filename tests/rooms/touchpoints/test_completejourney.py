"""The Complete Journey, whole and real: every number here is counted in the data."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from kfar import loop
from kfar.ground.errors import Refused
from kfar.ground.ids import derived_id
from kfar.ground.money import Money
from kfar.lake import table
from kfar.lake.engines import Session, engine
from kfar.lake.intake.log import LogWriter
from kfar.lake.models import Position, Segment
from kfar.rooms.customers.models import Customer, Handle
from kfar.rooms.customers.queries import agreed, by_handle, people, person, saying_yes
from kfar.rooms.touchpoints import completejourney, queries
from kfar.rooms.touchpoints.queries import Counts
from tests.lake.touches import empty

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def told() -> list[tuple[str, int, int]]:
    """The progress that was told."""
    return []


@pytest.fixture(scope="module", autouse=True)
def loaded(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
    told: list[tuple[str, int, int]],
) -> Iterator[None]:
    """The whole data set, loaded once for this module and taken away after it."""
    folder = tmp_path_factory.mktemp("complete")
    with override_settings(KFAR_DATA_DIR=folder), django_db_blocker.unblock():
        new = completejourney.load(progress=lambda *step: told.append(step))
        assert new == 1_469_307
        assert through_the_gate(folder) == 6_589 + 2_102
        yield
        empty()
        Position.objects.all().delete()
        Customer.objects.all().delete()


def through_the_gate(folder: Path) -> int:
    """Let the mailings and coupons come in as a server would send them; return how many."""
    events = completejourney.events()
    writer = LogWriter(folder / "intake")
    record = {"k": "events", "r": 1_790_000_000_000, "s": "completejourney", "t": True, "u": "f"}
    body = {"batch": events}
    writer.commit([msgspec.json.encode({**record, "b": body}) + b"\n"])
    writer.close()
    loop.take_in()
    return len(events)


def rows(sql: str, **params: object) -> list[tuple[Any, ...]]:
    with table.reading() as session:
        return session.rows(sql, **params)


def household(number: int) -> Any:
    found = by_handle("completejourney", str(number))
    assert found is not None
    return found


def test_everything_is_there_once() -> None:
    assert queries.counts() == Counts(1_477_998, 2_469, 457)
    assert rows(
        """SELECT kind, channel, count(*), count(DISTINCT id), count(DISTINCT customer)
        FROM touches GROUP BY ALL ORDER BY kind"""
    ) == [
        ("campaign", "mail", 6_589, 6_589, 1_559),
        ("purchase", "store", 1_469_307, 1_469_307, 2_469),
        ("redemption", "store", 2_102, 2_102, 410),
    ]
    assert rows("SELECT count(DISTINCT basket), count(DISTINCT place) FROM touches") == [
        (155_848, 457)
    ]


def test_a_second_load_only_looks_at_the_catalogue(told: list[tuple[str, int, int]]) -> None:
    before = len(told)
    assert completejourney.load(progress=lambda *step: told.append(step)) == 0
    assert len(told) == before


def test_progress_goes_from_nothing_to_all_in_every_step(told: list[tuple[str, int, int]]) -> None:
    assert told == [
        ("customers", 0, 1),
        ("customers", 1, 1),
        *[("purchases", done, 4) for done in range(5)],
    ]


def test_ids_follow_from_the_source_and_its_key() -> None:
    key = "purchase/31198570044/1095275"
    found = rows(
        "SELECT paid, discount FROM touches WHERE id = $id",
        id=derived_id("completejourney", key),
    )
    assert found == [(50, 0)]


def test_households_are_customers_who_may_be_asked() -> None:
    first = person(household(1))
    assert first is not None
    assert (first.name, first.email) == ("Household 1", "household-1@demo.kfar.example")
    assert first.language == "en"
    assert first.consents == frozenset({"ask", "understand"})
    assert first.about == {
        "age": "65+",
        "income": "35-49K",
        "home_ownership": "Homeowner",
        "marital_status": "Married",
        "household_size": "2",
        "household_comp": "2 Adults No Kids",
        "kids_count": "0",
    }
    met = min(visit.at for visit in queries.journey([household(1)], most=1000).episodes)
    assert first.met_at == met
    assert len(agreed("ask")) == 2_469


def test_most_households_may_be_understood_and_of_these_most_have_things_chosen_for_them() -> None:
    agreed_to = [len(saying_yes(of)) for of in ("understand", "personalise", "advertise")]
    assert agreed_to == [2_220, 1_972, 0]
    assert [completejourney.consents(n) for n in (10, 11, 12, 19)] == [
        ("ask",),
        ("ask", "understand"),
        ("ask", "understand", "personalise"),
        ("ask", "understand", "personalise"),
    ]


def test_801_households_have_demographics_and_no_empty_ones() -> None:
    everybody = people(Customer.objects.values_list("pk", flat=True))
    assert sum(bool(one.about) for one in everybody.values()) == 801
    assert sum("home_ownership" not in one.about for one in everybody.values() if one.about) == 233
    assert all(all(one.about.values()) for one in everybody.values())


def test_languages_are_spread_and_stable() -> None:
    spoken = list(Customer.objects.values_list("language", flat=True))
    assert [spoken.count(one) for one in ("en", "he", "pl")] == [1_486, 490, 493]
    assert [completejourney.language(n) for n in range(1, 6)] == ["en", "en", "en", "he", "pl"]


def test_no_person_stands_in_the_lake() -> None:
    keys = dict(Handle.objects.filter(kind="completejourney").values_list("value", "customer_id"))
    known = {customer for (customer,) in rows("SELECT DISTINCT customer FROM touches")}
    assert known == set(keys.values())


def test_money_is_what_was_paid_and_what_was_taken_off(files: Session) -> None:
    [given] = files.rows(
        """SELECT round(sum(sales_value) * 100) - round(sum(coupon_disc) * 100),
            round(sum(retail_disc) * 100) + round(sum(coupon_disc) * 100)
                + round(sum(coupon_match_disc) * 100)
        FROM transactions"""
    )
    assert given == (456_967_968, 82_255_319)
    assert rows("SELECT sum(paid), sum(discount), min(discount) FROM touches") == [(*given, 0)]
    assert rows("SELECT DISTINCT currency FROM touches WHERE paid IS NOT NULL") == [("USD",)]


def test_a_coupon_worth_more_than_its_line_stays_below_zero() -> None:
    assert rows("SELECT count(*), min(paid) FROM touches WHERE paid < 0") == [(3_507, -3_793)]
    assert rows(
        """SELECT count(*) FROM (SELECT sum(paid) AS s FROM touches
            WHERE basket IS NOT NULL GROUP BY basket) WHERE s < 0"""
    ) == [(19,)]


@pytest.fixture
def files() -> Iterator[Session]:
    """A session with the data set's own files open."""
    with engine().session() as session:
        completejourney.open_files(session)
        yield session


def test_fuel_is_measured_in_gallons_unless_an_amount_was_prepaid() -> None:
    assert rows(
        """SELECT count(*), count(units), count(measure), count(DISTINCT measure_unit),
            round(median(paid / measure)), max(measure)
        FROM touches WHERE product_name LIKE 'GASOLINE%'"""
    ) == [(14_697, 1_188, 13_509, 1, 236, 89.638)]
    assert rows("SELECT DISTINCT category FROM touches WHERE measure IS NOT NULL") == [("FUEL",)]
    assert rows("SELECT max(units) FROM touches") == [(144,)]


def test_products_have_readable_names(files: Session) -> None:
    assert files.rows(
        """SELECT count(*) FILTER (p.product_id IS NULL),
            count(*) FILTER (p.product_id IS NOT NULL AND product_type IS NULL
                AND product_category IS NULL)
        FROM transactions t LEFT JOIN products p USING (product_id)"""
    ) == [(4_836, 1_338)]
    assert rows(
        """SELECT count(*) FILTER (product_name = 'Product ' || product),
            count(*) FILTER (product_name IS NULL), count(*) FILTER (product_name LIKE '%  %')
        FROM touches WHERE kind = 'purchase'"""
    ) == [(4_836 + 1_338, 0, 0)]
    [milk] = files.rows(
        """SELECT count(*) FROM transactions JOIN products USING (product_id)
        WHERE product_type = 'FLUID MILK WHITE ONLY' AND package_size = '1 GA'"""
    )
    assert milk > (0,)
    milk_here = "SELECT count(*) FROM touches WHERE product_name = 'FLUID MILK WHITE ONLY · 1 GA'"
    assert rows(milk_here) == [milk]


def test_whose_label_a_product_has_is_known_where_the_data_set_says_so(files: Session) -> None:
    assert files.rows(
        """SELECT brand, count(*) FROM transactions LEFT JOIN products USING (product_id)
        GROUP BY brand ORDER BY brand"""
    ) == [("National", 1_041_867), ("Private", 422_604), (None, 4_836)]
    assert rows(
        """SELECT properties, count(*) FROM touches WHERE kind = 'purchase'
        GROUP BY properties ORDER BY properties"""
    ) == [
        ('{"private_label": false}', 1_041_867),
        ('{"private_label": true}', 422_604),
        (None, 4_836),
    ]


def test_weeks_are_local_to_new_york(files: Session) -> None:
    """Week 1 ends with 2017-01-01 in New York, 05:00 UTC on the 2nd."""
    assert files.rows(
        """SELECT max(transaction_timestamp) FILTER (week = 1) < TIMESTAMP '2017-01-02 05:00:00',
            min(transaction_timestamp) FILTER (week = 2) >= TIMESTAMP '2017-01-02 05:00:00',
            count(*) FILTER (week = 1 + date_diff('day', DATE '2016-12-26',
                (transaction_timestamp AT TIME ZONE 'UTC' AT TIME ZONE 'America/New_York')::DATE)
                // 7)
        FROM transactions"""
    ) == [(True, True, 1_469_307)]


def test_mailings_and_coupons_stand_on_their_local_day() -> None:
    assert rows(
        """SELECT min("at"), count(*), count(DISTINCT ref) FROM touches WHERE kind = 'campaign'"""
    ) == [(datetime(2016, 11, 14, 5, tzinfo=UTC), 6_589, 27)]
    assert rows(
        """SELECT min("at"), max("at"), count(DISTINCT customer) FROM touches
        WHERE kind = 'redemption'"""
    ) == [
        (
            datetime(2017, 1, 1, 5, tzinfo=UTC),
            datetime(2017, 12, 31, 5, tzinfo=UTC),
            410,
        )
    ]


def test_one_household_has_its_journey_and_portrait(files: Session) -> None:
    [(lines, baskets, last)] = files.rows(
        "SELECT count(*), count(DISTINCT basket_id), max(transaction_timestamp)"
        " FROM transactions WHERE household_id = 718"
    )
    visits: list[queries.Episode] = []
    cursor = None
    while True:
        page = queries.journey([household(718)], before=cursor, most=100)
        visits += page.episodes
        cursor = page.more
        if cursor is None:
            break
    bought = [visit for visit in visits if visit.kind == "purchase"]
    assert (len(bought), sum(len(v.lines) for v in bought)) == (baskets, lines)
    assert bought[0].at == last.replace(tzinfo=UTC)

    portrait = queries.portrait(household(718))
    assert portrait.visits == baskets == 353
    assert portrait.spent == Money(sum(v.paid.minor for v in bought), "USD")
    assert portrait.saved == Money(sum(v.discount.minor for v in bought), "USD")
    assert sum(day.visits for day in portrait.strip) == baskets
    assert portrait.strip[0].day == portrait.first_at.date()  # type: ignore[union-attr]
    assert portrait.places[0].name == "324"


def test_a_customer_is_read_from_one_file_of_purchases() -> None:
    ours = {path.name for path in table.files(customers=[household(718)])}
    purchases = set(Segment.objects.filter(rows__gt=6_589).values_list("name", flat=True))
    assert len(purchases) == 4
    assert len(ours & purchases) == 1


def test_without_the_package_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    empty()
    monkeypatch.setattr(completejourney, "find_spec", lambda name: None)
    with pytest.raises(Refused, match=r"touchpoints\.no_completejourney"):
        completejourney.load()
