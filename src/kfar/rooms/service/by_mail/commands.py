"""A link asked for, looked up, sent, used once."""

from __future__ import annotations

from collections.abc import Callable, Collection
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from kfar.ground.errors import Refused
from kfar.ground.gone import Gone
from kfar.lake.outbox import announce
from kfar.rooms.customers import queries as people
from kfar.rooms.customers.names import EMAIL
from kfar.rooms.service.by_mail import rules
from kfar.rooms.service.by_mail.queries import Purchased, opened
from kfar.rooms.service.facts import ReturnAsked
from kfar.rooms.service.models import ReturnAsk

#: So many are looked up in one round.
AT_ONCE = 50


@transaction.atomic
def ask(*, address: str, number: str) -> None:
    """Ask for a link to the address of a purchase; whether there is one is looked up later.

    So what is answered, and how fast, is the same for everybody. Refuses `returns.too_many_asked`
    while too many wait to be looked up.
    """
    if ReturnAsk.objects.filter(looked_up_at=None).count() >= rules.WAITING:
        raise Refused("returns.too_many_asked")
    ReturnAsk.objects.create(
        address=people.canonical(EMAIL, address)[: rules.ADDRESS],
        number=" ".join(number.split())[: rules.NUMBER],
        at=timezone.now(),
    )


def look_up_due(*, find: Callable[[UUID, str], UUID | None]) -> int:
    """Look up what was asked for, and forget what nobody bought; return how many links go out.

    `find` returns the purchase of a customer with that number. A letter goes to an address that
    its owner or a trusted source gave us, at most `rules.MOST` within `rules.WITHIN`.
    """
    waiting = ReturnAsk.objects.filter(looked_up_at=None).order_by("at", "pk")
    done = 0
    for row in list(waiting[:AT_ONCE]):
        customer_id = people.by_handle(EMAIL, row.address) if row.address else None
        bought = find(customer_id, row.number) if customer_id and row.number else None
        if customer_id is None or bought is None:
            row.delete()
        else:
            done += _found(row.pk, customer_id, bought)
    return done


@transaction.atomic
def _found(ask_id: UUID, customer_id: UUID, purchase_id: UUID) -> bool:
    row = ReturnAsk.objects.select_for_update().filter(pk=ask_id, looked_up_at=None).first()
    if row is None:
        return False
    now = timezone.now()
    lately = ReturnAsk.objects.filter(address=row.address, looked_up_at__gt=now - rules.WITHIN)
    if lately.count() >= rules.MOST:
        row.delete()
        return False
    row.customer_id, row.purchase_id = customer_id, purchase_id
    row.looked_up_at, row.number = now, ""
    row.save(update_fields=["customer", "purchase_id", "looked_up_at", "number"])
    announce(ReturnAsked(ask_id=row.pk, customer_id=customer_id, at=now))
    return True


def hold(*, ask_id: UUID, by: UUID) -> Purchased:
    """Return what a link leads to, held until the act is done: two who use it wait for each other.

    Refuses as `queries.opened`.
    """
    list(ReturnAsk.objects.select_for_update().filter(pk=ask_id))
    return opened(ask_id, by)


def used(*, ask_id: UUID, return_id: UUID) -> None:
    """Note which return was started by a link; from then on it shows that one and starts none."""
    ReturnAsk.objects.filter(pk=ask_id, return_id=None).update(return_id=return_id)


def tidy() -> int:
    """Forget links that lead nowhere any more; return how many."""
    now = timezone.now()
    unused = ReturnAsk.objects.filter(return_id=None, at__lte=now - rules.STARTS)
    gone = unused.exclude(looked_up_at=None).delete()[0]
    return gone + ReturnAsk.objects.filter(at__lte=now - rules.LASTS).delete()[0]


@transaction.atomic
def forget(*, customers: Collection[UUID]) -> Gone:
    """Erase the links that these customers asked for."""
    rows = ReturnAsk.objects.filter(customer__in=customers)
    ids = list(rows.values_list("pk", flat=True))
    return Gone.of(rows.delete()[1], ids)
