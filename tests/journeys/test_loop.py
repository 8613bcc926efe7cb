"""The loop, walked by people in a browser: hear, know, act, keep.

In Hebrew on a phone, in English at a desk, in Polish in the dark.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.conftest import Village
from tests.journeys.steps import WHO, choose_language, sign_in
from tests.journeys.walker import Walker

pytestmark = pytest.mark.journey

SAID = {
    "he": "החלב היה חמוץ יומיים לפני התאריך.",
    "en": "The milk had turned two days before its date.",
    "pl": "Mleko skwaśniało dwa dni przed terminem.",
}
DONE = {"he": "נבדק בכל ערב.", "en": "Checked every evening.", "pl": "Sprawdzane co wieczór."}


@pytest.mark.parametrize("language", ["en", "he", "pl"])
def test_the_loop(browser: Browser, village: Village, language: str) -> None:
    address = f"{WHO[language]}@village.example"
    customer = Walker(browser, village, language, phone=language == "he", dark=language == "pl")
    before = figures(customer)

    # hear
    sign_in(customer, address)
    customer.open("/journey/")
    expect(customer.page.locator(".touch-purchase")).to_have_count(2)
    choose_language(customer)
    ask_for(customer, ".picks .pick", has_text="Bread", moments=1)
    customer.page.locator(".chip").first.click()
    expect(customer.page.locator(".touch-purchase")).to_have_count(2)
    customer.page.locator(".touch-purchase details summary").first.click()
    customer.page.locator("a.say").first.click()
    customer.reads("WHOLE MILK 1 L")
    customer.press("Say it")
    customer.reads(customer.words("Write a few words first."))
    customer.page.get_by_role("textbox").fill(SAID[language])
    customer.press("Say it")
    expect(customer.page).to_have_url(f"{village.url}/journey/")

    # know: the whole person beside the voice
    noa = Walker(browser, village, language)
    noa.page.goto(village.links["noa@village.example"])
    noa.until(lambda: open_voice(noa, SAID[language]), "the voice")
    person = noa.page.locator("aside.person")
    expect(person.locator(".figures dd").first).to_have_text("2")
    expect(person.locator(".strip-visits")).to_have_count(1)
    expect(person).to_contain_text("8.85" if language != "pl" else "8,85")

    noa.follow("The whole journey")
    ask_for(noa, ".cell", has_text="1", moments=1)
    noa.page.go_back()
    expect(noa.page.locator(".touch-purchase")).to_have_count(2)
    noa.page.go_back()
    noa.look()

    # act: not above the authority; within it at once, and undone with a reason
    noa.page.locator("#amount").fill("20.01")
    noa.press("Do it now and tell the customer")
    noa.reads("Dana Azulay")
    expect(noa.page.locator("#amount")).to_have_value("20.01")
    noa.page.locator("#amount").fill("1.55")
    noa.press("Do it now and tell the customer")
    refund = noa.page.locator(".done li").first
    refund.locator("summary").click()
    noa.press("Take it back", within=refund)
    noa.reads(noa.words("Say why it is taken back: the customer will read it."))
    refund.get_by_role("textbox").fill("22 > 11")
    noa.press("Take it back", within=refund)
    noa.reads("22 > 11")
    noa.page.locator("#amount").fill("3.10")
    noa.press("Do it now and tell the customer")
    expect(noa.page.locator(".done li")).to_have_count(2)

    # keep: a promise with owner and date, kept, told, judged by the customer
    noa.page.locator("#promise").fill(SAID[language])
    noa.press("Promise it")
    customer.mail(address, customer.words("A promise to you"))
    noa.open("/promises/")
    promise = noa.page.locator(".rows > li", has_text=SAID[language]).first
    kept = promise.locator("details").first
    kept.locator("summary").click()
    kept.get_by_role("textbox").fill(DONE[language])
    noa.press("Kept: tell them", within=kept)
    text = customer.mail(address, customer.words("We kept our promise"))
    assert DONE[language] in text
    customer.follow_mail()
    customer.press("Not yet")
    customer.reads(customer.words("It is open again"))
    open_voice(noa, SAID[language])
    noa.page.locator("input[name=kind][value=answer]").check()
    noa.page.locator("#amount").fill("")
    noa.page.locator("#words").fill(DONE[language])
    noa.press("Do it now and tell the customer")
    customer.mail(address, customer.words("You said it, we did it"))
    customer.follow_mail()
    customer.press("Yes, it is good")
    customer.reads(customer.words("Good. Thank you for telling us."))

    # the loop is closed, and the home page counted it
    assert figures(customer) == [before[0] + 1, before[1] + 1, before[2] + 1]


def ask_for(walker: Walker, what: str, *, has_text: str, moments: int) -> None:
    """Choose beside a journey what to see of it; fail unless so many moments are shown."""
    if walker.phone:
        walker.page.locator(".finder-fold > summary").click()
    walker.page.locator(what, has_text=has_text).first.click()
    expect(walker.page.locator(".chip").first).to_be_visible()
    expect(walker.page.locator(".touch")).to_have_count(moments)
    walker.look()


def open_voice(walker: Walker, text: str) -> bool:
    """Open the voice that says this from the list of voices; return whether it is there."""
    walker.open("/voices/")
    found = walker.page.locator(".row-link a", has_text=text)
    if not found.count():
        return False
    found.first.click()
    walker.page.wait_for_load_state()
    walker.look()
    return True


def figures(walker: Walker) -> list[int]:
    """Return the home page's figures: voices heard, answered, closed."""
    walker.open("/")
    shown = walker.page.locator("#whole dd")
    return [int(shown.nth(n).inner_text()) for n in range(3)]
