"""What holds for every page of sign-in, and for the demo."""

from __future__ import annotations

import re
import runpy
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from kfar.doors import links
from kfar.rooms.village.models import Login
from kfar.settings import project
from tests.doors.web.signin.door import (
    AGAIN,
    ANNA,
    BY_PASSWORD,
    CODE,
    LANGUAGE,
    PASSWORD,
    SIGN_IN,
    WORK,
    ask,
    by_password,
    code,
    employ,
    enter,
    signed_in,
    with_app,
)

pytestmark = pytest.mark.django_db


def test_a_demo_link_signs_in_at_one_click(client: Client, settings: Settings) -> None:
    settings.KFAR_DEMO = True
    login = employ(password=None)
    link = links.demo(login.pk)
    assert link.startswith("http://127.0.0.1:8000/demo/enter/")
    assert client.get(urlsplit(link).path)["Location"] == "/"
    assert signed_in(client) == login.pk
    assert client.get(WORK).status_code == 200
    assert client.get("/account/second/").status_code == 404
    settings.KFAR_DEMO = False  # the same data, served for real: a factor is asked for
    assert client.get(WORK)["Location"] == "/account/second/"


def test_a_customer_is_told_that_work_is_not_open_to_them(
    client: Client, settings: Settings
) -> None:
    settings.KFAR_DEMO = True
    customer = Login.objects.create_user("anna@example.org")
    client.get(urlsplit(links.demo(customer.pk)).path)
    response = client.get(WORK)
    assert response.status_code == 403
    assert "This is not open to you" in response.content.decode()


def test_elsewhere_there_is_no_such_page(client: Client) -> None:
    login = employ()
    assert client.get(urlsplit(links.demo(login.pk)).path).status_code == 404
    assert signed_in(client) is None


def test_a_forged_demo_link_opens_nothing(client: Client, settings: Settings) -> None:
    settings.KFAR_DEMO = True
    path = urlsplit(links.demo(employ().pk)).path
    assert client.get(path.replace(":", "x:", 1)).status_code == 404
    assert client.get(reverse("web:demo-enter", args=["nothing"])).status_code == 404
    assert signed_in(client) is None


# --- every page ------------------------------------------------------------------------------


def test_signing_out_needs_a_press_of_the_button(client: Client) -> None:
    enter(client, ANNA)
    assert client.get("/account/sign-out/").status_code == 200
    assert signed_in(client) is not None
    assert client.post("/account/sign-out/")["Location"] == "/"
    assert signed_in(client) is None


def test_no_form_is_taken_from_elsewhere() -> None:
    strict = Client(enforce_csrf_checks=True)
    for path in (SIGN_IN, BY_PASSWORD, "/account/sign-out/"):
        assert strict.post(path).status_code == 403
    for headers in ({"Origin": "https://other.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert strict.post(LANGUAGE, {"language": "he"}, headers=headers).status_code == 403
    ours = {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}
    assert strict.post(LANGUAGE, {"language": "he"}, headers=ours).status_code == 302


def test_every_page_runs_our_scripts_alone(client: Client) -> None:
    def see(*names: str, args: Sequence[int] = ()) -> list[Any]:
        return [client.get(reverse(name, args=args)) for name in names]

    pages = [client.get(SIGN_IN), client.get(BY_PASSWORD)]
    pages.append(client.get("/account/password/forgotten/"))
    pages.append(client.get("/account/password/forgotten/sent/"))
    pages.append(client.get("/account/password/choose/1/2/"))
    pages.append(client.get("/account/inactive/"))
    ask(client, ANNA)
    pages.append(client.get(CODE))
    client.post("/account/sign-out/")

    login = employ()
    by_password(client)
    pages.append(client.get("/account/again/"))
    client.post("/account/again/", {"password": PASSWORD})
    pages += see("mfa_index", "mfa_activate_totp", "mfa_add_webauthn", "mfa_list_webauthn")

    with_app(login)
    key = Authenticator.objects.create(user=login, type="webauthn", data={"name": "Phone"})
    pages += see("mfa_index", "mfa_deactivate_totp", "mfa_generate_recovery_codes")
    pages += see("mfa_edit_webauthn", "mfa_remove_webauthn", args=[key.pk])
    pages += see("mfa_list_webauthn", "account_change_password", "account_logout")
    pages.append(client.post(reverse("mfa_generate_recovery_codes"), follow=True))
    pages.append(client.get(AGAIN))
    key.delete()
    other = Client()
    by_password(other)
    pages.append(other.get("/account/password/second/"))

    for page in pages:
        assert page.status_code == 200, page.request["PATH_INFO"]
        policy = page["Content-Security-Policy"]
        assert "script-src 'self'" in policy.split("; ")
        assert "default-src 'none'" in policy.split("; ")
        assert "unsafe" not in policy
        html = page.content.decode()
        assert not re.search(r"<script(?![^>]*(src=|type=\"application/json\"))", html)
        assert not re.search(r"\sstyle=|\son\w+=", html)
        assert 'lang="en" dir="ltr"' in html
        assert not [t.name for t in page.templates if "site-packages/allauth" in str(t.origin)]


def test_over_https_cookies_travel_over_https_alone(
    client: Client, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    monkeypatch.setenv("KFAR_URL", "https://kfar.example")
    fresh = runpy.run_path(str(project.__file__))
    for name, value in fresh.items():
        if "_COOKIE_" in name:
            setattr(settings, name, value)
    ask(client, ANNA)
    page = client.post(CODE, {"code": code()})
    assert sorted(page.cookies) == ["csrftoken", "kfar_language", "sessionid"]
    for cookie in page.cookies.values():
        assert cookie["secure"] is True
        assert cookie["samesite"] == "Lax"
    assert page.cookies["sessionid"]["httponly"] is True
    assert page.cookies["sessionid"]["max-age"] == 30 * 24 * 3600
    assert fresh["SECURE_HSTS_SECONDS"] == 31536000
