"""You said, we did: who spoke is told, and everybody sees how many were."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from kfar.doors.web import keeping
from kfar.doors.web.keeping import TellForm
from kfar.doors.web.who import staff_only
from kfar.ground.errors import Refused
from kfar.loop import planning
from kfar.rooms.decisions import queries as decisions
from kfar.rooms.decisions.consultations import queries as consultations
from kfar.rooms.promises import queries as promises
from kfar.rooms.promises.telling import queries
from kfar.rooms.promises.telling.commands import TELL
from kfar.rooms.village import queries as village
from kfar.rooms.village.queries import Staff
from kfar.rooms.voice import queries as voices
from kfar.rooms.voice.understanding import queries as understanding


@require_GET
def told(request: HttpRequest) -> HttpResponse:
    """Show what was said, what was done, and how many were told: all of it from the log."""
    kept = promises.kept_to_voters(most=30)
    ids = [one.question_id for one in kept if one.question_id]
    asked = {poll.id: (poll.text, poll.answered) for poll in decisions.by_id(ids)}
    asked |= {one.id: (one.topic, one.people) for one in consultations.by_id(ids)}
    context = {
        "changes": queries.public(),
        "few": queries.few(),
        "kept": [(*asked[one.question_id], one) for one in kept if one.question_id in asked],
        "told": voices.telling(),
        "whys": keeping.WHY,
    }
    return render(request, "web/told.html", context)


@require_http_methods(["GET", "POST"])
@staff_only
def tell(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Tell everyone who spoke what was done."""
    village.require(staff.id, TELL)
    said = request.POST if request.method == "POST" else request.GET
    finding = said.get("do") == "find"
    posted = request.method == "POST" and not finding
    form = TellForm(request.POST) if posted else TellForm(initial=said.dict())
    meant = keeping.meant(said)
    if meant.nothing and not posted:
        messages.error(request, keeping.NOTHING_SOUGHT)
        return redirect("web:plans")
    if posted and form.is_valid():
        try:
            people = planning.tell_all(
                by=staff.id, meant=meant, did=form.texts, once=form.cleaned_data["once"]
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            done = ngettext("%(n)s person is told now.", "%(n)s people are told now.", people) % {
                "n": people
            }
            messages.success(request, done)
            return redirect("web:told")
    found = planning.still_untold(meant)
    more = said.get("more", "") if finding else ""
    context = {
        "form": form,
        "meant": meant,
        "until": meant.until or timezone.now(),
        "label": found.label,
        "voices": len(found.spoke),
        "took_part": len(found.took_part),
        "readers": keeping.readers([*(own for _voice, own in found.spoke), *found.took_part]),
        "picked": keeping.picked(meant, more),
        "more": more,
        "themes": understanding.named() if meant.source in keeping.SOUGHT else [],
        "asked": _("What was done? Each reads it in their own language."),
    }
    return render(request, "web/tell.html", context, status=422 if form.errors else 200)
