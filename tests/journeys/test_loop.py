"""The loop, walked by people in a browser: hear, know, act, keep; and decide together.

In Hebrew on a phone, in English at a desk, in Polish in the dark.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.conftest import Village
from tests.journeys.walker import Walker

pytestmark = pytest.mark.journey

SAID = {
    "he": "החלב היה חמוץ יומיים לפני התאריך.",
    "en": "The milk had turned two days before its date.",
    "pl": "Mleko skwaśniało dwa dni przed terminem.",
}
DONE = {"he": "נבדק בכל ערב.", "en": "Checked every evening.", "pl": "Sprawdzane co wieczór."}
WHO = {"en": "anna", "he": "boaz", "pl": "celina"}


@pytest.mark.parametrize("language", ["en", "he", "pl"])
def test_the_loop(browser: Browser, village: Village, language: str) -> None:
    address = f"{WHO[language]}@village.example"
    customer = Walker(browser, village, language, phone=language == "he", dark=language == "pl")
    before = figures(customer)

    # hear
    sign_in(customer, address)
    customer.open("/journey/")
    expect(customer.page.locator(".touch-visit")).to_have_count(2)
    choose_language(customer)
    customer.page.locator(".touch-visit details summary").first.click()
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
    promise.locator("summary").click()
    promise.get_by_role("textbox").fill(DONE[language])
    noa.press("Kept: tell them", within=promise)
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
    closes = datetime.now(ZoneInfo("Asia/Jerusalem")) + timedelta(seconds=20)
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


def sign_in(walker: Walker, address: str) -> None:
    """Sign in as a customer does: the address, then the six digits from the mail."""
    walker.open("/account/sign-in/")
    walker.page.get_by_role("main").get_by_role("textbox").fill(address)
    walker.press("Send me a code")
    form = walker.page.url
    mailbox = Walker(walker.browser, walker.village, walker.language)
    mailbox.page.goto(f"/demo/mail/?to={address}")
    [code] = re.findall(r"\b\d{6}\b", mailbox.page.locator(".mail h2").inner_text())
    assert walker.page.url == form
    walker.page.get_by_role("main").get_by_role("textbox").fill(code)
    walker.press("Sign in")


def choose_language(walker: Walker) -> None:
    """Press one's language in the head of the page: letters come in it from now on."""
    walker.page.locator(f"button[name=language][value={walker.language}]").click()
    walker.page.wait_for_load_state()
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
