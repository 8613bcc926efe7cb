"""Votes by text message, as Twilio posts them."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from kfar.doors import texts, words
from kfar.doors.ballots import ballot_words
from kfar.ground.ballots import Form
from kfar.rooms.decisions import texts as decisions
from kfar.rooms.decisions.admitting import Door
from kfar.rooms.decisions.texts import Answer

#: What is said to who wants no text messages, and to who wants them again.
WISHED = {
    "stop": gettext_lazy("You get no more text messages from us. START lets them come again."),
    "start": gettext_lazy("Text messages come to you again. STOP ends them."),
}


@csrf_exempt
@require_POST
def twilio(request: HttpRequest) -> HttpResponse:
    """Take a vote; answer it in the language of who sent it. Only what Twilio signed is read."""
    fields = {name: [str(each) for each in values] for name, values in request.POST.lists()}
    url = settings.KFAR_URL + request.get_full_path()
    mark = request.headers.get("X-Twilio-Signature", "")
    if not texts.signed(mark, settings.KFAR_TWILIO[1], url, fields):
        return HttpResponse(status=403)
    number, message = request.POST.get("From", ""), request.POST.get("MessageSid", "")
    if not message:
        return HttpResponse(status=400)
    answer = decisions.take(number=number, text=request.POST.get("Body", ""), message=message)
    with translation.override(decisions.language(number)):
        said = texts.twiml("" if answer.silent else _said(answer))
    return HttpResponse(said, content_type="text/xml; charset=utf-8")


def _said(answer: Answer) -> str:
    """The answer, as short as it can be said."""
    if answer.wish:
        return str(WISHED[answer.wish])
    if answer.refused is not None:
        return words.sentence(answer.refused)
    if not answer.open:
        return _("No question takes text messages now.")
    if answer.about is None:
        which = "; ".join(f"{d.keyword}: {_short(d)}" for d in answer.open)
        return _("Begin with the word of the question you mean. %(which)s") % {"which": which}
    manifest = answer.about.manifest
    if not answer.text:
        options = ", ".join(
            f"{n} {words.text_in(option)}" for n, option in enumerate(manifest.options, 1)
        )
        return f"{_short(answer.about)} {_how(manifest.paper.form)} {options}"
    return _("Your vote counts: %(ballot)s. Another text changes it until %(moment)s.") % {
        "ballot": ballot_words(answer.text, manifest),
        "moment": words.moment(answer.about.closes_at),
    }


def _how(form: Form) -> str:
    match form:
        case Form.CHOICES:
            return _("Answer with a number:")
        case Form.RANKING:
            return _("Answer with the numbers in your order, as 2 1 3:")
        case _:
            return _("Answer with numbers and how much, as 1:5 2:3:")


def _short(door: Door) -> str:
    return words.short(words.text_in(door.manifest.text), 60)
