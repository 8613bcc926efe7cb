"""The audit: a line for each act on a customer's data, kept and shown to that customer."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog

from kfar.ground.gone import Gone
from kfar.lake.models import AuditLine


@dataclass(frozen=True)
class Line:
    """One act on a customer's data: what (`room.act`), when, and which employee (or None)."""

    at: datetime
    act: str
    employee_id: UUID | None


def note(*, act: str, customer_id: UUID, employee_id: UUID | None = None) -> None:
    """Note that `act` ("voice.read", "service.remedied") was done to a customer's data.

    `employee_id` is who did it; None means the customer, or Kfar itself on a promise given
    to the customer.
    """
    note_all(act=act, customers=[customer_id], employee_id=employee_id)


def note_all(*, act: str, customers: Iterable[UUID], employee_id: UUID | None = None) -> None:
    """Note that `act` was done to the data of each of these customers, as `note` does."""
    context = structlog.contextvars.get_contextvars()
    request_id = str(context.get("request_id", ""))
    AuditLine.objects.bulk_create(
        AuditLine(act=act, customer_id=customer_id, employee_id=employee_id, request_id=request_id)
        for customer_id in customers
    )


def lines(customers: Collection[UUID], most: int | None = 50) -> list[Line]:
    """Return the latest `most` lines about a customer (None: all), under all ids, newest first."""
    rows = AuditLine.objects.filter(customer_id__in=customers).order_by("-id")[:most]
    return [Line(row.at, row.act, row.employee_id) for row in rows]


def forget(customers: Collection[UUID]) -> Gone:
    """Erase what was noted about a customer, under all of their ids."""
    return Gone.of(AuditLine.objects.filter(customer_id__in=customers).delete()[1])
