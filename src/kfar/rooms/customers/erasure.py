"""Erasure of a person: asked for once, done step by step, and in the end a receipt of nobody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from kfar.ground.errors import Refused
from kfar.ground.gone import Gone
from kfar.rooms.customers import names
from kfar.rooms.customers.joining import held
from kfar.rooms.customers.models import (
    Consent,
    Customer,
    Erasure,
    Handle,
    Merge,
    Proposal,
    Step,
    Way,
)
from kfar.rooms.customers.names import EMAIL, TOLD
from kfar.rooms.customers.queries import chunks, person, under
from kfar.rooms.customers.ties import commands as ties
from kfar.rooms.village import queries as village

ERASE = "customers.erase"
#: How somebody asked: on their own page, or the company, which then does it for them.
OWN_PAGE, LETTER, PHONE, VISIT = "page", "letter", "phone", "visit"
ASKED = (LETTER, PHONE, VISIT)
#: What letters and text messages go to.
REACHED = (EMAIL, TOLD + EMAIL, names.PHONE, TOLD + names.PHONE)


@dataclass(frozen=True)
class Leaving:
    """Somebody who is being erased: all their ids, logins, e-mail addresses and numbers.

    `step` is what was done last. `until` is the position up to which the intake has to settle
    before the next step, None where that is not known yet. `email` is where they are told.
    """

    id: UUID
    step: Step
    asked_at: datetime
    until: int | None
    customers: tuple[UUID, ...]
    logins: tuple[UUID, ...]
    addresses: tuple[str, ...]
    email: str
    language: str


@dataclass(frozen=True)
class Receipt:
    """That somebody was erased, and what that took; it does not say who.

    `rows` counts by table, those kept without a person too; `files` of the lake were written
    anew without them, `mails` removed. `done_at` is None until nothing is left. What a process
    that was killed had done just before is done, and not counted.
    """

    id: UUID
    asked_at: datetime
    done_at: datetime | None
    how: str
    by: UUID | None
    rows: Mapping[str, int]
    files: int
    mails: int


@transaction.atomic
def ask(*, customer_id: UUID, by: UUID | None = None, how: str = OWN_PAGE) -> UUID:
    """Ask that a person be erased, under all their ids; return the receipt's id.

    `by` is the employee who does it because the customer asked `how` (one of `ASKED`); None:
    the customer, or the operator. It is done within minutes (`kfar.erasing`) and cannot be
    taken back. Asked twice it is done once. Refuses with `village.may_not`,
    `customers.not_found` and `customers.how_missing`.
    """
    if by is not None:
        village.require(by, ERASE)
    if by is not None and how not in ASKED:
        raise Refused("customers.how_missing")
    known = person(customer_id)
    if known is None:
        raise Refused("customers.not_found")
    [root] = held(known.id)
    for row in Erasure.objects.filter(who__isnull=False):
        if root in _leaving(row).customers:
            return row.pk
    ids = under(root)
    handles = Handle.objects.filter(customer__in=ids, kind__in=REACHED)
    addresses = set(handles.values_list("value", flat=True))
    rows = Customer.objects.filter(Q(pk__in=ids) & ~Q(login=None), login__employee=None)
    logins = dict(rows.values_list("login_id", "login__email"))
    who = {
        "customers": [str(own) for own in ids],
        "logins": [str(own) for own in logins],
        "addresses": sorted(addresses.union(logins.values())),
        "email": known.email or next(iter(logins.values()), ""),
        "language": known.language,
    }
    return Erasure.objects.create(how=how, by_id=by, who=who).pk


@transaction.atomic
def forget(*, customers: Collection[UUID]) -> Gone:
    """Erase who these customers are: names, consents, whom they know and were held for one with."""
    ids: list[UUID] = []
    gone = ties.forget(customers=customers)
    for pairs in (
        Merge.objects.filter(Q(loser__in=customers) | Q(winner__in=customers)),
        Proposal.objects.filter(Q(one__in=customers) | Q(other__in=customers)),
    ):
        ids += pairs.values_list("pk", flat=True)
        gone += Gone.of(pairs.delete()[1])
    for theirs in (
        Handle.objects.filter(customer__in=customers),
        Consent.objects.filter(customer__in=customers),
        Way.objects.filter(customer__in=customers),
    ):
        gone += Gone.of(theirs.delete()[1])
    return gone + Gone.of(Customer.objects.filter(pk__in=customers).delete()[1], ids)


def leaving() -> list[Leaving]:
    """Return whose erasure has a step to be done now, who asked first before others."""
    rows = Erasure.objects.filter(done_at=None, due_at__lte=timezone.now())
    rows = rows.order_by("asked_at", "pk")
    return [_leaving(row) for row in rows]


def receipt(erasure_id: UUID) -> Receipt | None:
    """Return the receipt of an erasure, or None."""
    row = Erasure.objects.filter(pk=erasure_id).first()
    if row is None:
        return None
    return Receipt(
        id=row.pk,
        asked_at=row.asked_at,
        done_at=row.done_at,
        how=row.how,
        by=row.by_id,
        rows=row.rows,
        files=row.files,
        mails=row.mails,
    )


def claim(*, erasure_id: UUID, step: Step) -> Leaving | None:
    """Return who is being erased, with all their ids now, held until the transaction ends.

    None where the step is not `step`: another process has gone on meanwhile.
    """
    row = Erasure.objects.select_for_update().filter(pk=erasure_id, step=step).first()
    if row is None:
        return None
    if step is Step.ASKED:  # a visit may have turned out to be theirs since
        ids = {own for known in _leaving(row).customers for own in under(known)}
        row.who = {**(row.who or {}), "customers": sorted(map(str, ids))}
        row.save(update_fields=["who"])
    return _leaving(row)


@transaction.atomic
def go_on(
    *,
    erasure_id: UUID,
    before: Step,
    to: Step,
    rows: Mapping[str, int] | None = None,
    files: int = 0,
    mails: int = 0,
) -> None:
    """Note that a step is done and what it took; nothing where another process noted it.

    From `Step.CLEARED` on nothing says any more who it was.
    """
    row = Erasure.objects.select_for_update().filter(pk=erasure_id, step=before).first()
    if row is None:
        return
    row.step, row.until = to, None
    row.rows = dict(sorted((Counter(row.rows) + Counter(rows or {})).items()))
    row.files += files
    row.mails += mails
    if to in {Step.CLEARED, Step.DONE}:
        row.who = None
    if to is Step.DONE:
        row.done_at = timezone.now()
    row.save()


def wait(*, erasure_id: UUID, until: int) -> None:
    """Note up to which position the intake has to settle before the next step."""
    Erasure.objects.filter(pk=erasure_id, until=None).update(until=until)


def put_off(*, erasure_id: UUID, wait: timedelta) -> None:
    """Note that the next step is tried again after that time."""
    Erasure.objects.filter(pk=erasure_id).update(due_at=timezone.now() + wait)


def check_there(*, customers: Collection[UUID]) -> None:
    """Raise `RuntimeError` where one of these customers was erased meanwhile.

    For who met people and then writes what it knows of them: in the transaction of that.
    """
    ids = set(customers)
    there = sum(Customer.objects.filter(pk__in=some).count() for some in chunks(ids))
    if there < len(ids):
        raise RuntimeError("a customer was erased meanwhile; do it again")


def _leaving(row: Erasure) -> Leaving:
    who = row.who or {"customers": [], "logins": [], "addresses": [], "email": "", "language": ""}
    return Leaving(
        id=row.pk,
        step=Step(row.step),
        asked_at=row.asked_at,
        until=row.until,
        customers=tuple(map(UUID, who["customers"])),
        logins=tuple(map(UUID, who["logins"])),
        addresses=tuple(who["addresses"]),
        email=who["email"],
        language=who["language"],
    )
