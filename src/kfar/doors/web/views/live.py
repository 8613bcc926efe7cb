"""A vote on the big screen: how many answer, how long it is open, and the moment of the result."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from kfar.doors.web.views.questions import one, shown


@require_GET
def live(request: HttpRequest, question_id: UUID) -> HttpResponse:
    """Show how a vote goes, for a room to look at.

    The figures come from the gate (`doors.gate.live`), to however many watch; what is new
    beside them is fetched from here.
    """
    return render(request, "web/live.html", shown(request, one(question_id)))
