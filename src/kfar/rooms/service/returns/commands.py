"""Returns started, paid, sent, arrived, taken back; and the policy by which that goes."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from kfar.ground.errors import Refused
from kfar.ground.gone import Gone
from kfar.ground.money import Money
from kfar.lake import audit
from kfar.lake.outbox import announce
from kfar.rooms.customers import commands as customers
from kfar.rooms.customers import queries as people
from kfar.rooms.service import queries as cases
from kfar.rooms.service.clocks import queries as clocks
from kfar.rooms.service.commands import REMEDY
from kfar.rooms.service.facts import (
    MoneyBack,
    ReturnArrived,
    ReturnRefused,
    ReturnStarted,
    ReturnTakenBack,
)
from kfar.rooms.service.models import Return, ReturnLine, ReturnTerm
from kfar.rooms.service.returns import queries, rules
from kfar.rooms.service.returns.rules import Bought, State
from kfar.rooms.service.rules import MOST, Kind
from kfar.rooms.village import queries as village

RETURN = "service.return"
#: What `KFAR_DECIDE_WITHIN` calls what a person is to decide.
KIND = "return"


@transaction.atomic
def set_term(*, category: str, days: int, most: int) -> None:
    """Set the policy of a category, or of all without one of their own (""), from now on.

    Refuses with `returns.bad_term`. For the operator: no role is asked.
    """
    found = rules.check_term(days, most)
    values = {"days": found.days, "most": found.most}
    ReturnTerm.objects.update_or_create(category=category[:200], defaults=values)


@transaction.atomic
def start(
    *,
    by: UUID,
    bought_at: datetime,
    lines: Sequence[Bought],
    chosen: Mapping[UUID, int],
    once: UUID,
) -> UUID:
    """Send something back; return the return's id, which is `once`: sent twice, started once.

    `lines` are those of the purchase, `chosen` says how many of each. Within the policy the money
    is back now; else it waits for an employee, who decides the same day. Acts of one person wait
    for one another, so that nothing goes back more often than it was bought. Refuses with what
    `rules.check_chosen` says.
    """
    [person] = customers.hold_all(customers=[by]) or [by]
    own = people.selves(person)
    before = Return.objects.filter(pk=once).first()
    if before is not None:
        if before.customer_id not in own:
            raise Refused("returns.not_found")
        return once
    already = queries.returned([line.touch_id for line in lines])
    parts = [
        (line, units, rules.worth(line, units, already.get(line.touch_id, 0)))
        for line, units in rules.check_chosen(lines, chosen, already)
    ]
    now, currency = timezone.now(), parts[0][0].currency
    doubts = rules.doubts(
        [(line.category, minor) for line, _units, minor in parts],
        terms=queries.terms(),
        given=_given_lately(own, now),
        age=now - bought_at,
        own_money=currency == settings.KFAR_CURRENCY,
    )
    row = Return.objects.create(
        pk=once,
        code="".join(secrets.choice(rules.LETTERS) for _ in range(rules.LENGTH)),
        customer_id=by,
        bought_at=bought_at,
        minor=sum(minor for _line, _units, minor in parts),
        currency=currency,
        doubts=doubts,
        at=now,
        due_at=clocks.due(now, KIND) if doubts else None,
        money_at=None if doubts else now,
    )
    ReturnLine.objects.bulk_create(
        ReturnLine(
            owner=row,
            touch_id=line.touch_id,
            product=line.product[:200],
            name=line.name[:200],
            category=line.category[:200],
            units=units,
            minor=minor,
        )
        for line, units, minor in parts
    )
    announce(ReturnStarted(return_id=once, customer_id=by, at=now))
    if not doubts:
        _pay(row, now)
    return once


@transaction.atomic
def decide(*, by: UUID, return_id: UUID, yes: bool, words: str = "") -> None:
    """Give the money back that the policy did not, or refuse, with a reason. Twice is once.

    Refuses with `village.may_not`, `returns.not_found`, `returns.decided` (otherwise, by somebody
    else), `service.why_missing`, `service.words_too_long`, and `service.above_authority` where
    the role's limit for refunds, which is for everybody alike here, is lower. What was paid in
    other money is compared with no limit: to give it back one has to be allowed
    `service.currency`, else it is refused with `service.other_money`.
    """
    person = village.require(by, REMEDY)
    words = words.replace("\r\n", "\n").replace("\x00", "").strip()
    if len(words) > MOST:
        raise Refused("service.words_too_long", most=MOST, length=len(words))
    row = _held(return_id)
    where = queries.state_of(row)
    if where is not State.WAITING:
        if (row.money_at is not None) == yes and where is not State.TAKEN_BACK:
            return
        raise Refused("returns.decided")
    if not yes and not words:
        raise Refused("service.why_missing")
    if yes:
        cases.allow(person, Kind.REFUND, Money(row.minor, row.currency), {})
    now = timezone.now()
    row.by_id, row.words = by, words
    row.in_time = now <= row.due_at if row.due_at is not None else None
    if yes:
        row.money_at = now
        _pay(row, now)
    else:
        row.refused_at = now
        announce(ReturnRefused(return_id=row.pk, customer_id=row.customer_id, at=now))
    row.save(update_fields=["by", "words", "in_time", "money_at", "refused_at"])
    audit.note(act="service.return_decided", customer_id=row.customer_id, employee_id=by)


@transaction.atomic
def send(*, by: UUID, return_id: UUID) -> None:
    """Note that the customer has sent it. Refuses with `returns.not_found`. Twice is once."""
    row = _own(by, return_id)
    if row.sent_at is None and queries.state_of(row) in {State.WAITING, State.MONEY_BACK}:
        row.sent_at = timezone.now()
        row.save(update_fields=["sent_at"])


@transaction.atomic
def take_back(*, by: UUID, return_id: UUID) -> None:
    """Keep it after all. Refuses with `returns.not_found` and `returns.too_late`. Twice is once."""
    row = _own(by, return_id)
    if row.taken_back_at is not None:
        return
    if row.arrived_at is not None or row.refused_at is not None:
        raise Refused("returns.too_late")
    row.taken_back_at = now = timezone.now()
    row.save(update_fields=["taken_back_at"])
    announce(ReturnTakenBack(return_id=row.pk, customer_id=row.customer_id, at=now))


@transaction.atomic
def arrive(*, by: UUID, code: str) -> UUID:
    """Note that what has this code is here; return the return's id. Twice is once.

    Refuses with `village.may_not`, `returns.unknown_code` and `returns.over`, where it was taken
    back or refused: then somebody has to speak with the customer.
    """
    village.require(by, RETURN)
    row = Return.objects.select_for_update().filter(code=rules.read_code(code)).first()
    if row is None:
        raise Refused("returns.unknown_code")
    if row.arrived_at is not None:
        return row.pk
    if queries.state_of(row) in {State.TAKEN_BACK, State.REFUSED}:
        raise Refused("returns.over")
    row.arrived_at = now = timezone.now()
    row.save(update_fields=["arrived_at"])
    audit.note(act="service.return_arrived", customer_id=row.customer_id, employee_id=by)
    announce(ReturnArrived(return_id=row.pk, customer_id=row.customer_id, at=now))
    return row.pk


@transaction.atomic
def forget(*, customers: Collection[UUID]) -> Gone:
    """Erase what these customers sent back."""
    rows = Return.objects.filter(customer__in=customers)
    ids = list(rows.values_list("pk", flat=True))
    return Gone.of(rows.delete()[1], ids)


def _pay(row: Return, at: datetime) -> None:
    announce(
        MoneyBack(
            return_id=row.pk,
            customer_id=row.customer_id,
            minor=row.minor,
            currency=row.currency,
            at=at,
        )
    )


def _given_lately(own: Collection[UUID], now: datetime) -> dict[str, int]:
    """Return what the policy gave this person lately, by category, in the company's money."""
    rows = ReturnLine.objects.filter(
        owner__customer__in=own,
        owner__by=None,
        owner__currency=settings.KFAR_CURRENCY,
        owner__taken_back_at=None,
        owner__money_at__gt=now - rules.TOGETHER,
    )
    return dict(rows.order_by().values_list("category").annotate(Sum("minor")))


def _own(by: UUID, return_id: UUID) -> Return:
    row = _held(return_id)
    if row.customer_id not in people.selves(by):
        raise Refused("returns.not_found")
    return row


def _held(return_id: UUID) -> Return:
    """Return the return, locked until the act is done."""
    row = Return.objects.select_for_update().filter(pk=return_id).first()
    if row is None:
        raise Refused("returns.not_found")
    return row
