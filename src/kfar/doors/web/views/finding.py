"""Looking for voices by what was said."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from kfar.doors.web.who import staff_only
from kfar.rooms.customers import queries as customers
from kfar.rooms.village import queries as village
from kfar.rooms.village.queries import Staff
from kfar.rooms.voice import queries as voices
from kfar.rooms.voice.searching.queries import LAST, search

#: No id has as many digits.
LENGTH = 20


@require_GET
@staff_only
def find(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Show the newest voices in which every word stands, in one form or another."""
    village.require(staff.id, "voice.read")
    asked, before = request.GET.get("q", "").strip(), request.GET.get("before", "")
    found = search(
        asked, before=int(before) if before.isdecimal() and len(before) < LENGTH else LAST
    )
    said = voices.by_id(found.voices)
    context = {
        "asked": asked,
        "found": [said[one] for one in found.voices if one in said],
        "people": customers.people(voice.customer_id for voice in said.values()),
        "more": urlencode({"q": asked, "before": found.more}) if found.more else "",
    }
    return render(request, "web/voices_found.html", context)
