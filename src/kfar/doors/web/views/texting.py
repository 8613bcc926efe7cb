"""Text messages, of SMS and WhatsApp, as Twilio posts them: votes, and what customers say."""

from __future__ import annotations

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from kfar.doors import texts, words
from kfar.doors.ballots import ballot_words
from kfar.doors.texts import Came
from kfar.ground.ballots import Form
from kfar.ground.errors import Refused
from kfar.rooms.customers.names import phone
from kfar.rooms.decisions import limiting
from kfar.rooms.decisions import texts as decisions
from kfar.rooms.decisions.admitting import Door
from kfar.rooms.decisions.knowing.texting import wish
from kfar.rooms.decisions.knowing.texting import words as words_of
from kfar.rooms.decisions.texts import AGAIN, Answer
from kfar.rooms.voice.channels import hearing
from kfar.rooms.voice.channels import queries as channels
from kfar.rooms.voice.channels.rules import Kind, Message

log = structlog.get_logger(__name__)

#: What is said to who wants no text messages, and to who wants them again.
WISHED = {
    "stop": gettext_lazy("You get no more text messages from us. START lets them come again."),
    "start": gettext_lazy("Text messages come to you again. STOP ends them."),
}


@csrf_exempt
@require_POST
def twilio(request: HttpRequest) -> HttpResponse:
    """Take a vote, or what a customer says; answer it in the language of who sent it.

    Only what Twilio signed is read. Votes come by SMS alone.
    """
    fields = {name: [str(each) for each in values] for name, values in request.POST.lists()}
    url = settings.KFAR_URL + request.get_full_path()
    mark = request.headers.get("X-Twilio-Signature", "")
    if not texts.signed(mark, settings.KFAR_TWILIO[1], url, fields):
        return HttpResponse(status=403)
    came = texts.came(fields)
    if not came.message:
        return HttpResponse(status=400)
    answer = Answer(())
    if not came.whatsapp or wish(came.text):
        answer = decisions.take(number=came.number, text=came.text, message=came.message)
    with translation.override(decisions.language(came.number)):
        if _speaks(came, answer):
            said = _hear(came, answer)
        else:
            said = "" if answer.silent or (came.whatsapp and not answer.wish) else _said(answer)
    return HttpResponse(texts.twiml(said), content_type="text/xml; charset=utf-8")


def _speaks(came: Came, answer: Answer) -> bool:
    """Return whether a text is what a customer says, not a ballot, a try at one, or a wish.

    While a question takes texts, a word or two are rather a ballot that is spelt wrong.
    """
    number = phone(came.number)
    if not number or number == phone(settings.KFAR_TWILIO[2]):
        return False
    if answer.wish or answer.refused or answer.text:
        return False
    said = [word for word in words_of(came.text) if len(word) > 1 and not word.isdecimal()]
    return len(said) > 2 if answer.open else bool(said or came.files)


def _hear(came: Came, answer: Answer) -> str:
    """Let a text become a voice; return what to answer.

    Thanks go out when a voice begins, and to one number once a day: a phone that answers by
    itself gets no more to answer.
    """
    number = phone(came.number)
    channel = hearing.by_text(Kind.WHATSAPP if came.whatsapp else Kind.SMS)
    if channel is None:
        return "" if came.whatsapp or answer.silent else _said(answer)
    message = Message(
        id=came.message,
        text="\n".join([came.text, *came.files]),
        at=timezone.now(),
        phone=number,
        name=came.name,
        address=number,
        ours=came.ours,
        private=True,
    )
    try:
        voice_id = hearing.take(channel_id=channel, message=message)
        told = _("Thank you, we heard you. A person will read it.")
    except Refused as refused:
        voice_id, told = None, words.sentence(refused)
        log.info("texts.aside", why=refused.code)
        thanks = limiting.first(what=refused.code, whom=number, lasts=AGAIN)
    else:
        begun = voice_id is not None and len(channels.posts([voice_id])[voice_id]) == 1
        thanks = begun and limiting.first(what="thanks", whom=number, lasts=AGAIN)
    if not thanks or limiting.stopped(number):
        return ""
    return f"{told} {_said(answer)}" if answer.open else str(told)


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
