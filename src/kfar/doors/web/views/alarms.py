"""More people are unhappy than usual: since when, how many, who they are, and who decides."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from kfar.doors.web import alarming
from kfar.doors.web.keeping import STAGES
from kfar.doors.web.who import staff_only
from kfar.ground.errors import Refused
from kfar.rooms.customers import queries as customers
from kfar.rooms.promises.plans import queries as plans
from kfar.rooms.promises.plans.rules import Source
from kfar.rooms.village import queries as village
from kfar.rooms.village.queries import Staff
from kfar.rooms.voice.alarms import commands, queries


@require_GET
@staff_only
def alarms(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Show all alarms, those that go on first, and what it takes to raise one."""
    village.require(staff.id, "voice.read")
    context = {"alarms": queries.alarms(), "watching": queries.watching()}
    return render(request, "web/alarms.html", context)


@require_http_methods(["GET", "POST"])
@staff_only
def alarm(request: HttpRequest, staff: Staff, alarm_id: UUID) -> HttpResponse:
    """Show one alarm with the voices behind it, and take the word whether it was true."""
    village.require(staff.id, "voice.read")
    said = request.POST.get("real")
    if said in {"yes", "no"}:
        commands.judge(by=staff.id, alarm_id=alarm_id, real=said == "yes")
        messages.success(request, _("Noted. It counts from now on."))
        return redirect("web:alarm", alarm_id)
    found = queries.alarm(alarm_id)
    if found is None:
        raise Refused("alarms.not_found")
    behind = queries.behind(found)
    course = queries.course(found)
    context = {
        "alarm": found,
        "behind": behind,
        "people": customers.people(said.customer_id for said in behind.voices),
        "chart": alarming.drawn(course) if course else None,
        "deciders": queries.deciders(),
        "plans": plans.of(Source.ALARM, str(alarm_id)),
        "stages": STAGES,
        "may": commands.ALARM in staff.acts,
    }
    return render(request, "web/alarm.html", context)
