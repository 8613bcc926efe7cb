"""Who works here and who may do what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from kfar.ground.errors import Refused
from kfar.ground.text import Texts
from kfar.rooms.village.models import Employee, Login, Role
from kfar.rooms.village.rules import ACTS, FAULTS, PARTS, Authority, seen, within


@dataclass(frozen=True)
class Staff:
    """An employee. `authority` says how much they may decide alone, by remedy.

    `acts` are those of the role, without what shows a part of customers that none of their
    `departments` sees; `sees` names the parts. `mentioned` counts notes that wait for them.
    `language` is "" where they have not chosen one.
    """

    id: UUID
    name: str
    email: str
    role: str
    role_name: Texts
    acts: frozenset[str]
    authority: dict[str, Authority]
    departments: tuple[str, ...] = ()
    sees: frozenset[str] = frozenset(PARTS)
    mentioned: int = 0
    language: str = ""


@dataclass(frozen=True)
class Part:
    """A role: its code, its name, what it may do, and how much alone, by remedy."""

    code: str
    name: Texts
    acts: tuple[str, ...]
    authority: dict[str, Authority]


def roles() -> list[Part]:
    """Return every role, by code."""
    rows = Role.objects.order_by("code").prefetch_related("authorities")
    return [
        Part(row.code, row.name, tuple(row.acts), {a.remedy: a.told for a in row.authorities.all()})
        for row in rows
    ]


def unheld() -> list[str]:
    """Return the acts that no role allows: those of a newer version, or taken away."""
    held = {act for role in roles() for act in role.acts}
    return [act for act in ACTS if act not in held]


def staff(employee_id: UUID) -> Staff | None:
    """Return the employee, or None where nobody here has that id (any more)."""
    return _first(Employee.objects.filter(pk=employee_id))


def staff_of_login(login_id: UUID) -> Staff | None:
    """Return the employee who signs in with that login, or None for a customer."""
    return _first(Employee.objects.filter(login_id=login_id))


def everyone() -> list[Staff]:
    """Return all who work here, by name."""
    return list(_staff(Employee.objects.order_by("name", "pk")))


def names(ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return the names of employees by id, also of those who have left."""
    return dict(Employee.objects.filter(pk__in=set(ids)).values_list("pk", "name"))


def require(employee_id: UUID, act: str) -> Staff:
    """Return the employee if they may do `act` ("service.remedy").

    Raises `Refused("village.may_not")`. Commands ask this first.
    """
    return allow(staff(employee_id), act)


def allow(person: Staff | None, act: str) -> Staff:
    """Return somebody who may do `act`, as `require`, of whom all is known already."""
    if person is None or act not in person.acts:
        raise Refused("village.may_not", act=act)
    return person


def who_may(
    act: str, remedy: str, minor: int, *, worth: int | None = None, fault: int = FAULTS
) -> list[Staff]:
    """Return who may do `act` with a remedy of `minor` units, the nearest authority first.

    For a customer worth so much, and our fault of 100, as `Authority.limit` takes them.
    """
    able = [
        (person.authority[remedy].limit(worth, fault), person.name, person)
        for person in everyone()
        if act in person.acts and remedy in person.authority
    ]
    able.sort(key=lambda one: one[:2])
    return [person for limit, _, person in able if limit >= minor]


def staff_email(email: str) -> bool:
    """Return whether somebody who works here signs in with that address."""
    return Employee.objects.filter(login__email=email.strip().lower(), left_at=None).exists()


def login_id(email: str) -> UUID | None:
    """Return the login of an address, or None."""
    return Login.objects.filter(email=email.strip().lower()).values_list("pk", flat=True).first()


def _first(rows: QuerySet[Employee]) -> Staff | None:
    return next(iter(_staff(rows)), None)


def _staff(rows: QuerySet[Employee]) -> Iterable[Staff]:
    waiting = Count("mentions", filter=Q(mentions__done_at=None))
    found = rows.filter(left_at=None).select_related("login", "role").annotate(waits=waiting)
    for row in found.prefetch_related("role__authorities", "departments"):
        departments = sorted(row.departments.all(), key=lambda one: one.pk)
        sees = seen(one.sees for one in departments)
        yield Staff(
            id=row.pk,
            name=row.name,
            email=row.login.email,
            role=row.role_id,
            role_name=row.role.name,
            acts=within(row.role.acts, sees),
            authority={a.remedy: a.told for a in row.role.authorities.all()},
            departments=tuple(one.pk for one in departments),
            sees=sees,
            mentioned=row.waits,
            language=row.language,
        )
