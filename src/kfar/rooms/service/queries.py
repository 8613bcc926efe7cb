"""Cases and what was given in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeAlias
from uuid import UUID

from django.conf import settings
from django.db.models import Count, F, Q, QuerySet

from kfar.ground.errors import Refused
from kfar.ground.lasting import lasting
from kfar.ground.money import Money
from kfar.lake.took import Took
from kfar.rooms.customers import queries as customers
from kfar.rooms.service.models import Case, Reached, Remedy, Return
from kfar.rooms.service.rules import CURRENCY, REMEDY, Kind, within
from kfar.rooms.village import queries as village
from kfar.rooms.village.queries import Staff
from kfar.rooms.village.rules import NOTHING, About

#: What was given before in a case: minor units by role, then by kind.
Before: TypeAlias = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class Given:
    """A remedy as others may read it. One for several voices is the same for each of them."""

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
class Waits:
    """A case that waits: its voice, and by when it is to be decided."""

    voice_id: UUID
    due_at: datetime | None


@dataclass(frozen=True)
class Beside:
    """What a list of voices tells of a case: who sees to it, and of one that waits, for whom.

    It is decided together with so many `others`; `due_at` is None once it is decided.
    """

    due_at: datetime | None
    taken: str
    handed: str
    others: int


@dataclass(frozen=True)
class Reach:
    """A voice that a remedy is for. `about` is what its letter tells of: no two the same."""

    about: UUID
    voice_id: UUID
    customer_id: UUID
    waiting: bool


@dataclass(frozen=True)
class OpenCase:
    """A case as others may read it: decided or waiting, and for whom by name.

    `voices` are all that are decided together, the oldest first. `taken_by` is who sees to it.
    """

    id: UUID
    voice_id: UUID
    customer_id: UUID
    waiting: bool
    handed_to: UUID | None
    handed_to_name: str
    remedies: list[Given]
    voices: tuple[UUID, ...]
    taken_by: UUID | None = None
    taken_by_name: str = ""


@dataclass(frozen=True)
class Figures:
    """Over all that a person ever decided: how many, and how many without asking anybody.

    That is cases, and returns that the policy left to a person; nobody is asked about these, as
    only who has the authority can decide them. `median` is the median time from opened to first
    decided, None before the first.
    """

    decided: int
    alone: int
    median: timedelta | None

    @property
    def share(self) -> float:
        """The share decided without asking, of all that were decided."""
        return self.alone / self.decided if self.decided else 0.0


@lasting
def figures() -> Figures:
    """Return how quickly cases and returns are decided, and by whom."""
    alone = Q(asked_at=None) | Q(asked_at__gt=F("first_decided_at"))
    rows = Case.objects.exclude(first_decided_at=None)
    found = rows.aggregate(decided=Count("pk"), alone=Count("pk", filter=alone))
    ends = Return.objects.exclude(by=None).values_list("at", "money_at", "refused_at")
    returned = [end - at for at, money, refused in ends if (end := money or refused)]
    decided, alone_too = found["decided"] + len(returned), found["alone"] + len(returned)
    return Figures(decided, alone_too, _median(rows, returned, decided))


def _median(cases: QuerySet[Case], returned: list[timedelta], decided: int) -> timedelta | None:
    """Return the middle duration of both together (the mean of the two middle ones).

    Of cases, which are many, the index gives those around the middle: as many as there are returns
    can be moved across it.
    """
    if not decided:
        return None
    low, high = (decided - 1) // 2, decided // 2
    before = max(low - len(returned), 0)
    took = cases.annotate(took=Took("opened_at", "first_decided_at")).order_by("took")
    near = took.values_list("took", flat=True)[before : high + 1]
    found = sorted([*near, *returned])[low - before : high - before + 1]
    return sum(found, timedelta()) / len(found)


def case(voice_id: UUID) -> OpenCase | None:
    """Return the case of a voice with all its remedies, oldest first; None before it is open."""
    row = Case.objects.select_related("handed_to", "taken_by").filter(voice_id=voice_id).first()
    if row is None:
        return None
    rows = _together(row)
    of = Q(case__in=rows) | Q(reached__case__in=rows)
    given = Remedy.objects.filter(of).distinct().order_by("at", "pk")
    return OpenCase(
        id=row.pk,
        voice_id=row.voice_id,
        customer_id=row.customer_id,
        waiting=any(one.decided_at is None for one in rows),
        handed_to=row.handed_to_id,
        handed_to_name=row.handed_to.name if row.handed_to else "",
        remedies=list(_given(given)),
        voices=tuple(one.voice_id for one in rows),
        taken_by=row.taken_by_id,
        taken_by_name=row.taken_by.name if row.taken_by else "",
    )


def decided_with(voice_id: UUID) -> list[tuple[UUID, UUID]]:
    """Return the other voices that wait and are decided together with one, and whose they are."""
    row = Case.objects.filter(voice_id=voice_id).first()
    rows = _together(row) if row else []
    waiting = [one for one in rows if one.decided_at is None and one.voice_id != voice_id]
    return [(one.voice_id, one.customer_id) for one in waiting]


def beside(voice_ids: Iterable[UUID]) -> dict[UUID, Beside]:
    """Return what a list tells of the cases of these voices; without a case: left out."""
    rows = list(
        Case.objects.filter(voice_id__in=set(voice_ids)).select_related("taken_by", "handed_to")
    )
    groups = Case.objects.filter(together__in={row.together for row in rows if row.together})
    counted = dict(groups.values_list("together").annotate(n=Count("pk")).order_by())
    return {
        row.voice_id: Beside(
            due_at=row.due_at if row.decided_at is None else None,
            taken=row.taken_by.name if row.taken_by and not row.taken_by.left_at else "",
            handed=row.handed_to.name if row.handed_to and row.decided_at is None else "",
            others=counted.get(row.together, 1) - 1,
        )
        for row in rows
    }


def remedy(about: UUID) -> Given | None:
    """Return one remedy, or None; by what a letter tells of, with the voice that letter is for."""
    given = next(iter(_given(Remedy.objects.filter(pk=about))), None)
    if given is not None:
        return given
    reached = Reached.objects.select_related("case").filter(pk=about).first()
    if reached is None:
        return None
    [given] = _given(Remedy.objects.filter(pk=reached.remedy_id))
    return replace(given, voice_id=reached.case.voice_id, customer_id=reached.case.customer_id)


def reach(remedy_id: UUID) -> list[Reach]:
    """Return every voice that a remedy is for, that of the case it was given in first."""
    given = Remedy.objects.select_related("case").filter(pk=remedy_id).first()
    if given is None:
        return []
    also = given.reached.select_related("case").order_by("case__opened_at", "pk")
    return [
        Reach(about, case.voice_id, case.customer_id, case.decided_at is None)
        for about, case in [(given.pk, given.case), *((one.pk, one.case) for one in also)]
    ]


def remedies(ids: Iterable[UUID]) -> dict[UUID, Given]:
    """Return remedies by id; unknown ids are left out."""
    return {given.id: given for given in _given(Remedy.objects.filter(pk__in=set(ids)))}


def remedies_for(voice_ids: Iterable[UUID]) -> dict[UUID, list[Given]]:
    """Return what was given for these voices, oldest first; voices without are left out."""
    wanted = set(voice_ids)
    of = Q(case__voice_id__in=wanted) | Q(reached__case__voice_id__in=wanted)
    rows = Remedy.objects.filter(of).distinct().order_by("at", "pk")
    also: dict[UUID, list[UUID]] = {}
    reached = Reached.objects.filter(case__voice_id__in=wanted)
    for remedy_id, voice_id in reached.values_list("remedy_id", "case__voice_id"):
        also.setdefault(remedy_id, []).append(voice_id)
    found: dict[UUID, list[Given]] = {}
    for given in _given(rows):
        for voice_id in {given.voice_id} & wanted:
            found.setdefault(voice_id, []).append(given)
        for voice_id in also.get(given.id, ()):
            found.setdefault(voice_id, []).append(replace(given, voice_id=voice_id))
    return found


def given_before(voice_ids: Iterable[UUID]) -> Before:
    """Return what stands of remedies for these voices.

    What one may decide alone is for a case, so what colleagues of the same role gave counts too;
    but not what was given in other money, of which no limit says how much it is.
    """
    wanted = set(voice_ids)
    of = Q(case__voice_id__in=wanted) | Q(reached__case__voice_id__in=wanted)
    ours = Remedy.objects.filter(undone_at=None, currency=settings.KFAR_CURRENCY)
    rows = ours.filter(of).distinct()
    found: dict[str, dict[str, int]] = {}
    for _own, role, kind, minor in rows.values_list("pk", "by__role_id", "kind", "minor"):
        theirs = found.setdefault(role, {})
        theirs[kind] = theirs.get(kind, 0) + minor
    return found


def alone(
    person: Staff, before: Before, *, worth: int | None, fault: int, about: About = NOTHING
) -> dict[str, int]:
    """Return how much somebody may decide alone, by kind: what was given `before` is gone.

    `about` says what the case is about, for which there may be limits of their own.
    """
    gone = before.get(person.role, {})
    return {
        kind: max(
            person.held(kind, about, worth=worth, fault=fault).most - gone.get(kind, 0),
            0,
        )
        for kind in person.authority
    }


def may(
    person: Staff,
    kind: Kind,
    amount: Money,
    before: Before,
    *,
    worth: int | None = None,
    fault: int = 0,
    about: About = NOTHING,
) -> bool:
    """Return whether somebody may decide so much more alone, after what was given `before`.

    Limits are in the company's money. What is in other money lies within none of them, however
    little it is: who may give it is said by an act of its own, `service.currency`.
    """
    if amount.minor and amount.currency != settings.KFAR_CURRENCY:
        return CURRENCY in person.acts and kind in person.authority
    return within(alone(person, before, worth=worth, fault=fault, about=about), kind, amount)


def who_may(
    kind: Kind,
    amount: Money,
    before: Before,
    *,
    worth: int | None = None,
    fault: int = 0,
    about: About = NOTHING,
) -> list[Staff]:
    """Return who may decide so much more, after what was given `before`; the nearest first."""
    able = village.who_may(REMEDY, kind, 0, worth=worth, fault=fault, about=about)
    return [p for p in able if may(p, kind, amount, before, worth=worth, fault=fault, about=about)]


def allow(
    person: Staff,
    kind: Kind,
    amount: Money,
    before: Before,
    *,
    worth: int | None = None,
    fault: int = 0,
    about: About = NOTHING,
) -> None:
    """Refuse, where somebody may not (`may`), with what they may, and with who may.

    With `service.other_money` or `service.above_authority`.
    """
    if may(person, kind, amount, before, worth=worth, fault=fault, about=about):
        return
    able = who_may(kind, amount, before, worth=worth, fault=fault, about=about)
    names = [one.name for one in able]
    if amount.currency != settings.KFAR_CURRENCY:
        raise Refused("service.other_money", amount=amount, who=names)
    left = alone(person, before, worth=worth, fault=fault, about=about).get(kind, 0)
    raise Refused("service.above_authority", limit=Money(left, amount.currency), who=names)


def given_to(case_id: UUID, employee_id: UUID) -> Waits | None:
    """Return a case that waits and was given to somebody; None where it is theirs no more."""
    row = Case.objects.filter(pk=case_id, decided_at=None).first()
    if row is None or (row.handed_to_id or row.taken_by_id) != employee_id:
        return None
    return Waits(row.voice_id, row.due_at)


def handed_on() -> dict[UUID, str]:
    """Return the waiting voices handed to somebody: `{voice id: name}`."""
    rows = Case.objects.filter(decided_at=None).exclude(handed_to=None)
    return dict(rows.values_list("voice_id", "handed_to__name"))


def _together(case: Case) -> list[Case]:
    """Return the cases that are decided with this one, itself among them, the oldest first."""
    if case.together is None:
        return [case]
    rows = list(Case.objects.filter(together=case.together).order_by("opened_at", "pk"))
    whose = customers.person_of(row.customer_id for row in rows)
    return [row for row in rows if whose[row.customer_id] == whose[case.customer_id]]


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
