"""Returns: started by a customer without questions; decided and noted by who works here."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kfar.doors.web import returning as laid
from kfar.doors.web.returning import DecideForm, StartForm
from kfar.doors.web.who import customers_only, staff_only
from kfar.doors.words import sentence
from kfar.ground.errors import Refused
from kfar.ground.money import Money
from kfar.loop import returning
from kfar.rooms.customers import queries as people
from kfar.rooms.service.commands import REMEDY
from kfar.rooms.service.returns import commands, queries
from kfar.rooms.service.returns.queries import Returned
from kfar.rooms.service.returns.rules import TOGETHER, State
from kfar.rooms.touchpoints.buying import Purchase
from kfar.rooms.village import queries as village
from kfar.rooms.village.queries import Staff
from kfar.rooms.voice.rules import MOST


@require_GET
@customers_only
def mine(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """Show what the customer sent back, and find a purchase by its reference."""
    reference = request.GET.get("purchase", "")[:200]
    if reference:
        found = returning.purchase(customer_id, reference=reference)
        if found is not None:
            return redirect("web:return-start", found.id)
    rows = [(one, laid.stands(one)) for one in queries.of_customer(customer_id)]
    context = {"returns": rows, "reference": reference}
    return render(request, "web/me_returns.html", context, status=404 if reference else 200)


@require_http_methods(["GET", "POST"])
@customers_only
def start(request: HttpRequest, customer_id: UUID, purchase_id: UUID) -> HttpResponse:
    """Choose what goes back, and nothing else."""
    found = returning.purchase(customer_id, occasion=purchase_id)
    if found is None:
        raise Http404
    form = StartForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        left = {choice.line.touch_id: choice.left for choice in returning.choices(found)}
        try:
            made = returning.start(
                by=customer_id,
                found=found,
                chosen=laid.chosen(request.POST, left),
                words=form.cleaned_data["words"],
                language=translation.get_language() or "en",
                once=form.cleaned_data["once"],
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            return redirect("web:my-return", made)
    return _choosing(request, found, form)


def _choosing(request: HttpRequest, found: Purchase, form: StartForm) -> HttpResponse:
    choices = returning.choices(found)
    rows = [
        (choice, f"line-{choice.line.touch_id}" in request.POST,
         request.POST.get(f"units-{choice.line.touch_id}", choice.left))
        for choice in choices
    ]  # fmt: skip
    context = {
        "purchase": found,
        "rows": rows,
        "any": any(choice.left for choice in choices),
        "form": form,
        "most": MOST,
    }
    return render(request, "web/return_start.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@customers_only
def my_own(request: HttpRequest, customer_id: UUID, return_id: UUID) -> HttpResponse:
    """Show one return with its label; take the word that it was sent, or is kept after all."""
    if request.method == "POST":
        if request.POST.get("act") == "sent":
            commands.send(by=customer_id, return_id=return_id)
        elif request.POST.get("act") == "keep":
            commands.take_back(by=customer_id, return_id=return_id)
        return redirect("web:my-return", return_id)
    one = _own(customer_id, return_id)
    context = {
        "one": one,
        "stands": laid.stands(one),
        "label": one.state in {State.WAITING, State.MONEY_BACK, State.SENT},
        "may_keep": one.arrived_at is None and one.state not in {State.TAKEN_BACK, State.REFUSED},
    }
    return render(request, "web/me_return.html", context)


@require_GET
@customers_only
def picture(_request: HttpRequest, customer_id: UUID, return_id: UUID) -> HttpResponse:
    """Give the QR code of a return of theirs."""
    response = HttpResponse(laid.qr(_own(customer_id, return_id)), content_type="image/svg+xml")
    response["Cache-Control"] = "private"
    return response


@require_http_methods(["GET", "POST"])
@staff_only
def returns(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Show what waits, what is on its way, what came, and what is striking; take a code."""
    village.require(staff.id, commands.RETURN)
    typed, wrong = request.POST.get("code", "")[:400], ""
    if request.method == "POST":
        found = queries.by_code(typed)
        if found is not None:
            return redirect("web:return", found.code)
        wrong = sentence(Refused("returns.unknown_code"))
    groups = [
        ("waiting", _("Wait for a decision today"), queries.waiting()),
        ("way", _("Money back, not here yet"), queries.on_the_way()),
        ("came", _("Came lately"), queries.arrived()),
    ]
    patterns = returning.patterns()
    ids = [one.customer_id for _key, _title, group in groups for one in group]
    context = {
        "groups": groups,
        "patterns": patterns,
        "people": people.people([*ids, *(one.person for one in patterns)]),
        "terms": [
            (category, term.days, Money(term.most, settings.KFAR_CURRENCY))
            for category, term in queries.terms().items()
        ],
        "together": TOGETHER.days,
        "typed": typed,
        "wrong": wrong,
    }
    return render(request, "web/returns.html", context, status=422 if wrong else 200)


@require_GET
@staff_only
def one(request: HttpRequest, staff: Staff, code: str) -> HttpResponse:
    """Show one return, with what may be done about it."""
    village.require(staff.id, commands.RETURN)
    return _page(request, staff, _coded(code))


@require_POST
@staff_only
def arrive(request: HttpRequest, staff: Staff, code: str) -> HttpResponse:
    """Note that it is here."""
    commands.arrive(by=staff.id, code=code)
    messages.success(request, _("Noted: it is here. The customer is told now."))
    return redirect("web:return", code)


@require_POST
@staff_only
def decide(request: HttpRequest, staff: Staff, code: str) -> HttpResponse:
    """Give the money back, or say why not."""
    village.require(staff.id, commands.RETURN)
    found, form = _coded(code), DecideForm(request.POST)
    if form.is_valid():
        yes = request.POST.get("yes") == "yes"
        try:
            commands.decide(
                by=staff.id, return_id=found.id, yes=yes, words=form.cleaned_data["words"]
            )
        except Refused as refused:
            if refused.code == "village.may_not":
                raise
            form.add_error("words", sentence(refused))
        else:
            messages.success(request, _("Done. The customer is told now."))
            return redirect("web:return", code)
    return _page(request, staff, found, form)


def _page(
    request: HttpRequest, staff: Staff, found: Returned, form: DecideForm | None = None
) -> HttpResponse:
    context = {
        "one": found,
        "stands": laid.stands(found),
        "doubts": [laid.DOUBTS[doubt] for doubt in found.doubts],
        "person": people.person(found.customer_id),
        "pattern": returning.pattern(found.customer_id),
        "may_decide": REMEDY in staff.acts and found.state is State.WAITING,
        "may_arrive": found.arrived_at is None
        and found.state not in {State.TAKEN_BACK, State.REFUSED},
        "form": form or DecideForm(),
    }
    return render(request, "web/return.html", context, status=422 if form else 200)


def _coded(code: str) -> Returned:
    found = queries.by_code(code)
    if found is None:
        raise Refused("returns.not_found")
    return found


def _own(customer_id: UUID, return_id: UUID) -> Returned:
    found = queries.one(return_id)
    if found is None or found.customer_id not in people.selves(customer_id):
        raise Refused("returns.not_found")
    return found
