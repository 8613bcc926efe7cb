"""Cases and what was given in them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet

from kfar.ground.money import Money
from kfar.rooms.service.models import Case, Remedy
from kfar.rooms.service.rules import Kind


@dataclass(frozen=True)
class Given:
    """A remedy as others may read it."""

    id: UUID
    voice_id: UUID
    customer_id: UUID
    kind: Kind
    amount: Money
    words: str
    by: str
    at: datetime
    undone_at: datetime | None
    undone_why: str


@dataclass(frozen=True)
class OpenCase:
    """A case as others may read it: decided or waiting, and for whom by name."""

    id: UUID
    voice_id: UUID
    customer_id: UUID
    waiting: bool
    handed_to: UUID | None
    handed_to_name: str
    remedies: list[Given]


@dataclass(frozen=True)
class Figures:
    """Over all cases that were ever decided: how many, and how many without asking anybody.

    `median` is the median time from opened to first decided, None before the first.
    """

    decided: int
    alone: int
    median: timedelta | None

    @property
    def share(self) -> float:
        """The share decided without asking, of all that were decided."""
        return self.alone / self.decided if self.decided else 0.0


def figures() -> Figures:
    """Return how quickly cases are decided, and by whom."""
    alone = Q(asked_at=None) | Q(asked_at__gt=F("first_decided_at"))
    rows = Case.objects.exclude(first_decided_at=None)
    found = rows.aggregate(decided=Count("pk"), alone=Count("pk", filter=alone))
    return Figures(median=_median(rows, found["decided"]), **found)


def _median(rows: QuerySet[Case], decided: int) -> timedelta | None:
    """Return the middle duration (the mean of the two middle ones), sorted in the database."""
    if not decided:
        return None
    took = rows.annotate(took=F("first_decided_at") - F("opened_at")).order_by("took")
    middle = list(took.values_list("took", flat=True)[(decided - 1) // 2 : decided // 2 + 1])
    return sum(middle, timedelta()) / len(middle)


def case(voice_id: UUID) -> OpenCase | None:
    """Return the case of a voice with all its remedies, oldest first; None before it is open."""
    row = Case.objects.select_related("handed_to").filter(voice_id=voice_id).first()
    if row is None:
        return None
    return OpenCase(
        id=row.pk,
        voice_id=row.voice_id,
        customer_id=row.customer_id,
        waiting=row.decided_at is None,
        handed_to=row.handed_to_id,
        handed_to_name=row.handed_to.name if row.handed_to else "",
        remedies=list(_given(row.remedies.order_by("at"))),
    )


def remedy(remedy_id: UUID) -> Given | None:
    """Return one remedy, or None."""
    return next(iter(_given(Remedy.objects.filter(pk=remedy_id))), None)


def remedies(ids: Iterable[UUID]) -> dict[UUID, Given]:
    """Return remedies by id; unknown ids are left out."""
    return {given.id: given for given in _given(Remedy.objects.filter(pk__in=set(ids)))}


def remedies_for(voice_ids: Iterable[UUID]) -> dict[UUID, list[Given]]:
    """Return what was given for these voices, oldest first; voices without are left out."""
    rows = Remedy.objects.filter(case__voice_id__in=set(voice_ids)).order_by("at", "pk")
    found: dict[UUID, list[Given]] = {}
    for given in _given(rows):
        found.setdefault(given.voice_id, []).append(given)
    return found


def handed_on() -> dict[UUID, str]:
    """Return the waiting voices that were handed to somebody: `{voice id: name}`."""
    rows = Case.objects.filter(decided_at=None).exclude(handed_to=None)
    return dict(rows.values_list("voice_id", "handed_to__name"))


def _given(rows: QuerySet[Remedy]) -> Iterable[Given]:
    for row in rows.select_related("case", "by"):
        yield Given(
            id=row.pk,
            voice_id=row.case.voice_id,
            customer_id=row.case.customer_id,
            kind=Kind(row.kind),
            amount=Money(row.minor, row.currency),
            words=row.words,
            by=row.by.name,
            at=row.at,
            undone_at=row.undone_at,
            undone_why=row.undone_why,
        )
