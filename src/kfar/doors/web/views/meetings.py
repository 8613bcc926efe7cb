"""Meetings: those to come, how they went; and a customer's yes or no to an invitation."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kfar.doors import calendars, links
from kfar.doors.web import who
from kfar.doors.web.meeting_forms import CancelForm, HoldForm
from kfar.doors.web.who import staff_only
from kfar.ground.errors import Refused
from kfar.loop import meeting as meeting_loop
from kfar.rooms.customers import queries as customers
from kfar.rooms.village import queries as village
from kfar.rooms.village.meetings import commands, queries
from kfar.rooms.village.meetings.queries import Met
from kfar.rooms.village.meetings.rules import Stands
from kfar.rooms.village.queries import Staff

#: How far back meetings are listed.
SHOWN = timedelta(days=90)


@require_GET
@staff_only
def meetings(request: HttpRequest, staff: Staff) -> HttpResponse:
    """List meetings by where they stand: those that wait to be told of first."""
    village.require(staff.id, commands.PLAN)
    found = queries.meetings(timezone.now() - SHOWN)
    groups = [
        (stands, [one for one in found if one.stands is stands])
        for stands in (Stands.DUE, Stands.PLANNED, Stands.HELD, Stands.CANCELLED)
    ]
    return render(request, "web/meetings.html", {"groups": groups})


@require_GET
@staff_only
def meeting(request: HttpRequest, staff: Staff, meeting_id: UUID) -> HttpResponse:
    """Show a meeting: who comes; how it was, or to say so."""
    return _page(request, staff, meeting_id)


@require_POST
@staff_only
def hold(request: HttpRequest, staff: Staff, meeting_id: UUID) -> HttpResponse:
    """Take who came and what was said."""
    form = HoldForm(request.POST)
    if form.is_valid():
        said = form.cleaned_data
        try:
            commands.hold(
                by=staff.id,
                meeting_id=meeting_id,
                came=[UUID(one) for one in said["came"]],
                minutes=said["minutes"],
                said=said["said"],
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("Noted. It is on their journey now."))
            return redirect("web:meeting", meeting_id)
    return _page(request, staff, meeting_id, status=422, hold_form=form)


@require_POST
@staff_only
def cancel(request: HttpRequest, staff: Staff, meeting_id: UUID) -> HttpResponse:
    """Cancel a meeting; the customers are told why."""
    form = CancelForm(request.POST)
    if form.is_valid():
        try:
            commands.cancel(by=staff.id, meeting_id=meeting_id, why=form.cleaned_data["why"])
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("Cancelled. The customers are told now."))
            return redirect("web:meeting", meeting_id)
    return _page(request, staff, meeting_id, status=422, cancel_form=form)


@require_GET
@staff_only
def ics(request: HttpRequest, staff: Staff, meeting_id: UUID) -> HttpResponse:
    """Give a meeting for the employee's calendar."""
    village.require(staff.id, commands.PLAN)
    return _file(calendars.for_employee(_one(meeting_id)))


@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Ask a customer whether they come; opened from a letter, without signing in."""
    meeting_id, customer_id = links.opened(token, "meet")
    who.greet(request, customer_id)
    one, own = _invited(meeting_id, customer_id)
    if request.method == "POST":
        word = request.POST.get("comes")
        if word in {"yes", "no"}:
            meeting_loop.answer(meeting_id=meeting_id, by=customer_id, comes=word == "yes")
        return redirect("web:invitation", token)
    context = {
        "meeting": one,
        "comes": next(guest.comes for guest in one.guests if guest.customer_id in own),
        "token": token,
    }
    return render(request, "web/invitation.html", context)


@require_GET
def invitation_ics(request: HttpRequest, token: str) -> HttpResponse:
    """Give a customer the meeting for their calendar."""
    meeting_id, customer_id = links.opened(token, "meet")
    who.greet(request, customer_id)
    one, _own = _invited(meeting_id, customer_id)
    person = customers.person(customer_id)
    if person is None:
        raise Refused("village.no_such_meeting")
    link = links.page("web:invitation", token)
    return _file(calendars.for_guest(one, person, link))


def _invited(meeting_id: UUID, customer_id: UUID) -> tuple[Met, list[UUID]]:
    one, own = _one(meeting_id), customers.selves(customer_id)
    if not any(guest.customer_id in own for guest in one.guests):
        raise Refused("village.no_such_meeting")
    return one, own


def _page(
    request: HttpRequest, staff: Staff, meeting_id: UUID, status: int = 200, **forms: Any
) -> HttpResponse:
    village.require(staff.id, commands.PLAN)
    one = _one(meeting_id)
    people = customers.people(guest.customer_id for guest in one.guests)
    context = {
        "meeting": one,
        "guests": [
            (guest, people[guest.customer_id])
            for guest in one.guests
            if guest.customer_id in people
        ],
        "hold_form": HoldForm(initial={"minutes": one.minutes}),
        "cancel_form": CancelForm(),
    }
    return render(request, "web/meeting.html", context | forms, status=status)


def _one(meeting_id: UUID) -> Met:
    found = queries.meeting(meeting_id)
    if found is None:
        raise Refused("village.no_such_meeting")
    return found


def _file(file: bytes) -> HttpResponse:
    response = HttpResponse(file, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="meeting.ics"'
    response["Cache-Control"] = "private"
    return response
