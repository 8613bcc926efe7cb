"""A receipt as a file."""

from __future__ import annotations

from django.http import Http404, HttpResponse

from kfar.rooms.decisions.proving.receipt import Receipt


def given(found: Receipt | None) -> HttpResponse:
    """Give a receipt to whoever holds what it is for; 404 where there is none."""
    if found is None:
        raise Http404
    response = HttpResponse(found.text(), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="kfar-{found.tracker}.json"'
    response["Cache-Control"] = "private, no-store"
    return response
