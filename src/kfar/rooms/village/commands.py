"""What changes who works here and what they may decide. Asked of the operator alone."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from kfar.ground.errors import Refused
from kfar.ground.text import Texts
from kfar.rooms.village.models import Authority, Employee, Login, Role
from kfar.rooms.village.queries import staff_email


@transaction.atomic
def set_role(*, code: str, name: Texts, acts: list[str], limits: dict[str, int]) -> None:
    """Set what a role may do and how much it may decide alone (minor units per remedy)."""
    role, _ = Role.objects.update_or_create(
        code=code, defaults={"name": dict(name), "acts": sorted(acts)}
    )
    role.authorities.exclude(remedy__in=limits).delete()
    for remedy, limit in limits.items():
        Authority.objects.update_or_create(role=role, remedy=remedy, defaults={"limit": limit})


@transaction.atomic
def set_limit(*, role: str, remedy: str, limit: int) -> None:
    """Set how much one role may decide alone for one remedy, in minor units."""
    if not Role.objects.filter(pk=role).exists():
        raise Refused("village.no_such_role", role=role)
    Authority.objects.update_or_create(role_id=role, remedy=remedy, defaults={"limit": limit})


@transaction.atomic
def employ(*, email: str, name: str, role: str, password: str | None = None) -> UUID:
    """Let somebody work here; return their id. Done twice, the second call updates.

    Whoever starts here is signed out everywhere: what a code by e-mail opened for the
    customer must not stay open for the employee. Without a password they cannot sign in yet.
    """
    if not Role.objects.filter(pk=role).exists():
        raise Refused("village.no_such_role", role=role)
    try:
        validate_email(email.strip())
    except ValidationError as error:
        raise Refused("village.not_an_address", email=email) from error
    login = Login.objects.get(pk=admit(email=email))
    if password is not None:
        try:
            validate_password(password, login)
        except ValidationError as error:
            raise Refused("village.weak_password", why=" ".join(error.messages)) from error
    if password is not None or not staff_email(email):
        login.set_password(password)  # a new hash, even of no password, ends all sessions
        login.save(update_fields=["password"])
    employee, _ = Employee.objects.update_or_create(
        login=login, defaults={"name": name, "role_id": role, "left_at": None}
    )
    return employee.pk


@transaction.atomic
def part(*, email: str) -> None:
    """Let somebody work here no more: signed out everywhere, and from then on a customer.

    What they decided and promised stays under their name. Refuses with
    `village.no_such_employee`.
    """
    employee = Employee.objects.filter(
        login__email=email.strip().lower(), left_at=None
    ).select_related("login")
    person = employee.first()
    if person is None:
        raise Refused("village.no_such_employee", email=email)
    person.left_at = timezone.now()
    person.save(update_fields=["left_at"])
    person.login.set_password(None)  # a new hash ends all sessions
    person.login.save(update_fields=["password"])


def admit(*, email: str) -> UUID:
    """Return the login of an address, made where there was none; a code by e-mail opens it."""
    defaults = {"password": make_password(None)}
    login, _ = Login.objects.get_or_create(email=email.strip().lower(), defaults=defaults)
    return login.pk
