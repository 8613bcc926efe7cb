"""Departments made, filled, and told what they see. The operator's, but for what they see."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from kfar.ground.errors import Refused
from kfar.ground.text import Texts
from kfar.rooms.village import commands as staff
from kfar.rooms.village import queries as village
from kfar.rooms.village.departments import rules
from kfar.rooms.village.departments.rules import Line, Row, Wrong
from kfar.rooms.village.models import Department, Employee, Role

LEADING = "village.lead"


@dataclass(frozen=True)
class Taken:
    """What a table came to: how many are new, changed, as before; and what is wrong with it."""

    new: int = 0
    changed: int = 0
    same: int = 0
    wrong: tuple[Wrong, ...] = ()


@transaction.atomic
def set_department(*, code: str, name: Texts, parent: str | None = None) -> None:
    """Make a department, or change what it is called and where it stands.

    Refuses with `village.bad_department`, `village.no_name`, `village.long_name` and what
    `rules.check_parent` says.
    """
    code, said = rules.check_code(code), rules.check_name(name)
    parents = dict(Department.objects.select_for_update().values_list("code", "parent_id"))
    rules.check_parent(code, parents | {code: parent})
    Department.objects.update_or_create(code=code, defaults={"name": said, "parent_id": parent})


@transaction.atomic
def drop(*, code: str) -> None:
    """Take a department away that nobody is in and none stands in.

    Refuses with `village.no_such_department` and `village.department_in_use`.
    """
    row = Department.objects.select_for_update().filter(pk=code).first()
    if row is None:
        raise Refused("village.no_such_department", department=code[:60])
    if row.people.filter(left_at=None).exists() or row.departments.exists():
        raise Refused("village.department_in_use", department=code)
    row.delete()


@transaction.atomic
def belong(*, email: str, departments: Collection[str]) -> None:
    """Let somebody who works here be in these departments and no others.

    Refuses with `village.no_such_employee` and `village.no_such_department`.
    """
    row = Employee.objects.filter(login__email=email.strip().lower(), left_at=None).first()
    if row is None:
        raise Refused("village.no_such_employee", email=email)
    _require(departments)
    row.departments.set(Department.objects.filter(pk__in=departments))


@transaction.atomic
def show(*, code: str, sees: Mapping[str, Texts] | None, by: UUID | None = None) -> None:
    """Say what a department sees of a customer, and what for (None: what its roles let it).

    `by` is None for the operator. Refuses with `village.may_not`, `village.no_such_department`
    and what `rules.check_purposes` says.
    """
    if by is not None:
        village.require(by, LEADING)
    row = Department.objects.select_for_update().filter(pk=code).first()
    if row is None:
        raise Refused("village.no_such_department", department=code[:60])
    row.sees = None if sees is None else rules.check_purposes(sees)
    row.save(update_fields=["sees"])


@transaction.atomic
def take_departments(*, rows: Sequence[Row], dry: bool = False) -> Taken:
    """Make or change the departments of a table, all or none; `dry`: only say what would be."""
    before = {row.pk: (row.name, row.parent_id) for row in Department.objects.all()}
    parents = {code: parent for code, (_name, parent) in before.items()}
    parents |= {row.code: row.parent for row in rows}
    wrong = []
    for row in rows:
        try:
            rules.check_parent(row.code, parents)
        except Refused as refused:
            wrong.append(Wrong(row.line, refused))
    if not wrong and not dry:
        for row in rows:  # parents may stand below, so names come first
            Department.objects.update_or_create(code=row.code, defaults={"name": row.name})
        for row in rows:
            Department.objects.filter(pk=row.code).update(parent=row.parent)
    was = [before.get(row.code) for row in rows]
    return _counted(was, [(row.name, row.parent) for row in rows], wrong)


@transaction.atomic
def take_people(*, lines: Sequence[Line], dry: bool = False) -> Taken:
    """Let the people of a table work here, all or none; `dry`: only say what would be.

    Who is here already gets the name, role and departments of the table; who is not in it stays.
    Nobody has a password by it: `kfar employee add` prints the link to choose one.
    """
    roles = set(Role.objects.values_list("code", flat=True))
    departments = set(Department.objects.values_list("code", flat=True))
    wrong = []
    for line in lines:
        if line.role not in roles:
            wrong.append(Wrong(line.line, Refused("village.no_such_role", role=line.role[:60])))
        wrong += [
            Wrong(line.line, Refused("village.no_such_department", department=code))
            for code in line.departments
            if code not in departments
        ]
    before = {
        row.login.email: (row.name, row.role_id, tuple(sorted(d.pk for d in row.departments.all())))
        for row in Employee.objects.filter(left_at=None)
        .select_related("login")
        .prefetch_related("departments")
    }
    was = [before.get(line.email) for line in lines]
    is_ = [(line.name, line.role, tuple(sorted(line.departments))) for line in lines]
    if not wrong and not dry:
        for line, old, new in zip(lines, was, is_, strict=True):
            if old != new:
                employee = staff.employ(email=line.email, name=line.name, role=line.role)
                here = Department.objects.filter(pk__in=line.departments)
                Employee.objects.get(pk=employee).departments.set(here)
    return _counted(was, is_, wrong)


def _counted(was: Sequence[object], is_: Sequence[object], wrong: Sequence[Wrong] = ()) -> Taken:
    pairs = list(zip(was, is_, strict=True))
    return Taken(
        new=sum(old is None for old, _new in pairs),
        changed=sum(old is not None and old != new for old, new in pairs),
        same=sum(old == new for old, new in pairs),
        wrong=tuple(wrong),
    )


def _require(codes: Collection[str]) -> None:
    there = set(Department.objects.filter(pk__in=codes).values_list("code", flat=True))
    if missing := sorted(set(codes) - there):
        raise Refused("village.no_such_department", department=missing[0][:60])
