"""The post: letters that wait, written in the reader's language, and sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation

from kfar import loop
from kfar.doors import links
from kfar.rooms.customers import queries as customers
from kfar.rooms.decisions import queries as decisions
from kfar.rooms.promises import commands as promises
from kfar.rooms.promises import queries as record
from kfar.rooms.promises.models import Letter
from kfar.rooms.service import queries as service
from kfar.rooms.voice import queries as voices


def send_waiting() -> int:
    """Send the letters that wait; return how many went out."""
    return promises.send_waiting(send=send)


def send(letter: Letter) -> None:
    """Write one letter in its customer's language and send it; nothing to nobody's address."""
    person = customers.person(letter.customer_id)
    if person is None or not person.email:
        return
    with translation.override(person.language):
        context = {
            "company": settings.KFAR_COMPANY,
            "language": person.language,
            "direction": "rtl" if translation.get_language_bidi() else "ltr",
            "person": person,
            **CONTEXTS[letter.what](letter.about, person.id),
        }
        subject, text = write(letter.what, context)
        message = EmailMultiAlternatives(
            subject=subject,
            body=text,
            to=[person.email],
            # The same letter sent twice is one letter to a mail program.
            headers={"Message-ID": f"<{letter.pk}@kfar>", "Auto-Submitted": "auto-generated"},
        )
        html = render_to_string("mail/letter.html", {**context, "text": text})
        message.attach_alternative(html, "text/html")
        message.send()


def write(what: str, context: dict[str, Any]) -> tuple[str, str]:
    """Return subject and text of a letter; the template's first line is the subject."""
    written = render_to_string(f"mail/{what}.txt", context)
    subject, _, text = written.strip().partition("\n")
    return " ".join(subject.split()), text.strip() + "\n"


def _remedy(about: UUID, customer_id: UUID) -> dict[str, Any]:
    remedy = service.remedy(about)
    voice = voices.voice(remedy.voice_id) if remedy else None
    return {
        "remedy": remedy,
        "voice": voice,
        "good": links.good(voice.id, customer_id) if voice else "",
    }


def _promise(about: UUID, customer_id: UUID) -> dict[str, Any]:
    promise = record.promise(about)
    found: dict[str, Any] = {"promise": promise}
    if promise and promise.voice_id:
        found["voice"] = voices.voice(promise.voice_id)
        found["good"] = links.good(promise.voice_id, customer_id)
        owed = record.for_voice(promise.voice_id)
        found["all_kept"] = all(p.kept_at for p in owed)
    if promise and promise.question_id:
        found["poll"] = decisions.question(promise.question_id)
        found["link"] = links.ballot(promise.question_id, customer_id)
    return found


def _question(about: UUID, customer_id: UUID) -> dict[str, Any]:
    poll = decisions.question(about)
    found: dict[str, Any] = {"poll": poll, "link": links.ballot(about, customer_id)}
    if poll and poll.tally:
        found["winners"] = [poll.options[n] for n in poll.tally.winners]
        found["rows"] = sorted(
            zip(poll.options, poll.tally.votes, strict=True), key=lambda row: -row[1]
        )
    return found


#: What each letter tells of, by its code.
CONTEXTS: dict[str, Callable[[UUID, UUID], dict[str, Any]]] = {
    "remedy-given": _remedy,
    "remedy-undone": _remedy,
    "promise-made": _promise,
    "promise-kept": _promise,
    "question-asked": _question,
    "question-closed": _question,
}

loop.chores.append(send_waiting)
