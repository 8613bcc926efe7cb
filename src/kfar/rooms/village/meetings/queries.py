"""Who was drawn, which meetings there are, and who comes."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F, QuerySet
from django.utils import timezone

from kfar.rooms.village.meetings import rules
from kfar.rooms.village.meetings.contacts import Contact, contacts
from kfar.rooms.village.meetings.rules import Stands
from kfar.rooms.village.models import Guest, Meeting, Pick

__all__ = [
    "Candidate",
    "Contact",
    "Invited",
    "Met",
    "Picked",
    "asked_since",
    "contacts",
    "invited",
    "meeting",
    "meetings",
    "of_customer",
    "picked_since",
    "picks",
    "picks_of",
    "unsent",
]


@dataclass(frozen=True)
class Candidate:
    """Somebody who may be drawn: quiet or loud, value known or not, new or long-standing."""

    customer_id: UUID
    quiet: bool
    valued: bool
    new: bool


@dataclass(frozen=True)
class Picked(Candidate):
    """Somebody who was drawn for a department, and when."""

    department: str
    at: datetime


@dataclass(frozen=True)
class Invited:
    """A guest: `comes` is None until they say, `came` until the meeting is over."""

    customer_id: UUID
    comes: bool | None
    came: bool | None
    answered_at: datetime | None


@dataclass(frozen=True)
class Met:
    """A meeting as others may read it."""

    id: UUID
    employee_id: UUID
    employee: str
    email: str
    at: datetime
    minutes: int
    place: str
    planned_at: datetime
    held_at: datetime | None
    held_minutes: int | None
    said: str
    cancelled_at: datetime | None
    why: str
    version: int
    guests: tuple[Invited, ...]
    stands: Stands

    @property
    def until(self) -> datetime:
        """When it ends, as planned."""
        return self.at + timedelta(minutes=self.minutes)


def meeting(meeting_id: UUID) -> Met | None:
    """Return one meeting, or None."""
    return next(iter(_met(Meeting.objects.filter(pk=meeting_id))), None)


def meetings(since: datetime, employees: Collection[UUID] | None = None) -> list[Met]:
    """Return the meetings from then on, of these employees or all, in order of time."""
    rows = Meeting.objects.filter(at__gte=since).order_by("at", "pk")
    if employees is not None:
        rows = rows.filter(employee__in=list(employees))
    return list(_met(rows))


def of_customer(customers: Collection[UUID]) -> list[Met]:
    """Return the meetings somebody was invited to, under all their ids, in order of time."""
    ids = Guest.objects.filter(customer_id__in=customers).values("meeting_id")
    return list(_met(Meeting.objects.filter(pk__in=ids).order_by("at", "pk")))


def invited(meeting_id: UUID) -> list[UUID]:
    """Return who was invited to a meeting."""
    rows = Guest.objects.filter(meeting=meeting_id).order_by("pk")
    return list(rows.values_list("customer_id", flat=True))


def asked_since(since: datetime, customers: Collection[UUID] | None = None) -> list[UUID]:
    """Return which of these customers (None: of all) were invited to a meeting since then."""
    rows = Guest.objects.filter(asked_at__gt=since)
    if customers is not None:
        rows = rows.filter(customer_id__in=customers)
    return list(rows.values_list("customer_id", flat=True))


def picked_since(since: datetime) -> list[UUID]:
    """Return who was drawn for any department since then."""
    return list(Pick.objects.filter(at__gt=since).values_list("customer_id", flat=True))


def picks(department: str) -> list[Picked]:
    """Return who was drawn for a department lately and has not been invited since, newest last."""
    since = timezone.now() - rules.REST
    rows = Pick.objects.filter(department=department, at__gt=since)
    asked = Guest.objects.filter(asked_at__gt=since).values("customer_id")
    return _picked(rows.exclude(customer_id__in=asked).order_by("at", "pk"))


def picks_of(customers: Collection[UUID]) -> list[Picked]:
    """Return how often somebody was drawn, under all their ids."""
    return _picked(Pick.objects.filter(customer_id__in=customers).order_by("at", "pk"))


def unsent(most: int = 50) -> list[Met]:
    """Return the meetings of which the employee has not the latest version in their mail."""
    rows = Meeting.objects.exclude(sent_version=F("version")).order_by("planned_at", "pk")
    return list(_met(rows[:most]))


def _picked(rows: QuerySet[Pick]) -> list[Picked]:
    return [
        Picked(
            customer_id=row.customer_id,
            quiet=row.quiet,
            valued=row.valued,
            new=row.new,
            department=row.department_id,
            at=row.at,
        )
        for row in rows
    ]


def _met(rows: QuerySet[Meeting]) -> Iterable[Met]:
    now = timezone.now()
    for row in rows.select_related("employee__login").prefetch_related("guests"):
        guests = sorted(row.guests.all(), key=lambda one: one.pk)
        yield Met(
            id=row.pk,
            employee_id=row.employee_id,
            employee=row.employee.name,
            email=row.employee.login.email,
            at=row.at,
            minutes=row.minutes,
            place=row.place,
            planned_at=row.planned_at,
            held_at=row.held_at,
            held_minutes=row.held_minutes,
            said=row.said,
            cancelled_at=row.cancelled_at,
            why=row.why,
            version=row.version,
            guests=tuple(
                Invited(one.customer_id, one.comes, one.came, one.answered_at) for one in guests
            ),
            stands=rules.stands(
                at=row.at,
                held=row.held_at is not None,
                cancelled=row.cancelled_at is not None,
                now=now,
            ),
        )
