"""Ties made and ended: one invites, the other accepts, and both may let go."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from kfar.ground import tokens
from kfar.ground.errors import Refused
from kfar.ground.gone import Gone
from kfar.lake import audit
from kfar.rooms.customers import queries as people
from kfar.rooms.customers.joining import held
from kfar.rooms.customers.models import Handle
from kfar.rooms.customers.names import EMAIL, TOLD, mailbox
from kfar.rooms.customers.ties import rules
from kfar.rooms.customers.ties.models import Tie, TieInvitation, TieStop
from kfar.rooms.customers.ties.queries import known

#: A letter that could not be sent is tried again after that time.
AGAIN = timedelta(minutes=5)


@dataclass(frozen=True)
class Waiting:
    """A letter that is to go out: who invites, and where it goes."""

    id: UUID
    name: str
    by: UUID
    address: str
    at: datetime
    until: datetime


@transaction.atomic
def invite(*, by: UUID, once: UUID, email: str = "") -> UUID:
    """Invite somebody one knows; return the invitation's id, which is `once`.

    With an address a letter goes there, at most one a month from all who invite, and none where
    they said so; nothing of that is told to who invites, so that nobody finds out who is a
    customer. Refuses with `customers.tie_no_name`, `customers.tie_bad_name`,
    `customers.tie_no_address` and `customers.tie_enough`.
    """
    [own] = held(by)
    theirs = TieInvitation.objects.filter(by__in=people.selves(own))
    if theirs.filter(pk=once).exists():
        return once
    person = people.person(own)
    rules.check_called(person.name if person else "")
    address = people.canonical(EMAIL, email) if email.strip() else ""
    if email.strip() and not address:
        raise Refused("customers.tie_no_address")
    now = timezone.now()
    made = theirs.values_list("at", "until", "accepted_at", "taken_back_at")
    # One that was declined counts as open: else its number would tell.
    rules.check_often([(at, end > now and not (yes or no)) for at, end, yes, no in made], now)
    TieInvitation.objects.create(
        pk=once,
        by_id=by,
        at=now,
        until=now + rules.LASTS,
        address=address,
        whom=_sealed(address) if address else "",
    )
    audit.note(act="customers.tie_invited", customer_id=own)
    return once


@transaction.atomic
def take_back(*, by: UUID, invitation_id: UUID) -> None:
    """Let an invitation of one's own be accepted no more. Twice is once.

    Refuses with `customers.tie_over` where there is none of theirs.
    """
    row = TieInvitation.objects.select_for_update().filter(pk=invitation_id).first()
    if row is None or row.by_id not in people.selves(by):
        raise Refused("customers.tie_over")
    if row.taken_back_at is None:
        row.taken_back_at, row.address = timezone.now(), ""
        row.save(update_fields=["taken_back_at", "address"])


@transaction.atomic
def accept(*, by: UUID, invitation_id: UUID) -> None:
    """Say that one knows who invited: from now on both are tied. Twice is once.

    Refuses with `customers.tie_over`, `customers.tie_self`, and `customers.tie_full` where one of
    the two knows as many as there is room for.
    """
    row = _open(invitation_id)
    if row is None:
        raise Refused("customers.tie_over")
    own, far = held(by, row.by_id)
    if own == far:
        raise Refused("customers.tie_self")
    tied = _between(own, far).exists()
    if row.accepted_at is not None and tied:
        return
    now = timezone.now()
    if row.accepted_at or row.declined_at or row.taken_back_at or row.until <= now:
        raise Refused("customers.tie_over")
    if not tied:
        if max(len(known(own)), len(known(far))) >= rules.MOST_TIES:
            raise Refused("customers.tie_full", most=rules.MOST_TIES)
        one, other = sorted((own, far))
        Tie.objects.create(one_id=one, other_id=other, since=now)
        for customer_id in (own, far):
            audit.note(act="customers.tied", customer_id=customer_id)
    row.accepted_at, row.address = now, ""
    row.save(update_fields=["accepted_at", "address"])


@transaction.atomic
def decline(*, invitation_id: UUID) -> None:
    """Say no to an invitation, whose link need not be opened by a customer. Twice is once.

    Who invited is not told. Refuses with `customers.tie_over` where there is none.
    """
    row = _open(invitation_id)
    if row is None:
        raise Refused("customers.tie_over")
    if row.accepted_at is None and row.declined_at is None:
        row.declined_at, row.address = timezone.now(), ""
        row.save(update_fields=["declined_at", "address"])


@transaction.atomic
def stop(*, invitation_id: UUID) -> None:
    """Write no invitation any more to where this one was written. Twice is once.

    Refuses with `customers.tie_over` where there is none, or it was not written to anybody.
    """
    row = _open(invitation_id)
    if row is None or not row.whom:
        raise Refused("customers.tie_over")
    TieStop.objects.get_or_create(pk=row.whom)


@transaction.atomic
def end(*, by: UUID, other: UUID) -> None:
    """Know somebody no longer: from now on neither counts for the other. Twice is once."""
    own, far = held(by, other)
    if own != far and _between(own, far).delete()[0]:
        for customer_id in (own, far):
            audit.note(act="customers.untied", customer_id=customer_id)


@transaction.atomic
def claim_letters(*, most: int = 20) -> list[Waiting]:
    """Return letters that are to go out now; who claims them sends them within `AGAIN`.

    An address that wants none, or had one in the last month, is forgotten here.
    """
    now = timezone.now()
    lately = TieInvitation.objects.filter(sent_at__gt=now - timedelta(hours=1)).count()
    rows = TieInvitation.objects.select_for_update().exclude(address="")
    rows = rows.filter(due_at__lte=now, until__gt=now).order_by("at", "pk")
    found: dict[str, Waiting] = {}
    for row in rows[: max(min(most, rules.MOST_AN_HOUR - lately), 0)]:
        before = TieInvitation.objects.filter(whom=row.whom).exclude(sent_at=None)
        last = before.order_by("-sent_at").values_list("sent_at", flat=True).first()
        stopped = TieStop.objects.filter(pk=row.whom).exists()
        person = people.person(row.by_id)
        fits = person is not None and rules.fits(person.name)  # they may have a new one
        if person and fits and row.whom not in found and rules.may_write(last, stopped, now):
            row.due_at = now + AGAIN
            found[row.whom] = Waiting(
                row.pk, person.name, person.id, row.address, row.at, row.until
            )
        else:
            row.address = ""
        row.save(update_fields=["address", "due_at"])
    return list(found.values())


def sent(*, invitation_id: UUID) -> None:
    """Note that the letter of an invitation is out, and forget where it went."""
    rows = TieInvitation.objects.filter(pk=invitation_id)
    rows.update(sent_at=timezone.now(), address="")


def tidy() -> int:
    """Forget addresses of invitations that are over, and old invitations; return how many."""
    now = timezone.now()
    over = TieInvitation.objects.exclude(address="").filter(until__lte=now).update(address="")
    old = TieInvitation.objects.filter(at__lt=now - rules.KEPT, until__lte=now)
    return over + old.delete()[0]


@transaction.atomic
def forget(*, customers: Collection[UUID]) -> Gone:
    """Erase whom these customers know, whom they invited, and letters that wait for them.

    That they want no invitations stays, under a keyed hash: it is why they get none.
    """
    theirs = Handle.objects.filter(customer__in=customers, kind__in=[EMAIL, TOLD + EMAIL])
    addresses = list(theirs.values_list("value", flat=True))
    TieInvitation.objects.filter(address__in=addresses).update(address="")
    made = TieInvitation.objects.filter(by__in=customers)
    gone = Gone.of({}, made.values_list("pk", flat=True)) + Gone.of(made.delete()[1])
    return gone + Gone.of(
        Tie.objects.filter(Q(one__in=customers) | Q(other__in=customers)).delete()[1]
    )


def _open(invitation_id: UUID) -> TieInvitation | None:
    return TieInvitation.objects.select_for_update().filter(pk=invitation_id).first()


def _between(one: UUID, other: UUID) -> QuerySet[Tie]:
    ones, others = people.selves(one), people.selves(other)
    return Tie.objects.filter(Q(one__in=ones, other__in=others) | Q(one__in=others, other__in=ones))


def _sealed(address: str) -> str:
    """Return the keyed hash of a mailbox: what stands after a "+" makes no other of it."""
    secret = settings.SECRET_KEY.encode()
    key = blake2b(secret, digest_size=32, person=b"kfar.ties").digest()
    return tokens.sealed(key, "tie", mailbox(address))
