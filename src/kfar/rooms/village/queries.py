"""Who works here and who may do what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from kfar.ground.errors import Refused
from kfar.ground.text import Texts
from kfar.rooms.village.models import Employee, Login, Role
from kfar.rooms.village.rules import (
    ACTS,
    FAULTS,
    NOTHING,
    PARTS,
    About,
    Authority,
    Held,
    Own,
    held,
    seen,
    within,
)


@dataclass(frozen=True)
class Staff:
    """An employee. `authority` says how much they may decide alone, by remedy.

    `own` are the limits for what is about one theme, also by remedy; they go before it.
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
    own: Mapping[str, tuple[Own, ...]] = field(default_factory=dict)

    def held(
        self, remedy: str, about: About, *, worth: int | None = None, fault: int = FAULTS
    ) -> Held:
        """Return the most they may decide of a remedy for a case about that, by which limit.

        For a customer worth so much, and our fault of 100. Nothing, where no general limit is set.
        """
        general = self.authority.get(remedy)
        if general is None:
            return Held(0)
        return held(general, self.own.get(remedy, ()), about, worth=worth, fault=fault)


@dataclass(frozen=True)
class Part:
    """A role: its code, its name, what it may do, and how much alone, by remedy, as in `Staff`."""

    code: str
    name: Texts
    acts: tuple[str, ...]
    authority: dict[str, Authority]
    own: Mapping[str, tuple[Own, ...]] = field(default_factory=dict)


def roles() -> list[Part]:
    """Return every role, by code."""
    rows = Role.objects.order_by("code").prefetch_related("authorities")
    return [Part(row.code, row.name, tuple(row.acts), *_limits(row)) for row in rows]


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
    act: str,
    remedy: str,
    minor: int,
    *,
    worth: int | None = None,
    fault: int = FAULTS,
    about: About = NOTHING,
) -> list[Staff]:
    """Return who may do `act` with a remedy of `minor` units, the nearest authority first.

    For a customer worth so much, and our fault of 100, in a case about that, as `Staff.held` takes
    them.
    """
    able = [
        (person.held(remedy, about, worth=worth, fault=fault).most, person.name, person)
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
        authority, own = _limits(row.role)
        yield Staff(
            id=row.pk,
            name=row.name,
            email=row.login.email,
            role=row.role_id,
            role_name=row.role.name,
            acts=within(row.role.acts, sees),
            authority=authority,
            departments=tuple(one.pk for one in departments),
            sees=sees,
            mentioned=row.waits,
            language=row.language,
            own=own,
        )


def _limits(role: Role) -> tuple[dict[str, Authority], dict[str, tuple[Own, ...]]]:
    """Return the general limits of a role, and those for one theme each, by remedy."""
    general, own = {}, dict[str, tuple[Own, ...]]()
    for row in role.authorities.all():
        if (one := row.own) is None:
            general[row.remedy] = row.told
        else:
            own[row.remedy] = (*own.get(row.remedy, ()), one)
    return general, own
