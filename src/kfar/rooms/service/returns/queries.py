"""Returns, where they stand, and the policy."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, F, QuerySet, Sum
from django.utils import timezone

from kfar.ground.money import Money
from kfar.rooms.customers import queries as people
from kfar.rooms.service.models import Return, ReturnLine, ReturnTerm
from kfar.rooms.service.returns import rules
from kfar.rooms.service.returns.rules import Doubt, State, Term


@dataclass(frozen=True)
class Part:
    """So many of a line that go back."""

    touch_id: UUID
    name: str
    category: str
    units: int
    amount: Money


@dataclass(frozen=True)
class Returned:
    """A return as others may read it. `by` is "" where the policy gave the money back.

    `due_at` is by when a person is to decide it, None where the policy did.
    """

    id: UUID
    code: str
    customer_id: UUID
    bought_at: datetime
    at: datetime
    amount: Money
    parts: tuple[Part, ...]
    doubts: tuple[Doubt, ...]
    state: State
    due_at: datetime | None
    money_at: datetime | None
    refused_at: datetime | None
    by: str
    words: str
    sent_at: datetime | None
    arrived_at: datetime | None
    taken_back_at: datetime | None


@dataclass(frozen=True)
class Habit:
    """What one person sent back lately: lines, and products with how often each went back."""

    lines: int
    products: tuple[tuple[str, int], ...]


def terms() -> dict[str, Term]:
    """Return the policy by category; "" is for all that have none of their own."""
    rows = ReturnTerm.objects.order_by("category")
    found = {row.category: Term(row.days, row.most) for row in rows}
    return {"": rules.DEFAULT} | found


def one(return_id: UUID) -> Returned | None:
    """Return one return, or None."""
    return next(iter(_told(Return.objects.filter(pk=return_id))), None)


def by_code(code: str) -> Returned | None:
    """Return the return with that code, typed or scanned, or None."""
    return next(iter(_told(Return.objects.filter(code=rules.read_code(code)))), None)


def by_id(ids: Iterable[UUID]) -> dict[UUID, Returned]:
    """Return returns by id; unknown ids are left out."""
    return {found.id: found for found in _told(Return.objects.filter(pk__in=set(ids)))}


def of_customer(customer_id: UUID) -> list[Returned]:
    """Return what a customer sent back, newest first."""
    rows = Return.objects.filter(customer__in=people.selves(customer_id))
    return list(_told(rows.order_by("-at", "pk")))


def waiting(most: int = 100) -> list[Returned]:
    """Return those an employee has to decide, what is due first the first."""
    rows = _undecided().order_by(F("due_at").asc(nulls_last=True), "at", "pk")
    return list(_told(rows[:most]))


def waiting_count() -> int:
    """Return how many wait for an employee."""
    return _undecided().count()


def on_the_way(most: int = 100) -> list[Returned]:
    """Return those whose money is back and which are not here yet, the oldest first."""
    rows = Return.objects.filter(arrived_at=None, taken_back_at=None).exclude(money_at=None)
    return list(_told(rows.order_by("at", "pk")[:most]))


def arrived(most: int = 20) -> list[Returned]:
    """Return those that came last."""
    rows = Return.objects.exclude(arrived_at=None)
    return list(_told(rows.order_by("-arrived_at", "pk")[:most]))


def returned(touches: Iterable[UUID]) -> dict[UUID, int]:
    """Return how many of each of these lines went back already, or are on their way."""
    rows = ReturnLine.objects.filter(
        touch_id__in=set(touches), owner__taken_back_at=None, owner__refused_at=None
    )
    return dict(rows.order_by().values_list("touch_id").annotate(Sum("units")))


def habits() -> dict[UUID, Habit]:
    """Return what people sent back within `rules.LOOK`, by person."""
    rows = ReturnLine.objects.filter(
        owner__at__gt=timezone.now() - rules.LOOK,
        owner__taken_back_at=None,
        owner__refused_at=None,
    ).order_by()
    lines: dict[UUID, int] = {}
    products: dict[UUID, dict[str, int]] = {}
    found = rows.values_list("owner__customer", "name").annotate(Count("pk"))
    whose = people.person_of(own for own, _name, _times in found)
    for own, name, times in found:
        person = whose[own]
        lines[person] = lines.get(person, 0) + times
        theirs = products.setdefault(person, {})
        theirs[name] = theirs.get(name, 0) + times
    return {
        person: Habit(count, tuple(rules.repeated(products[person].items())))
        for person, count in lines.items()
    }


def state_of(row: Return) -> State:
    """Return where a row stands."""
    return rules.state(
        money_at=row.money_at,
        sent_at=row.sent_at,
        arrived_at=row.arrived_at,
        taken_back_at=row.taken_back_at,
        refused_at=row.refused_at,
    )


def _undecided() -> QuerySet[Return]:
    return Return.objects.filter(money_at=None, refused_at=None, taken_back_at=None)


def _told(rows: QuerySet[Return]) -> Iterable[Returned]:
    for row in rows.select_related("by").prefetch_related("lines"):
        yield Returned(
            id=row.pk,
            code=row.code,
            customer_id=row.customer_id,
            bought_at=row.bought_at,
            at=row.at,
            amount=Money(row.minor, row.currency),
            parts=tuple(
                Part(
                    line.touch_id,
                    line.name,
                    line.category,
                    line.units,
                    Money(line.minor, row.currency),
                )
                for line in sorted(row.lines.all(), key=lambda line: line.pk)
            ),
            doubts=tuple(Doubt(said) for said in row.doubts),
            state=state_of(row),
            due_at=row.due_at,
            money_at=row.money_at,
            refused_at=row.refused_at,
            by=row.by.name if row.by else "",
            words=row.words,
            sent_at=row.sent_at,
            arrived_at=row.arrived_at,
            taken_back_at=row.taken_back_at,
        )
