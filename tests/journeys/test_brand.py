"""Who leads a brand ranks before they see, says what it leads with, and looks who may leave."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.conftest import Village
from tests.journeys.walker import Walker

pytestmark = pytest.mark.journey


@pytest.mark.parametrize(("language", "phone"), [("en", False), ("he", True)])
def test_what_the_company_leads_with(
    browser: Browser, village: Village, language: str, phone: bool
) -> None:
    tomasz = Walker(browser, village, language, phone=phone)
    tomasz.page.goto(village.links["tomasz@village.example"])
    tomasz.open("/insight/drivers/")
    tomasz.open("/insight/discipline/")
    tomasz.page.locator("#part-price").fill("50")
    tomasz.page.locator("#part-convenience").fill("20")
    tomasz.page.locator("#part-quality").fill("20")
    tomasz.page.locator("main .form .button").click()
    expect(tomasz.page.locator("#weights-error")).to_contain_text("90")
    tomasz.look()
    tomasz.page.locator("#part-quality").fill("30")
    tomasz.page.locator("main .form .button").click()
    expect(tomasz.page.locator(".rows > li").first).to_contain_text("50")
    tomasz.open("/insight/leaving/")
    tomasz.page.locator("#who a.button").click()
    expect(tomasz.page.locator("#who .rows > li, #who .withheld").first).to_be_visible()
    tomasz.look()
