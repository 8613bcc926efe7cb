"""Notes of employees for each other: written beside a voice or a journey, read where named."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from kfar.doors.web.forms import NoteForm
from kfar.doors.web.who import staff_only
from kfar.ground.errors import Refused
from kfar.rooms.customers import queries as customers
from kfar.rooms.village import queries as village
from kfar.rooms.village.notes import commands, queries
from kfar.rooms.village.queries import Staff
from kfar.rooms.voice import queries as voices


@require_POST
@staff_only
def note(request: HttpRequest, staff: Staff, customer_id: UUID) -> HttpResponse:
    """Keep a note about a customer, on a voice of theirs or on the person."""
    person = customers.person(customer_id)
    if person is None:
        raise Refused("customers.not_found")
    form = NoteForm(request.POST)
    context = {"form": form, "person": person, "voice": None}
    if form.is_valid():
        voice = _voice(form.cleaned_data["voice"], person.id)
        try:
            commands.write(
                by=staff.id,
                customer_id=person.id,
                voice_id=voice,
                text=form.cleaned_data["text"],
                once=form.cleaned_data["once"],
            )
        except Refused as refused:
            form.refuse(refused)
            context["voice"] = voice
        else:
            messages.success(request, _("Noted. Whoever is named finds it among their mentions."))
            return redirect("web:voice", voice) if voice else redirect("web:customer", person.id)
    return render(request, "web/note.html", context, status=422)


@require_GET
@staff_only
def mentions(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Show where the reader is named: what waits first."""
    village.require(staff.id, commands.NOTE)
    found = queries.mentions(staff.id)
    people = customers.people(one.note.customer_id for one in found)
    context = {"mentions": [(one, people.get(one.note.customer_id)) for one in found]}
    return render(request, "web/mentions.html", context)


@require_POST
@staff_only
def done(request: HttpRequest, staff: Staff, mention_id: int) -> HttpResponse:
    """Take that the reader is done with a note."""
    commands.done(by=staff.id, mention_id=mention_id)
    return redirect("web:mentions")


def _voice(voice_id: UUID | None, customer_id: UUID) -> UUID | None:
    """Return the voice, if it is one of theirs."""
    if voice_id is None:
        return None
    said = voices.voice(voice_id)
    if said is None or said.customer_id not in customers.selves(customer_id):
        raise Refused("voice.not_found")
    return voice_id
