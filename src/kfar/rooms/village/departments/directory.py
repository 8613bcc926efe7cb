"""Everybody who works or worked here, as directories of people (SCIM) read them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from kfar.rooms.village.models import Employee


@dataclass(frozen=True)
class Account:
    """Somebody who works here (`active`) or worked here."""

    id: UUID
    email: str
    name: str
    role: str
    departments: tuple[str, ...]
    active: bool


def account(account_id: UUID) -> Account | None:
    """Return one, or None."""
    return next(iter(_accounts(Employee.objects.filter(pk=account_id))), None)


def accounts(email: str | None = None, *, start: int, most: int) -> tuple[int, list[Account]]:
    """Return how many there are, of all or with that address, and those from `start` (0) on."""
    rows = Employee.objects.order_by("pk")
    if email is not None:
        rows = rows.filter(login__email=email.strip().lower())
    return rows.count(), list(_accounts(rows[start : start + most]))


def _accounts(rows: QuerySet[Employee]) -> Iterable[Account]:
    for row in rows.select_related("login").prefetch_related("departments"):
        departments = tuple(sorted(one.pk for one in row.departments.all()))
        active = row.left_at is None
        yield Account(row.pk, row.login.email, row.name, row.role_id, departments, active)
