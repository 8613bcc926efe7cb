"""The home page: the loop itself."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from kfar import loop
from kfar.rooms.decisions import queries as decisions
from kfar.rooms.decisions.consultations import queries as consultations
from kfar.rooms.promises import queries as promises


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
        "open_polls": [p for p in polls if p.open],
        "did": [(*asked[d.question_id], d) for d in did if d.question_id in asked],
    }
    return render(request, "web/home.html", context)
