"""The clients of Segment and RudderStack in a browser, as they are: on a site of another origin."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.doors.gate.clients import site
from tests.doors.gate.clients.calls import check_all_told
from tests.doors.gate.clients.conftest import Node
from tests.doors.gate.clients.front import before
from tests.doors.gate.gates import KEY, Gate

pytestmark = pytest.mark.journey

CALLS = """() => { window.calls = (a) => {
    a.identify("דנה", {email: "dana@example.com", plan: 3});
    a.track("Bought", {price: 12.5});
    a.page("Home", {url: "https://x.example/"});
    if (a.screen) a.screen("Menu", {dark: true});
    a.group("g1", {name: "Żółw"});
    a.alias("דנה", "before");
}}"""
SEGMENT = """([gate, key, options]) => {
    const given = {writeKey: key, cdnURL: gate};
    calls(window.a = AnalyticsNext.AnalyticsBrowser.load(given, options));
}"""
STANDALONE = """([gate, key]) => {
    const a = window.analytics = Object.assign([], {_writeKey: key, _cdn: gate});
    a.push(["load", key]);
    for (const name of ["identify", "track", "page", "screen", "group", "alias"])
        a[name] = (...given) => a.push([name, ...given]);
    calls(a);
    const tag = document.createElement("script");
    document.body.append(Object.assign(tag, {src: "/standalone.js"}));
}"""
RUDDER = """([gate, key, options]) => {
    const a = window.a = new rudderanalytics.RudderAnalytics();
    a.load(key, gate, {configUrl: gate, logLevel: "ERROR", ...options});
    calls(a);
}"""


@pytest.fixture(scope="module")
def site_url(node: Node) -> Iterator[str]:
    """A site with the clients' bundles."""
    with site.opened(node.modules) as url:
        yield url


@pytest.fixture
def page(browser: Browser, site_url: str) -> Iterator[Page]:
    """A fresh visitor on the site; nothing is said on its console that should not."""
    context = browser.new_context(base_url=site_url)
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    yield page
    context.close()
    assert wrong == []


def tell(page: Page, script: str, port: int, program: str, options: Any = None) -> None:
    page.goto(f"/shop?{script}")
    page.evaluate(CALLS)
    page.evaluate(program, [f"http://127.0.0.1:{port}", KEY, options or {}])


def test_analytics_js_tells_all(gate: Gate, page: Page) -> None:
    tell(page, "segment", gate.port, SEGMENT)
    gate.wait_for(6)
    check_all_told(gate, trusted=False, source="site")


def test_analytics_js_as_a_tag_loads_it_tells_all(gate: Gate, page: Page) -> None:
    tell(page, "", gate.port, STANDALONE)
    gate.wait_for(6)
    check_all_told(gate, trusted=False, source="site")


def test_analytics_js_tells_in_batches_and_what_waits_as_the_page_is_left(
    gate: Gate, page: Page
) -> None:
    strategy = {"strategy": "batching", "config": {"size": 5, "timeout": 60_000}}
    options = {"integrations": {"Segment.io": {"deliveryStrategy": strategy}}}
    tell(page, "segment", gate.port, SEGMENT, options)
    gate.wait_for(5)
    page.goto("about:blank")
    gate.wait_for(6)
    assert [len(r["b"]["batch"]) for r in gate.records()] == [5, 1]


@pytest.mark.parametrize("trouble", [503, "drop"], ids=str)
def test_analytics_js_tells_again_what_was_not_taken(
    gate: Gate, page: Page, trouble: int | str
) -> None:
    with before(gate.port, trouble, trouble) as front:
        tell(page, "segment", front.port, SEGMENT)
        gate.wait_for(6)
    check_all_told(gate, trusted=False, source="site")
    again = [json.loads(body)["messageId"] for _, _, body in front.came]
    assert (len(again), len(set(again))) == (8, 6)


def test_analytics_js_with_a_key_that_is_none_of_ours_sends_nothing(gate: Gate, page: Page) -> None:
    page.goto("/shop?segment")
    page.evaluate(CALLS)
    with page.expect_response("**/settings") as settings:
        page.evaluate(SEGMENT, [f"http://127.0.0.1:{gate.port}", "nobody's", {}])
    assert settings.value.status == 401
    assert gate.records() == []


@pytest.mark.parametrize("script", ["rudder", "rudder-legacy"])
def test_rudderstack_tells_all(gate: Gate, page: Page, script: str) -> None:
    tell(page, script, gate.port, RUDDER)
    gate.wait_for(5)
    check_all_told(gate, trusted=False, source="site", missing="screen")


def test_rudderstack_tells_by_beacons(gate: Gate, page: Page) -> None:
    options = {"useBeacon": True, "beaconQueueOptions": {"flushQueueInterval": 100}}
    tell(page, "rudder", gate.port, RUDDER, options)
    gate.wait_for(5)
    check_all_told(gate, trusted=False, source="site", missing="screen")


def test_rudderstack_tells_again_what_was_not_taken(gate: Gate, page: Page) -> None:
    with before(gate.port, 503, "drop") as front:
        tell(page, "rudder", front.port, RUDDER)
        gate.wait_for(5)
    check_all_told(gate, trusted=False, source="site", missing="screen")
    again = [json.loads(body)["messageId"] for _, _, body in front.came]
    assert (len(again), len(set(again))) == (7, 5)
