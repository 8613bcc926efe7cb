"""How a consultation is closed, and what came out becomes what was published."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from kfar.lake.outbox import announce
from kfar.rooms.decisions import ledger
from kfar.rooms.decisions.closing import SAME_PERSON
from kfar.rooms.decisions.consultations import refreshing, sealing
from kfar.rooms.decisions.facts import ConsultationClosed
from kfar.rooms.decisions.models import Consultation, Opinion
from kfar.rooms.decisions.proving.lines import aside_line, close_line
from kfar.rooms.decisions.queries import utc


def close_due() -> int:
    """Close every consultation whose time has come, and publish what came out; how many."""
    due = Consultation.objects.filter(closed_at=None, closes_at__lte=timezone.now())
    return sum(_close(pk) for pk in due.values_list("pk", flat=True))


@transaction.atomic
def _close(consultation_id: UUID) -> bool:
    consultation = Consultation.objects.select_for_update().get(pk=consultation_id)
    if consultation.closed_at is not None:
        return False
    end(consultation, timezone.now())
    return True


def end(consultation: Consultation, at: datetime) -> None:
    """Close a consultation whose row is held: say what came out, once more and for good."""
    Opinion.objects.select_for_update().get(pk=consultation.pk)  # nobody else computes it now
    sealing.seal(consultation.pk)
    # Who spoke again as somebody else has one voice: from now on in the rows, too.
    again = [pk for pk, _ in refreshing.doubles(consultation.pk)]
    doubles = sealing.cast_in(consultation.pk).filter(pk__in=again)
    lines = [aside_line(str(n), SAME_PERSON) for n in doubles.values_list("number", flat=True)]
    doubles.update(votes=b"")
    refreshing.refresh(consultation.pk)
    consultation.closed_at = at
    consultation.save(update_fields=["closed_at"])
    ledger.append(consultation.pk, [*sorted(lines), close_line(utc(at))])
    announce(ConsultationClosed(consultation_id=consultation.pk, at=at))
