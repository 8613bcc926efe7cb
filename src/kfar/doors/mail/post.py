"""The post: letters that wait, written in the reader's language, and sent."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string
from django.utils import translation

from kfar import loop
from kfar.doors import calendars, links, mailbox, texts
from kfar.doors.channels import replying
from kfar.doors.mail import maildir
from kfar.doors.mail import meetings as told
from kfar.doors.mail.tells import TELLS
from kfar.ground.limits import windows
from kfar.loop import reaching
from kfar.loop.answering import undelivered
from kfar.rooms.customers import erasure
from kfar.rooms.customers import queries as customers
from kfar.rooms.customers.erasure import Leaving
from kfar.rooms.customers.models import Step
from kfar.rooms.customers.names import EMAIL
from kfar.rooms.customers.queries import Person
from kfar.rooms.decisions import limiting, notices
from kfar.rooms.decisions import texts as voting
from kfar.rooms.decisions.limiting import Spend
from kfar.rooms.decisions.rules import OPEN
from kfar.rooms.promises import commands as promises
from kfar.rooms.promises.models import Letter
from kfar.rooms.village.meetings.queries import Met
from kfar.rooms.village.meetings.rules import Stands
from kfar.rooms.voice import mailing
from kfar.rooms.voice import queries as voices
from kfar.rooms.voice.channels import queries as channels
from kfar.rooms.voice.mailing import Wrote
from kfar.rooms.voice.surveys.rules import Stage

log = structlog.get_logger(__name__)

#: Letters of which there is a text message: what came of a vote in which phones take part, an
#: invitation to a survey, what was decided for somebody, and what they may choose to hear of so.
TEXTED = frozenset(
    {
        *("remedy-given", "remedy-undone"),
        *("question-closed", "question-withdrawn", "survey-invited", "changed"),
        "follow-up",
        *("promise-kept", "promise-made", "promise-moved", "promise-broken"),
    }
)
#: What the letters are about for which customers choose how to hear of it.
HEARING = {
    "changed": customers.OUTCOMES,
    "follow-up": customers.FOLLOWED,
    "in-return-asked": customers.PROMISED,
    "in-return-due": customers.PROMISED,
    "promise-broken": customers.PROMISED,
    "promise-kept": customers.PROMISED,
    "promise-made": customers.PROMISED,
    "promise-moved": customers.PROMISED,
}
#: So many of somebody's own words stand in one letter.
MOST_WORDS = 3

#: When a goodbye that could not be sent is tried again.
AGAIN = timedelta(minutes=5)


def send_waiting() -> int:
    """Send the letters that wait; return how many went out."""
    # What a letter tells of is looked up once a round, not once for each of its readers.
    tells = lru_cache(maxsize=100)(lambda what, about: TELLS[what](about))
    connection = get_connection()
    try:
        return promises.send_waiting(send=lambda letter: send(letter, tells, connection))
    finally:
        connection.close()


def send(
    letter: Letter, tells: Callable[[str, UUID], dict[str, Any]], connection: BaseEmailBackend
) -> str:
    """Write one letter in its customer's language and send it; nothing to nobody's address.

    What a channel brought is answered there, where that can be done. Else it goes as they chose,
    or by mail, and where there is no mailbox as a text message, where there is one of it. Returns
    how it went out, "" where it did not: then a voice of which it was to tell waits again.
    """
    person = customers.person(letter.customer_id)
    if person is None:
        return ""
    wish = _wish(letter.what, person.id)
    if wish == customers.NO_WAY:
        return ""
    found = _own_words(person, letter, tells(letter.what, letter.about))
    if _too_late(letter, person, found):
        return ""
    voice_ids = [found["voice"].id] if found.get("voice") else []
    wrote = next(iter(mailing.mails(voice_ids).values()), [])
    posts = next(iter(channels.posts(voice_ids).values()), [])
    back = replying.back(posts)
    if back is not None and reaching.stopped(back) and person.email:
        back = None  # whoever wants no more texts may still be written to
    # A voice that came by mail is answered where it came from, known or not, and nowhere else.
    mailed = wrote[0].address if wrote and not wrote[0].text else ""
    to = mailed or replying.mailed(posts) or _asked_from(person, found) or person.email
    rather = wish == customers.BY_TEXT and not mailed
    if back is None and (rather or not to) and ((way := _text(letter, person, found)) or not to):
        return way or _lost(letter, person, found)
    with translation.override(person.language):
        context = {
            "company": settings.KFAR_COMPANY,
            "language": person.language,
            "direction": "rtl" if translation.get_language_bidi() else "ltr",
            **found,
            **_links(letter, person, found),
        }
        if back is not None:
            way = replying.send(
                voice_id=context["voice"].id,
                letter_id=letter.pk,
                what=letter.what,
                context=context,
                to=back,
                stopped=limiting.stopped,
                tries=letter.tries,
            )
            if way or not to:
                return way or _lost(letter, person, found)
        subject, text = write(letter.what, context)
        if wrote and (before := wrote[0].subject):
            subject = before if before.lower().startswith("re:") else f"Re: {before}"
        message = EmailMultiAlternatives(
            subject=subject,
            body=text,
            to=[to],
            connection=connection,
            # The same letter sent twice is one letter to a mail program.
            headers={
                "Message-ID": f"<{letter.pk}@kfar>",
                "Auto-Submitted": "auto-generated",
                **answering(wrote),
            },
        )
        html = render_to_string("mail/letter.html", {**context, "text": text})
        message.attach_alternative(html, "text/html")
        if meeting := found.get("meeting"):
            invitation = calendars.for_guest(meeting, person, context["link"])
            message.attach(calendars.attached(invitation))
        connection.open()  # once a round: it does nothing where it is open
        message.send()
    return customers.BY_EMAIL


def _lost(letter: Letter, person: Person, found: Mapping[str, Any]) -> str:
    """Say of the voices of which a letter was to tell that nobody gets it; return ""."""
    said_by, voice = found.get("said_by"), found.get("voice")
    ids = list(said_by(person.id)) if said_by else [voice.id] if voice else []
    undelivered(letter.what, ids)
    return ""


def _asked_from(person: Person, found: Mapping[str, Any]) -> str:
    """Return the address a link was asked for from, while it is theirs; "" for other letters."""
    link = found.get("send_back")
    return link.address if link and (EMAIL, link.address) in person.names else ""


def _links(letter: Letter, person: Person, found: Mapping[str, Any]) -> dict[str, Any]:
    """Return the addresses that are this customer's own, and what is said beside them."""
    context: dict[str, Any] = {}
    if poll := found.get("poll"):
        context["link"] = links.ballot(poll.id, person.id, letter.at)
    if notice := found.get("notice"):
        context["link"] = links.change(notice.id, person.id, letter.at)
        own = notices.speaks_for(notice, person.id)
        context["own"] = [(one, notice.shipping(one.account_id)) for one in own]
    if consultation := found.get("consultation"):
        context["link"] = links.consultation(consultation.id, person.id, letter.at)
    if survey := found.get("survey"):
        context["link"] = links.survey(survey.id, person.id, letter.at)
        context["survey_title"] = survey.form.say(survey.form.title, person.language)
    if back := found.get("send_back"):
        context["link"] = links.send_back(back.id, person.id, letter.at)
    if asked := found.get("asked"):
        address = links.after(asked.id, person.id, letter.at)
        context |= {"yes": f"{address}?good=yes", "no": f"{address}?good=no"}
    if given := found.get("given"):
        context["link"] = links.in_return(given.id, person.id, letter.at)
    if meeting := found.get("meeting"):
        context["link"] = links.meeting(meeting.id, person.id, letter.at)
    if voice := found.get("voice"):
        context["good"] = links.good(voice.id, person.id, letter.at)
    return context


def _wish(what: str, customer_id: UUID) -> str:
    """Return how somebody wants to hear of what a letter is about, "" where they did not say."""
    purpose = HEARING.get(what)
    return customers.ways(purpose, [customer_id]).get(customer_id, "") if purpose else ""


def _own_words(person: Person, letter: Letter, found: dict[str, Any]) -> dict[str, Any]:
    """Add to what a letter tells of what they had said, the latest first, and their links."""
    customer_id = person.id
    if (promise := found.get("promise")) and promise.open:
        found = found | {"release": links.promise(promise.id, customer_id, letter.at)}
    said_by = found.get("said_by")
    rows = voices.by_id(said_by(customer_id)).values() if said_by else ()
    said = sorted(rows, key=lambda one: one.heard_at, reverse=True)
    if not said:
        return found
    shown = [(one, links.good(one.id, customer_id, letter.at)) for one in said[:MOST_WORDS]]
    # By the first it is answered in its thread, where it came by mail.
    by = said[0] if person.email or reaching.texted(person) else _answered_by(said)
    mine = {"said": shown, "voice": by, "more": len(said) - len(shown)}
    # Who has a voice reads their own words.
    return found | mine | {"poll": None, "consultation": None}


def _answered_by(said: Sequence[voices.Said]) -> voices.Said:
    """Return the latest voice that can be answered where it was said, else the latest."""
    there = reaching.there([one.id for one in said])
    return next((one for one in said if one.id in there), said[0])


def _too_late(letter: Letter, person: Person, found: Mapping[str, Any]) -> bool:
    """Return whether what a letter asks for is over, or the customer no longer wants to be asked.

    What takes an invitation back is sent in any case.
    """
    if letter.what == "meeting-cancelled":
        return False
    if letter.what == "meeting-accepted":  # they said so: nothing is asked of them
        return not _comes(found.get("meeting"), person)
    names = ("survey", "asked", "meeting", "given")
    survey, asked, meeting, given = (found.get(name) for name in names)
    over = (
        (survey and survey.stage is not Stage.OPEN)
        or (asked and asked.answered_at)
        or (meeting and meeting.stands is not Stands.PLANNED)
        or (given and not (given.asked if letter.what == "in-return-asked" else given.open))
    )
    asks = survey or asked or meeting or given
    return bool(over or (asks and customers.ASK not in person.consents))


def _comes(meeting: Met | None, person: Person) -> bool:
    """Return whether a meeting is still to come, and they to it."""
    if meeting is None or meeting.stands is not Stands.PLANNED:
        return False
    own = set(customers.selves(person.id))
    return any(guest.comes for guest in meeting.guests if guest.customer_id in own)


def answering(wrote: Sequence[Wrote]) -> dict[str, str]:
    """Return the header fields by which a letter stands below the mails it answers (RFC 5322)."""
    ids = [mail.message_id for mail in wrote if mail.message_id]
    # So many as fit a server's idea of a header; programs look at the ends.
    return {"In-Reply-To": ids[-1], "References": " ".join(ids[-10:])} if ids else {}


def _text(letter: Letter, person: Person, found: Mapping[str, Any]) -> str:
    """Send a letter to a number, in four messages' length at most.

    Unlike a mail it has no name by which a phone knows it again: killed between sending it and
    noting that, we send it twice. Refuses `decisions.too_often` where it would cost too much,
    and `texts.not_sent`.
    """
    number = person.phone
    link = _leads_to(letter, person, found) if letter.what in TEXTED else ""
    if not link:
        return ""
    if not number or not texts.ready() or limiting.stopped(number):
        return ""
    limiting.spend(spends=[Spend("letters", "", windows(settings.KFAR_TEXTS))])
    spoken = voting.language(number) if found.get("poll") else person.language
    with translation.override(spoken):
        context = {"company": settings.KFAR_COMPANY, "link": link, **found}
        said = render_to_string(f"mail/text/{letter.what}.txt", context).strip()
    texts.texter().send(to=number, text=texts.plain(said))
    return customers.BY_TEXT


def _leads_to(letter: Letter, person: Person, found: Mapping[str, Any]) -> str:
    """Return the address that stands in a text message; "" where none is to be sent."""
    poll, survey = found.get("poll"), found.get("survey")
    if poll is not None:
        own = links.ballot(poll.id, person.id, letter.at) if letter.what == "changed" else ""
        return links.page("web:question", poll.id) if poll.manifest.audience in OPEN else own
    if survey is not None and survey.stage is Stage.OPEN and customers.ASK in person.consents:
        return links.survey(survey.id, person.id, letter.at)
    if asked := found.get("asked"):
        return links.after(asked.id, person.id, letter.at)
    return _what_came(letter, person, found)


def _what_came(letter: Letter, person: Person, found: Mapping[str, Any]) -> str:
    """Return where somebody sees what came of what they said, "" where a letter tells no such."""
    voice, said, one = found.get("voice"), found.get("said"), found.get("consultation")
    if letter.what == "remedy-given" and voice is not None:
        return links.good(voice.id, person.id, letter.at)
    if letter.what == "changed" and one is not None:
        return links.consultation(one.id, person.id, letter.at)
    if letter.what in HEARING:
        return str(said[0][1]) if said else links.page("web:me-promises")
    return links.page("web:me") if letter.what == "remedy-undone" else ""


def say_goodbye() -> int:
    """Tell those who are erased that nothing is left, and remove mails to them that lie here.

    Returns how many. A mail server that is away is tried again for a day (`kfar.erasing`).
    """
    gone = [leaving for leaving in erasure.leaving() if leaving.step is Step.ERASED]
    for leaving in gone:
        try:
            mails = _remove(leaving.addresses)
            _goodbye(leaving)
        except Exception as error:
            # The class alone: a message may carry an address.
            log.error("goodbye.failed", error=type(error).__name__)
            erasure.put_off(erasure_id=leaving.id, wait=AGAIN)
            continue
        # Letters to others, in which they invited them, too.
        named = {limiting.sealed(maildir.NAMES, str(own)) for own in leaving.customers}
        mails += maildir.remove(leaving.addresses, named)
        erasure.go_on(erasure_id=leaving.id, before=Step.ERASED, to=Step.TOLD, mails=mails)
    return len(gone)


def _remove(addresses: Collection[str]) -> int:
    """Delete what they wrote from the mailbox, where there is one."""
    if not settings.KFAR_IMAP_URL:
        return 0
    with mailbox.opened() as box:
        return box.remove(addresses)


def _goodbye(leaving: Leaving) -> None:
    if not leaving.email:
        return
    with translation.override(leaving.language):
        link = links.page("web:erased", leaving.id)
        context = {"company": settings.KFAR_COMPANY, "link": link}
        subject, text = write("erased", context)
        headers = {"Message-ID": f"<{leaving.id}@kfar>", "Auto-Submitted": "auto-generated"}
        EmailMessage(subject=subject, body=text, to=[leaving.email], headers=headers).send()


def write(what: str, context: dict[str, Any]) -> tuple[str, str]:
    """Return subject and text of a letter; the template's first line is the subject."""
    written = render_to_string(f"mail/{what}.txt", context)
    subject, _, text = written.strip().partition("\n")
    return " ".join(subject.split()), text.strip() + "\n"


loop.chores += [send_waiting, told.send_unsent, say_goodbye]
