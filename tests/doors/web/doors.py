"""People at the door: clients of Django's that are signed in."""

from __future__ import annotations

from typing import Any

from django.test import Client

from kfar.doors.web import who
from kfar.rooms.village import commands as village
from kfar.rooms.village.models import Login
from tests.people import email


def enter(name: str, **given: Any) -> Client:
    """Return a client signed in with that person's address, second factor and all."""
    client = Client(**given)
    client.force_login(Login.objects.get(pk=village.admit(email=email(name))))
    session = client.session
    session[who.DEMO] = True  # asks an employee for no second factor
    session.save()
    return client


def path(link: str) -> str:
    """Return the path of a whole address."""
    return "/" + link.split("/", 3)[3]


def text(response: Any) -> str:
    """Return the page."""
    return str(response.content.decode())
