"""Asking a question, and taking it back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from kfar.doors.methods import METHODS
from kfar.doors.web.asking import QuestionForm, WithdrawForm
from kfar.doors.web.declared import declared
from kfar.doors.web.views import questions
from kfar.doors.web.who import staff_only
from kfar.ground.errors import Refused
from kfar.rooms.customers import accounts
from kfar.rooms.customers import queries as customers
from kfar.rooms.decisions import commands
from kfar.rooms.decisions.proving.manifest import Manifest
from kfar.rooms.decisions.rules import OPEN
from kfar.rooms.village import queries as village
from kfar.rooms.village.queries import Staff


@require_http_methods(["GET", "POST"])
@staff_only
def ask(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Put a question to customers: fill in, look at what will be fixed, ask."""
    village.require(staff.id, commands.ASK)
    form = QuestionForm(request.POST or None, request.FILES or None)
    step = request.POST.get("step")
    if form.is_valid() and step != "change":
        act = {"by": staff.id, "draft": form.draft(), "once": form.cleaned_data["once"]}
        try:
            if step != "ask":
                return render(request, "web/ask_sure.html", _sure(form, commands.declare(**act)))
            question_id = commands.ask(**act)
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _asked(act["draft"].audience))
            return redirect("web:question", question_id)
    context = {"form": form, "asked": len(customers.agreed(customers.ASK))}
    return render(request, "web/ask.html", context, status=422 if form.errors else 200)


def _asked(audience: str) -> str:
    if audience in OPEN:
        return _("Asked. Share the address to vote at: whoever comes may answer.")
    return _("Asked. Everyone who is asked gets a mail now.")


def _sure(form: QuestionForm, manifest: Manifest) -> dict[str, Any]:
    company = accounts.account(UUID(manifest.account)) if manifest.account else None
    costs = manifest.rule.costs or ("",) * len(manifest.options)
    return {
        "form": form,
        "manifest": manifest,
        "method": METHODS[manifest.rule.method],
        "facts": declared(manifest, company.name if company else ""),
        "pledges": questions.pledges(manifest),
        "options": [
            {"text": text, "picture": picture, "cost": cost}
            for text, picture, cost in zip(manifest.options, manifest.pictures, costs, strict=True)
        ],
    }


@require_POST
@staff_only
def withdraw(request: HttpRequest, staff: Staff, question_id: UUID) -> HttpResponse:
    """Take a question back; everyone who was asked is told why."""
    form = WithdrawForm(request.POST)
    if form.is_valid():
        try:
            commands.withdraw(by=staff.id, question_id=question_id, reason=form.texts("reason"))
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("Taken back. Everyone who was asked is told why."))
            return redirect("web:question", question_id)
    context = questions.shown(request, questions.one(question_id)) | {"withdrawal": form}
    return render(request, "web/question.html", context, status=422)
