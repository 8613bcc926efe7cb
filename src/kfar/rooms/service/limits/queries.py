"""What came of decisions, role by role and remedy by remedy, and what it speaks for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Q

from kfar.ground.text import Texts
from kfar.rooms.service.approving.rules import Outcome
from kfar.rooms.service.limits.rules import Evidence, Proposal, propose
from kfar.rooms.service.models import Approval, LimitChange, Remedy
from kfar.rooms.service.rules import Kind
from kfar.rooms.village import queries as village
from kfar.rooms.village.rules import Authority


@dataclass(frozen=True)
class Seen:
    """A role's limit for one remedy, what came of it since it was last changed, and a proposal."""

    role: str
    role_name: Texts
    remedy: Kind
    held: Authority
    since: datetime | None
    evidence: Evidence
    proposal: Proposal | None


@dataclass(frozen=True)
class Changed:
    """A limit that was changed because of its outcomes."""

    id: UUID
    role_name: Texts
    remedy: str
    before: Authority
    after: Authority
    by: str
    at: datetime
    undone_at: datetime | None


def seen() -> list[Seen]:
    """Return every limit with its evidence; those with a proposal first."""
    found = [one for part in village.roles() for one in _of(part)]
    return sorted(found, key=lambda one: (one.proposal is None, one.role, one.remedy))


def one(role: str, remedy: str) -> Seen | None:
    """Return one role's limit for one remedy with its evidence, or None."""
    return next((own for own in seen() if (own.role, own.remedy) == (role, remedy)), None)


def changed(most: int = 20) -> list[Changed]:
    """Return the limits that were changed because of their outcomes, newest first."""
    rows = LimitChange.objects.select_related("role", "by").order_by("-at")[:most]
    return [
        Changed(
            id=row.pk,
            role_name=row.role.name,
            remedy=row.remedy,
            before=Authority(**row.before),
            after=Authority(**row.after),
            by=row.by.name,
            at=row.at,
            undone_at=row.undone_at,
        )
        for row in rows
    ]


def _of(part: village.Part) -> Iterator[Seen]:
    for kind in Kind:
        held = part.authority.get(kind)
        if held is None or kind is Kind.ANSWER:
            continue
        last = LimitChange.objects.filter(role=part.code, remedy=kind).order_by("-at").first()
        since = max(last.at, last.undone_at or last.at) if last else None
        evidence = _evidence(part.code, kind, since)
        yield Seen(part.code, part.name, kind, held, since, evidence, propose(held, evidence))


def _evidence(role: str, kind: Kind, since: datetime | None) -> Evidence:
    ours = {"kind": kind, "currency": settings.KFAR_CURRENCY}
    asked = Approval.objects.filter(
        asked_by__role=role, outcome__in=[Outcome.YES, Outcome.NO], **ours
    )
    given = Remedy.objects.filter(by__role=role, **ours)
    given = given.exclude(pk__in=Approval.objects.filter(outcome=Outcome.YES).values("request"))
    if since is not None:
        asked, given = asked.filter(ended_at__gt=since), given.filter(at__gt=since)
    counted = given.aggregate(
        given=Count("pk"),
        undone=Count("pk", filter=Q(undone_at__isnull=False)),
        abused=Count("pk", filter=Q(abused=True)),
        good=Count("pk", filter=Q(case__good=True, undone_at=None)),
        bad=Count("pk", filter=Q(case__good=False, undone_at=None)),
    )
    yes = asked.filter(outcome=Outcome.YES).order_by("minor").values_list("minor", flat=True)
    return Evidence(asked=asked.count(), approved=tuple(yes), **counted)
