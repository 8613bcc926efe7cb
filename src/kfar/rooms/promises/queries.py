"""What was promised and how it stands; who was told what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from kfar.ground.text import Texts
from kfar.rooms.customers import queries as customers
from kfar.rooms.promises import rules
from kfar.rooms.promises.models import Letter, Promise
from kfar.rooms.promises.rules import State

#: The people among those a promise was given to.
PEOPLE = Coalesce("customers__person_id", "customers__pk")


@dataclass(frozen=True)
class Promised:
    """A promise as others may read it. `to` is how many customers it was given to."""

    id: UUID
    text: Texts
    owner: str
    owner_id: UUID
    due: date
    made_at: datetime
    kept_at: datetime | None
    how: str
    voice_id: UUID | None
    question_id: UUID | None
    reply_id: UUID | None
    to: int
    state: State

    @property
    def personal(self) -> bool:
        """Whether its words are for the customer alone: for one voice, or one company."""
        return self.question_id is None


@dataclass(frozen=True)
class Record:
    """The company's record: how many promises are open (late ones not counted), late, kept.

    `kept_in_time` are those of `kept` that were kept on the day they were due or before.
    """

    open: int
    late: int
    kept: int
    kept_in_time: int


@dataclass(frozen=True)
class Told:
    """A letter as others may read it."""

    what: str
    about: UUID
    at: datetime
    sent_at: datetime | None


def letter(letter_id: UUID) -> Told | None:
    """Return one letter, or None."""
    row = Letter.objects.filter(pk=letter_id).first()
    return Told(row.what, row.about, row.at, row.sent_at) if row else None


def promise(promise_id: UUID) -> Promised | None:
    """Return one promise, or None."""
    return next(iter(_promised(Promise.objects.filter(pk=promise_id))), None)


def for_voice(voice_id: UUID) -> list[Promised]:
    """Return what was promised for a voice, oldest first."""
    return list(_promised(Promise.objects.filter(voice_id=voice_id).order_by("made_at")))


def for_voices(voice_ids: Iterable[UUID]) -> dict[UUID, list[Promised]]:
    """Return what was promised for these voices, oldest first; voices without are left out."""
    rows = Promise.objects.filter(voice_id__in=set(voice_ids)).order_by("made_at", "pk")
    found: dict[UUID, list[Promised]] = {}
    for promised in _promised(rows):
        if promised.voice_id is not None:
            found.setdefault(promised.voice_id, []).append(promised)
    return found


def for_question(question_id: UUID) -> Promised | None:
    """Return what was promised for a question's outcome."""
    return next(iter(_promised(Promise.objects.filter(question_id=question_id))), None)


def to_customer(customer_id: UUID) -> list[Promised]:
    """Return what was promised to a customer, newest first."""
    given = Promise.customers.through.objects.filter(customer__in=customers.selves(customer_id))
    rows = Promise.objects.filter(pk__in=given.values("promise_id"))
    return list(_promised(rows.order_by("-made_at")))


def by_id(ids: Iterable[UUID]) -> dict[UUID, Promised]:
    """Return promises by id; unknown ids are left out."""
    return {p.id: p for p in _promised(Promise.objects.filter(pk__in=set(ids)))}


def waiting(most: int = 100) -> list[Promised]:
    """Return the promises still to be kept, the most urgent first."""
    return list(_promised(Promise.objects.filter(kept_at=None).order_by("due", "made_at")[:most]))


def kept(most: int = 20) -> list[Promised]:
    """Return the promises kept last."""
    return list(_promised(Promise.objects.exclude(kept_at=None).order_by("-kept_at")[:most]))


def kept_to_voters(most: int = 4) -> list[Promised]:
    """Return what was kept last of the pledges for questions' outcomes."""
    rows = Promise.objects.exclude(kept_at=None).exclude(question_id=None)
    return list(_promised(rows.order_by("-kept_at")[:most]))


def recipients(promise_id: UUID) -> list[UUID]:
    """Return the customers a promise was given to, as they were known then."""
    rows = Promise.customers.through.objects.filter(promise_id=promise_id)
    return list(rows.values_list("customer_id", flat=True))


def record() -> Record:
    """Return the company's record over all promises."""
    today = timezone.localdate()
    open_ = Q(kept_at=None)
    counted = Promise.objects.aggregate(
        open=Count("pk", filter=open_ & Q(due__gte=today)),
        late=Count("pk", filter=open_ & Q(due__lt=today)),
        kept=Count("pk", filter=~open_),
        kept_in_time=Count("pk", filter=~open_ & Q(kept_at__date__lte=F("due"))),
    )
    return Record(**counted)


def told(customer_id: UUID, most: int | None = 50) -> list[Told]:
    """Return the latest `most` letters to a customer (None: all), newest first."""
    rows = Letter.objects.filter(customer__in=customers.selves(customer_id))
    return [Told(row.what, row.about, row.at, row.sent_at) for row in rows.order_by("-at")[:most]]


def letters_waiting() -> int:
    """Return how many letters wait to be sent."""
    return Letter.objects.filter(sent_at=None).count()


def _promised(rows: QuerySet[Promise]) -> Iterable[Promised]:
    today = timezone.localdate()
    for row in rows.select_related("owner").annotate(to=Count(PEOPLE, distinct=True)):
        yield Promised(
            id=row.pk,
            text=row.text,
            owner=row.owner.name,
            owner_id=row.owner_id,
            due=row.due,
            made_at=row.made_at,
            kept_at=row.kept_at,
            how=row.how,
            voice_id=row.voice_id,
            question_id=row.question_id,
            reply_id=row.reply_id,
            to=row.to,
            state=rules.state(due=row.due, kept=row.kept_at is not None, today=today),
        )
