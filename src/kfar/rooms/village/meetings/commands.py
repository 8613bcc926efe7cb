"""Customers drawn, meetings planned, answered, cancelled and held.

Whom one may ask is not known here: the loop (`kfar.loop.meeting`) looks it up and says so.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

import numpy as np
from django.db import transaction
from django.utils import timezone

from kfar.ground.errors import Refused
from kfar.ground.gone import Gone
from kfar.lake import audit
from kfar.lake.outbox import announce
from kfar.rooms.village import contact
from kfar.rooms.village import queries as village
from kfar.rooms.village.facts import (
    MeetingAccepted,
    MeetingCancelled,
    MeetingHeld,
    MeetingPlanned,
)
from kfar.rooms.village.meetings import rules
from kfar.rooms.village.meetings.queries import Candidate
from kfar.rooms.village.meetings.rules import Stands
from kfar.rooms.village.models import Department, Guest, Meeting, Pick

PLAN = "village.plan"


@transaction.atomic
def draw(
    *, by: UUID, department: str, candidates: Sequence[Candidate], n: int, once: UUID
) -> list[UUID]:
    """Draw n customers for a department to meet, as `contact.draw` does; sent twice, drawn once.

    `once` is the seed, so that a draw can be done again by whoever has the candidates. Refuses
    with `village.may_not`, `village.no_such_department` and `village.bad_draw`.
    """
    village.require(by, PLAN)
    if not 1 <= n <= rules.DRAWN:
        raise Refused("village.bad_draw", most=rules.DRAWN)
    row = Department.objects.select_for_update().filter(pk=department).first()
    if row is None:
        raise Refused("village.no_such_department", department=department[:60])
    before = list(Pick.objects.filter(draw=once).values_list("customer_id", flat=True))
    if before:
        return before
    quiet, valued, new = (
        np.array([getattr(one, name) for one in candidates], dtype=bool)
        for name in ("quiet", "valued", "new")
    )
    drawn = [candidates[place] for place in contact.draw(quiet, valued, new, n, list(once.bytes))]
    now = timezone.now()
    Pick.objects.bulk_create(
        Pick(
            department=row,
            customer_id=one.customer_id,
            at=now,
            draw=once,
            quiet=one.quiet,
            valued=one.valued,
            new=one.new,
        )
        for one in drawn
    )
    audit.note_all(
        act="village.picked", customers=[one.customer_id for one in drawn], employee_id=by
    )
    return [one.customer_id for one in drawn]


@transaction.atomic
def plan(
    *,
    by: UUID,
    employee: UUID,
    customers: Collection[UUID],
    at: datetime,
    minutes: int,
    place: str,
    once: UUID,
) -> UUID:
    """Set time apart for customers, who are invited; return `once`: sent twice, planned once.

    Refuses with `village.may_not`, `village.no_such_colleague` and what `rules.check_plan` says.
    """
    village.require(by, PLAN)
    if Meeting.objects.filter(pk=once).exists():
        return once
    now = timezone.now()
    where = rules.check_plan(at=at, minutes=minutes, place=place, customers=customers, now=now)
    if village.staff(employee) is None:
        raise Refused("village.no_such_colleague")
    row = Meeting.objects.create(
        pk=once,
        employee_id=employee,
        at=at,
        minutes=minutes,
        place=where,
        planned_by_id=by,
        planned_at=now,
    )
    guests = list(dict.fromkeys(customers))
    Guest.objects.bulk_create(Guest(meeting=row, customer_id=one, asked_at=now) for one in guests)
    audit.note_all(act="village.invited", customers=guests, employee_id=by)
    announce(MeetingPlanned(meeting_id=row.pk, at=now))
    return row.pk


@transaction.atomic
def answer(*, meeting_id: UUID, customers: Collection[UUID], comes: bool) -> None:
    """Take a guest's yes or no; `customers` are all ids of the one person. The last word counts.

    Refuses with `village.no_such_meeting`, also for who was not invited, `village.meeting_over`
    and `village.meeting_cancelled`.
    """
    row = _held(meeting_id)
    guests = row.guests.filter(customer_id__in=customers)
    if not guests.exists():
        raise Refused("village.no_such_meeting")
    match _stands(row):
        case Stands.CANCELLED:
            raise Refused("village.meeting_cancelled")
        case Stands.DUE | Stands.HELD:
            raise Refused("village.meeting_over")
    if guests.exclude(comes=comes).exists() or guests.filter(comes=None).exists():
        now = timezone.now()
        guests.update(comes=comes, answered_at=now)
        row.version += 1
        row.save(update_fields=["version"])
        for one in guests.values_list("customer_id", flat=True):
            act = "village.accepted" if comes else "village.declined"
            audit.note(act=act, customer_id=one)
            if comes:
                announce(MeetingAccepted(meeting_id=row.pk, customer_id=one, at=now))


@transaction.atomic
def cancel(*, by: UUID, meeting_id: UUID, why: str) -> None:
    """Cancel a meeting and tell its guests why. Twice is once.

    Refuses with `village.may_not`, `village.no_such_meeting`, `village.meeting_over` and what
    `rules.check_why` says.
    """
    village.require(by, PLAN)
    why = rules.check_why(why)
    row = _held(meeting_id)
    if row.cancelled_at is not None:
        return
    if row.held_at is not None:
        raise Refused("village.meeting_over")
    row.cancelled_at, row.why, row.version = timezone.now(), why, row.version + 1
    row.save(update_fields=["cancelled_at", "why", "version"])
    announce(MeetingCancelled(meeting_id=row.pk, at=row.cancelled_at))


@transaction.atomic
def hold(*, by: UUID, meeting_id: UUID, came: Collection[UUID], minutes: int, said: str) -> None:
    """Note that a meeting took place: who came, how long it took, what was said. Twice is once.

    Refuses with `village.may_not`, `village.no_such_meeting`, `village.meeting_cancelled`,
    `village.meeting_ahead`, `village.nobody_came` and what `rules` say of the words.
    """
    village.require(by, PLAN)
    said = rules.check_said(said)
    rules.check_minutes(minutes)
    row = _held(meeting_id)
    match _stands(row):
        case Stands.HELD:
            return
        case Stands.CANCELLED:
            raise Refused("village.meeting_cancelled")
        case Stands.PLANNED:
            raise Refused("village.meeting_ahead")
    there = row.guests.filter(customer_id__in=came)
    if not there.exists():
        raise Refused("village.nobody_came")
    row.guests.exclude(customer_id__in=came).update(came=False)
    there.update(came=True)
    row.held_at, row.held_minutes, row.said = timezone.now(), minutes, said
    row.save(update_fields=["held_at", "held_minutes", "said"])
    guests = list(there.values_list("customer_id", flat=True))
    audit.note_all(act="village.met", customers=guests, employee_id=by)
    announce(MeetingHeld(meeting_id=row.pk, at=row.at))


@transaction.atomic
def sent(*, meeting_id: UUID, version: int) -> None:
    """Note that the employee has this version of a meeting in their mail."""
    Meeting.objects.filter(pk=meeting_id, sent_version__lt=version).update(sent_version=version)


@transaction.atomic
def forget(*, customers: Collection[UUID]) -> Gone:
    """Erase that these customers were drawn, invited and met, and what was said there.

    A meeting of several stays without them; of one with nobody left the words go, and time and
    employee stay, as the company's record of its own time.
    """
    gone = Gone.of(Pick.objects.filter(customer_id__in=customers).delete()[1])
    theirs = Guest.objects.filter(customer_id__in=customers)
    ids = list(theirs.values_list("meeting_id", flat=True))
    gone += Gone.of(theirs.delete()[1])
    emptied = Meeting.objects.filter(pk__in=ids).update(said="", why="")
    Meeting.objects.filter(pk__in=ids, guests=None, held_at=None, cancelled_at=None).update(
        cancelled_at=timezone.now()
    )
    return gone + Gone.of({Meeting._meta.label: emptied})


def _stands(row: Meeting) -> Stands:
    return rules.stands(
        at=row.at,
        held=row.held_at is not None,
        cancelled=row.cancelled_at is not None,
        now=timezone.now(),
    )


def _held(meeting_id: UUID) -> Meeting:
    """Return the meeting, locked until the act is done."""
    row = Meeting.objects.select_for_update().filter(pk=meeting_id).first()
    if row is None:
        raise Refused("village.no_such_meeting")
    return row
