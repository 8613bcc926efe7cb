"""What the tag tells and keeps before a yes, after it, and after a no."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Page, Route

from tests.doors.gate.tag.site import Site
from tests.doors.gate.tag.steps import UPDATED, YES, call, settled, stand_still, stored, titled

pytestmark = pytest.mark.journey

SIGNALS = {"gpc": ("globalPrivacyControl", "true"), "dnt": ("doNotTrack", "'1'")}


def signal(context: BrowserContext, name: str) -> None:
    field, value = SIGNALS[name]
    context.add_init_script(
        f"Object.defineProperty(Navigator.prototype, '{field}', {{ get: () => {value} }});"
    )


def test_before_a_yes_every_page_is_another_visit_and_nobody_has_a_name(
    page: Page, site: Site
) -> None:
    page.goto("/")
    [first] = site.hears()
    call(page, "identify", "anna", {"email": "anna@village.example"})
    call(page, "group", "bakers")
    call(page, "alias", "anna-2")
    call(page, "track", "Tasted")
    [tasted] = site.hears()
    assert tasted["anonymousId"] == first["anonymousId"]
    page.goto("/milk")
    [second] = site.hears()
    assert titled([first, tasted, second]) == [
        ("page", "/"),
        ("track", "Tasted"),
        ("page", "/milk"),
    ]
    assert first["anonymousId"] != second["anonymousId"]
    assert [m.get("userId") for m in (first, tasted, second)] == [None, None, None]
    assert stored(page) == []


def test_after_a_yes_one_is_the_same_on_every_page(page: Page, site: Site) -> None:
    page.goto("/")
    [first] = site.hears()
    call(page, "identify", "anna", {"plan": "gold"})  # waits for the yes
    call(page, "consent", YES)
    identify, updated = site.hears(2)
    page.goto("/milk")
    call(page, "consent", YES)  # as the site does on every page: nothing new
    [second] = site.hears()
    assert (identify["type"], identify["traits"]) == ("identify", {"plan": "gold"})
    assert (updated["event"], second["type"]) == (UPDATED, "page")
    for message in (identify, updated, second):
        assert message["userId"] == "anna"
        assert message["anonymousId"] == first["anonymousId"]
        assert message["context"]["consent"] == {"categoryPreferences": YES}
    assert stored(page) == ["kfar"]
    assert "gold" not in page.evaluate("localStorage.kfar")


def test_a_no_is_the_last_that_is_told(page: Page, site: Site) -> None:
    stand_still(page)
    page.goto("/")
    call(page, "consent", YES)
    page.clock.run_for(250)
    first, _ = site.hears(2)
    # What waits goes no more.
    page.evaluate("kfar.track('Tasted'); kfar.consent({ understand: false })")
    page.clock.run_for(250)
    [last] = site.hears()
    assert (last["event"], last["anonymousId"]) == (UPDATED, first["anonymousId"])
    assert last["context"]["consent"]["categoryPreferences"]["understand"] is False
    assert stored(page) == []
    told = page.evaluate("sent.length")
    call(page, "track", "Tasted")
    page.evaluate("history.pushState({}, '', '/milk')")
    page.clock.run_for(10_000)
    page.evaluate("dispatchEvent(new Event('pagehide'))")
    assert page.evaluate("sent.length") == told
    call(page, "consent", YES)
    page.clock.run_for(250)
    [again] = site.hears()
    assert again["anonymousId"] != first["anonymousId"]


def test_what_was_on_its_way_before_a_no_is_not_told_again(page: Page, site: Site) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    stand_still(page)
    page.route("**/v1/batch", hold)
    page.goto("/")
    with page.expect_request("**/v1/batch"):
        page.clock.run_for(250)
    call(page, "consent", {"understand": False})
    held[0].fulfill(status=503)
    settled(page)
    page.clock.run_for(10_000)
    assert page.evaluate("sent.length") == 1


def test_who_says_no_first_is_not_told_of(page: Page, site: Site) -> None:
    site.early = "window.kfar = [['consent', { understand: false }]]"
    stand_still(page)
    page.goto("/")
    call(page, "track", "Tasted")
    page.clock.run_for(10_000)
    page.evaluate("dispatchEvent(new Event('pagehide'))")
    assert page.evaluate("sent") == []
    assert stored(page) == []


@pytest.mark.parametrize("name", SIGNALS)
def test_do_not_track_is_silence_until_a_yes(
    context: BrowserContext, page: Page, site: Site, name: str
) -> None:
    signal(context, name)
    stand_still(page)
    page.goto("/")
    call(page, "track", "Tasted")
    page.clock.run_for(10_000)
    page.evaluate("dispatchEvent(new Event('pagehide'))")
    assert page.evaluate("sent") == []
    assert stored(page) == []
    call(page, "consent", YES)
    page.clock.run_for(250)
    messages = site.hears(3)
    assert titled(messages) == [("page", "/"), ("track", "Tasted"), ("track", UPDATED)]
    assert [m["context"]["consent"] for m in messages] == [{"categoryPreferences": YES}] * 3
    page.goto("/milk")
    page.clock.run_for(250)
    [second] = site.hears()
    assert second["anonymousId"] == messages[0]["anonymousId"]


def test_a_yes_older_than_do_not_track_is_forgotten(
    context: BrowserContext, page: Page, site: Site
) -> None:
    page.goto("/")
    call(page, "consent", YES)
    site.hears(2)
    assert stored(page) == ["kfar"]
    signal(context, "gpc")
    stand_still(page)
    page.goto("/milk")
    page.clock.run_for(10_000)
    assert page.evaluate("sent") == []
    assert stored(page) == []


def test_a_no_holds_in_every_tab(context: BrowserContext, page: Page, site: Site) -> None:
    page.goto("/")
    call(page, "consent", YES)
    site.hears(2)
    other = context.new_page()
    other.goto("/milk")
    site.hears()
    with_storage = "new Promise(done => addEventListener('storage', done, { once: true }))"
    other.evaluate(f"window.heard = {with_storage}; 0")
    call(page, "consent", {"understand": False})
    other.evaluate("heard.then(() => 0)")
    call(other, "track", "Tasted")
    other.evaluate("dispatchEvent(new Event('pagehide'))")
    assert [how for how, _ in other.evaluate("sent")] == ["fetch"]  # its own page, before
