"""Passkeys, in a real browser with an authenticator that is not there."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from allauth.mfa.models import Authenticator
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from kfar.rooms.village import commands as village

CHROMIUM = shutil.which("chromium")
WORK = reverse("web:voices")  # an employee's page
PASSWORD = "a village on a hill"
QUIET = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
)

pytestmark = [
    pytest.mark.journey,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium"),
]


@pytest.fixture
def browser(live_server: LiveServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[BrowserContext]:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # the browser's loop is not Django's
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET.split())
        yield chromium.new_context(base_url=live_server.url, locale="en")
        chromium.close()


def with_authenticator(page: Page) -> None:
    """Give the page a device that knows its owner's finger."""
    device = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": device})


def by_password(page: Page) -> None:
    page.goto("/account/password/")
    page.get_by_label("E-mail").fill("dov@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()


def test_a_passkey_is_added_and_then_opens_the_door_alone(
    browser: BrowserContext, live_server: LiveServer, settings: Settings
) -> None:
    settings.KFAR_URL = live_server.url
    village.set_role(code="care", name={"en": "Care"}, acts=["voice.read"], limits={})
    village.employ(email="dov@example.org", name="Dov", role="care", password=PASSWORD)
    page = browser.new_page()
    said: list[str] = []
    page.on("console", lambda m: said.append(f"{m.type}: {m.text} {m.location['url']}"))
    page.on("pageerror", lambda error: said.append(str(error)))
    with_authenticator(page)

    by_password(page)
    page.goto(WORK)
    expect(page).to_have_url(f"{live_server.url}/account/second/")
    page.get_by_role("main").get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Go on").click()
    expect(page.get_by_label("Name")).to_have_value("Passkey 1")
    page.get_by_label("Name").fill("My phone")
    page.get_by_role("main").get_by_role("button", name="Add").click()

    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    key = Authenticator.objects.get(type="webauthn")
    assert (key.wrap().name, key.wrap().is_passwordless) == ("My phone", True)
    page.goto(WORK)
    page.get_by_role("main").get_by_role("link", name="With a passkey").click()
    page.get_by_role("main").get_by_role("button", name="With a passkey").click()
    page.wait_for_url(f"{live_server.url}{WORK}")

    page.goto("/account/sign-out/")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    page.goto(f"/account/password/?next={WORK}")
    page.get_by_role("main").get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(f"{live_server.url}{WORK}")

    page.goto("/account/sign-out/")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    by_password(page)
    page.get_by_role("main").get_by_role("button", name="With a passkey").click()
    page.wait_for_url(f"{live_server.url}/")
    page.goto(WORK)
    expect(page).to_have_url(f"{live_server.url}{WORK}")
    assert [line for line in said if "favicon" not in line] == []
