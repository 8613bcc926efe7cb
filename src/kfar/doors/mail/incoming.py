"""What customers write: fetched from the mailbox, heard once, and moved on."""

from __future__ import annotations

import time
from collections import Counter
from email.utils import parseaddr
from urllib.parse import unquote, urlsplit
from uuid import UUID

import structlog
from django.conf import settings

from kfar import loop
from kfar.doors import mailbox
from kfar.doors.mail.tells import TELLS
from kfar.ground.errors import Refused
from kfar.rooms.promises import queries as record
from kfar.rooms.voice import mailing
from kfar.rooms.voice.mail.guarding import Why, letter_of_ours
from kfar.rooms.voice.mail.reading import Letter, read

log = structlog.get_logger(__name__)

#: How many mails one round takes at most, and for how many seconds it goes on.
MOST, TURN = 200, 20.0


def fetch() -> int:
    """Take what lies in the inbox; return how many mails.

    A mail is heard in one transaction, then moved: killed between the two it is found known
    the next time, and moved. What is no voice is moved aside and counted.
    """
    if not settings.KFAR_IMAP_URL:
        return 0
    done, end = 0, time.monotonic() + TURN
    aside: Counter[str] = Counter()
    with mailbox.opened() as box:
        for uid in box.waiting(MOST):
            if time.monotonic() > end:
                break
            raw = box.read(uid)
            if raw is None:  # another worker was first
                continue
            try:
                why = hear(raw)
            except Exception as error:
                # It stays in the inbox. The class alone: a message may carry people's data.
                log.error("mail.failed", error=type(error).__name__)
                box.put_off(uid)
                continue
            aside.update([why] if why else [])
            box.move(uid, mailbox.UNREAD if why else mailbox.HEARD)
            done += 1
    if aside:
        log.info("mail.aside", **aside)
    return done


def hear(raw: bytes) -> str:
    """Let a mail become a voice, or go on with one; return why not, or ""."""
    letter = read(raw, ours=ours())
    if isinstance(letter, Why):
        return letter.value
    try:
        mailing.take(letter=letter, answers=_answered(letter))
    except Refused as refused:
        return refused.code.rpartition(".")[2]
    return ""


def ours() -> set[str]:
    """Return the addresses mails of ours come from, in small letters."""
    user = unquote(urlsplit(settings.KFAR_IMAP_URL).username or "")
    said = {parseaddr(settings.DEFAULT_FROM_EMAIL)[1].lower(), user.lower()}
    return {address for address in said if "@" in address}


def _answered(letter: Letter) -> UUID | None:
    """Return the voice of the letter of ours that a mail answers, None where it answers none."""
    for message_id in letter.answers:
        sent = letter_of_ours(message_id)
        told = record.letter(sent) if sent else None
        voice = TELLS[told.what](told.about).get("voice") if told else None
        if voice:
            return UUID(str(voice.id))
    return None


loop.listening.append(fetch)
