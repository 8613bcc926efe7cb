"""What is known of one person: before who serves them, and before themselves."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from kfar.doors.web import profiles, saying, strip, tastes, trials
from kfar.doors.web.who import customers_only, staff_only
from kfar.ground.errors import Refused
from kfar.rooms.customers import queries as customers
from kfar.rooms.insight import commands, queries
from kfar.rooms.touchpoints import queries as touchpoints
from kfar.rooms.village import queries as village
from kfar.rooms.village.queries import Staff


@require_GET
@staff_only
def customer(request: HttpRequest, staff: Staff, customer_id: UUID) -> HttpResponse:
    """Show what is known of a customer, why, and what to say; that it was read is noted."""
    person = customers.person(customer_id)
    if person is None:
        raise Http404
    commands.look(by=staff.id, customer_id=person.id)
    with touchpoints.opened(person.id):
        profile = queries.profile(person.id)
        portrait = touchpoints.portrait(person.id)
    known = profiles.known(profile, whole="all" in request.GET)
    context = {
        "person": person,
        "profile": profile,
        "known": known,
        "tastes": tastes.one_person(profile.tastes),
        "portrait": portrait,
        "strip": strip.draw(portrait.strip, timezone.localdate()),
        "saying": saying.saying(
            person,
            known,
            len(queries.corrected(person.id).categories),
            heard="voice.read" in staff.acts,
        ),
    }
    return render(request, "web/known.html", context)


@require_GET
@customers_only
def mine(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """Show the customer what is known of them, why, and what they may change."""
    profile = queries.profile(customer_id)
    context = {
        "profile": profile,
        "known": profiles.known(profile, whole="all" in request.GET),
        "tastes": tastes.one_person(profile.tastes),
        "corrected": queries.corrected(customer_id),
    }
    return render(request, "web/me_known.html", context)


@require_GET
@customers_only
def category(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """Show the customer all they bought in a category, each to be corrected."""
    name = request.GET.get("category", "")
    lines = queries.lines(customer_id, name)
    if not lines:
        raise Http404
    said = queries.corrected(customer_id)
    known = profiles.known(queries.profile(customer_id), whole=True)
    figures = [h for h in known.habits if h.category == name]
    wishes = [w for w in (*known.known, *known.new) if w.category == name]
    context = {
        "category": name,
        "lines": [(line, said.touches.get(line.id, "")) for line in lines],
        "used": name not in said.categories,
        "habit": figures[0] if figures else None,
        "wish": wishes[0] if wishes else None,
    }
    return render(request, "web/me_category.html", context)


@require_POST
@customers_only
def correct(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """Take the customer's word on one line, or on a whole category."""
    name = request.POST.get("category", "")
    if touch := request.POST.get("touch"):
        try:
            touch_id = UUID(touch)
        except ValueError:
            raise Refused("insight.not_yours") from None
        commands.correct(by=customer_id, touch_id=touch_id, kind=request.POST.get("kind", ""))
    else:
        commands.use(by=customer_id, category=name, used=request.POST.get("used") == "yes")
    messages.success(request, _("Thank you. The figures follow from it already."))
    return redirect(f"{reverse('web:known-category')}?{urlencode({'category': name})}")


@require_GET
@customers_only
def sure(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """Show customers how often what is said of them comes true."""
    return render(request, "web/sure.html", {"trials": trials.trials(), "mine": True})


@require_GET
@staff_only
def insight(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Show how often what is said of customers comes true, and how fresh it is."""
    village.require(staff.id, commands.READ)
    context = {"trials": trials.trials(), "progress": queries.progress()}
    return render(request, "web/insight.html", context)


@require_GET
@staff_only
def progress(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Show how far learning is: what the page asks again while it runs."""
    village.require(staff.id, commands.READ)
    return render(request, "web/parts/learning.html", {"progress": queries.progress()})


@require_POST
@staff_only
def refresh(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Let everything be learned again."""
    commands.ask_refresh(by=staff.id)
    messages.success(request, _("It is learned again, and takes a minute or more."))
    return redirect("web:insight")
