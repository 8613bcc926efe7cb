"""By when cases are to be decided, as the company's settings say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Q
from django.utils import timezone

from kfar.ground.lasting import lasting
from kfar.rooms.service.clocks import rules
from kfar.rooms.service.clocks.rules import Calendar
from kfar.rooms.service.models import Case, Return


@dataclass(frozen=True)
class Due:
    """By when something is to be decided, and how much working time is left, or it is late by."""

    at: datetime
    left: timedelta
    late: bool


@dataclass(frozen=True)
class InTime:
    """Of how much it is known whether it was first decided in time, and how much was.

    Of cases, and of returns that a person decided.
    """

    known: int
    kept: int

    @property
    def share(self) -> float:
        """The share decided in time."""
        return self.kept / self.known if self.known else 0.0


def calendar() -> Calendar:
    """Return when the company works."""
    return _calendar(settings.TIME_ZONE, settings.KFAR_WORK_HOURS, settings.KFAR_HOLIDAYS)


def open_now() -> bool:
    """Return whether the company works now."""
    return rules.works(timezone.now(), calendar())


def due(since: datetime, kind: str, *, urgent: bool = False) -> datetime | None:
    """Return by when a case that waits since then is to be decided; None: nothing is said."""
    span = rules.target(settings.KFAR_DECIDE_WITHIN, kind, urgent=urgent)
    return rules.after(since, span, calendar()) if span is not None else None


def later(since: datetime, span: timedelta | None) -> datetime | None:
    """Return when so much working time has gone by; None for none."""
    return rules.after(since, span, calendar()) if span is not None else None


def standing(voice_ids: Iterable[UUID]) -> dict[UUID, Due]:
    """Return by when the cases of these voices are due, of those that wait."""
    rows = Case.objects.filter(voice_id__in=set(voice_ids), decided_at=None)
    return left(rows.values_list("voice_id", "due_at"))


def left(due: Iterable[tuple[UUID, datetime | None]]) -> dict[UUID, Due]:
    """Return how long there is until each of these is due; what is not due at all is left out."""
    now, own = timezone.now(), calendar()
    found = {}
    for about, at in due:
        if at is not None:
            working = rules.working_time(now, at, own)
            found[about] = Due(at=at, left=abs(working), late=at < now)
    return found


def next_due(most: int) -> list[UUID]:
    """Return the voices whose cases wait, what is due first the first, at most so many."""
    rows = Case.objects.filter(decided_at=None).exclude(due_at=None)
    return list(rows.order_by("due_at", "pk").values_list("voice_id", flat=True)[:most])


@lasting
def in_time() -> InTime:
    """Return how many cases and returns were first decided in time."""
    known = Count("pk", filter=Q(in_time__isnull=False))
    kept = Count("pk", filter=Q(in_time=True))
    found = [of.objects.aggregate(known=known, kept=kept) for of in (Case, Return)]
    return InTime(sum(one["known"] for one in found), sum(one["kept"] for one in found))


@lru_cache(maxsize=8)
def _calendar(zone: str, hours: str, holidays: str) -> Calendar:
    return Calendar.read(zone, hours, holidays)
