"""The inbox of the people who serve customers: voices by where they stand."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from kfar.doors.web import inbox, reading
from kfar.doors.web.who import staff_only
from kfar.rooms.village import queries as village
from kfar.rooms.village.queries import Staff
from kfar.rooms.voice import queries as voices
from kfar.rooms.voice.alarms import queries as alarms
from kfar.rooms.voice.follow_up import queries as follow_up
from kfar.rooms.voice.rules import Stands

#: So many are in sight of those to be decided and of the others, and on a page of one standing.
SHOWN, FEWER, PAGE = 10, 5, 50
TO_DECIDE = (Stands.UNREAD, Stands.READ)
#: Of the closed ones it is told how many there were in so long.
LATELY = timedelta(days=7)


@require_GET
@staff_only
def waiting(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Show the first voices of each standing: what is due next first, the closed ones last."""
    village.allow(staff, "voice.read")
    sought = reading.sought(request.GET)
    only = sought.only
    lately = timezone.now() - LATELY
    shown = {
        stands: voices.standing(
            stands,
            SHOWN if stands in TO_DECIDE else FEWER,
            since=lately if stands is Stands.CLOSED else None,
            **only,
        )
        for stands in Stands
    }
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    counts = voices.counts(since=lately, new=today, **only)
    inbox.sort(shown, SHOWN, whole=not any(only.values()))
    lines = inbox.lines(voice for group in shown.values() for voice in group)
    context = {
        **inbox.mine(staff),
        "groups": [
            (stands, counts[stands], [lines[voice.id] for voice in group])
            for stands, group in shown.items()
        ],
        "new": counts[voices.NEW],
        "newest": urlencode({**sought.asked, "newest": "1"}),
        "sought": sought,
        "alarms": alarms.open_count(),
        **inbox.returned(staff, FEWER),
        "afterwards": follow_up.figures().items(),
    }
    return render(request, "web/voices.html", context)


@require_GET
@staff_only
def standing(request: HttpRequest, staff: Staff, stands: str) -> HttpResponse:
    """Show all voices of one standing, page by page, by how long they wait, or the newest first."""
    village.allow(staff, "voice.read")
    if stands not in set(Stands):
        raise Http404
    sought, after = reading.sought(request.GET), reading.id_of(request.GET.get("after"))
    newest = bool(request.GET.get("newest"))
    group = voices.standing(Stands(stands), PAGE + 1, after=after, newest=newest, **sought.only)
    more = {**sought.asked, "after": str(group[PAGE - 1].id)} if len(group) > PAGE else {}
    more |= {"newest": "1"} if more and newest else {}
    context = {
        "group": inbox.lines(group[:PAGE]).values(),
        "stands": stands,
        "newest": newest,
        "sought": sought,
        "more": urlencode(more),
    }
    return render(request, "web/voices_standing.html", context)
