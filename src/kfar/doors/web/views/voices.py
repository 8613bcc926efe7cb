"""For the people who serve customers: every voice, with the whole person beside it."""

from __future__ import annotations

from collections.abc import Callable
from operator import itemgetter
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from kfar.doors.web import casework, posts, reading, strip
from kfar.doors.web.authority import authority
from kfar.doors.web.forms import KINDS, NoteForm, Once, PromiseForm, RemedyForm, ThereForm, UndoForm
from kfar.doors.web.in_return import ReturnForm, on_voice
from kfar.doors.web.keeping import WHY, CloseForm
from kfar.doors.web.who import staff_only
from kfar.ground.errors import Refused
from kfar.ground.money import Money
from kfar.loop import answering, deciding, limiting, reaching
from kfar.loop import in_return as asking_back
from kfar.rooms.customers import queries as customers
from kfar.rooms.promises import queries as record
from kfar.rooms.promises.telling import queries as telling
from kfar.rooms.service import commands as service
from kfar.rooms.service import queries as cases
from kfar.rooms.service.rules import Fault
from kfar.rooms.touchpoints import queries as touchpoints
from kfar.rooms.touchpoints.queries import Only
from kfar.rooms.village import queries as village
from kfar.rooms.village.notes import queries as notes
from kfar.rooms.village.queries import Staff
from kfar.rooms.village.rules import NOTHING
from kfar.rooms.voice import commands as voice
from kfar.rooms.voice import mailing
from kfar.rooms.voice import queries as voices
from kfar.rooms.voice.understanding import queries as understanding


@require_GET
@staff_only
def one(request: HttpRequest, staff: Staff, voice_id: UUID) -> HttpResponse:
    """Show a voice with the whole person beside it, and what may be decided."""
    voice.read(by=staff.id, voice_id=voice_id)
    return _page(request, staff, voice_id)


@require_POST
@staff_only
def remedy(request: HttpRequest, staff: Staff, voice_id: UUID) -> HttpResponse:
    """Give the customer a remedy, now."""
    form = RemedyForm(request.POST)

    def act() -> str:
        data = form.cleaned_data
        deciding.remedy(
            by=staff.id,
            voice_id=voice_id,
            kind=data["kind"],
            amount=Money.parse(data["amount"].strip() or "0", settings.KFAR_CURRENCY),
            words=data["words"],
            fault=data["fault"] or Fault.OURS,
            once=data["once"],
        )
        return _("Done. The customer is told now.")

    return _do(request, staff, voice_id, act, remedy_form=form)


@require_POST
@staff_only
def there(request: HttpRequest, staff: Staff, voice_id: UUID) -> HttpResponse:
    """Note what was answered by hand where the customer spoke."""
    form = ThereForm(request.POST)

    def act() -> str:
        answering.answered_there(by=staff.id, voice_id=voice_id, **form.cleaned_data)
        return _("Noted. This voice counts as answered, and waits for their word.")

    return _do(request, staff, voice_id, act, there_form=form)


@require_POST
@staff_only
def ask(request: HttpRequest, staff: Staff, voice_id: UUID) -> HttpResponse:
    """Ask somebody by name for what is above one's authority."""
    form = RemedyForm(request.POST)

    def act() -> str:
        data = form.cleaned_data
        asked = deciding.ask(
            by=staff.id,
            voice_id=voice_id,
            kind=data["kind"],
            amount=Money.parse(data["amount"].strip() or "0", settings.KFAR_CURRENCY),
            words=data["words"],
            fault=data["fault"] or Fault.OURS,
            once=data["once"],
        )
        names = village.names([asked])
        return _("%(name)s is asked now.") % {"name": names[asked]}

    return _do(request, staff, voice_id, act, remedy_form=form)


@require_POST
@staff_only
def fill(request: HttpRequest, staff: Staff, voice_id: UUID) -> HttpResponse:
    """Put a saved reply into the field for one's words; nothing is sent by that."""
    voice.read(by=staff.id, voice_id=voice_id)
    words = casework.filled(voice_id, request.POST)
    form = RemedyForm(initial={**request.POST.dict(), "words": words})
    return _page(request, staff, voice_id, remedy_form=form)


@require_POST
@staff_only
def undo(request: HttpRequest, staff: Staff, voice_id: UUID, remedy_id: UUID) -> HttpResponse:
    """Take a remedy back, with a reason."""
    form = UndoForm(request.POST)

    def act() -> str:
        service.undo(
            by=staff.id,
            remedy_id=remedy_id,
            why=form.cleaned_data["why"],
            abused=form.cleaned_data["abused"],
        )
        return _("Taken back. The customer is told why.")

    return _do(request, staff, voice_id, act, undo_form=form)


@require_POST
@staff_only
def close(request: HttpRequest, staff: Staff, voice_id: UUID) -> HttpResponse:
    """Close a voice without telling its customer, for a reason."""
    form = CloseForm(request.POST)

    def act() -> str:
        data = form.cleaned_data
        voice.close(by=staff.id, voice_id=voice_id, why=data["reason"], words=data["words"])
        return _("Closed. The reason counts in what everybody sees.")

    return _do(request, staff, voice_id, act, close_form=form)


@require_POST
@staff_only
def hand_on(request: HttpRequest, staff: Staff, voice_id: UUID) -> HttpResponse:
    """Hand the case to somebody who may decide more."""
    to = next((p for p in village.everyone() if str(p.id) == request.POST.get("to")), None)
    if to is None:
        raise Refused("promises.no_such_owner")
    service.hand_on(by=staff.id, case_id=_case(voice_id).id, to=to.id)
    messages.success(request, _("It now waits for %(name)s.") % {"name": to.name})
    return redirect("web:voice", voice_id)


@require_POST
@staff_only
def promise(request: HttpRequest, staff: Staff, voice_id: UUID) -> HttpResponse:
    """Promise the customer something."""
    form = PromiseForm(request.POST, by=staff.id)

    def act() -> str:
        deciding.promise(
            by=staff.id,
            voice_id=voice_id,
            text={get_language() or "en": form.cleaned_data["text"]},
            owner=form.cleaned_data["owner"],
            due=form.cleaned_data["due"],
            once=form.cleaned_data["once"],
        )
        return _("Promised. The customer is told now.")

    return _do(request, staff, voice_id, act, promise_form=form)


@require_POST
@staff_only
def ask_back(request: HttpRequest, staff: Staff, voice_id: UUID) -> HttpResponse:
    """Ask the customer for something in return."""
    form = ReturnForm(request.POST)

    def act() -> str:
        asking_back.ask(
            by=staff.id,
            voice_id=voice_id,
            kind=form.cleaned_data["kind"],
            about=form.cleaned_data["about"],
            words=form.cleaned_data["words"],
            language=get_language() or "en",
            due=form.cleaned_data["due"],
            once=form.cleaned_data["once"],
        )
        return _("Asked. A no is a good answer, and the letter says so.")

    return _do(request, staff, voice_id, act, return_form=form)


def _do(
    request: HttpRequest, staff: Staff, voice_id: UUID, act: Callable[[], str], **forms: Once
) -> HttpResponse:
    """Act, say so and show the page anew; or show it with what was written and why not."""
    [form] = forms.values()
    if form.is_valid():
        try:
            messages.success(request, act())
        except Refused as refused:
            form.refuse(refused)
        else:
            return redirect("web:voice", voice_id)
    return _page(request, staff, voice_id, status=422, **forms)


def _case(voice_id: UUID) -> cases.OpenCase:
    found = cases.case(voice_id)
    if found is None:
        raise Refused("service.not_found")
    return found


def _page(
    request: HttpRequest, staff: Staff, voice_id: UUID, status: int = 200, **forms: Once
) -> HttpResponse:
    said = voices.voice(voice_id)
    if said is None:
        raise Refused("voice.not_found")
    person = customers.person(said.customer_id)
    journey = "journey" in staff.sees
    with touchpoints.opened(said.customer_id):
        portrait = touchpoints.portrait(said.customer_id) if journey else None
        line = touchpoints.line(said.about, said.customer_id) if said.about else None
        decides = service.REMEDY in staff.acts
        worth = deciding.worth(said.customer_id) if decides else None
    case, wrote = cases.case(voice_id), mailing.mails([voice_id]).get(voice_id, [])
    before = cases.given_before(case.voices) if case and decides else {}
    about = limiting.about(case.voices) if case and decides else NOTHING
    given = case.remedies if case and "cases" in staff.sees else []
    promised = record.for_voice(voice_id) if "promises" in staff.sees else []
    changed = telling.for_voice(voice_id) if "promises" in staff.sees else []
    limits = authority(staff, KINDS, worth, before, about)
    speaks_of = understanding.themes_of([voice_id]).get(voice_id, [])
    spoke, after = posts.about(staff, said, person, case)
    context = {
        **casework.about(staff, said, case, worth, about),
        **on_voice(staff, said),
        **spoke,
        "voice": said,
        "reading": understanding.readings([voice_id]).get(voice_id),
        "themes": speaks_of,
        "limited": [one.name for one in speaks_of if one.id in limits.own],
        "sentiments": reading.SENTIMENTS,
        "marks": reading.MARKS,
        "line": line,
        "person": person,
        "portrait": portrait,
        "strip": strip.draw(portrait.strip, timezone.localdate()) if portrait else None,
        "baskets": touchpoints.journey(
            [said.customer_id], most=5, only=Only(kinds=["purchase"])
        ).episodes
        if journey
        else (),
        "before": [v for v in voices.of_customer(said.customer_id) if v.id != voice_id],
        "case": case,
        "letter": wrote[0] if wrote and not wrote[0].text else None,
        "unreachable": not reaching.reaches(voice_id, said.customer_id),
        "since": sorted(
            [
                *(("remedy", remedy.at, remedy) for remedy in given),
                *(("promise", promise.made_at, promise) for promise in promised),
                *(("change", change.at, change) for change in changed),
                *(("mail", mail.at, mail) for mail in wrote if mail.text),
                *((kind, one.at, one) for kind, one in after),
                *(("asked", one.at, one) for one in casework.answered(case)),
            ],
            key=itemgetter(1),
        ),
        "kinds": KINDS,
        "authority": limits,
        "may": staff.acts,
        "remedy_form": RemedyForm(initial={"amount": line.paid.major if line else ""}),
        "promise_form": PromiseForm(by=staff.id),
        "undo_form": UndoForm(),
        "notes": notes.of_customer(customers.selves(said.customer_id), voice_id),
        "note_form": NoteForm(),
        "close_form": CloseForm(),
        "whys": WHY,
    }
    return render(request, "web/voice.html", context | forms, status=status)
