"""Invitations of customers to people they know: one letter each, to who may be no customer."""

from __future__ import annotations

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import translation

from kfar import loop
from kfar.doors import links
from kfar.doors.mail import maildir
from kfar.rooms.customers import queries as customers
from kfar.rooms.customers.names import EMAIL
from kfar.rooms.customers.ties import commands
from kfar.rooms.customers.ties.commands import Waiting
from kfar.rooms.decisions import limiting

log = structlog.get_logger(__name__)


def send_invitations() -> int:
    """Send the invitations that wait; return how many went out."""
    sent = 0
    for letter in commands.claim_letters():
        try:
            _send(letter)
        except Exception as error:
            # The class alone: a message may carry an address. It is tried again.
            log.error("invitation.failed", error=type(error).__name__)
            continue
        commands.sent(invitation_id=letter.id)
        sent += 1
    return sent


def _send(letter: Waiting) -> None:
    """Write in the language of who is written to, where it is known; else of who invites."""
    reader = customers.by_handle(EMAIL, letter.address)
    spoken = (customers.spoken(reader) if reader else "") or customers.spoken(letter.by)
    with translation.override(spoken or settings.LANGUAGE_CODE):
        stop = links.no_ties(letter.id, letter.at)
        context = {
            "company": settings.KFAR_COMPANY,
            "name": letter.name,
            "link": links.tie(letter.id, letter.at),
            "stop": stop,
            "until": letter.until,
        }
        written = render_to_string("mail/tie-invited.txt", context)
        subject, _, text = written.strip().partition("\n")
        message = EmailMessage(
            subject=" ".join(subject.split()),
            body=text.strip() + "\n",
            to=[letter.address],
            headers={
                "Message-ID": f"<{letter.id}@kfar>",
                "Auto-Submitted": "auto-generated",
                "List-Unsubscribe": f"<{stop}>",
                maildir.NAMES: limiting.sealed(maildir.NAMES, str(letter.by)),
            },
        )
        message.send()


loop.chores += [send_invitations]
