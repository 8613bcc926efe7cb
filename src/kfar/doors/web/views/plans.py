"""Plans: what is to be done about what was heard, by whom, and where it was handed to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kfar.doors.web import keeping
from kfar.doors.web.keeping import AllForm, Kept, PlanForm, StateForm
from kfar.doors.web.who import staff_only
from kfar.ground.errors import Refused
from kfar.loop import planning
from kfar.rooms.promises import commands as promises
from kfar.rooms.promises import queries as record
from kfar.rooms.promises.plans import commands, queries
from kfar.rooms.promises.telling import queries as tellings
from kfar.rooms.promises.telling.commands import TELL
from kfar.rooms.village import queries as village
from kfar.rooms.village.queries import Staff
from kfar.rooms.voice import queries as voices
from kfar.rooms.voice.understanding import queries as understanding


@require_GET
@staff_only
def plans(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Show the plans that are to be done, and those that ended."""
    village.require(staff.id, commands.PLANS)
    return _plans(request, staff)


def _plans(request: HttpRequest, staff: Staff, wrong: str = "") -> HttpResponse:
    ended = queries.ended()
    context = {
        "to_tell": [plan for plan in ended if plan.to_tell],
        "open": queries.open_plans(),
        "ended": [plan for plan in ended if not plan.to_tell],
        "stages": keeping.STAGES,
        "themes": understanding.named(),
        "wrong": [wrong] if wrong else [],
    }
    return render(request, "web/plans.html", context, status=422 if wrong else 200)


@require_http_methods(["GET", "POST"])
@staff_only
def make(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Make a plan of the voices that the address means."""
    village.require(staff.id, commands.PLANS)
    said = request.POST if request.method == "POST" else request.GET
    meant = keeping.meant(said)
    if request.method == "GET" and meant.nothing:
        return _plans(request, staff, str(keeping.NOTHING_SOUGHT))
    found = planning.evidence(meant)
    form = PlanForm(
        request.POST if request.method == "POST" else None,
        by=staff.id,
        initial={"title": found.label},
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            made = planning.make(
                by=staff.id,
                meant=meant,
                title=data["title"],
                needs=data["needs"],
                owner=data["owner"],
                due=data["due"],
                once=data["once"],
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("That is the plan."))
            return redirect("web:plan", made)
    context = {
        "form": form,
        "meant": meant,
        "found": found,
        "voices": len(found.spoke),
        "idea": planning.idea(meant.source, meant.ref),
    }
    return render(request, "web/plan_new.html", context, status=422 if form.errors else 200)


@require_GET
@staff_only
def plan(request: HttpRequest, staff: Staff, plan_id: UUID) -> HttpResponse:
    """Show one plan, what speaks for it, and where it was handed to."""
    village.require(staff.id, commands.PLANS)
    return _page(request, staff, plan_id)


@require_POST
@staff_only
def state(request: HttpRequest, staff: Staff, plan_id: UUID) -> HttpResponse:
    """Say where a plan stands."""
    form = StateForm(request.POST)

    def act() -> str:
        data = form.cleaned_data
        commands.set_state(by=staff.id, plan_id=plan_id, state=data["state"], why=data["why"])
        return _("Noted.")

    return _do(request, staff, plan_id, act, state_form=form)


@require_POST
@staff_only
def promise(request: HttpRequest, staff: Staff, plan_id: UUID) -> HttpResponse:
    """Promise those who spoke what the plan will do."""
    form = AllForm(request.POST, by=staff.id)

    def act() -> str:
        data = form.cleaned_data
        planning.promise(
            by=staff.id,
            text=form.texts,
            due=data["due"],
            plan_id=plan_id,
            to_all=data["to_all"],
            once=data["once"],
        )
        return _("Promised. Everyone who spoke is told now.")

    return _do(request, staff, plan_id, act, promise_form=form)


@require_POST
@staff_only
def hand_over(request: HttpRequest, staff: Staff, plan_id: UUID) -> HttpResponse:
    """Hand a plan to where its makers work."""
    commands.hand_over(by=staff.id, plan_id=plan_id, target=request.POST.get("target", ""))
    messages.success(request, _("It goes out now."))
    return redirect("web:plan", plan_id)


def _do(
    request: HttpRequest, staff: Staff, plan_id: UUID, act: Callable[[], str], **forms: Kept
) -> HttpResponse:
    [form] = forms.values()
    if form.is_valid():
        try:
            messages.success(request, act())
        except Refused as refused:
            form.refuse(refused)
        else:
            return redirect("web:plan", plan_id)
    return _page(request, staff, plan_id, status=422, **forms)


def _page(
    request: HttpRequest, staff: Staff, plan_id: UUID, status: int = 200, **forms: Kept
) -> HttpResponse:
    found = queries.plan(plan_id)
    if found is None:
        raise Refused("plans.not_found")
    spoke = queries.spoke(plan_id)
    handed = queries.handovers(plan_id)
    named = {one.target.name for one in handed if not one.given_up_at}
    context: dict[str, Any] = {
        "plan": found,
        "stages": keeping.STAGES,
        "shapes": keeping.SHAPES,
        "shown": list(voices.by_id([voice_id for voice_id, _own in spoke[:20]]).values()),
        "readers": keeping.readers(
            [*(own for _voice, own in spoke), *planning.took_part(found.source, found.ref)]
        ),
        "idea": planning.idea(found.source, found.ref),
        "consultation": planning.consultation(found.source, found.ref),
        "promise": record.for_plan(plan_id),
        "change": tellings.of_plan(plan_id),
        "handed": handed,
        "targets": [one for one in queries.targets() if one.name not in named],
        "state_form": StateForm(),
        "promise_form": AllForm(by=found.owner_id, due=found.due),
        "may_tell": TELL in staff.acts,
        "may_promise": promises.PROMISE in staff.acts,
        "may_promise_all": promises.PUBLIC in staff.acts,
    }
    return render(request, "web/plan.html", context | forms, status=status)
