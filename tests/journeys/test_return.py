"""A return without questions: from the purchase to money back and a label, and then it arrives."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.conftest import Village
from tests.journeys.steps import choose_language, sign_in
from tests.journeys.walker import Walker

pytestmark = pytest.mark.journey

#: Their journeys are their own: others count what happens on theirs.
WHO = {"en": "dalia", "he": "eitan"}


@pytest.mark.parametrize("language", ["en", "he"])
def test_a_return_without_questions(browser: Browser, village: Village, language: str) -> None:
    address = f"{WHO[language]}@village.example"
    customer = Walker(browser, village, language, phone=language == "he")
    sign_in(customer, address)
    customer.open("/journey/")
    choose_language(customer)

    # started from the purchase: what goes back is chosen, and nothing else is asked
    customer.page.locator(".touch-purchase details summary").last.click()
    customer.page.locator(".touch-purchase details a.button").last.click()
    customer.page.wait_for_load_state()
    customer.look()
    customer.press("Send it back")
    customer.reads(customer.words("Choose what goes back."))
    customer.page.locator("input[type=checkbox]").first.check()
    customer.press("Send it back")
    expect(customer.page).to_have_url(re.compile(r"/me/returns/[0-9a-f-]{36}/$"))
    mine = customer.page.url
    code = customer.page.locator(".return-code").inner_text().replace(" ", "")
    assert re.fullmatch(r"[2-9A-Z]{10}", code)
    drawn = customer.page.locator(".return-qr").evaluate("img => img.naturalWidth")
    assert drawn > 100

    # beyond the policy (these purchases are old) a person decides, and sees why
    noa = Walker(browser, village, language)
    noa.page.goto(village.links["noa@village.example"])
    noa.open("/returns/")
    noa.page.locator("#code").fill(code.lower())
    noa.press("Open it")
    if noa.page.locator("button[name=yes][value=yes]").count():
        noa.press("Give the money back")
    customer.mail(address, "4.20")
    customer.follow_mail()
    assert customer.page.url == mine
    customer.press("I have sent it")

    # it arrives
    noa.open(f"/returns/{code}/")
    noa.press("It is here")
    noa.open("/returns/")
    customer.mail(address, customer.words("Your return is here"))
    customer.open(mine)
    customer.reads(customer.words("What you sent back has arrived. Thank you."))
    customer.open("/me/returns/")
    customer.open("/journey/")
    expect(customer.page.locator(".touch-return")).to_have_count(1)

    # and who has no account starts one by the number of an order, from its mailbox
    stranger = Walker(browser, village, language, phone=language == "he")
    stranger.open("/send-back/")
    choose_language(stranger)
    stranger.look()
    stranger.page.locator("#number").fill(f"{WHO[language]}-1")
    stranger.page.locator("#address").fill(address)
    stranger.press("Send me a link")
    stranger.mail(address, stranger.words("Send something back"))
    stranger.follow_mail()
    stranger.look()
    stranger.page.locator("input[type=checkbox]").first.check()
    stranger.press("Send it back")
    other = stranger.page.locator(".return-code").inner_text().replace(" ", "")
    assert re.fullmatch(r"[2-9A-Z]{10}", other)
    assert other != code
    stranger.look()
