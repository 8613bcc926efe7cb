"""Somebody at a browser: opens pages, reads mail, and looks that every page is as it should be."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from html import unescape
from typing import ClassVar

from axe_playwright_python.sync_playwright import Axe
from django.utils import translation
from django.utils.translation import gettext
from playwright.sync_api import Browser, Locator, Page, expect

from tests.journeys.conftest import Village

#: How long we wait for what happens behind the pages: outbox, letters, the close.
PATIENCE = 60.0
#: A browser's own line on a page that answered 409, 422 and the like: the page says why.
#: What differs between two addresses of the same page: ids, tokens, queries.
SHAPE = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[\w-]{20,}:[\w-]+:[\w-]+|\?.*")
ANSWERED = re.compile(r"the server responded with a status of 4\d\d")


@dataclass
class Walker:
    """A person with a browser of their own, in one language, on a phone or at a desk."""

    browser: Browser
    village: Village
    language: str
    phone: bool = False
    dark: bool = False
    said: list[str] = field(default_factory=list)
    #: Pages looked at for accessibility, once in each language, on a phone and at a desk.
    seen: ClassVar[set[tuple[str, bool, str, str]]] = set()

    def __post_init__(self) -> None:
        context = self.browser.new_context(
            base_url=self.village.url,
            locale={"he": "he-IL", "pl": "pl-PL", "en": "en-US"}[self.language],
            viewport={"width": 390, "height": 844}
            if self.phone
            else {"width": 1440, "height": 900},
            color_scheme="dark" if self.dark else "light",
            # Else what is open costs as much as what is done. Who likes it dark sees it move.
            reduced_motion="no-preference" if self.dark else "reduce",
        )
        self.page: Page = context.new_page()
        self.page.set_default_timeout(PATIENCE * 1000)
        self.page.on("console", lambda m: self._note(f"{m.type}: {m.text}", m.type == "error"))
        self.page.on("pageerror", lambda error: self._note(str(error), True))

    def open(self, address: str) -> None:
        """Go to a page, and look at it."""
        self.page.goto(address)
        self.look()

    def look(self) -> None:
        """Fail on a page that is not in the language or direction, wider than the screen,
        that has serious accessibility findings, or whose scripts complained.
        """
        html = self.page.locator("html")
        expect(html).to_have_attribute("lang", self.language)
        expect(html).to_have_attribute("dir", "rtl" if self.language == "he" else "ltr")
        wide = self.page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert not wide, f"{self.page.url} is wider than the screen"
        assert self.said == []
        page = (self.language, self.phone, SHAPE.sub("…", self.page.url), self.page.title())
        if page not in Walker.seen:
            found = Axe().run(self.page).response["violations"]
            grave = [v["id"] for v in found if v["impact"] in {"serious", "critical"}]
            assert grave == [], (self.page.url, found)
            Walker.seen.add(page)

    def words(self, msgid: str, **params: object) -> str:
        """Return one of Kfar's sentences as this person reads it."""
        with translation.override(self.language):
            return gettext(msgid) % params if params else gettext(msgid)

    def press(self, msgid: str, within: Locator | None = None) -> None:
        """Press the button that says this."""
        main = within or self.page.get_by_role("main")
        main.get_by_role("button", name=self.words(msgid), exact=True).first.click()
        self.page.wait_for_load_state()
        self.look()

    def follow(self, msgid: str) -> None:
        """Follow the link that says this."""
        self.page.get_by_role("main").get_by_role("link", name=self.words(msgid)).first.click()
        self.page.wait_for_load_state()
        self.look()

    def reads(self, text: str) -> None:
        """Fail unless the page says this."""
        expect(self.page.get_by_role("main")).to_contain_text(text)

    def mails(self, to: str, subject: str) -> int:
        """Return how many mails there are whose subject holds `subject`, and draw nothing."""
        page = unescape(self.page.request.get(f"/demo/mail/?to={to}").text())
        return page.partition('class="mails"')[2].partition("</ul>")[0].count(subject)

    def mail(self, to: str, subject: str) -> str:
        """Wait for a mail whose subject holds `subject`, open it, and return its text."""
        self.until(lambda: self.mails(to, subject) > 0, f"a mail “{subject}” to {to}")
        self.page.goto(f"/demo/mail/?to={to}")
        self.page.locator(".mails a", has_text=subject).first.click()
        self.page.wait_for_load_state()
        self.look()
        return self.page.locator(".mail-body").inner_text()

    def follow_mail(self) -> None:
        """Follow the link in the mail that is open."""
        self.page.locator(".mail-body a").first.click()
        self.page.wait_for_load_state()
        self.look()

    def until(self, happened: Callable[[], bool], what: str) -> None:
        """Try until it happened; fail after `PATIENCE` seconds."""
        deadline = time.monotonic() + PATIENCE
        while not happened():
            assert time.monotonic() < deadline, f"waited in vain for {what}"
            time.sleep(0.3)

    def _note(self, text: str, wrong: bool) -> None:
        if wrong and not ANSWERED.search(text):
            self.said.append(text)
