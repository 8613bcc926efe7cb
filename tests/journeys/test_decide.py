"""Decide together: one question, asked and answered in two languages, on a phone and at a desk."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, expect

from kfar.ground.ballots import commitment
from tests.journeys.conftest import Village
from tests.journeys.steps import WHO, choose_language, come
from tests.journeys.walker import Walker

pytestmark = pytest.mark.journey

#: How long the question is open: enough for two people to answer twice on a slow machine.
OPEN = timedelta(seconds=40)


def test_decide_together(browser: Browser, village: Village) -> None:
    boaz = Walker(browser, village, "he", phone=True)
    anna = Walker(browser, village, "en")
    for customer in (boaz, anna):
        come(customer)

    # a question with its method, its close and what follows; it cannot be asked without
    tomasz = Walker(browser, village, "en")
    tomasz.page.goto(village.links["tomasz@village.example"])
    tomasz.open("/questions/new/")
    tomasz.reads("2 customers agreed")
    tomasz.press("Go on")
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
    tomasz.press("Go on")
    tomasz.reads("It cannot be changed afterwards, only taken back.")
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


def test_rank_with_the_keyboard_and_keep_the_receipt(browser: Browser, village: Village) -> None:
    boaz = Walker(browser, village, "he", phone=True, dark=True)
    come(boaz)

    tomasz = Walker(browser, village, "he")
    tomasz.page.goto(village.links["tomasz@village.example"])
    choose_language(tomasz)
    tomasz.open("/questions/new/")
    page = tomasz.page
    page.locator("#text").fill("איזו גבינה?")
    page.locator("#options").fill("צאן\nעיזים\nבקר\nכבשים")
    page.locator("#pledge").fill("תימכר בחנות.")
    page.locator("summary", has_text=tomasz.words("Voters rank")).click()
    page.locator("input[value=irv]").check()
    expect(page.locator("#seats")).to_be_hidden()
    tomasz.press("Go on")
    tomasz.press("Ask")

    # the keyboard alone: a rank chosen, another given by its button, both told to who listens
    boaz.mail("boaz@village.example", "איזו גבינה?")
    boaz.follow_mail()
    page, ballot = boaz.page, boaz.page.url
    nonce = page.locator("[data-nonce]").input_value()
    page.locator("#option_2").focus()
    page.keyboard.press("1")
    expect(page.locator("#option_2")).to_have_value("1")
    up = page.get_by_role("button", name=f"{boaz.words('Move up')}: צאן", exact=True)
    up.focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-said]")).to_have_text(f"צאן: {boaz.words('Rank')} 2")
    page.keyboard.press("Enter")
    expect(up).to_be_focused()
    assert ranks(boaz) == ["1", "", "2", ""]
    boaz.look()
    page.get_by_role("button", name=boaz.words("Vote"), exact=True).focus()
    page.keyboard.press("Enter")
    page.wait_for_load_state()
    boaz.look()
    boaz.reads(boaz.words("Whoever sees this receipt knows how you voted."))
    with page.expect_download() as saved:
        page.get_by_role("link", name=boaz.words("Save the receipt")).click()
    receipt = json.loads(saved.value.path().read_text())
    assert (receipt["nonce"], receipt["ballot"]) == (nonce, "0>2")
    question = re.findall(r"[0-9a-f-]{36}", receipt["question"])[0]
    assert receipt["commitment"] == commitment(question, receipt["tracker"], nonce, "0>2")

    # by hand: what is dragged before another is ranked before it
    boaz.follow("Change my answer")
    page.locator(".rank-grip").nth(3).hover()
    page.mouse.down()
    second = page.locator(".rank").nth(1).bounding_box()
    assert second is not None
    page.mouse.move(second["x"] + 20, second["y"] + 2, steps=8)
    page.mouse.up()
    assert ranks(boaz) == ["1", "", "3", "2"]

    # and without any script the same paper works, with a nonce of ours
    plain = browser.new_context(java_script_enabled=False, locale="he-IL").new_page()
    plain.goto(f"{ballot}?again")
    assert plain.locator("[data-nonce]").input_value() == ""
    for number, rank in enumerate(("", "2", "1", "")):
        plain.locator(f"#option_{number}").select_option(rank)
    plain.get_by_role("button", name=boaz.words("Vote"), exact=True).click()
    expect(plain.locator(".said li")).to_have_text(["1. בקר", "2. עיזים"])


def ranks(walker: Walker) -> list[str]:
    """Return the ranks on the paper, in the order of the options."""
    return [walker.page.locator(f"#option_{n}").input_value() for n in range(4)]


def told(walker: Walker, address: str, subject: str, result: str) -> bool:
    """Return whether the newest mail on `subject` tells this result; the first asked for it."""
    return walker.mails(address, subject) > 1 and result in walker.mail(address, subject)
