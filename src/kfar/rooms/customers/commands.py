"""What changes who we know."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from kfar.ground.errors import Refused
from kfar.ground.text import LANGUAGES
from kfar.lake import audit
from kfar.rooms.customers import queries
from kfar.rooms.customers.models import Consent, Customer, Handle
from kfar.rooms.customers.queries import canonical
from kfar.rooms.village import commands as village
from kfar.rooms.village.models import Login
from kfar.rooms.village.queries import staff_email


@dataclass(frozen=True)
class Newcomer:
    """Somebody a source tells us of: `key` is what the source calls them."""

    key: str
    name: str = ""
    email: str = ""
    language: str = ""
    met_at: datetime | None = None
    about: dict[str, str] = field(default_factory=dict)
    consents: tuple[str, ...] = ()


@transaction.atomic
def meet_many(*, source: str, newcomers: Iterable[Newcomer]) -> dict[str, UUID]:
    """Know these people from now on; return `{key: customer id}` for all of them.

    Who is known already under `source` and key stays as they are, so the same file twice
    makes nobody twice. Who is new but gives an address we know gets that new name beside
    the old ones: one person.
    """
    known = queries.handles(source)
    addresses = queries.handles("email")
    people: list[Customer] = []
    handles: list[Handle] = []
    consents: list[Consent] = []
    for new in newcomers:
        if new.key in known:
            continue
        email = queries.canonical("email", new.email)
        customer_id = addresses.get(email) if email else None
        if customer_id is None:
            customer = Customer(
                name=new.name,
                language=new.language,
                about=new.about,
                met_at=new.met_at or timezone.now(),
            )
            people.append(customer)
            customer_id = customer.pk
            if email:
                handles.append(Handle(customer_id=customer_id, kind="email", value=email))
                addresses[email] = customer_id
            consents.extend(
                Consent(customer_id=customer_id, purpose=purpose, given=True, source=source)
                for purpose in new.consents
            )
        handles.append(Handle(customer_id=customer_id, kind=source, value=new.key))
        known[new.key] = customer_id
    Customer.objects.bulk_create(people, batch_size=1000)
    Handle.objects.bulk_create(handles, batch_size=1000)
    Consent.objects.bulk_create(consents, batch_size=1000)
    return known


def hold(*, customer_id: UUID) -> None:
    """Let other acts of this customer wait until the transaction ends: for sending twice."""
    list(Customer.objects.select_for_update(no_key=True).filter(pk=customer_id).values_list("pk"))


@transaction.atomic
def recognise(*, login_id: UUID, language: str) -> UUID:
    """Return the customer behind a login whose address has been proven; first met, made now.

    A customer known by that address from elsewhere (an import, a purchase) is the same person.
    Where their language is not known yet it is `language`, the one they read here.
    """
    mine = Customer.objects.filter(login_id=login_id).values_list("pk", flat=True)
    found = mine.first()
    if found is not None:
        return found
    # Two pages opened at once are one first visit: the second waits here for the first.
    login = Login.objects.select_for_update(no_key=True)
    email = login.values_list("email", flat=True).get(pk=login_id)
    found = mine.first()
    if found is not None:
        return found
    customer_id = queries.by_handle("email", email)
    if customer_id is None:
        customer_id = Customer.objects.create().pk
        Handle.objects.create(customer_id=customer_id, kind="email", value=email)
    Customer.objects.filter(pk=customer_id).update(login_id=login_id)
    Customer.objects.filter(pk=customer_id, language="").update(language=language)
    audit.note(act="customers.recognised", customer_id=customer_id)
    return customer_id


def open_door(*, email: str) -> UUID | None:
    """Return the login a code by e-mail opens, made where there was none; None for staff.

    Known or new makes no difference here: who proves the address is a customer from then on
    (`recognise`). A door nobody came through within a day is taken away again, so that an
    address somebody else typed does not stay.
    """
    if staff_email(email):
        return None
    yesterday = timezone.now() - timedelta(days=1)
    unused = Login.objects.filter(last_login=None, date_joined__lt=yesterday)
    unused.filter(customer=None, employee=None).exclude(email=canonical("email", email)).delete()
    return village.admit(email=email)


def speak(*, by: UUID, language: str) -> None:
    """Note the language a customer chose; mails come in it from now on."""
    if language not in LANGUAGES:
        raise Refused("customers.unknown_language", language=language)
    Customer.objects.filter(pk=by).update(language=language)


@transaction.atomic
def consent(*, by: UUID, purpose: str, given: bool, source: str) -> None:
    """Note a customer's yes or no to one purpose; it counts from now on."""
    if purpose not in queries.PURPOSES:
        raise Refused("customers.unknown_purpose", purpose=purpose)
    Consent.objects.create(customer_id=by, purpose=purpose, given=given, source=source)
    audit.note(act="customers.consented" if given else "customers.declined", customer_id=by)
