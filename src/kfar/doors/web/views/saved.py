"""Saved replies: what the team answers with, written and removed."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from kfar.doors.web.forms import ReplyForm
from kfar.doors.web.who import staff_only
from kfar.ground.errors import Refused
from kfar.ground.text import LANGUAGES
from kfar.rooms.service.replies import commands, queries
from kfar.rooms.service.replies.rules import PLACES
from kfar.rooms.village import queries as village
from kfar.rooms.village.queries import Staff


@require_http_methods(["GET", "POST"])
@staff_only
def saved(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Show what is saved, and save one more, or another in place of the one with that title."""
    village.require(staff.id, commands.SAVED)
    form = ReplyForm(request.POST or None, initial={"language": get_language()})
    if request.method == "POST" and form.is_valid():
        try:
            commands.write(
                by=staff.id,
                title=form.cleaned_data["title"],
                language=form.cleaned_data["language"],
                text=form.cleaned_data["words"],
                once=form.cleaned_data["once"],
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("Saved. It can be chosen where somebody is answered."))
            return redirect("web:saved")
    context = {
        "form": form,
        "replies": queries.saved(get_language() or "en"),
        "languages": LANGUAGES,
        "places": " ".join("{" + place + "}" for place in PLACES),
    }
    return render(request, "web/saved.html", context, status=422 if form.errors else 200)


@require_POST
@staff_only
def remove(request: HttpRequest, staff: Staff, reply_id: UUID) -> HttpResponse:
    """Offer a reply no more."""
    commands.remove(by=staff.id, reply_id=reply_id)
    messages.success(request, _("It is not offered any more."))
    return redirect("web:saved")
