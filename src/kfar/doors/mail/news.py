"""News told to employees, in their language: a letter at once, or one of the day.

Nothing of the customer stands in it, neither name nor words: they are behind the link, for whoever
signs in.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation

from kfar import loop
from kfar.doors import links
from kfar.doors.mail.post import write
from kfar.rooms.service import queries as cases
from kfar.rooms.service.approving import queries as approving
from kfar.rooms.service.clocks import queries as clocks
from kfar.rooms.village.news import commands
from kfar.rooms.village.news.queries import Bundle, Told
from kfar.rooms.village.news.rules import What
from kfar.rooms.village.notes import queries as notes
from kfar.rooms.village.queries import Staff


def send_due() -> int:
    """Send employees what is due, the letter of the day while the company works."""
    return commands.send_due(send=_send, works=clocks.open_now())


def _send(letter: Bundle) -> bool:
    found = [FOUND[one.what](one, letter.to) | {"what": one.what.value} for one in letter.news]
    parts = [part for part in found if "link" in part]
    if not parts:
        return False
    with translation.override(letter.to.language or settings.LANGUAGE_CODE):
        context = {
            "company": settings.KFAR_COMPANY,
            "language": translation.get_language(),
            "direction": "rtl" if translation.get_language_bidi() else "ltr",
            "daily": letter.daily,
            "parts": parts,
            "wishes": links.page("web:news"),
        }
        subject, text = write("news", context)
        message = EmailMultiAlternatives(
            subject=subject,
            body=text,
            to=[letter.to.email],
            headers={"Message-ID": f"<{letter.id}@kfar>", "Auto-Submitted": "auto-generated"},
        )
        html = render_to_string("mail/letter.html", {**context, "text": text})
        message.attach_alternative(html, "text/html")
        message.send()
    return True


def _approval(one: Told, to: Staff) -> dict[str, Any]:
    asked = approving.one(one.about)
    if asked is None or asked.outcome is not None or asked.approver != to.id:
        return {}
    return {"asked": asked, "link": links.page("web:voice", asked.voice_id) + "#asked-title"}


def _case(one: Told, to: Staff) -> dict[str, Any]:
    waits = cases.given_to(one.about, to.id)
    return {"waits": waits, "link": links.page("web:voice", waits.voice_id)} if waits else {}


def _mention(one: Told, to: Staff) -> dict[str, Any]:
    note = notes.named(one.about, to.id)
    return {"by": note.by, "link": links.page("web:mentions")} if note else {}


#: What each is about; empty where it waits for them no more.
FOUND: dict[What, Callable[[Told, Staff], dict[str, Any]]] = {
    What.APPROVAL: _approval,
    What.APPROVAL_AGAIN: _approval,
    What.CASE: _case,
    What.MENTION: _mention,
}

loop.chores.append(send_due)
