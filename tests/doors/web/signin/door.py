"""At the door: addresses, codes, passwords and the app, as tests use them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from allauth.mfa.totp.internal import auth as totp
from django.core import mail
from django.test import Client
from django.urls import reverse

from kfar.rooms.village import commands as village
from kfar.rooms.village.models import Login

ANNA = "anna@example.org"
DOV = "dov@example.org"
PASSWORD = "a village on a hill"
SIGN_IN = "/account/sign-in/"
CODE = "/account/sign-in/code/"
BY_PASSWORD = "/account/password/"
AGAIN = "/account/again/code/"
#: A customer's page and an employee's.
JOURNEY = reverse("web:journey")
WORK = reverse("web:voices")
LANGUAGE = reverse("web:language")
TO_WORK = urlencode({"next": WORK})


def ask(client: Client, email: str, **headers: str) -> Any:
    return client.post(SIGN_IN, {"email": email}, headers=headers)


def code() -> str:
    """The code in the latest letter."""
    return str(mail.outbox[-1].body).split("\n")[0]


def enter(client: Client, email: str, **headers: str) -> Any:
    ask(client, email, **headers)
    return client.post(CODE, {"code": code()}, headers=headers)


def signed_in(client: Client) -> UUID | None:
    pk = client.session.get("_auth_user_id")
    return UUID(pk) if pk else None


def employ(email: str = DOV, password: str | None = PASSWORD) -> Login:
    village.set_role(code="care", name={"en": "Care"}, acts=["voice.read"], limits={})
    village.employ(email=email, name="Dov", role="care", password=password)
    return Login.objects.get(email=email)


def with_app(login: Login) -> str:
    """Give the employee an authenticator app; return its secret."""
    secret: str = totp.generate_totp_secret()
    totp.TOTP.activate(login, secret)
    return secret


def shown(secret: str) -> str:
    """What the app shows now."""
    counter = next(totp.yield_hotp_counters_from_time())
    return str(totp.format_hotp_value(totp.hotp_value(secret, counter)))


def by_password(client: Client, password: str = PASSWORD, **more: str) -> Any:
    return client.post(BY_PASSWORD, {"login": DOV, "password": password} | more)


def choose(client: Client, link: str, password: str) -> None:
    """Follow a link of a letter and choose a password."""
    form = client.get(urlsplit(link).path)["Location"]
    assert client.get(form).status_code == 200
    page = client.post(form, {"password1": password, "password2": password})
    assert page["Location"] == "/account/password/chosen/"
    assert client.get(page["Location"])["Location"] == BY_PASSWORD
    assert "This link was used already" in client.get(urlsplit(link).path).content.decode()
