"""How what the tag tells reaches the gate, or waits, or is given up."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.doors.gate.tag.site import Site
from tests.doors.gate.tag.steps import UPDATED, YES, call, settled, stand_still, stored, titled

pytestmark = pytest.mark.journey


def test_the_gate_may_be_found_in_a_folder(page: Page, site: Site) -> None:
    site.folder = "/village"
    page.goto("/")
    assert titled(site.hears()) == [("page", "/")]


@pytest.mark.parametrize("status", [503, 429, 408])
def test_what_the_gate_cannot_take_comes_again(page: Page, site: Site, status: int) -> None:
    site.answers.extend([status, status])
    stand_still(page)
    page.goto("/")
    tries = []
    for ms in (250, 1000, 2000):  # longer each time
        page.clock.run_for(ms)
        tries.append(site.told.get(timeout=20)["batch"])
        settled(page)
    assert tries == [tries[0]] * 3
    call(page, "track", "Tasted")
    page.clock.run_for(250)
    assert titled(site.told.get(timeout=20)["batch"]) == [("track", "Tasted")]


@pytest.mark.parametrize("status", [400, 401, 413])
def test_what_the_gate_refuses_does_not_come_again(page: Page, site: Site, status: int) -> None:
    site.answers.append(status)
    page.goto("/")
    assert titled(site.hears()) == [("page", "/")]
    call(page, "track", "Tasted")
    assert titled(site.hears()) == [("track", "Tasted")]


def test_leaving_at_once_loses_nothing(page: Page, site: Site) -> None:
    page.goto("/")
    site.hears()
    page.evaluate("kfar.track('Left', { to: 'חלב' }); location.href = '/milk'")
    left, there = site.hears(2)
    assert (left["event"], left["properties"]) == ("Left", {"to": "חלב"})
    assert titled([there]) == [("page", "/milk")]


def test_with_a_yes_what_was_not_taken_waits_for_the_next_page(page: Page, site: Site) -> None:
    site.answers.append(503)
    stand_still(page)
    page.goto("/")
    call(page, "consent", YES)
    page.clock.run_for(250)
    first = site.told.get(timeout=20)["batch"]
    settled(page)
    page.goto("/milk")
    page.clock.run_for(250)
    second = site.told.get(timeout=20)["batch"]
    assert titled(first) == [("page", "/"), ("track", UPDATED)]
    assert second[:2] == first
    assert titled(second[2:]) == [("page", "/milk")]
    assert stored(page) == ["kfar"]


def test_a_page_that_was_hidden_goes_on(page: Page, site: Site) -> None:
    def turn(hidden: bool) -> None:
        page.evaluate(
            "hidden => { Object.defineProperty(document, 'hidden', { value: hidden, "
            "configurable: true }); document.dispatchEvent(new Event('visibilitychange')) }",
            hidden,
        )

    site.answers.append(503)
    stand_still(page)
    page.goto("/")
    call(page, "consent", YES)
    page.clock.run_for(250)
    first = site.told.get(timeout=20)["batch"]
    settled(page)
    turn(hidden=True)
    assert sorted(stored(page)) == ["kfar", "kfar-unsent"]
    turn(hidden=False)
    assert stored(page) == ["kfar"]
    page.clock.run_for(250)
    assert site.told.get(timeout=20)["batch"] == first
    settled(page)
    call(page, "track", "Tasted")  # the gate takes again: nothing has to be kept
    turn(hidden=True)
    assert titled(site.hears()) == [("track", "Tasted")]
    assert stored(page) == ["kfar"]


def test_the_oldest_of_too_many_give_way(page: Page, site: Site) -> None:
    page.goto("/")
    site.hears()
    page.evaluate("for (let n = 0; n < 130; n++) kfar.track('Tasted', { n })")
    tasted = site.hears(100)
    assert [m["properties"]["n"] for m in tasted] == list(range(30, 130))


def test_much_is_told_in_parts_that_outlive_the_page(page: Page, site: Site) -> None:
    page.goto("/")
    site.hears()
    page.evaluate("for (let n = 0; n < 4; n++) kfar.track('Told', { n, text: 'ח'.repeat(9000) })")
    parts = [[m["properties"]["n"] for m in site.told.get(timeout=20)["batch"]] for _ in range(2)]
    assert parts == [[0, 1], [2, 3]]
