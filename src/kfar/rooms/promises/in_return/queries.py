"""What customers promised, and what they are asked for; how much came of it, in numbers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from kfar.ground.text import Texts
from kfar.rooms.customers import queries as customers
from kfar.rooms.promises import rules
from kfar.rooms.promises.in_return.rules import AFTER, BEFORE, Kind, may_remind
from kfar.rooms.promises.models import Promise
from kfar.rooms.promises.rules import State


@dataclass(frozen=True)
class Given:
    """What a customer promised, or is asked for. `asked_by` is empty where they offered it.

    `about` is the product that is meant, "" for any.
    `agreed_at` is None while they have not said yes; `how` is what was said when it was done, and
    `by_itself` that a review of theirs kept it.
    """

    id: UUID
    customer_id: UUID
    kind: Kind
    about: str
    text: Texts
    asked_by: str
    voice_id: UUID | None
    due: date
    asked_at: datetime
    agreed_at: datetime | None
    reminded_at: datetime | None
    kept_at: datetime | None
    how: str
    by_itself: bool
    released_at: datetime | None
    state: State

    @property
    def open(self) -> bool:
        """Whether they said yes, and it is still to be done."""
        return self.state in {State.OPEN, State.LATE}

    @property
    def asked(self) -> bool:
        """Whether it waits for their yes or no, and its day has not passed."""
        return self.state is State.ASKED and self.due >= timezone.localdate()


@dataclass(frozen=True)
class Counts:
    """How many promises in return customers made; of them `kept`, `open` and taken back."""

    promised: int
    kept: int
    open: int
    withdrawn: int


def given(promise_id: UUID) -> Given | None:
    """Return one, or None."""
    return next(iter(_given(Promise.objects.filter(pk=promise_id))), None)


def by_id(ids: Iterable[UUID]) -> dict[UUID, Given]:
    """Return some by their ids; unknown ids are left out."""
    return {one.id: one for one in _given(Promise.objects.filter(pk__in=set(ids)))}


def open_ones(most: int = 100) -> list[Given]:
    """Return those customers said yes to and that are still to be done, the next day first."""
    rows = Promise.objects.in_return().filter(kept_at=None, released_at=None)
    return _given(rows.exclude(agreed_at=None).order_by("due", "pk")[:most])


def of_customer(customer_id: UUID) -> list[Given]:
    """Return what a customer promised and was asked for, newest first."""
    rows = Promise.objects.filter(giver__in=customers.selves(customer_id))
    return _given(rows.order_by("-made_at", "pk"))


def for_voices(voice_ids: Iterable[UUID]) -> list[Given]:
    """Return what was asked for on these voices, oldest first."""
    rows = Promise.objects.filter(voice_id__in=set(voice_ids))
    return _given(rows.order_by("made_at", "pk"))


def counts() -> Counts:
    """Return how many were made and what became of them: numbers, and nobody in them."""
    rows = Promise.objects.in_return().exclude(agreed_at=None)
    counted = rows.aggregate(
        promised=Count("pk"),
        kept=Count("pk", filter=Q(kept_at__isnull=False)),
        open=Count("pk", filter=Q(kept_at=None, released_at=None)),
        withdrawn=Count("pk", filter=Q(released_at__isnull=False)),
    )
    return Counts(**counted)


def to_remind(most: int = 500) -> list[Given]:
    """Return those one may come back to today, who waits longest first."""
    today = timezone.localdate()
    rows = Promise.objects.in_return().filter(
        kept_at=None,
        released_at=None,
        reminded_at=None,
        agreed_at__isnull=False,
        due__range=(today - AFTER, today + BEFORE),
    )
    return [
        one
        for one in _given(rows.order_by("due", "pk")[:most])
        if one.agreed_at
        and may_remind(
            due=one.due, agreed=timezone.localdate(one.agreed_at), reminded=False, today=today
        )
    ]


def _given(rows: QuerySet[Promise]) -> list[Given]:
    today = timezone.localdate()
    return [
        Given(
            id=row.pk,
            customer_id=row.giver_id,
            kind=Kind(row.kind),
            about=row.about,
            text=row.text,
            asked_by=row.owner.name if row.owner else "",
            voice_id=row.voice_id,
            due=row.due,
            asked_at=row.made_at,
            agreed_at=row.agreed_at,
            reminded_at=row.reminded_at,
            kept_at=row.kept_at,
            how=row.how,
            by_itself=row.deed_id is not None,
            released_at=row.released_at,
            state=rules.state(
                due=row.due,
                kept=row.kept_at is not None,
                released=row.released_at is not None,
                agreed=row.agreed_at is not None,
                today=today,
            ),
        )
        for row in rows.select_related("owner")
        if row.giver_id is not None
    ]
