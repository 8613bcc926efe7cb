"""What changes who we know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from kfar.ground.errors import Refused
from kfar.ground.text import LANGUAGES
from kfar.lake import audit
from kfar.rooms.customers import queries
from kfar.rooms.customers.joining import (
    OURSELVES,
    accept,
    compare,
    dismiss,
    held,
    keep,
    look,
    match,
    merge,
    point,
    propose,
    unmerge,
)
from kfar.rooms.customers.models import Consent, Customer, Handle, Way
from kfar.rooms.customers.names import EMAIL, TOLD
from kfar.rooms.customers.resolving import resolve
from kfar.rooms.customers.rules import SIGN_IN, Claim, Pair
from kfar.rooms.village import commands as village
from kfar.rooms.village.models import Login
from kfar.rooms.village.queries import staff_email

#: The longest name, in letters.
LONGEST_NAME = 200

__all__ = [
    "Claim",
    "Newcomer",
    "accept",
    "choose_way",
    "compare",
    "consent",
    "dismiss",
    "drop",
    "export",
    "hold",
    "hold_all",
    "look",
    "match",
    "meet_many",
    "merge",
    "open_door",
    "propose",
    "recognise",
    "rename",
    "resolve",
    "speak",
    "unmerge",
]


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
    makes nobody twice; an address is theirs from now on where they had none. Who is new but
    gives an address we know gets that new name beside the old ones: one person. A few queries
    for a thousand.
    """
    coming = list(newcomers)
    ids = {new.key: queries.canonical(source, new.key) for new in coming}
    there = queries.found_by(source, dict.fromkeys(ids.values()))
    known = {key: there[own] for key, own in ids.items() if own in there}
    emails = {new.key: queries.canonical(EMAIL, new.email) for new in coming if new.email}
    addresses = queries.found_by(EMAIL, dict.fromkeys(filter(None, emails.values())))
    claims = _claims(source, coming, known, emails)
    people: list[Customer] = []
    handles: list[Handle] = []
    consents: list[Consent] = []
    for new in coming:
        if new.key in known:
            continue
        email = emails.get(new.key, "")
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
                handles.append(Handle(customer_id=customer_id, kind=EMAIL, value=email))
                addresses[email] = customer_id
            consents.extend(
                Consent(customer_id=customer_id, purpose=purpose, given=True, source=source)
                for purpose in new.consents
            )
        handles.append(Handle(customer_id=customer_id, kind=source, value=ids[new.key]))
        known[new.key] = customer_id
    Customer.objects.bulk_create(people, batch_size=1000)
    Handle.objects.bulk_create(handles, batch_size=1000)
    Consent.objects.bulk_create(consents, batch_size=1000)
    if claims:
        resolve(claims=claims)
    return known


def _claims(
    source: str, coming: Sequence[Newcomer], known: Mapping[str, UUID], emails: Mapping[str, str]
) -> list[Claim]:
    """Return what has to be resolved: an address for who has none, or that a page told of."""
    told = queries.found_by(TOLD + EMAIL, dict.fromkeys(filter(None, emails.values())))
    there = [known[new.key] for new in coming if new.key in known and emails.get(new.key)]
    lacking = {own for own, found in queries.people(there).items() if not found.email}
    return [
        Claim(
            source=source,
            at=new.met_at or timezone.now(),
            trusted=True,
            user_id=new.key,
            email=new.email,
        )
        for new in coming
        if known.get(new.key) in lacking or (new.key not in known and emails.get(new.key) in told)
    ]


def hold(*, customer_id: UUID) -> None:
    """Let other acts of this customer wait until the transaction ends: for sending twice."""
    list(Customer.objects.select_for_update(no_key=True).filter(pk=customer_id).values_list("pk"))


def hold_all(*, customers: Sequence[UUID]) -> list[UUID]:
    """Let other acts of these people wait until the transaction ends; return who they are."""
    return held(*customers)


@transaction.atomic
def recognise(*, login_id: UUID, language: str) -> UUID:
    """Return the customer behind a login whose address has been proven; first met, made now.

    A customer known by that address from elsewhere (an import, a purchase) is the same person,
    and so is a browser that told it. Where their language is not known yet it is `language`,
    the one they read here.
    """
    mine = Customer.objects.filter(login_id=login_id).values_list("pk", flat=True)
    found = mine.first()
    if found is not None:
        return queries.person_of([found])[found]
    # Two pages opened at once are one first visit: the second waits here for the first.
    login = Login.objects.select_for_update(no_key=True)
    email = login.values_list("email", flat=True).get(pk=login_id)
    found = mine.first()
    if found is not None:
        return queries.person_of([found])[found]
    claim = Claim(source=OURSELVES, at=timezone.now(), trusted=True, email=email)
    [customer_id] = resolve(claims=[claim])
    if customer_id is None:
        raise Refused("customers.not_found")
    if Customer.objects.filter(pk=customer_id).exclude(login=None).exists():
        # Signed in before, with another of their addresses.
        again = Customer.objects.create().pk
        [root] = held(customer_id)
        keep([Pair(again, root, SIGN_IN, OURSELVES, timezone.now())])
        point({again: root})
        customer_id = again
    Customer.objects.filter(pk=customer_id).update(login_id=login_id)
    root = queries.person_of([customer_id])[customer_id]
    Customer.objects.filter(pk=root, language="").update(language=language)
    audit.note(act="customers.recognised", customer_id=root)
    return root


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
    unused.filter(customer=None, employee=None).exclude(email=email.strip().lower()).delete()
    return village.admit(email=email)


def speak(*, by: UUID, language: str) -> None:
    """Note the language a customer chose; mails come in it from now on."""
    if language not in LANGUAGES:
        raise Refused("customers.unknown_language", language=language)
    Customer.objects.filter(pk=by).update(language=language)


@transaction.atomic
def export(*, customer_id: UUID, by: UUID | None = None) -> None:
    """Note that all that is known of a customer is written to a file for them.

    `by` is the employee who does it; None: the customer, or the operator for them.
    """
    audit.note(act="customers.exported", customer_id=customer_id, employee_id=by)


@transaction.atomic
def rename(*, by: UUID, name: str) -> None:
    """Take the name a customer gives themselves, on one line; empty, they have none.

    Refuses with `customers.name_too_long`.
    """
    name = " ".join(name.replace("\x00", "").split())
    if len(name) > LONGEST_NAME:
        raise Refused("customers.name_too_long", most=LONGEST_NAME)
    hold(customer_id=by)
    Customer.objects.filter(pk__in=[by] if name else queries.selves(by)).update(name=name)
    audit.note(act="customers.renamed", customer_id=by)


@transaction.atomic
def drop(*, by: UUID, kind: str, value: str) -> None:
    """Let a name that a customer is known by be theirs no more: an address, a number, an id.

    Whoever brings it next is met by it as for the first time. Refuses with
    `customers.not_found` where it is not theirs, and with `customers.signs_in` where they
    sign in with it.
    """
    theirs = Handle.objects.filter(customer__in=queries.selves(by), kind=kind, value=value)
    if not theirs:
        raise Refused("customers.not_found")
    logins = Login.objects.filter(customer__in=queries.selves(by))
    if kind == EMAIL and logins.filter(email=value).exists():
        raise Refused("customers.signs_in")
    theirs.delete()
    audit.note(act="customers.dropped", customer_id=by)


@transaction.atomic
def consent(*, by: UUID, purpose: str, given: bool, source: str) -> None:
    """Note a customer's yes or no to one purpose; it counts from now on."""
    if purpose not in (*queries.PURPOSES, *queries.AMONG):
        raise Refused("customers.unknown_purpose", purpose=purpose)
    Consent.objects.create(customer_id=by, purpose=purpose, given=given, source=source)
    audit.note(act="customers.consented" if given else "customers.declined", customer_id=by)


@transaction.atomic
def choose_way(*, by: UUID, purpose: str, way: str) -> None:
    """Note how a customer wants to hear of one purpose; it counts from now on."""
    if purpose not in queries.HEARING or way not in queries.WAYS:
        raise Refused("customers.unknown_way")
    Way.objects.create(customer_id=by, purpose=purpose, way=way)
    audit.note(act="customers.chose_way", customer_id=by)
