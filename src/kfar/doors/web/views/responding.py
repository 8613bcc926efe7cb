"""Surveys as customers answer them: page by page, by the link in a letter or one for all."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID, uuid4

from allauth.core import ratelimit
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kfar.doors import links
from kfar.doors.web import questionnaires, who
from kfar.doors.web.questionnaires import Sent
from kfar.doors.web.views.errors import message, too_many
from kfar.ground.errors import Refused
from kfar.rooms.customers import commands as customers
from kfar.rooms.voice.surveys import commands, queries
from kfar.rooms.voice.surveys.queries import Surveyed
from kfar.rooms.voice.surveys.rules import Stage


@require_http_methods(["GET", "POST"])
def respond(request: HttpRequest, token: str) -> HttpResponse:
    """Ask a customer, or whoever has the address; take the answers once all is said."""
    survey_id, *invited = links.opened(token, "ask")
    customer_id = _customer(request, invited)
    survey = queries.survey(survey_id)
    if survey is None:
        raise Refused("surveys.not_found")
    if "done" in request.GET or (customer_id and queries.has_answered(survey_id, customer_id)):
        return _thanks(request, survey, known=customer_id is not None)
    if survey.stage is not Stage.OPEN:
        return _over(request, survey)
    if not queries.may_answer(survey_id, customer_id):
        raise Refused("surveys.not_invited")
    post = request.method == "POST"
    at = (
        questionnaires.sent(survey.form, request.POST)
        if post
        else questionnaires.begun(survey.form)
    )
    if at.turn.page is None:
        if customer_id is None and not ratelimit.consume(request, action="take_part"):
            return too_many(request)
        _take(survey, customer_id, at, request.POST.get("once", ""))
        return redirect(f"{request.path}?done")
    return _sheet(request, survey, at)


def _take(survey: Surveyed, customer_id: UUID | None, at: Sent, once: str) -> None:
    number = uuid4()
    with suppress(ValueError):
        number = UUID(once)
    # Sent twice at once, the second is answered as the first was: with thanks.
    try:
        commands.respond(
            survey_id=survey.id,
            by=customer_id,
            answers=at.answers,
            language=questionnaires.language_of(survey.form),
            once=number,
        )
    except Refused as refused:
        if refused.code != "surveys.answered":
            raise


def _sheet(request: HttpRequest, survey: Surveyed, at: Sent) -> HttpResponse:
    language = questionnaires.language_of(survey.form)
    context = {
        "survey": survey,
        "title": survey.form.say(survey.form.title, language),
        "about": survey.form.say(survey.form.description, language),
        "sheet": questionnaires.sheet(survey.form, at, language),
        "spoken": language,
        "once": request.POST.get("once") or uuid4(),
    }
    status = 422 if at.turn.slips else 200
    response = render(request, "web/respond.html", context, status=status)
    response["Cache-Control"] = "private"
    return response


def _thanks(request: HttpRequest, survey: Surveyed, *, known: bool) -> HttpResponse:
    return render(request, "web/responded.html", {"survey": survey, "known": known})


def _over(request: HttpRequest, survey: Surveyed) -> HttpResponse:
    if survey.stage is Stage.DRAFT:
        raise Refused("surveys.not_open")
    return message(
        request,
        status=410,
        title=_("This survey is over"),
        text=_(
            "Thank you for coming. You can tell us what you want at any time: sign in, and say it."
        ),
    )


def _customer(request: HttpRequest, invited: list[UUID]) -> UUID | None:
    """Return who was invited, or else who signed in; who works here is nobody to a survey."""
    if invited:
        who.greet(request, invited[0])
        return invited[0]
    if not request.user.is_authenticated or who.staff(request) is not None:
        return None
    language = get_language() or settings.LANGUAGE_CODE
    return customers.recognise(login_id=request.user.pk, language=language)
