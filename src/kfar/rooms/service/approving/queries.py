"""Who is asked for what, until when, and what was said before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from kfar.ground.money import Money
from kfar.rooms.service.approving.rules import Outcome, alike
from kfar.rooms.service.models import Approval
from kfar.rooms.service.rules import Fault, Kind


@dataclass(frozen=True)
class Asked:
    """That somebody was asked for a remedy, until when, and how it ended ("": not yet)."""

    id: UUID
    voice_id: UUID
    kind: Kind
    amount: Money
    words: str
    fault: Fault
    by: str
    approver: UUID
    approver_name: str
    at: datetime
    due_at: datetime
    ended_at: datetime | None
    outcome: Outcome | None
    why: str


@dataclass(frozen=True)
class Before:
    """How alike ones were answered: how many, and how many with yes."""

    answered: int
    yes: int


def one(approval_id: UUID) -> Asked | None:
    """Return one question to somebody, or None."""
    return next(iter(_asked(Approval.objects.filter(pk=approval_id))), None)


def asked_about(voice_ids: Iterable[UUID]) -> list[Asked]:
    """Return everything that was asked about the cases of these voices, oldest first."""
    rows = Approval.objects.filter(case__voice_id__in=set(voice_ids))
    return _asked(rows.order_by("asked_at", "pk"))


def waiting_for(employee_id: UUID, most: int = 5) -> tuple[list[Asked], list[Asked]]:
    """Return what somebody is asked now, what is due first the first; and what went on from them.

    That is not answered yet; of it the latest, at most so many.
    """
    passed = Approval.objects.filter(approver=employee_id, outcome=Outcome.PASSED)
    theirs = Q(approver=employee_id) | Q(request__in=passed.values("request"))
    found = _asked(Approval.objects.filter(theirs, ended_at=None).order_by("due_at", "pk"))
    now = [one for one in found if one.approver == employee_id]
    on = sorted((one for one in found if one not in now), key=lambda one: one.at, reverse=True)
    return now, on[:most]


def before(kind: str, amount: Money, fault: str) -> Before:
    """Return how alike ones were answered: the same remedy, a like amount, the same fault."""
    least, most = alike(amount.minor)
    rows = Approval.objects.filter(
        kind=kind, minor__gte=least, minor__lte=most, currency=amount.currency, fault=fault,
        outcome__in=[Outcome.YES, Outcome.NO],
    )  # fmt: skip
    found = rows.aggregate(answered=Count("pk"), yes=Count("pk", filter=Q(outcome=Outcome.YES)))
    return Before(**found)


def _asked(rows: QuerySet[Approval]) -> list[Asked]:
    return [
        Asked(
            id=row.pk,
            voice_id=row.case.voice_id,
            kind=Kind(row.kind),
            amount=Money(row.minor, row.currency),
            words=row.words,
            fault=Fault(row.fault),
            by=row.asked_by.name,
            approver=row.approver_id,
            approver_name=row.approver.name,
            at=row.asked_at,
            due_at=row.due_at,
            ended_at=row.ended_at,
            outcome=Outcome(row.outcome) if row.outcome else None,
            why=row.why,
        )
        for row in rows.select_related("case", "asked_by", "approver")
    ]
