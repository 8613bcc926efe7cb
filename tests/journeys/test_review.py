"""Reviews in two languages: one is written, the product moves, the company answers in public."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.journeys.conftest import Village
from tests.journeys.steps import choose_language, sign_in
from tests.journeys.walker import Walker

pytestmark = pytest.mark.journey

GOOD, BAD = "Dark, moist, and still good on the third day.", "הלחם היה יבש מאוד."
ANSWER = "We bake it an hour longer now."


def prominence(walker: Walker) -> float:
    text = walker.page.locator("#prominence").inner_text()
    return float(re.sub(r"[^\d.]", "", text.replace(",", ".")))


def bread(walker: Walker) -> Locator:
    """Open the basket in which the bread is, and return its line."""
    walker.open("/journey/")
    line = walker.page.locator("tr", has_text="RYE BREAD").first
    basket = walker.page.locator("details.more", has=line).first
    if basket.get_attribute("open") is None:
        basket.locator("summary").click()
    return line


def write(walker: Walker, stars: int, words: str) -> None:
    """Review the bread from the journey."""
    bread(walker).get_by_role("link", name=walker.words("Review it")).click()
    walker.page.wait_for_load_state()
    walker.look()
    walker.page.locator(f"input[name=stars][value='{stars}']").check()
    walker.page.locator("#text").fill(words)
    walker.press("Publish it")
    walker.reads(words)


def test_a_review_moves_the_product(browser: Browser, village: Village) -> None:
    anna = Walker(browser, village, "en")
    sign_in(anna, "anna@village.example")
    choose_language(anna)
    write(anna, 5, GOOD)
    address = anna.page.url

    def bought() -> bool:
        anna.page.goto(address)
        return anna.page.locator("li", has_text=GOOD).locator(".state-kept").count() > 0

    anna.until(bought, "the purchase to be found")
    before = prominence(anna)

    # another one, on a phone: what is bad is shown, and moves it down
    boaz = Walker(browser, village, "he", phone=True)
    sign_in(boaz, "boaz@village.example")
    choose_language(boaz)
    write(boaz, 1, BAD)
    assert prominence(boaz) < before
    boaz.reads(GOOD)
    boaz.open("/me/reviews/")
    boaz.reads(BAD)

    # the company answers where everybody reads it
    noa = Walker(browser, village, "en")
    noa.page.goto(village.links["noa@village.example"])
    noa.open(address)
    row = noa.page.locator("li", has_text=BAD)
    row.locator("summary").click()
    row.locator("textarea").fill(ANSWER)
    noa.press("Answer it", within=row)
    nobody = Walker(browser, village, "he", phone=True, dark=True)
    nobody.open(address)
    nobody.reads(ANSWER)
    nobody.open("/products/")
    nobody.reads("RYE BREAD")
    nobody.open("/products/how/")

    # taken back, it counts no more
    boaz.open("/me/reviews/")
    boaz.page.get_by_role("main").locator("form button").first.click()
    boaz.page.wait_for_load_state()
    boaz.look()
    anna.open(address)
    expect(anna.page.get_by_role("main")).not_to_contain_text(BAD)
