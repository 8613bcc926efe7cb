"""Departments as others may read them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from kfar.ground.text import Texts
from kfar.rooms.village.models import Department, Employee
from kfar.rooms.village.rules import PARTS


@dataclass(frozen=True)
class Member:
    """Somebody who works in a department."""

    id: UUID
    name: str
    role_name: Texts


@dataclass(frozen=True)
class Kept:
    """A department: its people, and what it sees of a customer and what for.

    `sees` is None where nobody said: what the roles of its people let them.
    """

    code: str
    name: Texts
    parent: str | None
    people: tuple[Member, ...]
    sees: dict[str, Texts] | None


def department(code: str) -> Kept | None:
    """Return one department, or None."""
    return next(iter(_kept(Department.objects.filter(pk=code))), None)


def departments() -> list[Kept]:
    """Return every department, each below the one it stands in, else by code."""
    found = {one.code: one for one in _kept(Department.objects.order_by("code"))}

    def below(parent: str | None) -> Iterable[Kept]:
        for one in found.values():
            if one.parent == parent:
                yield one
                yield from below(one.code)

    return list(below(None))


def of_people() -> dict[UUID, tuple[str, ...]]:
    """Return the departments of everybody who works or worked here."""
    found: dict[UUID, list[str]] = {}
    rows = Employee.departments.through.objects.order_by("department_id")
    for employee, code in rows.values_list("employee_id", "department_id"):
        found.setdefault(employee, []).append(code)
    return {employee: tuple(codes) for employee, codes in found.items()}


def _kept(rows: QuerySet[Department]) -> Iterable[Kept]:
    people = Employee.objects.filter(left_at=None).select_related("role").order_by("name", "pk")
    for row in rows.prefetch_related(Prefetch("people", people)):
        sees = None if row.sees is None else {p: row.sees[p] for p in PARTS if p in row.sees}
        yield Kept(
            code=row.pk,
            name=row.name,
            parent=row.parent_id,
            people=tuple(Member(one.pk, one.name, one.role.name) for one in row.people.all()),
            sees=sees,
        )
