"""A case among others: taken, put together, taken apart, approved; and who is away."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kfar.doors.web.who import staff_only
from kfar.ground.errors import Refused
from kfar.rooms.service import queries as cases
from kfar.rooms.service import together
from kfar.rooms.service.approving import commands as approving
from kfar.rooms.service.assigning import commands as assigning
from kfar.rooms.service.assigning import presence
from kfar.rooms.village.queries import Staff


@require_POST
@staff_only
def take(request: HttpRequest, staff: Staff, voice_id: UUID) -> HttpResponse:
    """See to a case oneself."""
    assigning.take(by=staff.id, case_id=_case(voice_id))
    messages.success(request, _("You see to it now."))
    return redirect("web:voice", voice_id)


@require_POST
@staff_only
def merge(request: HttpRequest, staff: Staff, voice_id: UUID) -> HttpResponse:
    """Decide another voice of the same person together with this one."""
    together.merge(by=staff.id, case_id=_case(voice_id), other_id=_case(_sent(request, "other")))
    messages.success(request, _("They are one case now. It can be taken apart again."))
    return redirect("web:voice", voice_id)


@require_POST
@staff_only
def split(request: HttpRequest, staff: Staff, voice_id: UUID) -> HttpResponse:
    """Take a voice out of the case it is in."""
    together.split(by=staff.id, case_id=_case(_sent(request, "other")))
    messages.success(request, _("It is a case of its own again."))
    return redirect("web:voice", voice_id)


@require_POST
@staff_only
def approve(request: HttpRequest, staff: Staff, voice_id: UUID, approval_id: UUID) -> HttpResponse:
    """Say whether what one was asked for may be given."""
    word = request.POST.get("yes")
    if word in {"yes", "no"}:
        approving.say(
            by=staff.id,
            approval_id=approval_id,
            yes=word == "yes",
            why=request.POST.get("why", ""),
        )
        given = _("Done. The customer is told now.")
        messages.success(request, given if word == "yes" else _("You said no. They see why."))
    return redirect("web:voice", voice_id)


@require_POST
@staff_only
def away(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Say until the end of which day one is away, or that one is back."""
    day = None
    if request.POST.get("until"):
        day = parse_date(request.POST["until"])
        if day is None:
            raise Refused("service.back_in_past")
    until = timezone.make_aware(datetime.combine(day + timedelta(days=1), time())) if day else None
    presence.leave(by=staff.id, until=until)
    return redirect("web:voices")


def _case(voice_id: UUID) -> UUID:
    found = cases.case(voice_id)
    if found is None:
        raise Refused("service.not_found")
    return found.id


def _sent(request: HttpRequest, name: str) -> UUID:
    try:
        return UUID(request.POST.get(name, ""))
    except ValueError as error:
        raise Refused("service.not_found") from error
