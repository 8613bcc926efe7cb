"""What customers buy on, category by category."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from kfar.doors.web import tastes as told
from kfar.doors.web.who import staff_only
from kfar.rooms.insight import commands, queries
from kfar.rooms.village import queries as village
from kfar.rooms.village.queries import Staff


@require_GET
@staff_only
def tastes(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Show in which categories customers buy on what, and how sure that is."""
    village.require(staff.id, commands.READ)
    kept = queries.learned().tastes
    context = {"tastes": told.everybody(kept) if kept else None}
    return render(request, "web/tastes.html", context)
