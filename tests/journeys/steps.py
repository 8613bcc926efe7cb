"""What people do in more than one journey."""

from __future__ import annotations

import re

from tests.journeys.walker import Walker

WHO = {"en": "anna", "he": "boaz", "pl": "celina"}


def sign_in(walker: Walker, address: str) -> None:
    """Sign in as a customer does: the address, then the six digits from the mail."""
    walker.open("/account/sign-in/")
    walker.page.get_by_role("main").get_by_role("textbox").fill(address)
    walker.press("Send me a code")
    form = walker.page.url
    mailbox = walker.page.context.new_page()
    mailbox.goto(f"/demo/mail/?to={address}")
    # other letters may have come since
    code, *_older = re.findall(r"\b\d{6}\b", mailbox.locator(".mails").inner_text())
    mailbox.close()
    assert walker.page.url == form
    walker.page.get_by_role("main").get_by_role("textbox").fill(code)
    walker.press("Sign in")


def come(walker: Walker) -> None:
    """Sign in, in one's language, and agree to be asked."""
    sign_in(walker, f"{WHO[walker.language]}@village.example")
    choose_language(walker)
    agree(walker)


def choose_language(walker: Walker) -> None:
    """Press one's language in the head of the page: letters come in it from now on."""
    walker.page.locator(f"button[name=language][value={walker.language}]").click()
    walker.page.wait_for_load_state()
    walker.look()


def agree(walker: Walker) -> None:
    """Agree to be asked, unless an earlier journey of theirs has."""
    walker.open("/me/")
    yes = walker.page.get_by_role("button", name=walker.words("Yes, ask me"), exact=True)
    if yes.count():
        walker.press("Yes, ask me")
    walker.reads(walker.words("You agreed"))
