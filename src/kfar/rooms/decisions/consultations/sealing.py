"""How what people vote in a consultation enters its log: all votes of a person, sealed as one."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Min, QuerySet
from django.utils import timezone

from kfar.ground.ballots import commitment
from kfar.rooms.decisions import ledger
from kfar.rooms.decisions.consulting.packed import unpack
from kfar.rooms.decisions.models import Consultation, Participant
from kfar.rooms.decisions.proving.consultation import votes_text
from kfar.rooms.decisions.proving.lines import ballot_line
from kfar.rooms.decisions.proving.manifest import Tier

#: Who votes waits so long, and all who wait enter together in the order of their commitments:
#: a visit is a line or two, and the log does not say who voted when.
WAIT = timedelta(minutes=10)


def seal_due() -> int:
    """Put votes that wait into their logs and sign the new heads; return how many people's."""
    waiting = (
        Participant.objects.filter(sealed=None, consultation__closed_at=None)
        .exclude(votes=b"")
        .values("consultation")
        .annotate(first=Min("at"))
        .filter(first__lte=timezone.now() - WAIT)
    )
    return sum(_seal_due(one) for one in waiting.values_list("consultation", flat=True))


@transaction.atomic
def _seal_due(consultation_id: UUID) -> int:
    held = Consultation.objects.select_for_update().get(pk=consultation_id)
    return 0 if held.closed_at else seal(consultation_id)


def seal(consultation_id: UUID) -> int:
    """Put all that waits in a consultation, whose row is held, into its log; return how many."""
    waiting = cast_in(consultation_id).filter(sealed=None)
    lines = sorted(
        (bound(row), str(row.number), Tier.EMAIL if row.customer_id else Tier.LINK)
        for row in waiting.iterator()
    )
    length = ledger.append(
        consultation_id, [ballot_line(known, tier, commits) for commits, known, tier in lines]
    )
    return waiting.update(sealed=length)


def cast_in(consultation_id: UUID) -> QuerySet[Participant]:
    """Return who voted in a consultation, without those who did so again as somebody else."""
    return Participant.objects.filter(consultation=consultation_id).exclude(votes=b"")


def text(row: Participant) -> str:
    """Return what somebody voted as their commitment binds it."""
    return votes_text(unpack(bytes(row.votes)))


def bound(row: Participant) -> str:
    """Return the commitment to what somebody voted."""
    return commitment(str(row.consultation_id), str(row.number), row.nonce, text(row))
