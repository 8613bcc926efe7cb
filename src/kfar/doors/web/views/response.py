"""How categories answer to displays, mailers and price cuts: for who works here."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from kfar.doors.web import responses
from kfar.doors.web.who import staff_only
from kfar.rooms.insight import commands, queries
from kfar.rooms.village import queries as village
from kfar.rooms.village.queries import Staff


@require_GET
@staff_only
def overview(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Show all categories, and which of them nothing is said of."""
    village.require(staff.id, commands.READ)
    kept = queries.responses()
    context = {
        "kept": kept,
        "told": responses.overview(kept.content) if kept else None,
        "promotions": queries.promoted(),
    }
    return render(request, "web/responses.html", context)


@require_GET
@staff_only
def one(request: HttpRequest, staff: Staff, category: str) -> HttpResponse:
    """Show one category: what was found, what was tried beside it, what was compared."""
    village.require(staff.id, commands.READ)
    kept = queries.responses()
    found = [c for c in kept.content.categories if c.name == category] if kept else []
    if kept is None or not found:
        raise Http404
    context = {"kept": kept, "told": responses.page(kept.content, found[0])}
    return render(request, "web/response.html", context)
