"""Who buys what: looked up at a desk, and on a phone in Hebrew; a given time is counted there."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.conftest import Village, _links, _wait
from tests.journeys.walker import Walker

pytestmark = pytest.mark.journey

LEARN = """
import django; django.setup()
from kfar.rooms.insight import commands
from tests.rooms.insight import market
commands.name_places(places=[("1", "Market", "North")])
market.learn()
"""


@pytest.fixture
def market(tmp_path: Path) -> Iterator[Village]:
    """Serve the market that can be counted by hand."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://localhost:{port}"
    environment = {name: v for name, v in os.environ.items() if not name.startswith("KFAR_")}
    environment |= {
        "DJANGO_SETTINGS_MODULE": "kfar.settings.project",
        "KFAR_DATA_DIR": str(tmp_path / "data"),
        "KFAR_PORT": str(port),
        "KFAR_URL": url,
        "KFAR_DEMO": "1",
        "KFAR_LOG_LEVEL": "WARNING",
    }
    kfar = [sys.executable, "-m", "kfar"]
    subprocess.run([*kfar, "setup"], env=environment, check=True)
    subprocess.run([sys.executable, "-c", LEARN], env=environment, check=True)
    links = _links(environment)
    server = subprocess.Popen([*kfar, "serve"], env=environment)
    try:
        _wait(url, server)
        yield Village(url, links)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)


def test_who_buys_what_is_looked_up(browser: Browser, market: Village) -> None:
    noa = Walker(browser, market, "en")
    noa.page.goto(market.links["noa@village.example"])
    for page in ("products/", "products/b/", "places/", "places/1/", "regions/"):
        noa.open(f"/insight/{page}")
    noa.open("/insight/categories/")
    noa.page.locator("#q").fill("milk")
    noa.press("Show")
    noa.follow("Milk")
    expect(noa.page.get_by_role("img", name="Buyers and visits")).to_be_visible()
    noa.page.locator("details summary").first.click()
    noa.look()
    # April alone is counted while one waits
    noa.page.locator("#since").select_option("2026-04")
    noa.press("Show")
    expect(noa.page.locator(".told-of .figures")).to_contain_text("40%")
    noa.look()

    dana = Walker(browser, market, "he", phone=True, dark=True)
    dana.page.goto(market.links["dana@village.example"])
    for page in ("categories/", "categories/razors/men/", "places/2/"):
        dana.open(f"/insight/{page}")
