"""The village: which departments meet customers, whom to meet, and what each sees of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from kfar.doors.labels import SEEN
from kfar.doors.web.meeting_forms import DrawForm, PlanForm, SeesForm
from kfar.doors.web.who import staff_only
from kfar.doors.words import number
from kfar.ground.errors import Refused
from kfar.loop import meeting
from kfar.loop.meeting import Row
from kfar.rooms.customers import queries as customers
from kfar.rooms.village import queries as village
from kfar.rooms.village.departments import commands, queries
from kfar.rooms.village.meetings import commands as meetings
from kfar.rooms.village.meetings import queries as met
from kfar.rooms.village.queries import Staff

#: From how many contacts a week on a square is darker.
DARKER = (1, 2, 4, 8)


@dataclass(frozen=True)
class Line:
    """A row of the map, with its squares: where each stands, how dark."""

    row: Row
    squares: list[tuple[int, int]]
    contacts: int


@require_GET
@staff_only
def village_(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Show the map of contact: who meets customers, and who has not for long."""
    village.require(staff.id, meetings.PLAN)
    found = meeting.map_of_contact()
    held = sum(row.held for row in found.people)
    planned = sum(row.planned for row in found.people)
    context = {
        "map": found,
        "departments": [_line(row) for row in found.departments],
        "people": [_line(row) for row in found.people],
        "held": held / 60,
        "held_count": _counted(held),
        "planned": planned / 60,
        "planned_count": _counted(planned),
        "weeks": meeting.WEEKS,
        "lately": meeting.LATELY,
    }
    return render(request, "web/village.html", context)


def _counted(minutes: int) -> int:
    """Return by which number hours are named: parts of one as two are, in every language here."""
    return minutes // 60 if minutes % 60 == 0 else 2


@require_GET
@staff_only
def department(request: HttpRequest, staff: Staff, code: str) -> HttpResponse:
    """Show a department: its people, whom to meet, and what it sees of customers."""
    return _page(request, staff, code)


@require_POST
@staff_only
def draw(request: HttpRequest, staff: Staff, code: str) -> HttpResponse:
    """Draw customers for a department to meet."""
    form = DrawForm(request.POST)
    if form.is_valid():
        try:
            said = form.cleaned_data
            drawn = meeting.draw(by=staff.id, department=code, n=said["n"], once=said["once"])
        except Refused as refused:
            form.refuse(refused)
        else:
            told = ngettext("%(n)s customer drawn.", "%(n)s customers drawn.", len(drawn))
            if drawn:
                messages.success(request, told % {"n": number(len(drawn))})
            else:
                none = _("Nobody can be asked now: nobody agreed to it who was not asked lately.")
                messages.warning(request, none)
            return redirect("web:department", code)
    return _page(request, staff, code, status=422, draw_form=form)


@require_POST
@staff_only
def plan(request: HttpRequest, staff: Staff, code: str) -> HttpResponse:
    """Invite customers to a meeting."""
    form = PlanForm(request.POST, by=staff.id)
    if form.is_valid():
        said = form.cleaned_data
        try:
            made = meeting.plan(
                by=staff.id,
                employee=said["employee"],
                customers_=[UUID(one) for one in said["customers"]],
                at=said["at"],
                minutes=said["minutes"],
                place=said["place"],
                once=said["once"],
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("Planned. The invitation goes out by mail now."))
            return redirect("web:meeting", made)
    return _page(request, staff, code, status=422, plan_form=form)


@require_POST
@staff_only
def sees(request: HttpRequest, staff: Staff, code: str) -> HttpResponse:
    """Say what a department sees of customers, and what for."""
    one = _department(code)
    form = SeesForm(request.POST, language=get_language() or "en", sees=one.sees)
    if form.is_valid():
        try:
            commands.show(by=staff.id, code=code, sees=form.sees())
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("Noted. It holds from now on, and customers can read it."))
            return redirect("web:department", code)
    return _page(request, staff, code, status=422, sees_form=form)


def _page(
    request: HttpRequest, staff: Staff, code: str, status: int = 200, **forms: Any
) -> HttpResponse:
    village.require(staff.id, meetings.PLAN)
    one = _department(code)
    picks = met.picks(code)
    names = customers.people(pick.customer_id for pick in picks)
    members = [member.id for member in one.people]
    context = {
        "department": one,
        "above": queries.department(one.parent) if one.parent else None,
        "picks": [(names[p.customer_id], p) for p in picks if p.customer_id in names],
        "everyone": village.everyone(),
        "meetings": met.meetings(timezone.now(), members),
        "shown": [(SEEN[part], why) for part, why in (one.sees or {}).items()],
        "leads": commands.LEADING in staff.acts,
        "draw_form": DrawForm(),
        "plan_form": PlanForm(by=staff.id),
        "sees_form": SeesForm(language=get_language() or "en", sees=one.sees),
    }
    return render(request, "web/department.html", context | forms, status=status)


def _department(code: str) -> queries.Kept:
    found = queries.department(code)
    if found is None:
        raise Http404
    return found


def _line(row: Row) -> Line:
    squares = [(n, sum(many >= least for least in DARKER)) for n, many in enumerate(row.weeks)]
    return Line(row, squares, sum(row.weeks))
