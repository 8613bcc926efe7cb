"""A survey: a low score reaches who can act, who does; the customer is told, and it is good.

In English at a desk, in Hebrew on a phone.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.conftest import Village
from tests.journeys.steps import agree, choose_language, sign_in
from tests.journeys.test_loop import open_voice
from tests.journeys.walker import Walker

pytestmark = pytest.mark.journey

SAID = {"en": "The queue was very long.", "he": "התור היה ארוך מאוד."}
TITLE = {"en": "How are we doing?", "he": "איך אנחנו?"}
CONTENT = {
    "en": "How content are you with what you bought?",
    "he": "מה מידת שביעות הרצון ממה שקניתם?",
}


@pytest.mark.parametrize("language", ["en", "he"])
def test_a_survey(browser: Browser, village: Village, language: str) -> None:
    address = f"asked-{language}@village.example"
    boaz = Walker(browser, village, language, phone=language == "he")
    sign_in(boaz, address)
    choose_language(boaz)
    agree(boaz)

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
    everybody = tomasz.page.locator("button[name=all]")
    if everybody.count():  # others agreed to be asked, too: it is asked once more
        everybody.click()
        tomasz.page.wait_for_load_state()

    # answered: what is wanted is said, what follows is shown, nothing typed is lost
    boaz.mail(address, TITLE[language])
    boaz.follow_mail()
    letter = boaz.page.url
    boaz.press("Go on")
    boaz.reads(boaz.words("Please answer this."))
    boaz.page.locator("input[name=e0][value='2']").check()
    boaz.page.locator("input[name=e2][value='3']").check()
    boaz.press("Go on")
    boaz.reads(boaz.words("What you answered leads to one more thing, below."))
    expect(boaz.page.locator("input[name=e0][value='2']")).to_be_checked()
    boaz.page.locator("textarea[name=e1]").fill(SAID[language])
    boaz.press("Go on")
    boaz.reads(boaz.words("Thank you, we heard you."))
    boaz.open(letter)
    boaz.reads(boaz.words("Thank you, we heard you."))

    # heard: the words, the score beside them, and a case in which something can be decided
    noa = Walker(browser, village, language, phone=language == "he")
    noa.page.goto(village.links["noa@village.example"])
    noa.until(lambda: open_voice(noa, SAID[language]), "the voice")
    noa.reads(f"{CONTENT[language]} 2/5")
    noa.page.locator("#amount").fill("1.00")
    noa.press("Do it now and tell the customer")
    expect(noa.page.locator(".done li")).to_have_count(1)

    # told: with what they had said, and whether it helped is theirs to say
    text = boaz.mail(address, boaz.words("You said it, we did it"))
    assert SAID[language] in text
    boaz.follow_mail()
    boaz.press("Yes, it is good")
    boaz.reads(boaz.words("Good. Thank you for telling us."))
    noa.open("/voices/standing/closed/")
    noa.reads(SAID[language])

    # counted, and not shown while it would point at one
    tomasz.open(survey)
    expect(tomasz.page.locator(".facts dd").nth(1)).to_have_text(re.compile(r"^1 \("))
    tomasz.reads("Results are shown from five answers on")
    tomasz.press("Close it now")
