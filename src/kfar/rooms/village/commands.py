"""What changes who works here and what they may decide. Asked of the operator alone."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from kfar.ground.errors import Refused
from kfar.ground.gone import Gone
from kfar.ground.text import Texts
from kfar.rooms.village import rules
from kfar.rooms.village.models import Authority, Employee, Login, Role
from kfar.rooms.village.queries import staff_email
from kfar.rooms.village.rules import ACTS


@transaction.atomic
def set_role(
    *, code: str, name: Texts, acts: list[str], limits: Mapping[str, rules.Authority]
) -> None:
    """Set what a role may do and how much it may decide alone, by remedy.

    Limits for one theme stay, where there still is one for the remedy.
    """
    role, _ = Role.objects.update_or_create(
        code=code, defaults={"name": dict(name), "acts": sorted(acts)}
    )
    role.authorities.exclude(remedy__in=limits).delete()
    for remedy, limit in limits.items():
        Authority.objects.update_or_create(
            role=role, remedy=remedy, theme=None, defaults=vars(limit)
        )


@transaction.atomic
def change_role(*, code: str, may: Collection[str] = (), may_not: Collection[str] = ()) -> None:
    """Let a role do these acts, and those no more; what is said twice of one act is a no.

    Refuses `village.no_such_role` and `village.no_such_act`.
    """
    role = Role.objects.select_for_update().filter(pk=code).first()
    if role is None:
        raise Refused("village.no_such_role", role=code)
    if unknown := sorted({*may, *may_not} - {*ACTS, *role.acts}):
        raise Refused("village.no_such_act", act=unknown[0])
    role.acts = sorted({*role.acts, *may} - {*may_not})
    role.save(update_fields=["acts"])


@transaction.atomic
def set_limit(
    *,
    role: str,
    remedy: str,
    limit: rules.Authority,
    theme: UUID | None = None,
    also: Collection[UUID] = (),
) -> None:
    """Set how much one role may decide alone for one remedy, or only of what is about a `theme`.

    `also` are the themes that are one with it now. Refuses with `village.no_such_role`, with
    `village.no_such_limit` where the cap is below the floor, or the share is more than all, and
    with `village.no_general_limit` for a theme where the role gives no such remedy otherwise.
    """
    if not Role.objects.filter(pk=role).exists():
        raise Refused("village.no_such_role", role=role)
    if not (limit.floor <= limit.cap and 0 <= limit.share <= rules.SHARES):
        raise Refused("village.no_such_limit")
    general = Authority.objects.filter(role=role, remedy=remedy, theme=None)
    if theme is not None and not general.exists():
        raise Refused("village.no_general_limit")
    values = {**vars(limit), "also": sorted(str(one) for one in also)}
    Authority.objects.update_or_create(role_id=role, remedy=remedy, theme=theme, defaults=values)


@transaction.atomic
def unset_limit(*, role: str, remedy: str, theme: UUID) -> None:
    """Let the general limit of a role hold again for what is about a theme. Twice is once."""
    Authority.objects.filter(role=role, remedy=remedy, theme=theme).delete()


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


@transaction.atomic
def forget(*, logins: Collection[UUID], addresses: Collection[str]) -> Gone:
    """Erase these logins and those of these addresses, but none of who works or worked here."""
    theirs = Login.objects.filter(Q(pk__in=logins) | Q(email__in=addresses), employee=None)
    return Gone.of(theirs.delete()[1])


def sign_out(*, logins: Collection[UUID], addresses: Collection[str]) -> int:
    """End every session in which one of these stands, signed in or waiting for a code."""
    names = {str(own) for own in logins}.union(addresses)
    ended = [
        session.pk
        for session in Session.objects.iterator()
        if names & set(_texts(session.get_decoded()))
    ]
    for start in range(0, len(ended), 1000):
        Session.objects.filter(pk__in=ended[start : start + 1000]).delete()
    return len(ended)


def _texts(value: object) -> Iterator[str]:
    """Yield all texts in JSON, in small letters."""
    if isinstance(value, str):
        yield value.lower()
    elif isinstance(value, dict):
        for part in (*value.keys(), *value.values()):
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)
