"""Accounts: business customers, and who of our customers has which part in them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from kfar.ground.errors import Refused
from kfar.lake import audit
from kfar.rooms.customers.models import Account, AccountHandle, Customer, Membership
from kfar.rooms.customers.queries import person_of, selves
from kfar.rooms.village import queries as village

#: The right to say who belongs to a company.
JOIN = "customers.join"
#: The part of whom a source names as one of a group, without saying which.
USER = "user"
MOST = 60
CHUNK = 500


@dataclass(frozen=True)
class Business:
    """A business customer. `handles` are (source, what it calls them); `people` who are there."""

    id: UUID
    name: str
    met_at: datetime
    handles: tuple[tuple[str, str], ...]
    people: int


@dataclass(frozen=True)
class Member:
    """A person's part in an account, since when, and until when (None: to this day)."""

    customer_id: UUID
    account_id: UUID
    part: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True)
class Belonging:
    """That a source counts a customer among a group of its own, which it may call by a name.

    `trusted` is a word of the company's own systems; a page in the web can be told anything.
    """

    source: str
    group_id: str
    customer_id: UUID
    at: datetime
    name: str = ""
    trusted: bool = True
    part: str = USER


# --- what changes ----------------------------------------------------------------------------


@transaction.atomic
def begin(*, by: UUID, name: str, once: UUID) -> UUID:
    """Know a company as a business customer from now on; return its id, which is `once`."""
    village.require(by, JOIN)
    name = " ".join(name.split())
    if not name or len(name) > 200:
        raise Refused("customers.no_account_name", most=200)
    Account.objects.get_or_create(pk=once, defaults={"name": name})
    return once


@transaction.atomic
def join(*, by: UUID, account_id: UUID, customer_id: UUID, part: str) -> None:
    """Note that a customer has a part in an account from now on; said twice, it is once."""
    village.require(by, JOIN)
    part = " ".join(part.split()) or USER
    if len(part) > MOST:
        raise Refused("customers.part_too_long", most=MOST)
    _held(account_id)
    if not Customer.objects.filter(pk=customer_id).exists():
        raise Refused("customers.not_found")
    there = Membership.objects.filter(customer__in=selves(customer_id), part=part, until=None)
    if not there.filter(account_id=account_id).exists():
        Membership.objects.create(account_id=account_id, customer_id=customer_id, part=part)
        audit.note(act="customers.joined", customer_id=customer_id, employee_id=by)


@transaction.atomic
def leave(*, by: UUID, account_id: UUID, customer_id: UUID, part: str) -> None:
    """Note that a customer has that part in an account no longer. What was, stays on record."""
    village.require(by, JOIN)
    _held(account_id)
    theirs = Membership.objects.filter(customer__in=selves(customer_id), part=part, until=None)
    if not theirs.filter(account_id=account_id).update(until=timezone.now()):
        raise Refused("customers.not_joined")
    audit.note(act="customers.left", customer_id=customer_id, employee_id=by)


@transaction.atomic
def join_many(*, claims: Iterable[Belonging]) -> dict[tuple[str, str], UUID]:
    """Take in what sources say of their groups; return `{(source, group id): account id}`.

    A group not known yet is a new account; one that comes with a name is called so from now
    on, unless it has one and nobody of ours said the new one. Who is told of twice joins once,
    since the earliest time told. Who has left stays so, unless the source says it again of a
    later time. A handful of queries for a thousand.
    """
    told = sorted(claims, key=lambda claim: claim.at)
    accounts = _accounts(told)
    owners = person_of(claim.customer_id for claim in told)
    there, left = _memberships(set(accounts.values()))
    new: list[Membership] = []
    earlier: list[Membership] = []
    for claim in told:
        part = claim.part[:MOST]
        key = accounts[claim.source, claim.group_id], owners[claim.customer_id], part
        if key in left and claim.at <= left[key]:
            continue
        if key not in there:
            there[key] = Membership(
                account_id=key[0], customer_id=claim.customer_id, part=part, since=claim.at
            )
            new.append(there[key])
        elif claim.at < there[key].since:
            there[key].since = claim.at
            earlier.append(there[key])
    Membership.objects.bulk_create(new, batch_size=CHUNK)
    Membership.objects.bulk_update(earlier, ["since"], batch_size=CHUNK)
    audit.note_all(act="customers.joined", customers=[row.customer_id for row in new])
    return accounts


Key = tuple[UUID, UUID, str]


def _memberships(ids: set[UUID]) -> tuple[dict[Key, Membership], dict[Key, datetime]]:
    """Return who is in these accounts, and when those left who are no longer.

    The accounts are held until the transaction ends: other claims on them wait.
    """
    list(Account.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk"))
    rows = list(Membership.objects.filter(account__in=ids).order_by("since", "pk"))
    owners = person_of(row.customer_id for row in rows)
    there: dict[Key, Membership] = {}
    left: dict[Key, datetime] = {}
    for row in rows:
        key = row.account_id, owners[row.customer_id], row.part
        if row.until is None:
            there.setdefault(key, row)
        else:
            left[key] = max(row.until, left.get(key, row.until))
    return there, left


def _accounts(told: Iterable[Belonging]) -> dict[tuple[str, str], UUID]:
    """Return the accounts these claims are about, made where there were none, and named."""
    names: dict[tuple[str, str], str] = {}
    ours: dict[tuple[str, str], str] = {}
    met: dict[tuple[str, str], datetime] = {}
    for claim in told:
        key = claim.source, claim.group_id
        names[key] = claim.name[:200] or names.get(key, "")
        if claim.trusted and claim.name:
            ours[key] = names[key]
        met.setdefault(key, claim.at)
    names |= ours
    known: dict[tuple[str, str], UUID] = {}
    for source in {source for source, _ in names}:
        values = [value for kind, value in names if kind == source]
        for start in range(0, len(values), CHUNK):
            some = values[start : start + CHUNK]
            found = AccountHandle.objects.filter(kind=source, value__in=some)
            known |= {(source, handle.value): handle.account_id for handle in found}
    fresh = {key: Account(name=names[key], met_at=met[key]) for key in names if key not in known}
    Account.objects.bulk_create(fresh.values(), batch_size=CHUNK)
    AccountHandle.objects.bulk_create(
        [AccountHandle(account=row, kind=key[0], value=key[1]) for key, row in fresh.items()],
        batch_size=CHUNK,
    )
    called = {account_id: key for key, account_id in known.items() if names[key]}
    rows = list(Account.objects.filter(pk__in=called))
    for row in rows:
        key = called[row.pk]
        row.name = ours.get(key) or row.name or names[key]
    Account.objects.bulk_update(rows, ["name"], batch_size=CHUNK)
    return known | {key: row.pk for key, row in fresh.items()}


def _held(account_id: UUID) -> None:
    """Let other acts on this account wait; refuse where there is none."""
    if not Account.objects.select_for_update(no_key=True).filter(pk=account_id).first():
        raise Refused("customers.account_not_found")


# --- what others may read ----------------------------------------------------------------------


def account(account_id: UUID) -> Business | None:
    """Return the account, or None."""
    return next(iter(_businesses(Account.objects.filter(pk=account_id))), None)


def accounts(most: int = 500) -> list[Business]:
    """Return the accounts, by name."""
    return _businesses(Account.objects.order_by("name", "pk")[:most])


def accounts_of(customer_id: UUID) -> list[tuple[Business, Member]]:
    """Return where a customer has or had a part, those of today first, then the latest."""
    members = _members(Membership.objects.filter(customer__in=selves(customer_id)))
    rows = Account.objects.filter(pk__in={member.account_id for member in members})
    found = {business.id: business for business in _businesses(rows)}
    return [(found[member.account_id], member) for member in members]


def people_of(account_id: UUID) -> list[Member]:
    """Return who has or had a part in an account, those of today first, then the latest.

    Each is the person they turned out to be; one with two parts stands there twice.
    """
    return _members(Membership.objects.filter(account=account_id))


def members_of(ids: Iterable[UUID]) -> list[Member]:
    """Return who has or had a part in one of these accounts, in the order of `people_of`."""
    return _members(Membership.objects.filter(account__in=set(ids)))


def _members(rows: QuerySet[Membership]) -> list[Member]:
    found = list(rows)
    owners = person_of(row.customer_id for row in found)
    members = {
        Member(owners[row.customer_id], row.account_id, row.part, row.since, row.until)
        for row in found
    }
    return sorted(
        members, key=lambda m: (m.until is not None, -m.since.timestamp(), m.part, m.customer_id)
    )


def _businesses(rows: QuerySet[Account]) -> list[Business]:
    there = Count("memberships__customer", filter=Q(memberships__until=None), distinct=True)
    return [
        Business(
            id=row.pk,
            name=row.name,
            met_at=row.met_at,
            handles=tuple((handle.kind, handle.value) for handle in row.handles.all()),
            people=row.there,
        )
        for row in rows.annotate(there=there).prefetch_related("handles")
    ]
