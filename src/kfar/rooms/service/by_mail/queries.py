"""Links to start a return, and what was started by them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from kfar.ground.errors import Refused
from kfar.rooms.customers import queries as people
from kfar.rooms.service.by_mail import rules
from kfar.rooms.service.models import ReturnAsk


@dataclass(frozen=True)
class Purchased:
    """The purchase a link is for, and the return that was started by it, None before."""

    purchase_id: UUID
    return_id: UUID | None
    at: datetime


@dataclass(frozen=True)
class Link:
    """That a link was asked for: whose, to which address, when, and what was started by it."""

    id: UUID
    customer_id: UUID
    address: str
    at: datetime
    return_id: UUID | None


def one(ask_id: UUID) -> Link | None:
    """Return a link whose purchase was found, or None."""
    return next(iter(_links(ReturnAsk.objects.filter(pk=ask_id))), None)


def of_customer(customer_id: UUID) -> list[Link]:
    """Return the links a customer asked for, oldest first."""
    rows = ReturnAsk.objects.filter(customer__in=people.selves(customer_id))
    return list(_links(rows.order_by("at", "pk")))


def opened(ask_id: UUID, customer_id: UUID) -> Purchased:
    """Return what a link leads to. Refuses `returns.not_found` and `returns.link_over`."""
    row = ReturnAsk.objects.filter(pk=ask_id).first()
    if row is None or row.purchase_id is None or row.customer_id not in people.selves(customer_id):
        raise Refused("returns.not_found")
    if row.return_id is None and not rules.starts(row.at, timezone.now()):
        raise Refused("returns.link_over")
    return Purchased(row.purchase_id, row.return_id, row.at)


def _links(rows: QuerySet[ReturnAsk]) -> Iterator[Link]:
    for row in rows:
        if row.customer_id is not None:
            yield Link(row.pk, row.customer_id, row.address, row.at, row.return_id)
