"""The gate at work, for those who work here."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from kfar.doors.web.who import staff_only
from kfar.rooms.touchpoints import keys
from kfar.rooms.touchpoints.traffic import traffic
from kfar.rooms.village.queries import Staff


@require_GET
@staff_only
def gate(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Show what comes in, second by second, what is turned away and why, and who may send."""
    seen = traffic()
    top = max(seen.peak, 1)
    context = {
        "traffic": seen,
        "bars": [(x, top - n, n) for x, n in enumerate(seen.seconds) if n],
        "width": len(seen.seconds),
        "height": top,
        "keys": [key for key in keys.everyone() if key.revoked_at is None],
    }
    return render(request, "web/gate.html", context)
