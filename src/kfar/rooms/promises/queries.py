"""What was promised and how it stands; who was told what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count, Max, Q, QuerySet
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from kfar.ground.text import Texts
from kfar.rooms.customers import queries as customers
from kfar.rooms.promises import rules
from kfar.rooms.promises.models import AlsoFor, Letter, Moved, MovedFor, Promise, Release
from kfar.rooms.promises.rules import Course, Discipline, State

#: The people among those a promise was given to.
PEOPLE = Coalesce("customers__person_id", "customers__pk")

#: The promises whose words everybody may read.
PUBLIC = Q(to_all=True) | Q(question_id__isnull=False)


@dataclass(frozen=True)
class Move:
    """That a promise was to be kept by another day from then on, and why.

    `about` is what a letter of the promise itself tells of to the same reader.
    """

    id: UUID
    promise_id: UUID
    about: UUID
    before: date
    after: date
    why: str
    at: datetime


@dataclass(frozen=True)
class Promised:
    """A promise as others may read it. `to` is how many customers it was given to.

    `first_due` is the day promised first, where it was moved. `broken_by` is empty where it was
    broken by rule.
    """

    id: UUID
    text: Texts
    owner: str
    owner_id: UUID | None
    due: date
    made_at: datetime
    kept_at: datetime | None
    how: str
    voice_id: UUID | None
    question_id: UUID | None
    reply_id: UUID | None
    to: int
    state: State
    plan_id: UUID | None = None
    to_all: bool = False
    first_due: date | None = None
    broken_at: datetime | None = None
    broken_by: str = ""
    why: str = ""
    released_at: datetime | None = None
    moves: tuple[Move, ...] = ()

    @property
    def personal(self) -> bool:
        """Whether its words are for those alone it was given to: for a voice, or one company."""
        return self.question_id is None and not self.to_all

    @property
    def open(self) -> bool:
        """Whether it is still to be kept."""
        return self.state in {State.OPEN, State.LATE}


@dataclass(frozen=True)
class Record:
    """The company's record: how many promises are open (late ones not counted), late, kept.

    `kept_in_time` are those of `kept` that were kept on the day promised first, or before.
    """

    open: int
    late: int
    kept: int
    kept_in_time: int
    broken: int = 0
    released: int = 0


@dataclass(frozen=True)
class Reach:
    """A voice that a promise was made for; `about` is what the letter for it tells of."""

    about: UUID
    voice_id: UUID
    customer_id: UUID


@dataclass(frozen=True)
class Told:
    """A letter as others may read it; `way` is how it went out, "" where nobody was reached."""

    what: str
    about: UUID
    at: datetime
    sent_at: datetime | None
    way: str = ""


def letter(letter_id: UUID) -> Told | None:
    """Return one letter, or None."""
    row = Letter.objects.filter(pk=letter_id).first()
    return Told(row.what, row.about, row.at, row.sent_at, row.way) if row else None


def promise(about: UUID) -> Promised | None:
    """Return one promise, or None; by what a letter tells of, with the voice that letter is for."""
    found = next(iter(_promised(Promise.objects.ours().filter(pk=about))), None)
    if found is not None:
        return found
    also = AlsoFor.objects.filter(pk=about).first()
    made = promise(also.promise_id) if also else None
    return replace(made, voice_id=also.voice_id) if also and made else None


def reach(promise_id: UUID) -> list[Reach]:
    """Return every voice that a promise was made for, that on whose page it was made first.

    Of one for a plan's voices, or for no voice, there are none.
    """
    made = Promise.objects.ours().filter(pk=promise_id).exclude(voice_id=None).first()
    if made is None or made.voice_id is None:
        return []
    to = made.customers.values_list("pk", flat=True).first()
    own = [Reach(made.pk, made.voice_id, to)] if to else []
    return own + [Reach(a.pk, a.voice_id, a.customer_id) for a in made.also_for.order_by("pk")]


def for_voice(voice_id: UUID) -> list[Promised]:
    """Return what was promised for a voice, oldest first."""
    return for_voices([voice_id]).get(voice_id, [])


def for_voices(voice_ids: Iterable[UUID]) -> dict[UUID, list[Promised]]:
    """Return what was promised for these voices, oldest first; voices without are left out."""
    wanted, also = set(voice_ids), dict[UUID, list[UUID]]()
    besides = AlsoFor.objects.filter(voice_id__in=wanted)
    for promise_id, voice_id in besides.values_list("promise_id", "voice_id"):
        also.setdefault(promise_id, []).append(voice_id)
    rows = Promise.objects.ours().filter(Q(voice_id__in=wanted) | Q(pk__in=list(also)))
    found: dict[UUID, list[Promised]] = {}
    for made in _promised(rows.order_by("made_at", "pk")):
        if made.voice_id in wanted:
            found.setdefault(made.voice_id, []).append(made)
        for voice_id in also.get(made.id, ()):
            found.setdefault(voice_id, []).append(replace(made, voice_id=voice_id))
    return found


def for_question(question_id: UUID) -> Promised | None:
    """Return what was promised for a question's outcome."""
    return next(iter(_promised(Promise.objects.ours().filter(question_id=question_id))), None)


def to_customer(customer_id: UUID) -> list[Promised]:
    """Return what was promised to a customer, newest first."""
    given = Promise.customers.through.objects.filter(customer__in=customers.selves(customer_id))
    rows = Promise.objects.ours().filter(pk__in=given.values("promise_id"))
    return list(_promised(rows.order_by("-made_at")))


def by_id(ids: Iterable[UUID]) -> dict[UUID, Promised]:
    """Return promises by id; unknown ids are left out."""
    return {p.id: p for p in _promised(Promise.objects.ours().filter(pk__in=set(ids)))}


def waiting(most: int = 100) -> list[Promised]:
    """Return the promises still to be kept, the most urgent first."""
    rows = Promise.objects.ours().filter(kept_at=None, broken_at=None, released_at=None)
    return list(_promised(rows.order_by("due", "made_at")[:most]))


def kept(most: int = 20) -> list[Promised]:
    """Return the promises kept last."""
    return list(_promised(Promise.objects.ours().exclude(kept_at=None).order_by("-kept_at")[:most]))


def broken(most: int = 20) -> list[Promised]:
    """Return the promises broken last."""
    return list(
        _promised(Promise.objects.ours().exclude(broken_at=None).order_by("-broken_at")[:most])
    )


def kept_to_voters(most: int = 4) -> list[Promised]:
    """Return what was kept last of the pledges for questions' outcomes."""
    rows = (
        Promise.objects.ours()
        .exclude(kept_at=None)
        .exclude(question_id=None)
        .filter(broken_at=None)
    )
    return list(_promised(rows.order_by("-kept_at")[:most]))


def recipients(promise_id: UUID) -> list[UUID]:
    """Return the customers a promise was given to and who need it still, as known then."""
    rows = Promise.customers.through.objects.filter(promise_id=promise_id)
    given = list(rows.values_list("customer_id", flat=True))
    released = Release.objects.filter(promise=promise_id).values_list("customer_id", flat=True)
    if not released:
        return given
    persons = customers.person_of([*given, *released])
    gone = {persons[own] for own in released}
    return [own for own in given if persons[own] not in gone]


def released_by(customer_id: UUID) -> set[UUID]:
    """Return the promises a customer needs no more, by their own word."""
    rows = Release.objects.filter(customer__in=customers.selves(customer_id))
    return set(rows.values_list("promise_id", flat=True))


def move(about: UUID) -> Move | None:
    """Return one move of a promise, or None; by what a letter tells of, as `promise`."""
    row = Moved.objects.filter(pk=about).first()
    if row is not None:
        return _move(row)
    told = MovedFor.objects.select_related("move").filter(pk=about).first()
    return replace(_move(told.move), about=told.also_id) if told else None


def reach_of_move(move_id: UUID) -> list[Reach]:
    """Return the voices that a moved promise is for besides its own, as `reach`."""
    rows = MovedFor.objects.filter(move=move_id).select_related("also").order_by("also")
    return [Reach(row.pk, row.also.voice_id, row.also.customer_id) for row in rows]


def for_plan(plan_id: UUID) -> Promised | None:
    """Return what was promised to those who spoke for a plan."""
    return next(iter(_promised(Promise.objects.ours().filter(plan=plan_id))), None)


def public(most: int = 50, after: int = 0) -> list[Promised]:
    """Return the promises whose words everybody may read, as news: what happened last first."""
    rows = Promise.objects.ours().filter(PUBLIC)
    last = Greatest(
        "made_at",
        Coalesce("kept_at", "made_at"),
        Coalesce("broken_at", "made_at"),
        Coalesce("released_at", "made_at"),
        Coalesce(Max("moves__at"), "made_at"),
    )
    rows = rows.annotate(last=last).order_by("-last", "pk")
    return list(_promised(rows[after : after + most]))


def public_count() -> int:
    """Return how many promises there are whose words everybody may read."""
    return Promise.objects.ours().filter(PUBLIC).count()


def discipline() -> Discipline:
    """Return how promises went, over all of them."""
    return rules.discipline(_courses(), timezone.localdate())


def discipline_by_month(months: int = 12) -> list[tuple[date, Discipline]]:
    """Return the same for what was to be kept in each of the last months, the latest first.

    A promise belongs to the month of the day that was promised first.
    """
    today, found = timezone.localdate(), list[tuple[date, Discipline]]()
    by_month: dict[date, list[Course]] = {}
    for one in _courses():
        by_month.setdefault(one.first_due.replace(day=1), []).append(one)
    for month in sorted(by_month, reverse=True):
        if month <= today and len(found) < months:
            found.append((month, rules.discipline(by_month[month], today)))
    return found


def _courses() -> list[Course]:
    rows = Promise.objects.ours().annotate(first=Coalesce("first_due", "due"))
    found = rows.values_list("first", "kept_at", "broken_at", "released_at")
    return [
        Course(first, *(at if at is None else timezone.localdate(at) for at in moments))
        for first, *moments in found.iterator()
    ]


def record() -> Record:
    """Return the company's record over all promises."""
    today = timezone.localdate()
    open_ = Q(kept_at=None, broken_at=None, released_at=None)
    kept = Q(kept_at__isnull=False, broken_at=None)
    first = Coalesce("first_due", "due")
    counted = Promise.objects.ours().aggregate(
        open=Count("pk", filter=open_ & Q(due__gte=today)),
        late=Count("pk", filter=open_ & Q(due__lt=today)),
        kept=Count("pk", filter=kept),
        kept_in_time=Count("pk", filter=kept & Q(kept_at__date__lte=first)),
        broken=Count("pk", filter=Q(broken_at__isnull=False)),
        released=Count("pk", filter=Q(released_at__isnull=False)),
    )
    return Record(**counted)


def told(customer_id: UUID, most: int | None = 50) -> list[Told]:
    """Return the latest `most` letters to a customer (None: all), newest first."""
    rows = Letter.objects.filter(customer__in=customers.selves(customer_id))
    return [
        Told(row.what, row.about, row.at, row.sent_at, row.way)
        for row in rows.order_by("-at")[:most]
    ]


def letters_waiting() -> int:
    """Return how many letters wait to be sent."""
    return Letter.objects.filter(sent_at=None).count()


def _promised(rows: QuerySet[Promise]) -> Iterable[Promised]:
    today = timezone.localdate()
    rows = rows.select_related("owner", "broken_by").prefetch_related("moves")
    for row in rows.annotate(to=Count(PEOPLE, distinct=True)):
        yield Promised(
            id=row.pk,
            text=row.text,
            owner=row.owner.name if row.owner else "",
            owner_id=row.owner_id,
            due=row.due,
            made_at=row.made_at,
            kept_at=row.kept_at,
            how=row.how,
            voice_id=row.voice_id,
            question_id=row.question_id,
            reply_id=row.reply_id,
            to=row.to,
            state=rules.state(
                due=row.due,
                kept=row.kept_at is not None,
                broken=row.broken_at is not None,
                released=row.released_at is not None,
                today=today,
            ),
            plan_id=row.plan_id,
            to_all=row.to_all,
            first_due=row.first_due,
            broken_at=row.broken_at,
            broken_by=row.broken_by.name if row.broken_by else "",
            why=row.why,
            released_at=row.released_at,
            moves=tuple(sorted(map(_move, row.moves.all()), key=lambda one: one.at)),
        )


def _move(row: Moved) -> Move:
    return Move(row.pk, row.promise_id, row.promise_id, row.before, row.after, row.why, row.at)
