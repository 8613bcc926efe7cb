"""A survey in Hebrew on a phone: a low score reaches who can act."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.conftest import Village
from tests.journeys.steps import come
from tests.journeys.test_loop import open_voice
from tests.journeys.walker import Walker

pytestmark = pytest.mark.journey

ADDRESS = "boaz@village.example"
SAID = "התור היה ארוך מאוד."
TITLE = "איך אנחנו?"
CONTENT = "מה מידת שביעות הרצון ממה שקניתם?"


def test_a_survey(browser: Browser, village: Village) -> None:
    boaz = Walker(browser, village, "he", phone=True)
    come(boaz)

    # asked: a survey is made, opened, and sent to who agreed
    tomasz = Walker(browser, village, "en")
    tomasz.page.goto(village.links["tomasz@village.example"])
    tomasz.open("/surveys/")
    tomasz.follow("Make a survey")
    tomasz.page.locator("input[name=beginning][value=short]").check()
    tomasz.press("Make it")
    survey = tomasz.page.url
    tomasz.press("Open it")
    tomasz.press("Invite them")

    # answered: what is wanted is said, what follows is shown, nothing typed is lost
    boaz.mail(ADDRESS, TITLE)
    boaz.follow_mail()
    letter = boaz.page.url
    boaz.press("Go on")
    boaz.reads(boaz.words("Please answer this."))
    boaz.page.locator("input[name=e0][value='2']").check()
    boaz.page.locator("input[name=e2][value='3']").check()
    boaz.press("Go on")
    boaz.reads(boaz.words("What you answered leads to one more thing, below."))
    expect(boaz.page.locator("input[name=e0][value='2']")).to_be_checked()
    boaz.page.locator("textarea[name=e1]").fill(SAID)
    boaz.press("Go on")
    boaz.reads(boaz.words("Thank you, we heard you."))
    boaz.open(letter)
    boaz.reads(boaz.words("Thank you, we heard you."))

    # heard: the words, the score beside them, and a case in which something can be decided
    noa = Walker(browser, village, "en")
    noa.page.goto(village.links["noa@village.example"])
    noa.until(lambda: open_voice(noa, SAID), "the voice")
    noa.reads(f"{CONTENT} 2/5")
    noa.page.locator("#amount").fill("1.00")
    noa.press("Do it now and tell the customer")
    expect(noa.page.locator(".done li")).to_have_count(1)

    # counted, and not shown while it would point at one
    tomasz.open(survey)
    expect(tomasz.page.locator(".facts dd").nth(1)).to_have_text(re.compile(r"^1 \("))
    tomasz.reads("Results are shown from five answers on")
    tomasz.press("Close it now")
