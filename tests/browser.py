"""The browser of the journeys: Debian's Chromium, or whichever Chromium is installed.

A plugin of the suite. Where there is no Chromium the journeys are left out, which the last
lines say; under `CI=true` that is a failure.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "chrome"))), None)
QUIET = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
)
MARK = "pytest.mark." + "journey"


def pytest_configure(config: pytest.Config) -> None:
    """Refuse to leave journeys out where everything has to be run."""
    if os.environ.get("CI") == "true" and not CHROMIUM and _wanted(config):
        raise pytest.UsageError("No Chromium found: the journeys cannot be walked.")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the journeys out where there is no browser."""
    if not CHROMIUM:
        items[:] = [item for item in items if not item.get_closest_marker("journey")]


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say which journeys were left out. Found by reading: workers collect, and say nothing here."""
    if CHROMIUM or not _wanted(config):
        return
    files = sorted(Path(__file__).parent.rglob("test_*.py"))
    journeys = [f.relative_to(config.rootpath) for f in files if MARK in f.read_text()]
    terminalreporter.write_line(f"No Chromium found, left out: {', '.join(map(str, journeys))}")


def _wanted(config: pytest.Config) -> bool:
    return "not journey" not in config.option.markexpr


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium, closed at the end of the module."""
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # The browser's event loop runs in this thread; Django's are synchronous all the same.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET.split())
        yield chromium
        chromium.close()
