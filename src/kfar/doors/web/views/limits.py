"""Limits, what came of them, and which others that speaks for."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from kfar.doors.web.forms import KINDS, Once
from kfar.doors.web.who import staff_only
from kfar.ground.money import Money
from kfar.rooms.service.limits import commands, queries
from kfar.rooms.service.limits.queries import Seen
from kfar.rooms.service.limits.rules import LEAST, Share
from kfar.rooms.village import queries as village
from kfar.rooms.village.queries import Staff
from kfar.rooms.village.rules import Authority


@dataclass(frozen=True)
class Row:
    """A limit on the page: what is held and what is proposed, in money, and the shares."""

    seen: Seen
    shares: dict[str, Share]
    held: tuple[Money, Money]
    proposed: tuple[Money, Money] | None
    once: UUID


@require_GET
@staff_only
def limits(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Show every limit with its evidence, what is proposed, and what was changed."""
    village.require(staff.id, commands.LIMITS)
    context = {
        "rows": [_row(one) for one in queries.seen()],
        "changes": [(one, _money(one.before), _money(one.after)) for one in queries.changed()],
        "labels": dict(KINDS),
        "least": LEAST,
    }
    return render(request, "web/limits.html", context)


@require_POST
@staff_only
def accept(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Change a limit as is proposed."""
    form = Once(request.POST)
    once = form.cleaned_data["once"] if form.is_valid() else uuid4()
    commands.accept(
        by=staff.id,
        role=request.POST.get("role", ""),
        remedy=request.POST.get("remedy", ""),
        once=once,
    )
    messages.success(request, _("That is the limit from now on. It can be taken back."))
    return redirect("web:limits")


@require_POST
@staff_only
def undo(request: HttpRequest, staff: Staff, change_id: UUID) -> HttpResponse:
    """Set a limit back."""
    commands.undo(by=staff.id, change_id=change_id)
    messages.success(request, _("The limit is what it was before."))
    return redirect("web:limits")


def _row(seen: Seen) -> Row:
    proposed = _money(seen.proposal.limit) if seen.proposal else None
    return Row(seen, seen.evidence.shares, _money(seen.held), proposed, uuid4())


def _money(limit: Authority) -> tuple[Money, Money]:
    return Money(limit.floor, settings.KFAR_CURRENCY), Money(limit.cap, settings.KFAR_CURRENCY)
