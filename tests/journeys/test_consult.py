"""Consulting: one opens it, two take part on a phone and at a desk, and all see what came out."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.conftest import Village
from tests.journeys.steps import WHO, come
from tests.journeys.walker import Walker

pytestmark = pytest.mark.journey

#: How long it is open: enough for two people to say what they think on a slow machine.
OPEN = timedelta(seconds=60)


def test_say_what_you_think(browser: Browser, village: Village) -> None:
    boaz = Walker(browser, village, "he", phone=True)
    anna = Walker(browser, village, "en", dark=True)
    for customer in (boaz, anna):
        come(customer)

    tomasz = Walker(browser, village, "en")
    tomasz.page.goto(village.links["tomasz@village.example"])
    tomasz.open("/consultations/new/")
    tomasz.press("Open it")
    tomasz.reads("Write what it is about.")
    page = tomasz.page
    page.locator("#topic").fill("Our bakery")
    page.locator("#about").fill("What shall it be like?")
    page.locator("#seeds").fill("Open earlier.\nBake less.")
    page.locator("#pledge").fill("We do what you share.")
    page.locator("details[lang=he] summary").click()
    page.locator("#topic_he").fill("המאפייה שלנו")
    page.locator("#seeds_he").fill("יותר שיפון.")
    page.locator("#pledge_he").fill("נעשה את המשותף.")
    closes = datetime.now(ZoneInfo("Asia/Jerusalem")) + OPEN
    page.locator("#closes_at").fill(closes.strftime("%Y-%m-%dT%H:%M:%S"))
    tomasz.press("Open it")
    tomasz.reads("Customers vote here.")

    # a phone, in Hebrew, from the link in the mail: one statement at a time
    boaz.mail(f"{WHO['he']}@village.example", "המאפייה שלנו")
    boaz.follow_mail()
    for left in ("נותרו 3 אמירות", "נותרו שתי אמירות", "נותרה אמירה אחת"):
        boaz.reads(left)
        asked = boaz.page.locator(".turn .words")
        said = asked.inner_text()
        expect(asked).to_have_attribute("lang", "he" if said == "יותר שיפון." else "en")
        boaz.page.get_by_role("button", name=boaz.words("I agree")).click()
        expect(boaz.page.locator(".turn")).not_to_contain_text(said)
        boaz.look()
    boaz.reads(boaz.words("You have seen everything that was said so far."))
    boaz.page.locator("#say summary").click()
    boaz.press("Say it")
    boaz.reads(boaz.words("Write a statement first."))
    boaz.page.locator("#text").fill("פחות סוכר.")
    boaz.press("Say it")
    boaz.reads(boaz.words("waits to be looked at"))

    # it is let in, and others are asked about it
    tomasz.follow("All statements")
    tomasz.press("Let in")
    anna.open(page.url.replace("statements/", ""))

    def asked_about_it() -> bool:
        anna.page.reload()
        return "4 statements to go" in anna.page.locator(".turn").inner_text()

    anna.until(asked_about_it, "the fourth statement")
    for _ in range(4):
        said = anna.page.locator(".turn .words").inner_text()
        answer = "I disagree" if said == "Bake less." else "I agree"
        anna.page.get_by_role("button", name=answer).click()
        expect(anna.page.locator(".turn")).not_to_contain_text(said)
    anna.reads("You have seen everything that was said so far.")

    # what came out, with one's own place
    for customer, pledge in ((boaz, "נעשה את המשותף."), (anna, "We do what you share.")):
        topic = {"he": "המאפייה שלנו", "en": "What came out: Our bakery"}[customer.language]
        address = f"{WHO[customer.language]}@village.example"
        before = {"he": 1, "en": 0}[customer.language]  # on the same, before

        def told(
            customer: Walker = customer,
            to: str = address,
            topic: str = topic,
            said: str = pledge,
            before: int = before,
        ) -> bool:
            if customer.mails(to, topic) == before:
                return False
            share = customer.words("There was nothing on which all groups agree.")
            text = customer.mail(to, topic)
            return said in text and share in text

        customer.until(told, "what came out")
        customer.follow_mail()
        expect(customer.page.locator(".own-key")).to_be_visible()
        customer.page.locator("summary").filter(
            has_text={"he": "כל 4 האמירות", "en": "All 4 statements"}[customer.language]
        ).click()
        customer.look()
        expect(customer.page.get_by_text("פחות סוכר.")).to_be_visible()
