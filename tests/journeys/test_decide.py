"""Decide together: one question, asked and answered in two languages, on a phone and at a desk."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.conftest import Village
from tests.journeys.steps import WHO, choose_language, sign_in
from tests.journeys.walker import Walker

pytestmark = pytest.mark.journey

#: How long the question is open: enough for two people to answer twice on a slow machine.
OPEN = timedelta(seconds=40)


def test_decide_together(browser: Browser, village: Village) -> None:
    boaz = Walker(browser, village, "he", phone=True)
    anna = Walker(browser, village, "en")
    for customer in (boaz, anna):
        sign_in(customer, f"{WHO[customer.language]}@village.example")
        choose_language(customer)
        customer.open("/me/")
        customer.press("Yes, ask me")
        customer.reads(customer.words("You agreed"))

    # a question with its method, its close and what follows; it cannot be asked without
    tomasz = Walker(browser, village, "en")
    tomasz.page.goto(village.links["tomasz@village.example"])
    tomasz.open("/questions/new/")
    tomasz.reads("2 customers agreed")
    tomasz.press("Ask")
    tomasz.reads("Write the question.")
    page = tomasz.page
    page.locator("#text").fill("Which bread?")
    page.locator("#options").fill("Rye\nSpelt\nChallah")
    page.locator("#pledge").fill("It is baked every day.")
    page.locator("details[lang=he] summary").click()
    page.locator("#text_he").fill("איזה לחם?")
    page.locator("#options_he").fill("שיפון\nכוסמין\nחלה")
    page.locator("#pledge_he").fill("נאפה בכל יום.")
    closes = datetime.now(ZoneInfo("Asia/Jerusalem")) + OPEN
    page.locator("#closes_at").fill(closes.strftime("%Y-%m-%dT%H:%M:%S"))
    tomasz.press("Ask")
    tomasz.reads("0 of 2 have answered")

    # each answers from the link in the own mail, once; minds may change until the close
    ballots = {}
    for customer, subject in ((boaz, "איזה לחם?"), (anna, "Which bread?")):
        customer.mail(f"{WHO[customer.language]}@village.example", subject)
        customer.follow_mail()
        ballots[customer.language] = customer.page.url
        customer.press("Vote")
        expect(customer.page.get_by_role("alert")).to_have_count(1)
        customer.page.locator(".choice").nth(0).click()
        customer.press("Vote")
        customer.reads(customer.words("Your voice counts"))
        customer.follow("Change my answer")
        customer.page.locator(".choice").nth(1).click()
        customer.press("Vote")
        customer.reads({"he": "כוסמין", "en": "Spelt"}[customer.language])

    # the result, and what follows, goes to everyone who answered
    for customer, subject, names, pledge in (
        (boaz, "איזה לחם?", ["כוסמין", "שיפון", "חלה"], "נאפה בכל יום."),
        (anna, "Which bread?", ["Spelt", "Rye", "Challah"], "It is baked every day."),
    ):
        result = f"– {names[0]}: 2"
        address = f"{WHO[customer.language]}@village.example"
        customer.until(partial(told, customer, address, subject, result), "the result")
        text = customer.page.locator(".mail-body").inner_text()
        assert re.findall(r"^– (\w+): (\d)", text, re.MULTILINE) == list(
            zip(names, "200", strict=True)
        )
        assert pledge in text
        customer.open(ballots[customer.language])
        expect(customer.page.locator("tr.won")).to_contain_text(names[0])
        expect(customer.page.locator("tr.won td").first).to_have_text("2")


def told(walker: Walker, address: str, subject: str, result: str) -> bool:
    """Return whether the newest mail on `subject` tells this result."""
    return result in walker.mail(address, subject)
