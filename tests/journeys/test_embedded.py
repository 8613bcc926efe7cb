"""A survey on somebody else's page, from right to left: answered once, with no cookie."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.conftest import Village
from tests.journeys.walker import Walker

pytestmark = pytest.mark.journey


class Shop(BaseHTTPRequestHandler):
    """A page of a shop's, on a site of its own."""

    tag = ""

    def do_GET(self) -> None:
        """Give the page with the tag."""
        self.send_response(200 if self.path == "/" else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(
            '<!doctype html><html lang="he" dir="rtl"><meta charset="utf-8"><title>חנות</title>'
            f"<main><h1>תודה על הקנייה</h1>{self.tag}</main></html>".encode()
        )

    def log_message(self, *_said: object) -> None:
        """Say nothing."""


@pytest.fixture
def shop() -> Iterator[str]:
    """The shop's address: another site than Kfar's."""
    server = HTTPServer(("127.0.0.1", 0), Shop)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_survey_on_any_page(browser: Browser, village: Village, shop: str) -> None:
    tomasz = Walker(browser, village, "en")
    tomasz.page.goto(village.links["tomasz@village.example"])
    tomasz.open("/surveys/new/")
    tomasz.press("Make it")
    tomasz.page.locator("input[name=by_link]").check()
    tomasz.press("Open it")
    survey = tomasz.page.url
    Shop.tag = tomasz.page.locator("#tag").input_value()
    assert 'async src="' in Shop.tag

    guest = Walker(browser, village, "he", phone=True)
    guest.page.goto(shop)
    frame = guest.page.frame_locator("iframe")
    expect(frame.locator("html")).to_have_attribute("dir", "rtl")
    expect(guest.page.locator("iframe")).to_have_attribute("title", "סקר")
    high = guest.page.locator("iframe")
    expect(high).to_have_attribute("style", re.compile(r"block-size: \d+px"))
    assert guest.page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    # what is missing is asked for in the frame; then it is answered
    frame.get_by_role("button", name=guest.words("Go on")).click()
    expect(frame.locator(".error").first).to_be_visible()
    frame.locator("input[name=e0][value='9']").check()
    frame.get_by_role("button", name=guest.words("Go on")).click()
    expect(
        frame.get_by_role("heading", name=guest.words("Thank you, we heard you."))
    ).to_be_visible()
    assert guest.page.context.cookies() == []
    inner = guest.page.frames[1]
    assert guest.page.evaluate("localStorage.length + sessionStorage.length") == 0
    assert guest.said == []
    guest.page.goto(inner.url.replace("done", "again"))
    guest.look()

    tomasz.open(survey)
    expect(tomasz.page.locator(".facts dd").nth(2)).to_have_text("1")
