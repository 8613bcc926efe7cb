"""The browser of the journeys: Debian's Chromium, or whichever Chromium is installed.

A plugin of the suite. Where there is no Chromium the journeys are left out, which the last
lines say; under `CI=true` that is a failure.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "chrome"))), None)
QUIET = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
)
LEFT_OUT = pytest.StashKey[list[str]]()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the journeys out where there is no browser."""
    journeys = [item for item in items if item.get_closest_marker("journey")]
    if CHROMIUM or not journeys:
        return
    if os.environ.get("CI") == "true":
        raise pytest.UsageError("No Chromium found: the journeys cannot be walked.")
    config.stash[LEFT_OUT] = sorted({item.nodeid.partition("::")[0] for item in journeys})
    items[:] = [item for item in items if item not in journeys]


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say which journeys were left out."""
    if left_out := config.stash.get(LEFT_OUT, []):
        terminalreporter.write_line(f"No Chromium found, left out: {', '.join(left_out)}")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium, closed at the end of the module."""
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # The browser's event loop runs in this thread; Django's are synchronous all the same.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET.split())
        yield chromium
        chromium.close()
