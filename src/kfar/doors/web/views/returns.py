"""Returns: started by a customer without questions; decided and noted by who works here."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kfar.doors.web import returning as laid
from kfar.doors.web.returning import DecideForm
from kfar.doors.web.views.sending_back import StartPage, drawn, note, own, shown, starting
from kfar.doors.web.who import customers_only, staff_only
from kfar.doors.words import sentence
from kfar.ground.errors import Refused
from kfar.ground.money import Money
from kfar.loop import returning
from kfar.rooms.customers import queries as people
from kfar.rooms.service.clocks import queries as clocks
from kfar.rooms.service.commands import REMEDY
from kfar.rooms.service.returns import commands, queries
from kfar.rooms.service.returns.queries import Returned
from kfar.rooms.service.returns.rules import TOGETHER, State
from kfar.rooms.village import queries as village
from kfar.rooms.village.queries import Staff


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
    act = partial(returning.start, by=customer_id, found=found)
    page = StartPage(found, partial(redirect, "web:my-return"))
    return starting(request, page, act)


@require_http_methods(["GET", "POST"])
@customers_only
def my_own(request: HttpRequest, customer_id: UUID, return_id: UUID) -> HttpResponse:
    """Show one return with its label; take the word that it was sent, or is kept after all."""
    if request.method == "POST":
        note(request, customer_id, return_id)
        return redirect("web:my-return", return_id)
    return shown(
        request, own(customer_id, return_id), reverse("web:my-return-qr", args=[return_id])
    )


@require_GET
@customers_only
def picture(_request: HttpRequest, customer_id: UUID, return_id: UUID) -> HttpResponse:
    """Give the QR code of a return of theirs."""
    return drawn(own(customer_id, return_id))


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
        ("waiting", _("Wait for a decision"), queries.waiting()),
        ("way", _("Money back, not here yet"), queries.on_the_way()),
        ("came", _("Came lately"), queries.arrived()),
    ]
    patterns = returning.patterns()
    ids = [one.customer_id for _key, _title, group in groups for one in group]
    context = {
        "groups": groups,
        "due": clocks.left((one.id, one.due_at) for one in groups[0][2]),
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
