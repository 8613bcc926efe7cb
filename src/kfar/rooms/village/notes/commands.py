"""Notes written, mentions done."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from kfar.ground.errors import Refused
from kfar.ground.gone import Gone
from kfar.lake import audit
from kfar.lake.outbox import announce
from kfar.rooms.village import queries as village
from kfar.rooms.village.facts import Noted
from kfar.rooms.village.models import Mention, Note
from kfar.rooms.village.notes import rules

NOTE = "village.note"


@transaction.atomic
def write(
    *, by: UUID, customer_id: UUID, text: str, once: UUID, voice_id: UUID | None = None
) -> UUID:
    """Write a note about a customer for others here; return `once`: sent twice, written once.

    Whoever is named by "@" finds it among their mentions. Refuses with `village.may_not` and
    what `rules.check_note` and `rules.mentioned` say.
    """
    village.require(by, NOTE)
    text = rules.check_note(text)
    people = {one.id: (one.name, one.email) for one in village.everyone()}
    named = rules.mentioned(text, people)
    row, new = Note.objects.get_or_create(
        pk=once,
        defaults={"customer_id": customer_id, "voice_id": voice_id, "by_id": by, "text": text},
    )
    if new:
        Mention.objects.bulk_create(Mention(note=row, employee_id=one) for one in named)
        audit.note(act="village.noted", customer_id=customer_id, employee_id=by)
        if named:
            announce(Noted(note_id=once, at=row.at))
    return row.pk


@transaction.atomic
def done(*, by: UUID, mention_id: int) -> None:
    """Note that who was named is done with it. Twice is once.

    Refuses with `village.may_not` and, for whom it does not name, `village.no_such_mention`.
    """
    village.require(by, NOTE)
    row = Mention.objects.select_for_update().filter(pk=mention_id, employee=by).first()
    if row is None:
        raise Refused("village.no_such_mention")
    if row.done_at is None:
        row.done_at = timezone.now()
        row.save(update_fields=["done_at"])


@transaction.atomic
def forget(*, customers: Collection[UUID]) -> Gone:
    """Erase what was noted about these customers."""
    rows = Note.objects.filter(customer_id__in=customers)
    ids = list(rows.values_list("pk", flat=True))
    return Gone.of(rows.delete()[1], ids)
