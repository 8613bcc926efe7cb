"""What a customer says, and their word on what came of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kfar.doors import links
from kfar.doors.web import who
from kfar.doors.web.forms import SayForm
from kfar.doors.web.who import customers_only
from kfar.ground.errors import Refused
from kfar.rooms.promises import queries as promises
from kfar.rooms.promises.telling import queries as telling
from kfar.rooms.service import queries as service
from kfar.rooms.touchpoints import queries as touchpoints
from kfar.rooms.voice import commands, queries
from kfar.rooms.voice.rules import MOST


@require_http_methods(["GET", "POST"])
@customers_only
def say(request: HttpRequest, customer_id: UUID, touchpoint_id: UUID | None = None) -> HttpResponse:
    """Take in what a customer says, about a product they bought or about anything."""
    line = touchpoints.line(touchpoint_id, customer_id) if touchpoint_id else None
    if touchpoint_id and line is None:
        raise Http404
    form = SayForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            commands.say(
                by=customer_id,
                text=form.cleaned_data["text"],
                language=translation.get_language() or "en",
                about=touchpoint_id,
                about_name=(line and line.product_name) or "",
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("Thank you, we heard you. A person will read it."))
            return redirect("web:journey")
    status = 422 if form.errors else 200
    context = {"form": form, "line": line, "most": MOST}
    return render(request, "web/say.html", context, status=status)


@require_http_methods(["GET", "POST"])
def good(request: HttpRequest, token: str) -> HttpResponse:
    """Ask whether it is good now; opened from a letter, without signing in."""
    voice_id, customer_id = links.opened(token, "good")
    who.greet(request, customer_id)
    if request.method == "POST":
        word = request.POST.get("good")
        if word in {"yes", "no"}:
            commands.judge(by=customer_id, voice_id=voice_id, good=word == "yes")
        return redirect("web:good", token)
    voice = queries.voice(voice_id)
    if voice is None:
        raise Refused("voice.not_found")
    return render(request, "web/good.html", came(voice))


def came(voice: queries.Said) -> dict[str, Any]:
    """Return what a customer said and what came of it, for pages that a letter leads to."""
    given = service.remedies_for([voice.id]).get(voice.id, [])
    return {
        "voice": voice,
        "remedies": [remedy for remedy in given if not remedy.undone_at],
        "promises": promises.for_voice(voice.id),
        "changes": telling.for_voice(voice.id),
    }
