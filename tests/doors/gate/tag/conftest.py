"""A browser before a site with the tag."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.doors.gate.tag.site import Site, opened
from tests.doors.gate.tag.steps import SPY


@pytest.fixture
def site() -> Iterator[Site]:
    with opened() as site:
        yield site


@pytest.fixture
def context(browser: Browser, site: Site) -> Iterator[BrowserContext]:
    """A browser that was never here; no page of it may meet an error."""
    wrong: list[str] = []
    context = browser.new_context(base_url=site.url, locale="he-IL", timezone_id="Asia/Jerusalem")
    context.on("weberror", lambda error: wrong.append(str(error.error)))
    context.add_init_script(SPY)
    yield context
    context.close()
    assert wrong == []


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()
