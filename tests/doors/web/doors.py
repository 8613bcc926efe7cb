"""People at the door: clients of Django's that are signed in."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from django.test import Client, RequestFactory

from kfar.rooms.village import commands as village
from kfar.rooms.village.models import Login
from tests.people import email


def enter(name: str, **given: Any) -> Client:
    """Return a client signed in with that person's address, second factor and all."""
    client = Client(**given)
    login = Login.objects.get(pk=village.admit(email=email(name)))
    client.force_login(login)
    Authenticator.objects.get_or_create(user=login, type=Authenticator.Type.TOTP, data={})
    request = RequestFactory().get("/")
    request.session = client.session
    record_authentication(request, login, "mfa", type="totp")
    request.session.save()
    return client


def path(link: str) -> str:
    """Return the path of a whole address."""
    return "/" + link.split("/", 3)[3]


def text(response: Any) -> str:
    """Return the page."""
    return str(response.content.decode())
