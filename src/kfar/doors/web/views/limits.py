"""Limits, what came of them, and which others that speaks for; and those for one theme."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from kfar.doors.web import leaving
from kfar.doors.web.forms import KINDS, OwnLimitForm, ThemeLimit
from kfar.doors.web.who import staff_only
from kfar.ground.errors import Refused
from kfar.ground.money import Money
from kfar.loop import limiting
from kfar.rooms.insight.brand import queries as insight
from kfar.rooms.service.limits import commands, queries
from kfar.rooms.service.limits.queries import Changed, Seen
from kfar.rooms.service.limits.rules import LEAST, Share
from kfar.rooms.service.rules import Kind
from kfar.rooms.village import queries as village
from kfar.rooms.village.queries import Staff
from kfar.rooms.village.rules import SHARES, Authority
from kfar.rooms.voice.understanding import queries as themes


@dataclass(frozen=True)
class Row:
    """A limit on the page: what is held and what is proposed, in money, and the shares."""

    seen: Seen
    theme: str
    shares: dict[str, Share]
    held: tuple[Money, Money]
    share: float
    proposed: tuple[Money, Money] | None
    once: UUID


@dataclass(frozen=True)
class Change:
    """A limit that was changed, on the page: from what to what, None where there was none."""

    of: Changed
    theme: str
    before: Money | None
    after: Money | None


@require_http_methods(["GET", "POST"])
@staff_only
def limits(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Show every limit with its evidence and what was changed; set one for a theme."""
    village.require(staff.id, commands.LIMITS)
    form = OwnLimitForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            _set(staff, form.cleaned_data)
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("That is the limit from now on. It can be taken back."))
            return redirect("web:limits")
    found, changed = limiting.seen(), queries.changed()
    about = [*(one.theme for one in found), *(one.theme for one in changed)]
    names = themes.called(filter(None, about))
    context = {
        "rows": [_row(one, names) for one in found],
        "changes": [_change(one, names) for one in changed],
        "labels": dict(KINDS),
        "least": LEAST,
        "form": form,
        "whose": [
            (f"{part.code} {kind}", part.name, label)
            for part in village.roles()
            for kind, label in KINDS
            if kind in part.authority and kind is not Kind.ANSWER
        ],
        "themes": themes.named(),
        "stayed": _stayed() if "insight.read" in staff.acts else None,
    }
    return render(request, "web/limits.html", context, status=422 if form.errors else 200)


@require_POST
@staff_only
def accept(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Change a limit as is proposed."""
    form = ThemeLimit(request.POST)
    if not form.is_valid():
        raise Refused("service.no_such_proposal")
    limiting.accept(by=staff.id, **form.cleaned_data)
    messages.success(request, _("That is the limit from now on. It can be taken back."))
    return redirect("web:limits")


@require_POST
@staff_only
def general(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Let the general limit hold again for what is about a theme."""
    form = ThemeLimit(request.POST)
    if not form.is_valid() or form.cleaned_data["theme"] is None:
        raise Refused("service.no_such_theme")
    limiting.set_own(by=staff.id, limit=None, **form.cleaned_data)
    messages.success(request, _("The general limit holds for it again."))
    return redirect("web:limits")


@require_POST
@staff_only
def undo(request: HttpRequest, staff: Staff, change_id: UUID) -> HttpResponse:
    """Set a limit back."""
    limiting.undo(by=staff.id, change_id=change_id)
    messages.success(request, _("The limit is what it was before."))
    return redirect("web:limits")


def _set(staff: Staff, said: dict[str, Any]) -> None:
    role, _space, remedy = said["whose"].partition(" ")
    floor = Money.parse(said["amount"].strip(), settings.KFAR_CURRENCY).minor
    most = Money.parse(said["most"].strip() or said["amount"].strip(), settings.KFAR_CURRENCY).minor
    limit = Authority(floor, most, round((said["share"] or 0) * SHARES / 100))
    limiting.set_own(
        by=staff.id, role=role, remedy=remedy, theme=said["theme"], limit=limit, once=said["once"]
    )


def _stayed() -> leaving.Found | None:
    """Return what remedies change in whether customers stay, as far as that is known."""
    kept = insight.afterwards()
    return leaving.found(kept.content.recovery) if kept else None


def _row(seen: Seen, names: dict[UUID, str]) -> Row:
    return Row(
        seen=seen,
        theme=names.get(seen.theme, "–") if seen.theme else "",
        shares={what: one for what, one in seen.evidence.shares.items() if one.among},
        held=_money(seen.held),
        share=seen.held.share / SHARES,
        proposed=_money(seen.proposal.limit) if seen.proposal else None,
        once=uuid4(),
    )


def _change(of: Changed, names: dict[UUID, str]) -> Change:
    before, after = (_money(one)[0] if one else None for one in (of.before, of.after))
    return Change(of, names.get(of.theme, "–") if of.theme else "", before, after)


def _money(limit: Authority) -> tuple[Money, Money]:
    return Money(limit.floor, settings.KFAR_CURRENCY), Money(limit.cap, settings.KFAR_CURRENCY)
