"""What customers write by mail: a voice, or more on one they have."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from kfar.ground.errors import Refused
from kfar.ground.text import LANGUAGES
from kfar.rooms.customers import commands as customers
from kfar.rooms.customers import queries as people
from kfar.rooms.customers.rules import Claim
from kfar.rooms.voice import commands
from kfar.rooms.voice.mail.reading import Attachment, Letter
from kfar.rooms.voice.models import Mail, Voice
from kfar.rooms.voice.rules import MOST
from kfar.rooms.voice.searching import commands as searching

#: What tells of customers who write.
SOURCE = "mail"


@dataclass(frozen=True)
class Wrote:
    """A mail of a customer's as others may read it.

    `address` is where it says it comes from, which proves nothing. `text` is empty where the
    voice began with it. `message_id` is "<…>", or "" where it has none.
    """

    address: str
    subject: str
    text: str
    message_id: str
    attachments: tuple[Attachment, ...]
    at: datetime


@transaction.atomic
def take(*, letter: Letter, answers: UUID | None = None) -> UUID:
    """Take in what somebody wrote by mail; return the id of the voice it belongs to.

    From proves nothing, so it counts as what a page was told (decision 0008): it finds who is
    known by that address, and nobody is let in by it or gets a name. `answers` is the voice of
    the letter of ours that it answers; more on a voice of the same person opens that again.
    The same mail twice is one. Words that are too long for a voice end with "…"; the rest is
    in the mailbox. Refuses with `voice.too_many_mails` where that customer has written
    `KFAR_MAILS` times within a day.
    """
    now = timezone.now()
    claim = Claim(
        source=SOURCE,
        at=now,
        email=letter.address,
        name=letter.name,
        language=letter.language,
    )
    [by] = customers.resolve(claims=[claim])
    if by is None:
        raise Refused("customers.not_found")
    customers.hold(customer_id=by)
    before = Mail.objects.filter(pk=letter.key).values_list("voice_id", flat=True).first()
    if before is not None:
        return before
    selves = people.selves(by)
    lately = Mail.objects.filter(voice__customer__in=selves, at__gt=now - timedelta(days=1))
    if lately.count() >= settings.KFAR_MAILS:
        raise Refused("voice.too_many_mails", most=settings.KFAR_MAILS)
    text = letter.text if len(letter.text) <= MOST else letter.text[: MOST - 1] + "…"
    voice = _answered(selves, answers, letter.answers)
    if voice is None:
        language = letter.language if letter.language in LANGUAGES else people.spoken(by)
        voice_id = commands.say(by=by, text=text, language=language or settings.LANGUAGE_CODE)
    else:
        voice_id = voice.pk
        commands.go_on(voice_id=voice_id, by=by, at=now)
    Mail.objects.create(
        key=letter.key,
        voice_id=voice_id,
        address=letter.address,
        subject=letter.subject,
        text=text if voice else "",
        message_id=letter.message_id,
        attachments=[[one.name, one.type, one.size] for one in letter.attachments],
        at=now,
    )
    searching.index(voices=[voice_id])
    return voice_id


def mails(voice_ids: Iterable[UUID]) -> dict[UUID, list[Wrote]]:
    """Return the mails of these voices, oldest first; voices without are left out."""
    found: dict[UUID, list[Wrote]] = {}
    for row in Mail.objects.filter(voice__in=set(voice_ids)).order_by("at", "key"):
        wrote = Wrote(
            address=row.address,
            subject=row.subject,
            text=row.text,
            message_id=row.message_id,
            attachments=tuple(Attachment(*one) for one in row.attachments),
            at=row.at,
        )
        found.setdefault(row.voice_id, []).append(wrote)
    return found


def mailed(voice_ids: Iterable[UUID]) -> set[UUID]:
    """Return those of these voices that came by mail."""
    rows = Mail.objects.filter(voice__in=set(voice_ids))
    return set(rows.values_list("voice_id", flat=True))


def _answered(selves: list[UUID], answers: UUID | None, message_ids: Iterable[str]) -> Voice | None:
    """Return the voice a mail goes on with, held: by our letter, or by a mail of theirs."""
    theirs = Voice.objects.select_for_update().filter(customer__in=selves)
    found = theirs.filter(pk=answers).first() if answers else None
    if found is None:
        before = Mail.objects.filter(message_id__in=list(message_ids), voice__customer__in=selves)
        voice_id = before.order_by("-at").values_list("voice_id", flat=True).first()
        found = theirs.filter(pk=voice_id).first() if voice_id else None
    return found
