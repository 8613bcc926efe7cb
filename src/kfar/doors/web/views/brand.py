"""For who leads a brand: what moves customers, what the company leads with, who may leave."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from kfar.doors import words
from kfar.doors.reasons import why
from kfar.doors.web import leading, leaving, moving
from kfar.doors.web.who import staff_only
from kfar.ground.errors import Refused
from kfar.rooms.insight import commands as insight
from kfar.rooms.insight import going
from kfar.rooms.insight.brand import commands, queries
from kfar.rooms.insight.disciplines.leading import DISCIPLINES
from kfar.rooms.insight.figures import Withheld
from kfar.rooms.village import queries as village
from kfar.rooms.village.queries import Staff

#: Letters of a number on a form that are read.
MOST = 9


@require_http_methods(["GET", "POST"])
@staff_only
def drivers(request: HttpRequest, staff: Staff, outcome: str = "spend") -> HttpResponse:
    """Ask what an employee believes moves customers; show what does to who has said so."""
    village.require(staff.id, commands.RANK)
    if outcome not in moving.OUTCOMES:
        raise Http404
    ranking, given, error = queries.ranking(staff.id, outcome), None, ""
    if request.method == "POST" and ranking is not None:
        given = {name: request.POST.get(name, "")[:2] for name in ranking.names}
        try:
            commands.believe(by=staff.id, outcome=outcome, order=moving.ordered(given))
        except Refused as refused:
            error = _refusal(refused)
        else:
            messages.success(request, _("Noted. Here is what the data say."))
            return redirect("web:drivers-of", outcome)
    context: dict[str, Any] = {
        "ranking": ranking,
        "outcome": outcome,
        "error": error,
        "outcomes": moving.OUTCOMES,
    }
    if ranking is not None:
        context |= {
            "shown": moving.shown(ranking),
            "slips": moving.slips(ranking, given),
            "places": range(1, len(ranking.names) + 1),
            "refused": moving.refusal(ranking),
            "unmeasured": moving.unmeasured(ranking.unmeasured),
        }
    context["question"] = moving.OUTCOMES[outcome][1]
    return render(request, "web/drivers.html", context, status=422 if error else 200)


@require_http_methods(["GET", "POST"])
@staff_only
def discipline(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Show what the company leads with, by its words and as customers live it; take its words."""
    village.require(staff.id, insight.READ)
    given, error = None, ""
    if request.method == "POST":
        given = {name: request.POST.get(name, "")[:MOST] for name in DISCIPLINES}
        try:
            commands.lead(by=staff.id, weights=leading.weights(given))
        except Refused as refused:
            error = _refusal(refused)
        else:
            messages.success(request, _("Noted. It counts from now on."))
            return redirect("web:discipline")
    at = queries.standpoint()
    context = {
        "stands": leading.stands(at),
        "parts": leading.parts(at, given),
        "may": commands.LEAD in staff.acts,
        "error": error,
    }
    return render(request, "web/discipline.html", context, status=422 if error else 200)


@require_GET
@staff_only
def after(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Show what follows a bad experience; where asked, who may leave: that it was read is noted."""
    village.require(staff.id, insight.READ)
    kept = queries.afterwards()
    context: dict[str, Any] = {"followed": leaving.followed(kept.content) if kept else None}
    if "who" in request.GET:
        found = going.regulars()
        context |= {"asked": True, "refused": why(found) if isinstance(found, Withheld) else ""}
        if isinstance(found, going.Regulars):
            insight.look_at_all(by=staff.id, people=[one.person for one in found.going])
            context |= {"regulars": found.people, "leavers": leaving.leavers(found)}
    return render(request, "web/leaving.html", context)


def _refusal(refused: Refused) -> str:
    """Return a refusal as a sentence on the form; raise what no form can mend."""
    if refused.code == "village.may_not":
        raise refused
    return words.sentence(refused)
