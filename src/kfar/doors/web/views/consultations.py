"""Consultations: taking part, what came out, and what those who opened them do."""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from allauth.core import ratelimit
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRefresh

from kfar.doors import links, words
from kfar.doors.web import opinions, receipts, who
from kfar.doors.web.consulting import AUDIENCES, MODERATIONS, ConsultationForm
from kfar.doors.web.speakers import remember, speaker
from kfar.doors.web.views import errors
from kfar.doors.web.views.errors import too_many
from kfar.doors.web.who import staff_only
from kfar.ground.errors import Refused
from kfar.rooms.customers import queries as customers
from kfar.rooms.decisions.commands import ASK
from kfar.rooms.decisions.consultations import commands, publishing, queries
from kfar.rooms.decisions.consultations.commands import Speaker
from kfar.rooms.decisions.consultations.queries import Consulted
from kfar.rooms.decisions.consultations.rules import MOST_STATEMENT, State
from kfar.rooms.promises import queries as promises
from kfar.rooms.village import queries as village
from kfar.rooms.village.queries import Staff

#: What the buttons say, by what they send.
VOTES = {"agree": 1, "pass": 0, "disagree": -1}


@require_GET
def consultations(request: HttpRequest) -> HttpResponse:
    """Show what is talked about and what came out. Open to everybody."""
    context = {"consultations": queries.consultations(), "may_ask": _may(request)}
    return render(request, "web/consultations.html", context)


@require_http_methods(["GET", "POST"])
@staff_only
def consult(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Open a consultation."""
    village.require(staff.id, ASK)
    form = ConsultationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        once = form.cleaned_data["once"]
        try:
            commands.consult(by=staff.id, draft=form.draft(), once=once)
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("Opened. Everyone who agreed to be asked gets a mail now."))
            return redirect("web:consultation", once)
    context = {
        "form": form,
        "audiences": AUDIENCES,
        "moderations": MODERATIONS,
        "asked": len(customers.agreed(customers.ASK)),
    }
    return render(request, "web/consult.html", context, status=422 if form.errors else 200)


@require_GET
def by_link(request: HttpRequest, token: str) -> HttpResponse:
    """Let a customer in by the link in their letter; looking at it casts no vote."""
    consultation_id, customer_id = links.opened(token, "consult")
    who.greet(request, customer_id)
    response = redirect("web:consultation", consultation_id)
    remember(response, consultation_id, Speaker(customer_id))
    return response


@require_GET
def consultation(request: HttpRequest, consultation_id: UUID) -> HttpResponse:
    """Ask about one statement at a time; where it has closed, show what came out."""
    one = _one(consultation_id)
    if not one.open:
        return _results(request, one)
    return _part(request, one, speaker(request, one.id))


@require_POST
def vote(request: HttpRequest, consultation_id: UUID) -> HttpResponse:
    """Take a vote, and ask about the next statement.

    htmx shows no answer that says no: there the whole page is loaded anew, and says why.
    """
    one, by = _one(consultation_id), speaker(request, consultation_id)
    if _new(one, by) and not ratelimit.consume(request, action="take_part"):
        answer = too_many(request)
        return _anew(request, _("Please wait a few minutes and try again."), answer)
    number = request.POST.get("number", "")
    try:
        participant = commands.vote(
            by=by,
            consultation_id=one.id,
            number=int(number) if number.isdecimal() else 0,
            vote=VOTES.get(request.POST.get("vote", ""), 2),
            nonce=request.POST.get("nonce", ""),
        )
    except Refused as refused:
        return _anew(request, words.sentence(refused), errors.refused(request, refused))
    if by.customer_id is None:
        by = Speaker(participant=participant)
    if request.htmx:  # type: ignore[attr-defined]
        response = render(request, "web/parts/turn.html", _asked(one, by) | {"again": True})
    else:
        response = redirect("web:consultation", one.id)
    return _remembered(response, one, by)


@require_POST
def say(request: HttpRequest, consultation_id: UUID) -> HttpResponse:
    """Take a statement."""
    one, by = _one(consultation_id), speaker(request, consultation_id)
    if _new(one, by) and not ratelimit.consume(request, action="take_part"):
        return too_many(request)
    text = request.POST.get("text", "")
    try:
        participant, state = commands.say(
            by=by, consultation_id=one.id, text=text, language=get_language() or ""
        )
    except Refused as refused:
        return _part(request, one, by, text=text, refused=refused)
    thanks = _("Thank you: others are asked about it now.")
    waits = _("Thank you: once somebody here has looked at it, others are asked about it.")
    messages.success(request, thanks if state is State.SHOWN else waits)
    if by.customer_id is None:
        by = Speaker(participant=participant)
    return _remembered(redirect("web:consultation", one.id), one, by)


@require_GET
def receipt(request: HttpRequest, consultation_id: UUID) -> HttpResponse:
    """Give somebody the receipt of all they voted, as a file."""
    return receipts.given(queries.receipt(consultation_id, speaker(request, consultation_id)))


@require_GET
def results(request: HttpRequest, consultation_id: UUID) -> HttpResponse:
    """Show what it says so far, or what came out."""
    return _results(request, _one(consultation_id))


@require_GET
def published(request: HttpRequest, consultation_id: UUID, name: str) -> HttpResponseBase:
    """Give votes and outcome as programs for such read them, once it has closed."""
    one = _one(consultation_id)
    if one.closed_at is None:
        raise Http404
    if name == "votes.csv":
        return StreamingHttpResponse(publishing.votes_csv(one.id), content_type="text/csv")
    outcome = queries.outcome(one.id)
    return HttpResponse(outcome.to_json() if outcome else "", content_type="application/json")


@require_http_methods(["GET", "POST"])
@staff_only
def moderate(request: HttpRequest, staff: Staff, consultation_id: UUID) -> HttpResponse:
    """Show the statements: those that wait first; let one in, or take it out."""
    village.require(staff.id, ASK)
    one = _one(consultation_id)
    refused, at = None, request.POST.get("statement", "")
    if request.method == "POST":
        try:
            _decide(staff, at, request.POST)
        except Refused as error:
            if error.code not in {"consultations.why_missing", "decisions.too_long"}:
                raise
            refused = error
        else:
            return redirect("web:moderate", one.id)
    said = [(state, queries.statements(one.id, state)) for state in State]
    context = {
        "one": one,
        "groups": said,
        "refused": refused,
        "at": at,
        "why": request.POST.get("why", ""),
    }
    return render(request, "web/moderate.html", context, status=422 if refused else 200)


def _decide(staff: Staff, at: str, said: Any) -> None:
    try:
        statement_id = UUID(at)
    except ValueError:
        raise Refused("consultations.no_such_statement") from None
    if said.get("act") == "in":
        commands.let_in(by=staff.id, statement_id=statement_id)
    else:
        commands.take_out(by=staff.id, statement_id=statement_id, reason=said.get("why", ""))


def _part(
    request: HttpRequest,
    one: Consulted,
    by: Speaker,
    text: str = "",
    refused: Refused | None = None,
) -> HttpResponse:
    here = reverse("web:consultation", args=[one.id])
    context = _asked(one, by) | {
        "promise": None,
        "asked_by": village.names([one.asked_by]).get(one.asked_by, ""),
        "most": MOST_STATEMENT,
        "text": text,
        "refused": refused,
        "may_ask": _may(request),
        "sign_in": f"{reverse(settings.LOGIN_URL)}?{urlencode({'next': here})}",
    }
    response = render(request, "web/consultation.html", context, status=422 if refused else 200)
    response["Cache-Control"] = "private"
    return response


def _asked(one: Consulted, by: Speaker) -> dict[str, Any]:
    own = queries.place(one.id, by)
    return {
        "one": one,
        "turn": queries.turn(one.id, by, secrets.token_hex(8)),
        "own": own,
        "own_group": opinions.NAMES[own.group] if own and own.group is not None else "",
        "may_speak": by.customer_id is not None or one.to_anybody,
    }


def _results(request: HttpRequest, one: Consulted) -> HttpResponse:
    by, outcome = speaker(request, one.id), queries.outcome(one.id)
    if outcome is None:
        raise Refused("consultations.not_found")
    own = queries.place(one.id, by)
    said = {statement.number: statement for statement in queries.statements(one.id)}
    asked_most = sorted(outcome.statements, key=lambda s: (-sum(s.everybody), s.number))
    context = {
        "one": one,
        "outcome": outcome,
        "map": opinions.draw(outcome.dots, own),
        "own": own,
        "own_group": opinions.NAMES[own.group] if own and own.group is not None else "",
        "groups": opinions.groups(outcome, said),
        "agreed": opinions.rows(outcome, said, outcome.agreed, own),
        "rejected": opinions.rows(outcome, said, outcome.rejected, own),
        "divides": opinions.rows(outcome, said, [d.number for d in outcome.divides], own),
        "rows": opinions.rows(outcome, said, [s.number for s in asked_most], own),
        "promise": promises.for_question(one.id),
        "asked_by": village.names([one.asked_by]).get(one.asked_by, ""),
        "may_ask": _may(request),
    }
    return render(request, "web/consulted.html", context)


def _one(consultation_id: UUID) -> Consulted:
    found = queries.consultation(consultation_id)
    if found is None:
        raise Refused("consultations.not_found")
    return found


def _may(request: HttpRequest) -> bool:
    staff = who.staff(request)
    return staff is not None and ASK in staff.acts


def _anew(request: HttpRequest, why: str, otherwise: HttpResponse) -> HttpResponse:
    if not request.htmx:  # type: ignore[attr-defined]
        return otherwise
    messages.error(request, why)
    return HttpResponseClientRefresh()


def _remembered(response: HttpResponse, one: Consulted, by: Speaker) -> HttpResponse:
    """Let a browser come again as who it was; a customer is known by signing in, or the link."""
    if by.customer_id is None:
        remember(response, one.id, by)
    return response


def _new(one: Consulted, by: Speaker) -> bool:
    """Return whether somebody whom nobody knows begins to take part."""
    return one.to_anybody and by == Speaker()
