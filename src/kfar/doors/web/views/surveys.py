"""Surveys as the company makes them: made, opened, sent out, and what came out."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kfar.doors import links, texts
from kfar.doors.web import surveying
from kfar.doors.web.questionnaires import language_of
from kfar.doors.web.quota_forms import QuotasForm
from kfar.doors.web.surveying import AFTERS, BEGINNINGS, InviteForm, OpenForm, SurveyForm
from kfar.doors.web.who import staff_only
from kfar.doors.words import number, share
from kfar.ground.errors import Refused
from kfar.loop import surveying as survey_loop
from kfar.rooms.village import queries as village
from kfar.rooms.village.queries import Staff
from kfar.rooms.voice.questionnaire import surveyjs
from kfar.rooms.voice.surveys import commands, queries
from kfar.rooms.voice.surveys.commands import SURVEY
from kfar.rooms.voice.surveys.queries import Surveyed
from kfar.rooms.voice.surveys.rules import After, Stage


@require_GET
@staff_only
def surveys(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Show all surveys, newest first."""
    village.require(staff.id, SURVEY)
    rows = [
        (one, one.form.say(one.form.title, language_of(one.form)), surveying.stands(one.stage))
        for one in queries.surveys()
    ]
    return render(request, "web/surveys.html", {"surveys": rows})


@require_http_methods(["GET", "POST"])
@staff_only
def make(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Make a survey of one to begin with, or of one's own JSON."""
    village.require(staff.id, SURVEY)
    form = SurveyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            made = commands.make(
                by=staff.id,
                text=form.json(),
                once=said["once"],
                without_unknown=said["without_unknown"],
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("Made. Look at it, then open it."))
            return redirect("web:survey", made)
    context = {"form": form, "beginnings": BEGINNINGS}
    return render(request, "web/survey_new.html", context, status=422 if form.errors else 200)


@require_GET
@staff_only
def survey(request: HttpRequest, staff: Staff, survey_id: UUID) -> HttpResponse:
    """Show a survey: what it asks, how it goes, what came out so far."""
    return _page(request, staff, survey_id)


@require_POST
@staff_only
def open_it(request: HttpRequest, staff: Staff, survey_id: UUID) -> HttpResponse:
    """Take answers from now on."""
    form = OpenForm(request.POST)
    if form.is_valid():
        try:
            commands.open_survey(by=staff.id, survey_id=survey_id, **form.cleaned_data)
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("It is open. Invite customers, or share its address."))
            return redirect("web:survey", survey_id)
    return _page(request, staff, survey_id, opening=form)


@require_POST
@staff_only
def count(request: HttpRequest, staff: Staff, survey_id: UUID) -> HttpResponse:
    """Take how many answers of each kind there are to be."""
    one = _one(staff, survey_id)
    form = _quotas(one, request.POST)
    if form.is_valid():
        try:
            survey_loop.set_quotas(
                by=staff.id,
                survey_id=survey_id,
                counted=form.counted(),
                until_full=form.cleaned_data["until_full"],
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("Saved. Answers that are there count."))
            return redirect("web:survey", survey_id)
    return _page(request, staff, survey_id, counting=form)


@require_POST
@staff_only
def close(request: HttpRequest, staff: Staff, survey_id: UUID) -> HttpResponse:
    """Take no answers any more."""
    commands.close(by=staff.id, survey_id=survey_id)
    return redirect("web:survey", survey_id)


@require_POST
@staff_only
def invite(request: HttpRequest, staff: Staff, survey_id: UUID) -> HttpResponse:
    """Invite those who agreed to be asked and were not asked lately."""
    form, one = InviteForm(request.POST), _one(staff, survey_id)
    there = queries.may_be_asked(one.id, texting=texts.ready()) if one.stage is Stage.OPEN else 0
    if not form.is_valid() or not form.sure(there):
        return _page(request, staff, survey_id, inviting=form)
    done = commands.invite(
        by=staff.id, survey_id=survey_id, most=form.cleaned_data["most"], texting=texts.ready()
    )
    if texts.ready():  # some get a text message instead
        said = ngettext("%(n)s customer is asked now.", "%(n)s customers are asked now.", done)
    else:
        said = ngettext("%(n)s customer gets a mail now.", "%(n)s customers get a mail now.", done)
    messages.success(request, said % {"n": number(done)})
    return redirect("web:survey", survey_id)


@require_GET
@staff_only
def definition(request: HttpRequest, staff: Staff, survey_id: UUID) -> HttpResponse:
    """Give what is asked as SurveyJS's JSON."""
    text = surveyjs.dumps(_one(staff, survey_id).form)
    return _file(HttpResponse(text, content_type="application/json"), f"survey-{survey_id}.json")


@require_GET
@staff_only
def answers_csv(request: HttpRequest, staff: Staff, survey_id: UUID) -> HttpResponse:
    """Give the answers for a spreadsheet, without who gave them."""
    one = _one(staff, survey_id)
    response = StreamingHttpResponse(queries.answers_csv(one.id), content_type="text/csv")
    return _file(response, f"answers-{one.id}.csv")  # type: ignore[arg-type]


@require_GET
@staff_only
def answers_json(request: HttpRequest, staff: Staff, survey_id: UUID) -> HttpResponse:
    """Give the answers for programs, without who gave them."""
    one = _one(staff, survey_id)
    rows = (
        {"id": given.id, "at": given.at.isoformat(), "language": given.language}
        | {"answers": dict(given.answers)}
        for given in queries.answers(one.id)
    )
    response = StreamingHttpResponse(surveying.json_of(rows), content_type="application/json")
    return _file(response, f"answers-{one.id}.json")  # type: ignore[arg-type]


def _page(
    request: HttpRequest,
    staff: Staff,
    survey_id: UUID,
    *,
    opening: OpenForm | None = None,
    inviting: InviteForm | None = None,
    counting: QuotasForm | None = None,
) -> HttpResponse:
    one = _one(staff, survey_id)
    found, language = queries.outcome(one.id), language_of(one.form)
    context: dict[str, Any] = {
        "one": one,
        "title": one.form.say(one.form.title, language),
        "stands": surveying.stands(one.stage),
        "spoken": language,
        "languages": sorted(one.form.languages),
        "questions": surveying.questions(one.form, language),
        "found": found,
        "came_share": share(found.came / found.invited) if found and found.invited else "",
        "shown": surveying.shown(one.form, found, language) if found else [],
        "cells": surveying.cells(one, language),
        "counting": (counting or _quotas(one)) if one.stage is not Stage.CLOSED else None,
        "opening": (opening or OpenForm()) if one.stage is Stage.DRAFT else None,
        "inviting": inviting or InviteForm(),
        "afters": AFTERS,
        "invites_after": dict(AFTERS).get(After(one.after)) if one.after else "",
    }
    if one.stage is Stage.OPEN:
        context |= {
            "may_be_asked": queries.may_be_asked(one.id, texting=texts.ready()),
            "link": links.survey(one.id, at=one.opened_at) if one.by_link else "",
            "tag": surveying.tag(one) if one.by_link else "",
        }
    wrong = any(form and form.errors for form in (opening, inviting, counting))
    return render(request, "web/survey.html", context, status=422 if wrong else 200)


def _quotas(one: Surveyed, data: QueryDict | None = None) -> QuotasForm:
    return QuotasForm(one.form, language_of(one.form), until_full=one.until_full, data=data)


def _one(staff: Staff, survey_id: UUID) -> Surveyed:
    village.require(staff.id, SURVEY)
    found = queries.survey(survey_id)
    if found is None:
        raise Refused("surveys.not_found")
    return found


def _file(response: HttpResponse, name: str) -> HttpResponse:
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response
