"""Who a customer is, by any of their names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef, Subquery

from kfar.rooms.customers.models import Consent, Customer, Handle

#: The purposes a customer is asked about; serving them needs no consent, these do.
ASK = "ask"
PURPOSES = (ASK,)


@dataclass(frozen=True)
class Person:
    """A customer. `about` holds demographics where known; `consents` the purposes said yes to.

    `language` is the company's where the customer's is not known.
    """

    id: UUID
    name: str
    email: str
    language: str
    met_at: datetime
    about: dict[str, str] = field(default_factory=dict)
    consents: frozenset[str] = frozenset()


def person(customer_id: UUID) -> Person | None:
    """Return the customer, or None."""
    return people([customer_id]).get(customer_id)


def people(ids: Iterable[UUID]) -> dict[UUID, Person]:
    """Return customers by id; unknown ids are left out. Two queries, however many."""
    email = Handle.objects.filter(customer=OuterRef("pk"), kind="email").order_by("pk")
    rows = Customer.objects.filter(pk__in=set(ids)).annotate(
        email=Subquery(email.values("value")[:1])
    )
    yes = _consents(row.pk for row in rows)
    return {
        row.pk: Person(
            id=row.pk,
            name=row.name,
            email=row.email or "",
            language=row.language or settings.LANGUAGE_CODE,
            met_at=row.met_at,
            about=row.about,
            consents=frozenset(p for p, given in yes.get(row.pk, {}).items() if given),
        )
        for row in rows
    }


def by_handle(kind: str, value: str) -> UUID | None:
    """Return who goes by that name, or None; e-mail addresses in any case."""
    handle = Handle.objects.filter(kind=kind, value=canonical(kind, value))
    return handle.values_list("customer_id", flat=True).first()


def handles(kind: str) -> dict[str, UUID]:
    """Return everybody who has a name of that kind: `{value: customer id}`."""
    return dict(Handle.objects.filter(kind=kind).values_list("value", "customer_id"))


def agreed(purpose: str) -> list[UUID]:
    """Return who says yes to `purpose` today and has an address, in a stable order."""
    latest = Consent.objects.filter(customer=OuterRef("pk"), purpose=purpose).order_by("-pk")
    address = Handle.objects.filter(customer=OuterRef("pk"), kind="email")
    rows = Customer.objects.annotate(yes=Subquery(latest.values("given")[:1]))
    asked = rows.filter(Exists(address), yes=True).order_by("met_at", "pk")
    return list(asked.values_list("pk", flat=True))


def count() -> int:
    """Return how many customers are known."""
    return Customer.objects.count()


def canonical(kind: str, value: str) -> str:
    """Return a name as it is kept: trimmed, e-mail addresses in small letters."""
    value = value.strip()
    return value.lower() if kind == "email" else value


def _consents(ids: Iterable[UUID]) -> dict[UUID, dict[str, bool]]:
    found: dict[UUID, dict[str, bool]] = {}
    rows = Consent.objects.filter(customer__in=list(ids)).order_by("pk")
    for customer, purpose, given in rows.values_list("customer_id", "purpose", "given"):
        found.setdefault(customer, {})[purpose] = given
    return found
