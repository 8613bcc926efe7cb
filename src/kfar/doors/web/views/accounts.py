"""For the people who serve customers: a customer's whole journey, and companies with theirs."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kfar.doors.web import journeys
from kfar.doors.web.forms import AccountForm, JoinForm, NoteForm
from kfar.doors.web.who import staff_only
from kfar.doors.words import called
from kfar.ground.errors import Refused
from kfar.rooms.customers import accounts as companies
from kfar.rooms.customers import queries as customers
from kfar.rooms.customers.queries import Person
from kfar.rooms.touchpoints import commands as touchpoints
from kfar.rooms.village import queries as village
from kfar.rooms.village.notes import queries as notes
from kfar.rooms.village.queries import Staff


@require_GET
@staff_only
def customer(request: HttpRequest, staff: Staff, customer_id: UUID) -> HttpResponse:
    """Show a customer's journey, first touch to today; that it was read is noted."""
    person = customers.person(customer_id)
    if person is None:
        raise Http404
    touchpoints.read(by=staff.id, people=[person.id])
    context = {
        "person": person,
        "accounts": companies.accounts_of(person.id),
        "merges": "customers.merge" in staff.acts,
        "notes": notes.of_customer(customers.selves(person.id)),
        "note_form": NoteForm(),
    }
    return journeys.page(request, "web/customer.html", {person.id: ""}, context=context)


@require_http_methods(["GET", "POST"])
@staff_only
def accounts(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Show the business customers; take a new one."""
    village.require(staff.id, "touchpoints.read")
    form = AccountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return redirect("web:account", companies.begin(by=staff.id, **form.cleaned_data))
        except Refused as refused:
            form.refuse(refused)
    may = companies.JOIN in staff.acts
    context = {"accounts": companies.accounts(), "form": form, "may": may}
    return render(request, "web/accounts.html", context, status=422 if form.errors else 200)


@require_GET
@staff_only
def account(request: HttpRequest, staff: Staff, account_id: UUID) -> HttpResponse:
    """Show an account: its people, and what all of them did, on one line."""
    return _account(request, staff, account_id, JoinForm())


@require_POST
@staff_only
def join(request: HttpRequest, staff: Staff, account_id: UUID) -> HttpResponse:
    """Note that a customer, known by their address, has a part in an account."""
    form = JoinForm(request.POST)
    if form.is_valid():
        try:
            found = customers.by_handle("email", form.cleaned_data["email"])
            if found is None:
                raise Refused("customers.unknown_address")
            part = form.cleaned_data["part"]
            companies.join(by=staff.id, account_id=account_id, customer_id=found, part=part)
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("Noted."))
            return redirect("web:account", account_id)
    return _account(request, staff, account_id, form)


@require_POST
@staff_only
def leave(request: HttpRequest, staff: Staff, account_id: UUID, customer_id: UUID) -> HttpResponse:
    """Note that a customer has a part in an account no longer."""
    part = request.POST.get("part", "")
    companies.leave(by=staff.id, account_id=account_id, customer_id=customer_id, part=part)
    messages.success(request, _("Noted."))
    return redirect("web:account", account_id)


def _account(request: HttpRequest, staff: Staff, account_id: UUID, form: JoinForm) -> HttpResponse:
    company = companies.account(account_id)
    if company is None:
        raise Http404
    members = companies.people_of(account_id)
    people = customers.people(member.customer_id for member in members)
    touchpoints.read(by=staff.id, people=people)
    context = {
        "account": company,
        "members": [(member, people[member.customer_id]) for member in members],
        "form": form,
        "may": companies.JOIN in staff.acts,
    }
    response = journeys.page(request, "web/account.html", _called(people.values()), context=context)
    response.status_code = 422 if form.errors else 200
    return response


def _called(people: Iterable[Person]) -> dict[UUID, str]:
    """Return what each of these people is called."""
    return {person.id: called(person) for person in people}
