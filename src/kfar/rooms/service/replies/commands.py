"""What the team saves to answer with."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from kfar.ground.errors import Refused
from kfar.ground.text import LANGUAGES
from kfar.rooms.service.models import Reply
from kfar.rooms.service.replies import rules
from kfar.rooms.service.rules import MOST
from kfar.rooms.village import queries as village

#: What one has to be allowed to write what the team answers with.
SAVED = "service.saved"


@transaction.atomic
def write(*, by: UUID, title: str, language: str, text: str, once: UUID) -> UUID:
    """Save a reply under a title in one language, in place of the one there; return its id.

    Sent twice (`once`), it is saved once. Refuses with `village.may_not`, with what
    `rules.check_reply` says, `service.unknown_language` and `service.too_many_replies`.
    """
    village.require(by, SAVED)
    title, text = rules.check_reply(title, text, MOST)
    if language not in LANGUAGES:
        raise Refused("service.unknown_language")
    if Reply.objects.filter(pk=once).exists():
        return once
    here = Reply.objects.filter(gone_at=None)
    now = timezone.now()
    here.filter(title=title, language=language).update(gone_at=now)
    if here.count() >= rules.MANY:
        raise Refused("service.too_many_replies", most=rules.MANY)
    Reply.objects.create(pk=once, title=title, language=language, text=text, by_id=by, at=now)
    return once


@transaction.atomic
def remove(*, by: UUID, reply_id: UUID) -> None:
    """Offer a reply no more. Twice is once. Refuses `village.may_not`, `service.no_such_reply`."""
    village.require(by, SAVED)
    rows = Reply.objects.filter(pk=reply_id)
    if not rows.exists():
        raise Refused("service.no_such_reply")
    rows.filter(gone_at=None).update(gone_at=timezone.now())
