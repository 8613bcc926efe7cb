"""How it was, after a purchase or a closed case: asked by letter, said with one click."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kfar.doors import links
from kfar.doors.web import who
from kfar.doors.web.views.voice import came
from kfar.doors.words import sentence
from kfar.ground.errors import Refused
from kfar.rooms.voice import queries as voices
from kfar.rooms.voice.follow_up import commands, queries
from kfar.rooms.voice.follow_up.rules import Kind
from kfar.rooms.voice.rules import MOST


@require_http_methods(["GET", "POST"])
def after(request: HttpRequest, token: str) -> HttpResponse:
    """Ask; take the word once a button is pressed: a letter that is opened says nothing.

    Who says no to a purchase is asked once what was wrong, and may leave it out.
    """
    follow_up_id, customer_id = links.opened(token, "after")
    who.greet(request, customer_id)
    asked = queries.one(follow_up_id)
    if asked is None:
        raise Refused("follow_up.not_found")
    said, words, wrong = request.POST.get("good"), request.POST.get("words", "").strip(), ""
    if said == "no" and asked.kind is Kind.PURCHASE and "words" not in request.POST:
        return redirect(f"{reverse('web:after', args=[token])}?good=no")
    if said in {"yes", "no"}:
        try:
            commands.answer(
                by=customer_id,
                follow_up_id=follow_up_id,
                good=said == "yes",
                words=words or _("It was not good."),
                language=translation.get_language() or "en",
            )
        except Refused as refused:
            if refused.code != "voice.too_long":
                raise
            wrong = sentence(refused)
        else:
            return redirect("web:after", token)
    meant = said or request.GET.get("good")
    context = {"asked": asked, "meant": meant, "words": words, "wrong": wrong, "most": MOST}
    voice = voices.voice(asked.about) if asked.kind is Kind.CASE else None
    context |= came(voice) if voice else {}
    response = render(request, "web/after.html", context, status=422 if wrong else 200)
    response["Cache-Control"] = "private"
    return response
