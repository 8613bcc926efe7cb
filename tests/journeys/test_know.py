"""Known honestly: a customer sees on a phone what is known of them, corrects it, takes it back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.conftest import Village
from tests.journeys.steps import choose_language, sign_in
from tests.journeys.walker import Walker

pytestmark = pytest.mark.journey

#: Somebody who comes often and has agreed to everything.
OFTEN = "person-4@world.example"


def times(walker: Walker, category: str) -> int:
    """How often a category was bought, as the page has it."""
    row = walker.page.locator(".habits tr", has_text=re.compile(category, re.IGNORECASE)).first
    return int(row.locator("td").first.inner_text())


@pytest.mark.parametrize("language", ["he", "pl"])
def test_what_is_known_is_seen_corrected_and_taken_back(
    browser: Browser, village: Village, language: str
) -> None:
    person = {"he": OFTEN, "pl": "person-5@world.example"}[language]
    me = Walker(browser, village, language, phone=True)
    sign_in(me, person)
    choose_language(me)
    me.open("/me/")
    me.follow("What is known of me, and why")
    me.reads(me.words("A plain guess says <bdi>%(beside)s</bdi>.").split("<")[0].strip())
    category = me.page.locator(".habits tbody th").first.inner_text()
    before = times(me, category)

    me.page.locator(".habits tbody th a").first.click()
    me.look()
    me.page.get_by_role("button", name=me.words("It was a gift")).first.click()
    me.look()
    thanks = me.words("Thank you. The figures follow from it already.")
    expect(me.page.locator("#flash")).to_contain_text(thanks)
    me.reads(me.words("a gift"))
    me.open("/me/known/")
    assert times(me, category) == before - 1

    me.page.locator(".habits tbody th a").first.click()
    me.press("Do not use anything I buy here")
    me.open("/me/known/")
    expect(me.page.locator(".habits tbody th", has_text=category)).to_have_count(0)
    expect(me.page.get_by_role("heading", name=me.words("Not used"))).to_be_visible()

    me.follow("How often such figures come true")
    me.open("/me/")
    understand = me.page.locator("section", has=me.page.locator("#may-understand"))
    understand.get_by_role("button", name=me.words("No more")).click()
    me.page.wait_for_load_state()
    me.open("/me/known/")
    me.reads(
        me.words(
            "You have not agreed that we learn from your journey, so nothing is computed about you."
        )
    )
    expect(me.page.locator(".habits, .known")).to_have_count(0)


def test_who_serves_sees_why_and_what_to_say(browser: Browser, village: Village) -> None:
    noa = Walker(browser, village, "en")
    noa.page.goto(village.links["noa@village.example"])
    noa.open(village.known)
    for words in (
        "What to say",
        "How often they come",
        "Whether they may stay away",
        "What they buy",
    ):
        expect(noa.page.get_by_role("heading", name=words).first).to_be_visible()
    noa.reads("Write nothing about offers: they have not agreed to it.")
    noa.open("/insight/")
    noa.press("Learn it again now")
    expect(noa.page.locator("#flash")).to_contain_text("It is learned again")
    expect(noa.page.locator("#learning")).to_contain_text("Learned on", timeout=60_000)
    noa.look()
    noa.follow("What they buy on")
    expect(noa.page.get_by_role("heading", name="What customers buy on")).to_be_visible()
    expect(noa.page.get_by_role("heading", name="Category by category")).to_be_visible()
