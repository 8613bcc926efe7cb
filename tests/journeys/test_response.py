"""What displays, mailers and prices add: found from where one is, before anything is known."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.journeys.conftest import Village
from tests.journeys.walker import Walker

pytestmark = pytest.mark.journey


def test_what_promotions_do_is_found_and_says_how_to_begin(
    browser: Browser, village: Village
) -> None:
    tomasz = Walker(browser, village, "en", phone=True, dark=True)
    tomasz.page.goto(village.links["tomasz@village.example"])
    tomasz.open("/insight/")
    tomasz.page.get_by_role("link", name="Displays, mailers, prices").click()
    tomasz.look()
    tomasz.reads("kfar promotions FILE --source NAME")
