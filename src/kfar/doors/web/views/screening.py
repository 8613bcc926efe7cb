"""Ballots set aside before the close, by people, with a reason. Nobody sees what they say."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from kfar.doors.ballots import REASONS
from kfar.doors.web.views import errors
from kfar.doors.web.who import staff_only
from kfar.ground.errors import Refused
from kfar.rooms.decisions import admitting, screening
from kfar.rooms.village import queries as village
from kfar.rooms.village.queries import Staff


@require_http_methods(["GET", "POST"])
@staff_only
def screen(request: HttpRequest, staff: Staff, question_id: UUID) -> HttpResponse:
    """Show which ballots stand aside or would, set one aside, and take one back."""
    village.require(staff.id, screening.SCREEN)
    door = admitting.door(question_id)
    refused = None
    if request.method == "POST":
        try:
            _screen(request, staff, question_id)
        except Refused as error:
            refused = error
        else:
            return redirect("web:screen", question_id)
    context = {
        "door": door,
        "aside": screening.aside(question_id),
        "suspected": screening.suspected(question_id) if door.open else [],
        "reasons": [(code, REASONS[code]) for code in screening.REASONS],
        "refused": refused,
        "tracker": request.POST.get("tracker", ""),
    }
    status = errors.status(refused) if refused else 200
    return render(request, "web/screen.html", context, status=status)


def _screen(request: HttpRequest, staff: Staff, question_id: UUID) -> None:
    tracker = request.POST.get("tracker", "").strip().lower()
    if "back" in request.POST:
        screening.take_back(by=staff.id, question_id=question_id, tracker=tracker)
        return
    reason = request.POST.get("reason", "")
    screening.set_aside(by=staff.id, question_id=question_id, tracker=tracker, reason=reason)
