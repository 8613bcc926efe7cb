"""Customers promise something in return: asked for or offered, taken back, done."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kfar.doors import links
from kfar.doors.web import who
from kfar.doors.web.in_return import ReturnForm
from kfar.doors.web.who import customers_only, staff_only
from kfar.ground.errors import Refused
from kfar.rooms.promises import queries as record
from kfar.rooms.promises.in_return import commands, queries
from kfar.rooms.village.queries import Staff


@require_GET
@customers_only
def mine(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """Show a customer what was promised to them, and what they promised."""
    return _page(request, customer_id, ReturnForm())


@require_POST
@customers_only
def offer(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """Take a promise nobody asked for."""
    form = ReturnForm(request.POST)
    if form.is_valid():
        try:
            commands.offer(
                by=customer_id,
                kind=form.cleaned_data["kind"],
                about=form.cleaned_data["about"],
                words=form.cleaned_data["words"],
                language=get_language() or "en",
                due=form.cleaned_data["due"],
                once=form.cleaned_data["once"],
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("Thank you. It can be taken back here at any time."))
            return redirect("web:me-promises")
    return _page(request, customer_id, form, status=422)


@require_POST
@customers_only
def say(request: HttpRequest, customer_id: UUID, promise_id: UUID) -> HttpResponse:
    """Take the customer's word on one of theirs: yes, no, or done."""
    messages.success(request, _say(customer_id, promise_id, request.POST.get("word", "")))
    return redirect("web:me-promises")


@require_http_methods(["GET", "POST"])
def by_link(request: HttpRequest, token: str) -> HttpResponse:
    """Take the same from whoever has the letter. Only a POST says anything."""
    promise_id, customer_id = links.opened(token, "in-return")
    who.greet(request, customer_id)
    if request.method == "POST":
        messages.success(request, _say(customer_id, promise_id, request.POST.get("word", "")))
        return redirect("web:in-return-by", token)
    found = queries.given(promise_id)
    if found is None:
        raise Refused("promises.not_found")
    return render(request, "web/in_return_by.html", {"given": found})


@require_POST
@staff_only
def mark(request: HttpRequest, staff: Staff, promise_id: UUID) -> HttpResponse:
    """Note, as who works here, that a customer did what they promised."""
    commands.mark(by=staff.id, promise_id=promise_id, how=request.POST.get("how", ""))
    messages.success(request, _("Noted as done."))
    found = queries.given(promise_id)
    if found is None or found.voice_id is None:
        return redirect("web:promises")
    return redirect("web:voice", found.voice_id)


def _say(customer_id: UUID, promise_id: UUID, word: str) -> str:
    """Do what a customer's word says; return what they are told."""
    match word:
        case "yes":
            commands.agree(by=customer_id, promise_id=promise_id)
            return _("Thank you. It can be taken back here at any time.")
        case "done":
            commands.done(by=customer_id, promise_id=promise_id)
            return _("Thank you. It is noted as done.")
        case "no":
            commands.withdraw(by=customer_id, promise_id=promise_id)
            return _("Noted. Nothing follows from it.")
    raise Refused("promises.not_found")


def _page(
    request: HttpRequest, customer_id: UUID, form: ReturnForm, status: int = 200
) -> HttpResponse:
    context = {
        "promises": record.to_customer(customer_id),
        "released": record.released_by(customer_id),
        "in_return": queries.of_customer(customer_id),
        "return_form": form,
    }
    return render(request, "web/me_promises.html", context, status=status)
