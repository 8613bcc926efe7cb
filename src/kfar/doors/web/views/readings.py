"""What people say of readings: a voice says otherwise, a theme is called otherwise."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from kfar.doors.web.reading import id_of
from kfar.doors.web.who import staff_only
from kfar.doors.words import sentence
from kfar.ground.errors import Refused
from kfar.rooms.village import queries as village
from kfar.rooms.village.queries import Staff
from kfar.rooms.voice.understanding import commands, queries


@require_POST
@staff_only
def says(request: HttpRequest, staff: Staff, voice_id: UUID) -> HttpResponse:
    """Take an employee's word for what a voice says, or that a theme is not its."""
    if theme_id := id_of(request.POST.get("not")):
        commands.disown(by=staff.id, voice_id=voice_id, theme_id=theme_id)
    else:
        said = request.POST.get("sentiment", "")
        commands.correct(by=staff.id, voice_id=voice_id, sentiment=said)
    messages.success(request, _("Noted, and learned from."))
    return redirect("web:voice", voice_id)


@require_GET
@staff_only
def themes(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Show what many speak of, and how that changes month by month."""
    village.require(staff.id, "voice.read")
    found = queries.themes()
    context = {"themes": found, "dropped": queries.dropped(), "lessons": queries.lessons()}
    return render(request, "web/themes.html", context)


@require_POST
@staff_only
def theme(request: HttpRequest, staff: Staff, theme_id: UUID) -> HttpResponse:
    """Rename a theme, merge it, part it, say that it is none, or that it is one after all."""
    match request.POST.get("do"):
        case "rename":
            try:
                commands.rename(by=staff.id, theme_id=theme_id, name=request.POST.get("name", ""))
            except Refused as refused:
                if refused.code not in {"themes.no_name", "themes.name_too_long"}:
                    raise
                messages.error(request, sentence(refused))
                return redirect("web:themes")
        case "merge":
            into = id_of(request.POST.get("into"))
            if into is None:
                raise Refused("themes.not_found")
            commands.merge(by=staff.id, theme_id=theme_id, into=into)
        case "part":
            commands.part(by=staff.id, theme_id=theme_id)
        case "drop" | "back" as word:
            commands.drop(by=staff.id, theme_id=theme_id, back=word == "back")
        case _unknown:
            raise Refused("themes.not_found")
    messages.success(request, _("Noted. It counts from now on."))
    return redirect("web:themes")
