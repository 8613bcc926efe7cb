"""What changed because of voices, and how many were told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from kfar.ground.text import Texts
from kfar.rooms.customers import queries as customers
from kfar.rooms.promises.models import Letter, Spoke, Telling
from kfar.rooms.promises.plans.rules import Source
from kfar.rooms.promises.telling.rules import FEWEST

#: The letter by which they are told.
CHANGED = "changed"


@dataclass(frozen=True)
class Change:
    """Something that changed because of `voices` of so many `people`: what was done, and when.

    `reached` of them were told by mail or text message; `waiting` letters are still to go out.
    """

    id: UUID
    did: Texts
    source: Source
    ref: str
    label: str
    plan_id: UUID | None
    voices: int
    people: int
    reached: int
    waiting: int
    by: str
    at: datetime


def change(telling_id: UUID) -> Change | None:
    """Return one, or None."""
    return next(iter(_changes(Telling.objects.filter(pk=telling_id))), None)


def of_plan(plan_id: UUID) -> Change | None:
    """Return what was told of a plan, or None."""
    return next(iter(_changes(Telling.objects.filter(plan=plan_id).order_by("-at"))), None)


def for_voice(voice_id: UUID) -> list[Change]:
    """Return what was told because of a voice, among others, the earliest first."""
    rows = Telling.objects.filter(spoke__voice_id=voice_id)
    return list(_changes(rows.order_by("at", "pk")))


def told_of(source: Source, ref: str) -> bool:
    """Return whether a change was told because of this one thing, by itself or through a plan."""
    own = Q(source=source, ref=ref) | Q(plan__source=source, plan__ref=ref)
    return Telling.objects.filter(own).exists()


def public(most: int = 50) -> list[Change]:
    """Return what changed lately because of several people, the latest first."""
    rows = Telling.objects.filter(people__gte=FEWEST)
    return list(_changes(rows.order_by("-at", "pk")[:most]))


def few() -> int:
    """Return how many changes are not published, as too few people spoke of each."""
    return Telling.objects.filter(people__lt=FEWEST).count()


def spoke(telling_id: UUID) -> list[tuple[UUID, UUID]]:
    """Return because of which voices something changed, and whose they are."""
    rows = Spoke.objects.filter(telling=telling_id).order_by("pk")
    return list(rows.values_list("voice_id", "customer_id"))


def said_by(telling_id: UUID, customer_id: UUID) -> list[UUID]:
    """Return the voices of one person among those because of which something changed."""
    rows = Spoke.objects.filter(telling=telling_id, customer__in=customers.selves(customer_id))
    return list(rows.order_by("pk").values_list("voice_id", flat=True))


def untold(spoke: Sequence[tuple[UUID, UUID]]) -> list[tuple[UUID, UUID]]:
    """Return those of these voices for which no change was told yet."""
    told: set[UUID] = set()
    for some in customers.chunks(voice for voice, _own in spoke):
        told.update(Spoke.objects.filter(voice_id__in=some).values_list("voice_id", flat=True))
    return [one for one in dict(spoke).items() if one[0] not in told]


def _changes(rows: QuerySet[Telling]) -> Iterable[Change]:
    found = list(rows.select_related("by"))
    letters = Letter.objects.filter(what=CHANGED, about__in=[row.pk for row in found])
    counted = (
        letters.order_by()
        .values("about")
        .annotate(
            reached=Count("pk", filter=~Q(way="")), waiting=Count("pk", filter=Q(sent_at=None))
        )
    )
    sent = {one["about"]: (one["reached"], one["waiting"]) for one in counted}
    for row in found:
        reached, waiting = sent.get(row.pk, (0, 0))
        yield Change(
            id=row.pk,
            did=row.did,
            source=Source(row.source),
            ref=row.ref,
            label=row.label,
            plan_id=row.plan_id,
            voices=row.voices,
            people=row.people,
            reached=reached,
            waiting=waiting,
            by=row.by.name,
            at=row.at,
        )
