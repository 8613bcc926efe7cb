"""Cases walked by people: two voices as one, answered from what is saved; above one's authority.

In Hebrew on a phone, in English at a desk.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.conftest import Village
from tests.journeys.steps import WHO, choose_language, sign_in
from tests.journeys.test_loop import open_voice
from tests.journeys.walker import Walker

pytestmark = pytest.mark.journey

SAID = {
    "he": ("הקופסה הגיעה פתוחה.", "וגם המכסה היה שבור."),
    "en": ("The box came open.", "And its lid was broken."),
}
SAVED = {"he": "שלום {name}, אנחנו מצטערים.", "en": "Dear {name}, we are sorry."}


@pytest.mark.parametrize("language", ["en", "he"])
def test_two_voices_are_one_case(browser: Browser, village: Village, language: str) -> None:
    address = f"{WHO[language]}@village.example"
    customer = Walker(browser, village, language, phone=language == "he")
    sign_in(customer, address)
    customer.open("/journey/")
    choose_language(customer)
    for said in SAID[language]:
        customer.open("/say/")
        customer.page.get_by_role("main").get_by_role("textbox").fill(said)
        customer.press("Say it")

    # what the team answers with
    noa = Walker(browser, village, language, phone=language == "he")
    noa.page.goto(village.links["noa@village.example"])
    noa.open("/voices/")
    noa.follow("Saved replies")
    noa.page.locator("#title").fill(f"Sorry {language}")
    noa.page.locator("#language").select_option(language)
    noa.page.locator("#words").fill(SAVED[language])
    noa.press("Save it")

    # put together, and one answer, read before it goes
    first, second = SAID[language]
    noa.until(lambda: open_voice(noa, second), "the second voice")
    noa.until(lambda: open_voice(noa, first), "the first voice")
    noa.page.locator("details", has_text=second).first.locator("summary").click()
    row = noa.page.locator("details li", has_text=second).first
    noa.press("Decide both together", within=row)
    noa.reads(noa.words("Decided together with"))
    noa.press("I take it")
    noa.page.locator("input[name=kind][value=answer]").check()
    noa.page.locator("#amount").fill("")
    reply = noa.page.locator("#reply option", has_text=f"Sorry {language}").first
    noa.page.locator("#reply").select_option(reply.get_attribute("value"))
    noa.press("Put it into the field")
    words = noa.page.locator("#words")
    expect(words).not_to_be_empty()
    assert "{name}" in words.input_value() or "," in words.input_value()
    words.fill(f"{SAID[language][1]} ✓")
    noa.press("Do it now and tell the customer")

    # each voice is told
    customer.mail(address, customer.words("You said it, we did it"))
    customer.page.goto(f"/demo/mail/?to={address}")
    told = customer.page.locator(".mails a", has_text=customer.words("You said it, we did it"))
    customer.until(
        lambda: bool(customer.page.goto(f"/demo/mail/?to={address}")) and told.count() >= 2,
        "two letters",
    )

    # and apart again, with what was given
    row = noa.page.locator("li", has_text=second).filter(
        has=noa.page.get_by_role("button", name=noa.words("Take it apart"))
    )
    noa.press("Take it apart", within=row.first)
    expect(noa.page.get_by_role("button", name=noa.words("Take it apart"))).to_have_count(0)
    expect(noa.page.locator(".done li")).to_have_count(1)
    assert open_voice(noa, second)
    expect(noa.page.locator(".done li")).to_have_count(1)


@pytest.mark.parametrize("language", ["en", "he"])
def test_above_the_limit_somebody_says_yes(
    browser: Browser, village: Village, language: str
) -> None:
    address = f"{WHO[language]}@village.example"
    said = f"{SAID[language][0]} {SAID[language][1]}"
    customer = Walker(browser, village, language)
    sign_in(customer, address)
    customer.open("/journey/")
    choose_language(customer)
    customer.open("/say/")
    customer.page.get_by_role("main").get_by_role("textbox").fill(said)
    customer.press("Say it")

    noa = Walker(browser, village, language, phone=language == "he")
    noa.page.goto(village.links["noa@village.example"])
    noa.until(lambda: open_voice(noa, said), "the voice")
    noa.page.locator("#amount").fill("77.00")
    noa.page.locator("#words").fill(f"77 {language}")
    noa.press("Do it now and tell the customer")
    noa.reads("Dana Azulay")
    noa.press("Ask who may decide more")
    noa.reads(noa.words("Above one’s authority"))

    dana = Walker(browser, village, language, phone=language == "he")
    dana.page.goto(village.links["dana@village.example"])
    dana.open("/voices/")
    dana.reads(dana.words("Waits for your word"))
    dana.page.locator("section[aria-labelledby=asked-of-me] a").last.click()
    dana.page.wait_for_load_state()
    dana.look()
    dana.page.locator("#approve-why").fill("✓")
    dana.press("Yes, give it now")
    dana.reads(dana.words("%(name)s said yes", name="Dana Azulay"))
    dana.open("/voices/limits/")

    def told() -> bool:
        text = customer.mail(address, customer.words("You said it, we did it"))
        return f"77 {language}" in text

    customer.until(told, "the letter")
