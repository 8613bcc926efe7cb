"""The village walked by people: somebody is drawn, invited, says yes and is met; the map moves.

And a note beside a customer reaches the colleague it names. In Hebrew on a phone, in the dark; in
English at a desk.
"""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, expect

from tests.journeys.conftest import Village
from tests.journeys.steps import agree, choose_language, sign_in
from tests.journeys.walker import Walker

pytestmark = pytest.mark.journey

GUEST = {"en": "gila", "he": "hadar"}
NAMES = {"en": "Bakers", "he": "האופים"}
PLACE = {"en": "By phone", "he": "בטלפון"}
SAID = {"en": "The crust is too hard.", "he": "הקרום קשה מדי."}
NOTE = {"en": "@noa likes it dark", "he": "@noa מעדיפים את זה כהה"}

#: The time of the meetings that are planned comes.
BEGIN = """
from datetime import timedelta
from django.utils import timezone
from kfar.rooms.village.models import Meeting
Meeting.objects.filter(held_at=None).update(at=timezone.now() - timedelta(minutes=5))
"""


@pytest.mark.parametrize("language", ["en", "he"])
def test_somebody_is_drawn_invited_and_met(
    browser: Browser, village: Village, language: str
) -> None:
    address, code = f"{GUEST[language]}@village.example", f"bakers-{language}"
    village.kfar("department", "set", code, "--name", f"{language}={NAMES[language]}")
    village.kfar("department", "join", "dana@village.example", code)
    guest = Walker(browser, village, language, phone=True, dark=language == "he")
    sign_in(guest, address)
    choose_language(guest)
    agree(guest)

    # how far contact reaches, and whom to meet
    dana = Walker(browser, village, language, phone=language == "he", dark=language == "he")
    dana.page.goto(village.links["dana@village.example"])
    dana.open("/village/")
    row = dana.page.get_by_role("row", name=NAMES[language])
    held = int(row.get_by_role("cell").nth(3).inner_text())
    dana.follow(NAMES[language])
    dana.page.locator("#n").fill("20")
    dana.press("Draw them")
    dana.page.get_by_label(re.compile(GUEST[language])).check()
    dana.page.locator("#place").fill(PLACE[language])
    dana.page.locator("#minutes").fill("30")
    dana.page.locator("#at").fill("2020-01-01T10:00")
    dana.press("Invite them by mail")
    expect(dana.page.locator("#at")).to_have_attribute("aria-invalid", "true")
    soon = timezone.now() + timedelta(days=2)
    dana.page.locator("#at").fill(soon.strftime("%Y-%m-%dT10:00"))
    dana.press("Invite them by mail")
    planned = dana.page.url

    # the customer says yes
    guest.mail(address, guest.words("%(name)s would like to meet you", name="Dana Azulay"))
    guest.follow_mail()
    guest.reads(PLACE[language])
    guest.press("I come")
    guest.reads(guest.words("Thank you: you come."))
    with guest.page.expect_download() as download:
        guest.page.get_by_role("link", name=guest.words("For my calendar")).click()
    assert "BEGIN:VEVENT" in download.value.path().read_text()

    # they met; what was said is kept, and the map has moved
    village.run(BEGIN)
    dana.open(planned)
    dana.page.get_by_role("checkbox").first.check()
    dana.page.locator("#said").fill(SAID[language])
    dana.press("Keep it")
    dana.reads(SAID[language])
    dana.open("/village/")
    expect(row.get_by_role("cell").first).to_have_text(dana.words("today"))
    expect(row.get_by_role("cell").nth(3)).to_have_text(str(held + 30))

    # it is the customer's, and a note about it reaches who is named
    dana.open(planned)
    dana.page.get_by_role("link", name=re.compile(GUEST[language])).click()
    dana.reads(dana.words("Notes for each other"))
    dana.page.locator("#note").fill(NOTE[language])
    dana.press("Note it")
    noa = Walker(browser, village, language, phone=language == "he")
    noa.page.goto(village.links["noa@village.example"])
    noa.open("/village/mentions/")
    named = noa.page.locator("li", has_text=NOTE[language])
    noa.press("Done", within=named)
    expect(named.get_by_role("button")).to_have_count(0)
