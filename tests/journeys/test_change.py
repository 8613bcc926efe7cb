"""Asked before a change: announced at a desk, vetoed on a phone in Hebrew, and let go again."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.conftest import Village
from tests.journeys.steps import choose_language, sign_in
from tests.journeys.walker import Walker

pytestmark = pytest.mark.journey


def test_a_veto_holds_a_change(browser: Browser, village: Village, tmp_path: Path) -> None:
    boaz = Walker(browser, village, "he", phone=True)
    sign_in(boaz, "boaz@village.example")
    choose_language(boaz)

    # who buys for whom
    dana = Walker(browser, village, "en")
    dana.page.goto(village.links["dana@village.example"])
    dana.open("/accounts/")
    dana.page.locator("#name").fill("Boaz Bakery")
    dana.press("Add it")
    dana.page.locator("main details summary").first.click()
    dana.page.locator("#email").fill("boaz@village.example")
    dana.page.locator("#part").fill("buyer")
    dana.press("Add them")

    # all of it is declared before anybody is told
    tomasz = Walker(browser, village, "en")
    tomasz.page.goto(village.links["tomasz@village.example"])
    tomasz.open("/changes/agreements/")
    tomasz.open("/changes/")
    tomasz.follow("Announce a change")
    tomasz.press("Announce")
    tomasz.reads("Say in a line what changes.")
    page = tomasz.page
    page.locator("#text").fill("Rye flour of another mill")
    page.locator("#products").fill("RYE FLOUR 25 KG")
    page.locator("details[lang=he] summary").click()
    page.locator("#text_he").fill("קמח שיפון מטחנה אחרת")
    drawing = tmp_path / "mill.txt"
    drawing.write_text("stone ground")
    page.locator("#file").set_input_files(drawing)
    page.locator(".choice", has_text="Boaz Bakery").or_(
        page.locator(".choice", has_text="boaz@village.example")
    ).first.click()
    tomasz.press("Announce")
    tomasz.reads("No: answers are still coming in, and not all have approved.")

    # on the phone, from the mail, without signing in
    boaz.mail("boaz@village.example", "קמח שיפון מטחנה אחרת")
    boaz.follow_mail()
    with boaz.page.expect_download() as download:
        boaz.page.get_by_role("link", name="mill.txt").click()
    assert download.value.path().read_text() == "stone ground"
    boaz.page.locator(".choice", has_text=boaz.words("We veto")).click()
    boaz.press("Send our answer")
    boaz.reads(boaz.words("Write which conditions, or why: the company will read it."))
    boaz.page.locator("textarea").fill("הלחם שלנו תלוי בקמח הזה")
    boaz.press("Send our answer")
    boaz.reads(boaz.words("No: a veto holds the change."))
    expect(boaz.page.locator("dt", has_text=boaz.words("Tracker"))).to_be_visible()

    tomasz.page.reload()
    tomasz.reads("No: a veto holds the change.")
    tomasz.reads("הלחם שלנו תלוי בקמח הזה")

    # only who vetoed lets go; conditions are taken on by a promise
    boaz.follow("Change our answer")
    boaz.page.locator(".choice", has_text=boaz.words("We approve with conditions")).click()
    boaz.page.locator("textarea").fill("שק לניסיון")
    boaz.press("Send our answer")
    tomasz.page.reload()
    tomasz.page.locator("details summary", has_text="Take the conditions on").click()
    tomasz.look()
    form = tomasz.page.locator("form", has_text="Take them on")
    form.locator("textarea").fill("A bag comes in May")
    form.locator("input[type=date]").fill("2999-05-01")
    tomasz.press("Take them on", form)
    tomasz.reads("No: it begins later, as announced.")
    boaz.mail("boaz@village.example", boaz.words("An answer to you: %(what)s", what="קמח"))
    boaz.follow_mail()
    boaz.reads("A bag comes in May")
