"""A customer's own journey, and what they agreed to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from kfar.doors import links
from kfar.doors.web import strip
from kfar.doors.web.forms import PURPOSES
from kfar.doors.web.who import customers_only
from kfar.lake import audit
from kfar.rooms.customers import commands as customers
from kfar.rooms.customers import queries as people
from kfar.rooms.decisions import queries as decisions
from kfar.rooms.promises import queries as promises
from kfar.rooms.service import queries as service
from kfar.rooms.touchpoints import queries as touchpoints
from kfar.rooms.touchpoints.queries import Visit
from kfar.rooms.touchpoints.rules import OURSELVES
from kfar.rooms.village import queries as village
from kfar.rooms.voice import queries as voices

#: Which room's rows the kinds of our own touches tell of.
ROOMS = {
    "good": "voice",
    "not-good": "voice",
    "promise": "promise",
    "promise-kept": "promise",
    "remedy": "remedy",
    "remedy-undone": "remedy",
    "voice": "voice",
    "vote": "vote",
}


@dataclass(frozen=True)
class Told:
    """A touch with what it tells of: a voice, a remedy, a promise, a question."""

    visit: Visit
    of: Any
    link: str = ""


@require_GET
@customers_only
def journey(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """Show first touch to today; asked by htmx for earlier ones, show those alone."""
    found = touchpoints.journey(customer_id, before=request.GET.get("before") or None)
    months = [
        (month, list(touches))
        for month, touches in groupby(told(found.visits, customer_id), key=_month)
    ]
    context: dict[str, Any] = {"months": months, "more": found.more}
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "web/parts/touches.html", context)
    portrait = touchpoints.portrait(customer_id)
    context |= {
        "person": people.person(customer_id),
        "portrait": portrait,
        "strip": strip.draw(portrait.strip, timezone.localdate()),
        "voices": [
            (v, links.good(v.id, customer_id))
            for v in voices.of_customer(customer_id)
            if v.stands == "told"
        ],
    }
    return render(request, "web/journey.html", context)


@require_GET
@customers_only
def me(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """Show what is known of the customer, what they agreed to, and who looked."""
    lines = audit.lines(people.selves(customer_id))
    names = village.names(line.employee_id for line in lines if line.employee_id)
    context = {
        "person": people.person(customer_id),
        "purposes": PURPOSES,
        "lines": [
            (line, names.get(line.employee_id) if line.employee_id else "") for line in lines
        ],
        "promises": promises.to_customer(customer_id),
    }
    return render(request, "web/me.html", context)


@require_POST
@customers_only
def consent(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """Take a yes or a no."""
    given, purpose = request.POST.get("given") == "yes", request.POST.get("purpose", "")
    customers.consent(by=customer_id, purpose=purpose, given=given, source="web")
    said = {
        (people.ASK, True): _("Thank you. From now on you are asked."),
        (people.ASK, False): _("You are not asked any more."),
    }
    noted = _("Thank you. It counts from now on.") if given else _("It is not done any more.")
    messages.success(request, said.get((purpose, given), noted))
    return redirect("web:me")


def told(visits: Sequence[Visit], customer_id: UUID) -> list[Told]:
    """Return touches with what they tell of, looked up a room at a time."""
    refs: dict[str, list[UUID]] = {room: [] for room in ("voice", "remedy", "promise", "vote")}
    for visit in visits:
        if ref := _ref(visit):
            refs[ROOMS[visit.kind]].append(ref)
    said = voices.of_customer(customer_id) if refs["voice"] else []
    found: dict[UUID, Any] = {
        **{voice.id: voice for voice in said},
        **service.remedies(refs["remedy"]),
        **promises.by_id(refs["promise"]),
        **{poll.id: poll for poll in decisions.by_id(refs["vote"])},
    }
    return [_told(visit, _ref(visit), found, customer_id) for visit in visits]


def _told(visit: Visit, ref: UUID | None, found: dict[UUID, Any], customer_id: UUID) -> Told:
    if ref is None:
        return Told(visit, None)
    link = links.ballot(ref, customer_id) if visit.kind == "vote" else ""
    return Told(visit, found.get(ref), link)


def _ref(visit: Visit) -> UUID | None:
    """Return the row a touch tells of; touches from elsewhere tell of none of ours."""
    ours = visit.source == OURSELVES and visit.kind in ROOMS
    return UUID(visit.ref) if ours and visit.ref else None


def _month(touch: Told) -> date:
    return timezone.localtime(touch.visit.at).date().replace(day=1)
