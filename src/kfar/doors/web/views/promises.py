"""The company's record: what was promised, and whether it was kept. Open to everybody."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from kfar.doors.web import who
from kfar.doors.web.forms import KeepForm
from kfar.doors.web.who import staff_only
from kfar.ground.errors import Refused
from kfar.rooms.promises import commands, queries
from kfar.rooms.village.queries import Staff


@require_GET
def record(request: HttpRequest) -> HttpResponse:
    """Show the record; the words of a promise to one customer are for staff and that customer."""
    return _page(request)


@require_POST
@staff_only
def keep(request: HttpRequest, staff: Staff, promise_id: UUID) -> HttpResponse:
    """Say that a promise was kept, and how."""
    form = KeepForm(request.POST)
    if form.is_valid():
        try:
            commands.keep(by=staff.id, promise_id=promise_id, how=form.cleaned_data["how"])
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("Kept. Everyone it was given to is told now."))
            return redirect("web:promises")
    return _page(request, status=422, form=form, at=promise_id)


def _page(
    request: HttpRequest, status: int = 200, form: KeepForm | None = None, at: UUID | None = None
) -> HttpResponse:
    staff = who.staff(request)
    context = {
        "record": queries.record(),
        "waiting": queries.waiting(),
        "kept": queries.kept(),
        "form": form or KeepForm(),
        "at": at,
        "may_keep": staff is not None and commands.PROMISE in staff.acts,
    }
    return render(request, "web/promises.html", context, status=status)
