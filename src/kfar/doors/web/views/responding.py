"""Surveys as customers answer them: page by page, by the link in a letter or one for all."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from uuid import UUID, uuid4

from allauth.core import ratelimit
from csp.decorators import csp_replace
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_GET, require_http_methods

from kfar.doors import links
from kfar.doors.web import questionnaires, who
from kfar.doors.web.origins import from_own_pages
from kfar.doors.web.questionnaires import Sent
from kfar.doors.web.views.errors import message, too_many
from kfar.ground.errors import Refused
from kfar.loop import surveying
from kfar.rooms.customers import commands as customers
from kfar.rooms.voice.questionnaire import quotas
from kfar.rooms.voice.questionnaire.form import Form
from kfar.rooms.voice.questionnaire.quotas import Traits
from kfar.rooms.voice.surveys import commands, queries
from kfar.rooms.voice.surveys.queries import Surveyed
from kfar.rooms.voice.surveys.rules import Stage

#: The tag, served as it is written: small enough without being minified.
SCRIPT = Path(__file__).parents[1] / "static" / "kfar" / "ask.js"


@require_http_methods(["GET", "POST"])
def respond(request: HttpRequest, token: str) -> HttpResponse:
    """Ask a customer, or whoever has the address; take the answers once all is said."""
    survey_id, *invited = links.opened(token, "ask")
    return _asked(request, survey_id, _customer(request, invited))


@require_http_methods(["GET", "POST"])
@xframe_options_exempt
@csp_replace({"frame-ancestors": ["*"]})  # type: ignore[untyped-decorator]
@from_own_pages
def embedded(request: HttpRequest, token: str) -> HttpResponse:
    """Ask whoever has the address, in a frame on any site: no cookie is set nor looked at.

    So it is nobody known who answers; what was made for one customer does not open here.
    """
    survey_id, *invited = links.opened(token, "ask")
    if invited:
        raise Refused("links.forged")
    return _asked(request, survey_id, None, framed=True)


@require_GET
def script(_request: HttpRequest) -> HttpResponse:
    """Give the tag by which a survey stands on any site."""
    response = HttpResponse(SCRIPT.read_bytes(), content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "public, max-age=3600"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _asked(
    request: HttpRequest, survey_id: UUID, customer_id: UUID | None, *, framed: bool = False
) -> HttpResponse:
    survey = queries.survey(survey_id)
    if survey is None:
        raise Refused("surveys.not_found")
    if "done" in request.GET or (customer_id and queries.has_answered(survey_id, customer_id)):
        return _thanks(request, survey, known=customer_id is not None, framed=framed)
    if survey.stage is not Stage.OPEN:
        return _over(request, survey, framed=framed)
    if not queries.may_answer(survey_id, customer_id):
        raise Refused("surveys.not_invited")
    form = quotas.stepwise(survey.form)
    post = request.method == "POST"
    at = questionnaires.sent(form, request.POST) if post else questionnaires.begun(form)
    known = surveying.traits(form, customer_id, questionnaires.language_of(form))
    whole = at.turn.page is None
    if whole and customer_id is None and not ratelimit.consume(request, action="take_part"):
        return too_many(request)
    once = request.POST.get("once", "")
    full = queries.enough(survey, at.answers, known)
    if full or (whole and not _take(survey, customer_id, at, once, known)):
        return _enough(request, survey, customer_id, framed=framed)
    if whole:
        spoken = urlencode({"language": request.GET.get("language", "")}) if framed else ""
        return redirect(f"{request.path}?done{spoken and '&'}{spoken}")
    return _sheet(request, survey, form, at, framed=framed)


def _take(survey: Surveyed, customer_id: UUID | None, at: Sent, once: str, traits: Traits) -> bool:
    """Take the answers; return whether they were needed."""
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
            traits=traits,
        )
    except Refused as refused:
        if refused.code == "surveys.cell_full":  # others came first
            return False
        if refused.code != "surveys.answered":
            raise
    return True


def _enough(
    request: HttpRequest, survey: Surveyed, customer_id: UUID | None, *, framed: bool
) -> HttpResponse:
    """Thank whoever is not needed any more, before they say the rest."""
    if customer_id is not None and request.method == "POST":
        commands.turn_away(survey_id=survey.id, by=customer_id)
    context = {"survey": survey, "known": customer_id is not None, "framed": framed}
    return render(request, "web/survey_enough.html", context)


def _sheet(
    request: HttpRequest, survey: Surveyed, form: Form, at: Sent, *, framed: bool
) -> HttpResponse:
    language = questionnaires.language_of(survey.form)
    context = {
        "survey": survey,
        "title": survey.form.say(survey.form.title, language),
        "about": survey.form.say(survey.form.description, language),
        "sheet": questionnaires.sheet(form, at, language),
        "spoken": language,
        "once": request.POST.get("once") or uuid4(),
        "framed": framed,
    }
    status = 422 if at.turn.slips else 200
    response = render(request, "web/respond.html", context, status=status)
    response["Cache-Control"] = "private"
    return response


def _thanks(request: HttpRequest, survey: Surveyed, *, known: bool, framed: bool) -> HttpResponse:
    context = {"survey": survey, "known": known, "framed": framed}
    return render(request, "web/responded.html", context)


def _over(request: HttpRequest, survey: Surveyed, *, framed: bool) -> HttpResponse:
    if survey.stage is Stage.DRAFT:
        raise Refused("surveys.not_open")
    if framed:  # there is no way to sign in from a frame
        return render(request, "web/survey_over.html", {"framed": True}, status=410)
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
