"""What a customer sends back, laid out for pages: what is chosen, the QR code, the reasons."""

from __future__ import annotations

import io
from collections.abc import Mapping
from uuid import UUID

import segno
from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from kfar.doors import links
from kfar.doors.web.forms import Once
from kfar.rooms.service.by_mail import rules
from kfar.rooms.service.returns.queries import Returned
from kfar.rooms.service.returns.rules import Doubt, State

#: Where a return stands, in words to everybody.
STATES = {
    State.WAITING: _("waits for a person’s decision"),
    State.MONEY_BACK: _("money back, not sent yet"),
    State.SENT: _("money back, on its way"),
    State.ARRIVED: _("arrived"),
    State.TAKEN_BACK: _("kept after all"),
    State.REFUSED: _("not taken"),
}
#: Why a person decides.
DOUBTS = {
    Doubt.LATE: _("It was bought longer ago than goes by itself."),
    Doubt.MUCH: _("It is more than goes by itself within 30 days."),
    Doubt.CURRENCY: _("It was paid in another currency."),
}


class StartForm(Once):
    """What goes back; words that nobody has to write."""

    words = forms.CharField(required=False, strip=False)


class LinkForm(forms.Form):
    """What whoever has no account knows of an order."""

    number = forms.CharField(
        max_length=rules.NUMBER,
        error_messages={"required": _("Write the number: it stands on the receipt.")},
    )
    address = forms.EmailField(
        max_length=rules.ADDRESS,
        error_messages={"required": _("Write the address: the link goes there.")},
    )


class DecideForm(Once):
    """Yes or no, and words to the customer."""

    words = forms.CharField(required=False)


def chosen(post: QueryDict, touches: Mapping[UUID, int]) -> dict[UUID, int]:
    """Return how many of each line are chosen: what is ticked, as many as were said, or all."""
    found = {}
    for touch, left in touches.items():
        if f"line-{touch}" not in post:
            continue
        said = post.get(f"units-{touch}", "").strip()
        # What is no number is more than there is: the room says so.
        wanted = int(said) if said.isdecimal() and len(said) < 7 else 10**6
        found[touch] = wanted if said else left
    return found


def qr(returned: Returned) -> bytes:
    """Return the QR code of a return as an SVG picture: it leads who works here to it."""
    made = segno.make(links.page("web:return", returned.code), error="m", micro=False)
    out = io.BytesIO()
    made.save(out, kind="svg", scale=4, border=4, light="#fff", xmldecl=False)
    return out.getvalue()


def stands(returned: Returned) -> str:
    """Return where a return stands."""
    return str(STATES[returned.state])
