"""Those one trusts, in two languages: invited, accepted, named where agreed, and ended."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.conftest import Village
from tests.journeys.steps import choose_language, sign_in
from tests.journeys.test_review import bread
from tests.journeys.walker import Walker

pytestmark = pytest.mark.journey

WORDS = "Too salty for my taste."


def call(walker: Walker, name: str) -> None:
    """Say what one is called."""
    walker.open("/me/")
    walker.page.locator("#name").fill(name)
    walker.page.locator("form[action='/me/name/'] button").click()
    walker.page.wait_for_load_state()
    walker.look()


def test_a_friend_counts_more_and_ends_it(browser: Browser, village: Village) -> None:
    anna = Walker(browser, village, "en")
    sign_in(anna, "anna@village.example")
    choose_language(anna)
    call(anna, "Anna Levi")
    anna.open("/me/people/")
    anna.page.locator("#email").fill("boaz@village.example")
    anna.press("Invite them")
    link = anna.page.locator("input[readonly]").first.input_value()

    # he gets one letter, in his language, and the same link is in it
    boaz = Walker(browser, village, "he", phone=True)
    sign_in(boaz, "boaz@village.example")
    choose_language(boaz)
    call(boaz, "בועז כהן")
    letter = boaz.mail("boaz@village.example", "Anna Levi")
    assert link in letter
    boaz.follow_mail()
    boaz.reads("Anna Levi")
    boaz.page.locator("input[name=named-to-friends]").check()
    boaz.press("Yes, we know each other")
    boaz.reads("Anna Levi")

    # what he says stands first for her, with his name, and with a figure of her own
    bread(boaz).get_by_role("link", name=boaz.words("Review it")).click()
    boaz.page.wait_for_load_state()
    boaz.reads(boaz.words("The people you know read it with your name, as you agreed."))
    boaz.page.locator("input[name=stars][value='2']").check()
    boaz.page.locator("#text").fill(WORDS)
    boaz.press("Publish it")
    address = boaz.page.url
    anna.open(address)
    anna.reads("What they say counts more for you: בועז כהן.")
    expect(anna.page.locator("#for-you")).to_have_text(re.compile(r"\d"))
    anna.open("/products/")
    anna.reads("In your order")
    anna.follow("Everybody’s order")
    nobody = Walker(browser, village, "he", phone=True, dark=True)
    nobody.open(address)
    nobody.reads(WORDS)
    expect(nobody.page.get_by_role("main")).not_to_contain_text("בועז כהן")
    nobody.open(link)
    nobody.reads(nobody.words("Do you know each other?"))

    # he ends it, and it counts no more
    boaz.open("/me/people/")
    boaz.page.get_by_role("main").locator("form[action$='/end/'] button").click()
    boaz.page.wait_for_load_state()
    boaz.look()
    anna.open(address)
    expect(anna.page.get_by_role("main")).not_to_contain_text("בועז כהן")
