"""What a site with the tag tells, in a real browser: all of it, and nothing else."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from playwright.sync_api import Page

import kfar
from tests.doors.gate.tag.site import Site
from tests.doors.gate.tag.steps import UPDATED, YES, call, stored, titled

pytestmark = pytest.mark.journey

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def test_a_page_is_told_whole_without_what_may_name_a_person(page: Page, site: Site) -> None:
    page.clock.set_fixed_time("2026-12-01T08:00:00Z")
    campaign = "utm_source=letter&utm_campaign=%D7%97%D7%9C%D7%91"
    page.goto(f"/milk?mail=anna@village.example&{campaign}#anna", referer=f"{site.url}/?q=secret")
    body = site.told.get(timeout=20)
    [message] = body.pop("batch")
    assert body == {"writeKey": "shop", "sentAt": "2026-12-01T08:00:00.000Z"}
    assert UUID.fullmatch(message.pop("messageId"))
    assert UUID.fullmatch(message.pop("anonymousId"))
    seen = {
        "path": "/milk",
        "url": f"{site.url}/milk?{campaign}",
        "title": "/milk",
        "referrer": f"{site.url}/",
        "search": f"?{campaign}",
    }
    assert message == {
        "type": "page",
        "timestamp": "2026-12-01T08:00:00.000Z",
        "properties": seen,
        "context": {
            "page": seen,
            "campaign": {"source": "letter", "name": "חלב"},
            "library": {"name": "kfar.js", "version": kfar.__version__},
            "locale": "he-IL",
            "timezone": "Asia/Jerusalem",
            "userAgent": page.evaluate("navigator.userAgent"),
        },
    }
    assert stored(page) == []


def test_a_site_may_let_its_queries_be_told(page: Page, site: Site) -> None:
    site.options = 'data-query="true"'
    page.goto("/search?q=rye#top")
    [message] = site.hears()
    assert message["context"]["page"]["url"] == f"{site.url}/search?q=rye"
    assert message["context"]["page"]["search"] == "?q=rye"


def test_calls_before_the_tag_is_there_are_heard_in_their_order(page: Page, site: Site) -> None:
    site.early = """
        (window.kfar = window.kfar || []).push(["consent", { understand: true }]);
        kfar.push(["identify", 7, { name: "Anna" }], ["page", "Milk", { fat: 3 }]);
        kfar.push(["track", "Tasted", { good: true }]);
    """
    page.goto("/milk")
    consent, identify, seen, tasted = site.hears(4)
    assert (consent["event"], consent.get("userId")) == (UPDATED, None)
    assert (identify["type"], identify["traits"]) == ("identify", {"name": "Anna"})
    assert (seen["type"], seen["name"], seen["properties"]["fat"]) == ("page", "Milk", 3)
    assert (tasted["event"], tasted["properties"]) == ("Tasted", {"good": True})
    assert [m["userId"] for m in (identify, seen, tasted)] == ["7", "7", "7"]
    agreed = {"categoryPreferences": {"understand": True}}
    assert all(m["context"]["consent"] == agreed for m in (consent, identify, seen, tasted))


def test_another_address_is_another_page(page: Page, site: Site) -> None:
    page.goto("/")
    [first] = site.hears()
    page.evaluate("history.pushState({}, '', '/milk?mail=anna'); document.title = 'Milk'")
    [second] = site.hears()
    assert second["context"]["page"] == {
        "path": "/milk",
        "url": f"{site.url}/milk",
        "title": "Milk",
        "referrer": f"{site.url}/",
        "search": "",
    }
    # The same address again is no other page; two at one moment are the latter.
    page.evaluate("history.replaceState({}, '', '/milk?mail=boaz#top')")
    page.evaluate("history.pushState({}, '', '/wait'); history.replaceState({}, '', '/rye')")
    page.evaluate("kfar.track('Tasted')")
    third = site.hears(2)
    page.go_back()
    [fourth] = site.hears()
    assert titled(third) == [("page", "/rye"), ("track", "Tasted")]
    assert titled([fourth]) == [("page", "/milk")]
    assert {m["anonymousId"] for m in (second, *third, fourth)} == {first["anonymousId"]}


def test_a_page_that_comes_back_whole_is_told_again(page: Page, site: Site) -> None:
    page.goto("/milk")
    [first] = site.hears()
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    [again] = site.hears()
    assert titled([again]) == [("page", "/milk")]
    assert again["anonymousId"] == first["anonymousId"]


def test_a_site_may_tell_its_pages_itself(page: Page, site: Site) -> None:
    site.options = 'data-auto="false"'
    page.add_init_script("delete Crypto.prototype.randomUUID")  # as over plain http, or before 2022
    page.goto("/")
    page.evaluate("history.pushState({}, '', '/milk')")
    page.goto("/rye")
    call(page, "page", "Rye")
    [message] = site.hears()
    assert message["name"] == "Rye"
    assert UUID.fullmatch(message["messageId"])
    assert UUID.fullmatch(message["anonymousId"])


def test_people_come_and_go(page: Page, site: Site) -> None:
    page.goto("/")
    call(page, "consent", YES)
    call(page, "identify", "anna", {"email": "anna@village.example"})
    call(page, "group", 5, {"name": "Bakers"})
    call(page, "alias", "anna-2")
    call(page, "identify", "boaz")  # the same device, another person
    call(page, "reset")
    call(page, "identify", {"plan": "gold"})
    _, _, anna, group, alias, boaz, nobody = site.hears(7)
    assert (anna["userId"], anna["traits"]) == ("anna", {"email": "anna@village.example"})
    assert (group["groupId"], group["traits"]) == ("5", {"name": "Bakers"})
    assert (alias["userId"], alias["previousId"]) == ("anna-2", "anna")
    assert (boaz["userId"], boaz["traits"]) == ("boaz", {})
    assert (nobody.get("userId"), nobody["traits"]) == (None, {"plan": "gold"})
    ids = [m["anonymousId"] for m in (anna, group, alias, boaz, nobody)]
    assert [ids.index(i) for i in ids] == [0, 0, 0, 3, 4]
    assert nobody["context"]["consent"] == {"categoryPreferences": YES}
    page.goto("/milk")
    [later] = site.hears()
    assert (later.get("userId"), later["anonymousId"]) == (None, nobody["anonymousId"])


def test_nonsense_and_closed_storage_do_the_page_no_harm(page: Page, site: Site) -> None:
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new Error('closed') } })"
    )
    page.goto("/?" + quote("utm_%=1"))
    site.hears()
    page.evaluate("""
        const round = {}; round.round = round;
        kfar.track("Round", round); kfar.track("Big", { n: 1n }); kfar.consent(); kfar.group();
        kfar.push(null, 7, ["nothing"], ["toString"], []); kfar.page(null, null);
    """)
    call(page, "consent", YES)
    call(page, "track", "Tasted")
    assert titled(site.hears(3)) == [("page", "/"), ("track", UPDATED), ("track", "Tasted")]
