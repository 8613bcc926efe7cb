"""The pages of categories, products, stores and regions."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from kfar.doors.web import wares
from kfar.rooms.insight import commands, shelves
from kfar.rooms.insight.shelves import Good, Ware
from kfar.rooms.insight.tallies import Thing
from tests.doors.web.doors import enter, text
from tests.people import a_customer, an_employee
from tests.rooms.insight import market

pytestmark = pytest.mark.django_db

PAGES = [
    *("/insight/categories/", "/insight/categories/milk/", "/insight/categories/razors/men/"),
    *("/insight/products/", "/insight/products/b/", "/insight/places/", "/insight/places/1/"),
    *("/insight/regions/", "/insight/regions/North/"),
]


@pytest.fixture
def noa(settings: Settings, data_dir: Path) -> Client:
    settings.TIME_ZONE = "UTC"
    commands.name_places(places=[("1", "Market Street", "North")])
    market.learn()
    an_employee()
    return enter("Noa")


@pytest.mark.parametrize("language", ["en", "he", "pl"])
def test_every_page_is_there_in_every_language(noa: Client, language: str) -> None:
    noa.cookies["django_language"] = language
    for page in PAGES:
        assert noa.get(page).status_code == 200, page
    for page in ("categories/tea/", "products/m/", "places/3/", "regions/South/"):
        assert noa.get(f"/insight/{page}").status_code == 404, page


def test_who_is_no_employee_sees_none_of_it(noa: Client) -> None:
    a_customer("Anna")
    anna = enter("Anna")
    assert {anna.get(page).status_code for page in PAGES} == {403}
    assert {Client().get(page).status_code for page in PAGES} == {302}


def test_categories_are_found_and_sorted(noa: Client) -> None:
    page = text(noa.get("/insight/categories/"))
    assert page.index(">Bread<") < page.index(">Milk<") < page.index(">Razors/men<")
    assert "What 23 customers bought until Apr 15, 2026" in page
    assert "Tea" not in page
    page = text(noa.get("/insight/categories/?sort=paid"))
    assert page.index(">Razors/men<") < page.index(">Bread<")
    page = text(noa.get("/insight/categories/?q=MIL"))
    assert ">Milk<" in page
    assert ">Bread<" not in page
    assert "Nothing is called so." in text(noa.get("/insight/categories/?q=shoes"))


def test_a_category_is_told_with_its_numbers(noa: Client) -> None:
    page = text(noa.get("/insight/categories/milk/"))
    for said in ("43%", "1.6", "$32.00", "$3.20", "Market Street", "Store 2"):
        assert f"<bdi>{said}</bdi>" in page, said
    assert (
        '<tr><th scope="row">April 2026</th><td><bdi>6</bdi></td><td><bdi>6</bdi></td></tr>' in page
    )
    # All ten are under 30; of the others nothing is said.
    assert "<bdi>100%</bdi></td><td><bdi>45%</bdi>" in page
    assert "<bdi>–</bdi></td><td><bdi>55%</bdi>" in page


def test_what_goes_with_it_is_told_with_how_sure_it_is(noa: Client) -> None:
    page = text(noa.get("/insight/categories/razors/men/"))
    assert 'href="/insight/categories/blades/"' in page
    assert "<td>9</td><td>23.68%</td><td>4.2 ×</td>" in page  # foam, in one basket
    assert "<td>9</td><td>39.13%</td><td>2.6 ×</td>" in page  # and in one life


def test_a_given_time_is_counted_after_the_page_is_there(noa: Client) -> None:
    chosen = "/insight/categories/milk/?since=2026-04&until=2026-04"
    page = text(noa.get(chosen))
    assert "All that was bought in that time is being counted." in page
    assert 'hx-get="/insight/categories/milk/?since=2026-04&amp;until=2026-04"' in page
    part = text(noa.get(chosen, headers={"HX-Request": "true"}))
    assert "<html" not in part
    assert "<bdi>6</bdi>" in part
    assert "<bdi>40%</bdi>" in part
    assert "<bdi>$12.00</bdi>" in part
    # without a program in the browser
    assert "<bdi>40%</bdi>" in text(noa.get(chosen + "&now=1"))
    few = "/insight/categories/razors/men/?since=2026-04&until=2026-04&now=1"
    assert "Fewer than 5 people bought it in that time" in text(noa.get(few))


@pytest.mark.parametrize("time", ["since=2026-04&until=2026-03", "since=x&until=", "since=1999-01"])
def test_a_time_that_is_none_is_all_of_it(noa: Client, time: str) -> None:
    assert "<bdi>43%</bdi>" in text(noa.get(f"/insight/categories/milk/?{time}"))


def test_a_store_says_where_it_lies(noa: Client) -> None:
    page = text(noa.get("/insight/places/1/"))
    assert "<bdi>Market Street</bdi>" in page
    assert 'href="/insight/regions/North/"' in page
    assert "Nothing differs surely, or too few customers come here to tell." in page
    assert ">Market Street<" in text(noa.get("/insight/places/?q=north"))


def test_without_anything_learned_pages_say_so(data_dir: Path) -> None:
    an_employee()
    noa = enter("Noa")
    for page in ("categories", "products", "places"):
        assert "Nothing has been learned yet." in text(noa.get(f"/insight/{page}/"))
    assert "No regions are known." in text(noa.get("/insight/regions/"))
    assert shelves.wares("product") is None


def test_a_window_is_whole_months() -> None:
    ware = Ware(Thing("milk", 5, 1.0, 5, None, 5), "milk", "")
    good = Good("category", ware, 5, "USD", date(2025, 11, 1), date(2026, 2, 1))
    window = wares.window(good, "2025-12", "2026-02")
    assert (window.since, window.until) == (date(2025, 12, 1), date(2026, 2, 28))
    assert [value for value, _ in window.months] == ["2025-11", "2025-12", "2026-01", "2026-02"]
    assert not wares.window(good, "2025-11", "2026-02").chosen
