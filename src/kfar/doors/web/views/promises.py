"""The company's record: what was promised, and whether it was kept. Open to everybody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kfar.doors import links
from kfar.doors.web import keeping, who
from kfar.doors.web.forms import KeepForm
from kfar.doors.web.keeping import AllForm, BreakForm, MoveForm
from kfar.doors.web.who import customers_only, staff_only
from kfar.ground.errors import Refused
from kfar.rooms.promises import commands, ending, queries
from kfar.rooms.promises.in_return import queries as in_return
from kfar.rooms.village import queries as village
from kfar.rooms.village.queries import Staff
from kfar.rooms.voice import queries as voices


@require_GET
def record(request: HttpRequest) -> HttpResponse:
    """Show the record; the words of a promise to one customer are for staff and that customer."""
    return _page(request)


@require_POST
@staff_only
def keep(request: HttpRequest, staff: Staff, promise_id: UUID) -> HttpResponse:
    """Say that a promise was kept, and how."""
    form = KeepForm(request.POST)

    def act() -> str:
        commands.keep(by=staff.id, promise_id=promise_id, how=form.cleaned_data["how"])
        return _("Kept. Everyone it was given to is told now.")

    return _do(request, act, promise_id, form=form)


@require_POST
@staff_only
def move(request: HttpRequest, staff: Staff, promise_id: UUID) -> HttpResponse:
    """Promise the same for another day."""
    form = MoveForm(request.POST)

    def act() -> str:
        data = form.cleaned_data
        ending.move(by=staff.id, promise_id=promise_id, due=data["due"], why=data["why"])
        return _("Moved. Both days stay on record, and everyone is told.")

    return _do(request, act, promise_id, move_form=form)


@require_POST
@staff_only
def break_it(request: HttpRequest, staff: Staff, promise_id: UUID) -> HttpResponse:
    """Say that a promise is not kept, and why."""
    form = BreakForm(request.POST)

    def act() -> str:
        ending.break_promise(by=staff.id, promise_id=promise_id, why=form.cleaned_data["why"])
        return _("Noted as broken. Everyone it was given to is told why.")

    return _do(request, act, promise_id, break_form=form)


@require_http_methods(["GET", "POST"])
@staff_only
def to_all(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Promise everybody something."""
    village.require(staff.id, commands.PUBLIC)
    form = AllForm(request.POST if request.method == "POST" else None, by=staff.id)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            commands.promise_all(
                by=staff.id,
                text=form.texts,
                owner=data["owner"] or staff.id,
                due=data["due"],
                once=data["once"],
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("Promised, for everybody to read."))
            return redirect("web:promises")
    status = 422 if form.errors else 200
    return render(request, "web/promise_all.html", {"form": form}, status=status)


@require_POST
@customers_only
def release(request: HttpRequest, customer_id: UUID, promise_id: UUID) -> HttpResponse:
    """Take the customer's word that they need it no more."""
    ending.release(by=customer_id, promise_id=promise_id)
    messages.success(request, _("Thank you for saying so. Nobody owes you this any more."))
    return redirect("web:me-promises")


@require_http_methods(["GET", "POST"])
def by_link(request: HttpRequest, token: str) -> HttpResponse:
    """Show a promise to whoever has its letter, and take their word that they need it no more.

    Only a POST says so: programs that look at links in mails release nobody.
    """
    promise_id, customer_id = links.opened(token, "promise")
    who.greet(request, customer_id)
    if request.method == "POST":
        ending.release(by=customer_id, promise_id=promise_id)
        return redirect("web:promise-by", token)
    found = queries.promise(promise_id)
    if found is None:
        raise Refused("promises.not_found")
    context = {"promise": found, "released": queries.released_by(customer_id), "token": token}
    return render(request, "web/promise_by.html", context)


def _do(
    request: HttpRequest, act: Callable[[], str], promise_id: UUID, **forms: Any
) -> HttpResponse:
    """Act, say so and show the record anew; or show it with what was written and why not."""
    [form] = forms.values()
    if form.is_valid():
        try:
            messages.success(request, act())
        except Refused as refused:
            form.refuse(refused)
        else:
            return redirect("web:promises")
    return _page(request, status=422, at=promise_id, **forms)


def _page(
    request: HttpRequest, status: int = 200, at: UUID | None = None, **forms: Form
) -> HttpResponse:
    staff = who.staff(request)
    kept_by_month = queries.discipline_by_month()
    may_mark = staff is not None and commands.PROMISE in staff.acts and "promises" in staff.sees
    context = {
        "record": queries.record(),
        "discipline": queries.discipline(),
        "kept_by_month": kept_by_month,
        "chart": keeping.months(kept_by_month),
        "told": voices.telling(),
        "told_by_month": voices.telling_by_month(),
        "whys": keeping.WHY,
        "waiting": queries.waiting(),
        "kept": queries.kept(),
        "broken": queries.broken(),
        "form": KeepForm(),
        "move_form": MoveForm(),
        "break_form": BreakForm(),
        "at": at,
        "back": in_return.counts(),
        "in_return": in_return.open_ones() if may_mark else [],
        "may_mark": may_mark,
        "may_keep": staff is not None and commands.PROMISE in staff.acts,
        "may_promise_all": staff is not None and commands.PUBLIC in staff.acts,
    }
    return render(request, "web/promises.html", context | forms, status=status)
