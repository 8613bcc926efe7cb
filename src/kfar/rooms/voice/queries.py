"""What was said and where it stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, F, Q

from kfar.rooms.customers import queries as customers
from kfar.rooms.voice import rules
from kfar.rooms.voice.models import Judgement, Owed, Voice, Voices
from kfar.rooms.voice.rules import Stands


@dataclass(frozen=True)
class Said:
    """A voice as others may read it."""

    id: UUID
    customer_id: UUID
    text: str
    language: str
    about: UUID | None
    about_name: str
    heard_at: datetime
    told_at: datetime | None
    closed_at: datetime | None
    stands: Stands


@dataclass(frozen=True)
class Figures:
    """Counted over all voices: heard, answered (told at least once), closed by the customer.

    `median` is the median time from heard to closed, None before the first is closed.
    """

    heard: int
    answered: int
    closed: int
    median: timedelta | None


def voice(voice_id: UUID) -> Said | None:
    """Return one voice, or None."""
    return next(iter(_said(Voice.objects.filter(pk=voice_id))), None)


def of_customer(customer_id: UUID) -> list[Said]:
    """Return all that a customer said, newest first."""
    rows = Voice.objects.filter(customer__in=customers.selves(customer_id))
    return list(_said(rows.order_by("-heard_at")))


def by_id(ids: Iterable[UUID]) -> dict[UUID, Said]:
    """Return voices by id; unknown ids are left out."""
    return {said.id: said for said in _said(Voice.objects.filter(pk__in=set(ids)))}


def spoke_since(since: datetime) -> set[UUID]:
    """Return the people who said something since then."""
    rows = Voice.objects.filter(heard_at__gte=since).values_list("customer_id", flat=True)
    return set(customers.person_of(rows.distinct()).values())


def judgements(voice_ids: Iterable[UUID]) -> dict[UUID, list[tuple[datetime, bool]]]:
    """Return what customers said of what came of their voices: when, and whether it was good."""
    found: dict[UUID, list[tuple[datetime, bool]]] = {}
    rows = Judgement.objects.filter(voice__in=list(voice_ids)).order_by("at", "pk")
    for voice_id, at, good in rows.values_list("voice_id", "at", "good"):
        found.setdefault(voice_id, []).append((at, good))
    return found


def standing(
    stands: Stands, most: int = 100, *, mark: str = "", theme: UUID | None = None
) -> list[Said]:
    """Return the voices that stand there, the longest waiting first.

    Of those with a mark (`understanding.rules.MARKS`) or of a theme, where they are given.
    """
    rows = Voice.objects.standing(stands).marked(mark, theme)
    return list(_said(rows.order_by("heard_at")[:most]))


def count(
    stands: Stands,
    among: Iterable[UUID] | None = None,
    *,
    mark: str = "",
    theme: UUID | None = None,
) -> int:
    """Return how many voices stand there, of all, of the ids `among`, or as `standing` says."""
    rows = Voice.objects.standing(stands).marked(mark, theme)
    return (rows if among is None else rows.filter(pk__in=list(among))).count()


def figures() -> Figures:
    """Return the figures of the whole loop."""
    total = Voice.objects.aggregate(
        heard=Count("pk"),
        answered=Count("pk", filter=Q(answered_at__isnull=False)),
        closed=Count("pk", filter=Q(closed_at__isnull=False)),
    )
    return Figures(median=_median(total["closed"]), **total)


def closed_lately(most: int = 5, *, mark: str = "", theme: UUID | None = None) -> list[Said]:
    """Return the voices closed last, of those that `standing` says."""
    rows = Voice.objects.standing(Stands.CLOSED).marked(mark, theme)
    return list(_said(rows.order_by("-closed_at")[:most]))


def _median(closed: int) -> timedelta | None:
    """Return the middle duration (the mean of the two middle ones), sorted in the database."""
    if not closed:
        return None
    took = (
        Voice.objects.exclude(closed_at=None)
        .annotate(took=F("closed_at") - F("heard_at"))
        .order_by("took")
        .values_list("took", flat=True)
    )
    middle: list[timedelta] = list(took[(closed - 1) // 2 : closed // 2 + 1])
    return sum(middle, timedelta()) / len(middle)


def _said(rows: Voices) -> Iterable[Said]:
    found = list(rows)
    owing = set(Owed.objects.filter(voice__in=found).values_list("voice_id", flat=True))
    for row in found:
        yield Said(
            id=row.pk,
            customer_id=row.customer_id,
            text=row.text,
            language=row.language,
            about=row.about,
            about_name=row.about_name,
            heard_at=row.heard_at,
            told_at=row.told_at,
            closed_at=row.closed_at,
            stands=rules.stands(
                read_at=row.read_at,
                told_at=row.told_at,
                closed_at=row.closed_at,
                owed=row.pk in owing,
            ),
        )
