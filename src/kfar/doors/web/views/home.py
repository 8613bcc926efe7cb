"""The home page: the loop itself."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from kfar import loop
from kfar.doors.web import who
from kfar.rooms.decisions import queries as decisions
from kfar.rooms.decisions.consultations import queries as consultations
from kfar.rooms.insight import commands as insight
from kfar.rooms.insight.brand import queries as brand
from kfar.rooms.promises import queries as promises
from kfar.rooms.promises.telling import queries as telling
from kfar.rooms.voice import queries as voices
from kfar.rooms.voice.alarms import queries as alarms


def home(request: HttpRequest) -> HttpResponse:
    """Show what waits at each verb, how the whole stands, and what was decided and done.

    Open to everybody, so nothing of one customer is on it: counts, questions, and what was
    done for those who answered them.
    """
    polls = decisions.questions(most=6)
    did = promises.kept_to_voters()
    ids = [d.question_id for d in did if d.question_id]
    asked = {poll.id: (poll.text, poll.answered) for poll in decisions.by_id(ids)}
    asked |= {one.id: (one.topic, one.people) for one in consultations.by_id(ids)}
    context = {
        "standing": loop.standing(),
        "told": voices.telling(),
        "drifted": _drifted(request),
        "alarms": _alarms(request),
        "changes": telling.public(most=2),
        "open_polls": [p for p in polls if p.open],
        "did": [(*asked[d.question_id], d) for d in did if d.question_id in asked],
    }
    return render(request, "web/home.html", context)


def _drifted(request: HttpRequest) -> bool:
    """Return whether to tell who works here that words and what customers live through part."""
    staff = who.staff(request)
    return staff is not None and insight.READ in staff.acts and brand.standpoint().drifted


def _alarms(request: HttpRequest) -> int:
    """Return how many alarms go on, for who works here and may read voices."""
    staff = who.staff(request)
    return alarms.open_count() if staff is not None and "voice.read" in staff.acts else 0
