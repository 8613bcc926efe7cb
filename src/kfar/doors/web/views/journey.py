"""A customer's own journey, and what they agreed to."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from kfar.doors import links, looking
from kfar.doors.web import journeys
from kfar.doors.web.forms import PURPOSES
from kfar.doors.web.keeping import HEARING, WAYS
from kfar.doors.web.who import customers_only
from kfar.lake import audit
from kfar.rooms.customers import commands as customers
from kfar.rooms.customers import queries as people
from kfar.rooms.decisions import notices
from kfar.rooms.promises import queries as promises
from kfar.rooms.voice import queries as voices


@require_GET
@customers_only
def journey(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """Show the customer's own journey, first touch to today."""
    context = {
        "person": people.person(customer_id),
        "voices": [
            (v, links.good(v.id, customer_id))
            for v in voices.of_customer(customer_id)
            if v.stands == "told"
        ],
    }
    return journeys.page(request, "web/journey.html", {customer_id: ""}, mine=True, context=context)


@require_GET
@customers_only
def me(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """Show what is known of the customer, what they agreed to, and who looked."""
    return about_me(request, customer_id)


def about_me(
    request: HttpRequest, customer_id: UUID, *, name: str | None = None, wrong: str = ""
) -> HttpResponse:
    """Return that page; with the name that was written, and what is wrong with it."""
    context = {
        "name": name,
        "name_wrong": [wrong] if wrong else [],
        "person": people.person(customer_id),
        "purposes": PURPOSES,
        "lines": looking.who_looked(audit.lines(people.selves(customer_id))),
        "sees": looking.who_sees(),
        "promises": promises.to_customer(customer_id)[:5],
        "hearing": [
            (code, label, people.ways(code, [customer_id]).get(customer_id, people.BY_EMAIL))
            for code, label in HEARING
        ],
        "ways": WAYS,
        "changes": [n for n, _own in notices.put_to(customer_id)],
    }
    return render(request, "web/me.html", context, status=422 if wrong else 200)


@require_POST
@customers_only
def consent(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """Take a yes or a no."""
    given, purpose = request.POST.get("given") == "yes", request.POST.get("purpose", "")
    customers.consent(by=customer_id, purpose=purpose, given=given, source="web")
    said = {
        (people.ASK, True): _("Thank you. From now on you are asked."),
        (people.ASK, False): _("You are not asked any more."),
    }
    noted = _("Thank you. It counts from now on.") if given else _("It is not done any more.")
    messages.success(request, said.get((purpose, given), noted))
    return redirect("web:me")


@require_POST
@customers_only
def hearing(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """Take how the customer wants to hear of something."""
    about, way = request.POST.get("about", ""), request.POST.get("way", "")
    customers.choose_way(by=customer_id, purpose=about, way=way)
    messages.success(request, _("Thank you. It counts from now on."))
    return redirect("web:me")
