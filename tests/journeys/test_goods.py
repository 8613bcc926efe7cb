"""Who buys what: looked up at a desk, and on a phone in Hebrew; a given time is counted there."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.conftest import Village
from tests.journeys.walker import Walker

pytestmark = pytest.mark.journey


def test_who_buys_what_is_looked_up(browser: Browser, village: Village) -> None:
    noa = Walker(browser, village, "en")
    noa.page.goto(village.links["noa@village.example"])
    for page in ("products/", "products/tea-1/", "places/", "places/1/", "regions/"):
        noa.open(f"/insight/{page}")
    noa.open("/insight/categories/")
    noa.page.locator("#q").fill("win")
    noa.press("Show")
    noa.follow("Wine")
    expect(noa.page.get_by_role("img", name="Buyers and visits")).to_be_visible()
    noa.page.locator("main details summary").first.click()
    noa.look()
    buyers = noa.page.locator(".told-of .figures dd").first
    always = int(buyers.inner_text())

    # April alone is counted while one waits
    for end in ("since", "until"):
        noa.page.locator(f"#{end}").select_option("2026-04")
    noa.press("Show")
    expect(buyers).not_to_have_text(str(always))
    assert int(buyers.inner_text()) < always
    noa.look()

    dana = Walker(browser, village, "he", phone=True, dark=True)
    dana.page.goto(village.links["dana@village.example"])
    for page in ("categories/", "categories/bread/", "places/2/"):
        dana.open(f"/insight/{page}")
