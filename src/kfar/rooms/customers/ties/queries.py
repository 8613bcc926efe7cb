"""Who knows whom, as they may read it themselves; and the circle of one person."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from kfar.rooms.customers import queries as people
from kfar.rooms.customers.models import Consent, Customer
from kfar.rooms.customers.queries import AMONG, BEYOND, NAMED, chunks
from kfar.rooms.customers.ties.models import Tie, TieInvitation


@dataclass(frozen=True)
class Known:
    """Somebody a customer knows: the id is the person's, `name` what they call themselves."""

    id: UUID
    name: str
    since: datetime


@dataclass(frozen=True)
class Invited:
    """An invitation as who made it reads it; `written`: by a letter, too.

    Whether it was declined, and whether the letter went out, is not said: neither shall tell
    anything of whose address it is.
    """

    id: UUID
    at: datetime
    until: datetime
    written: bool


@dataclass(frozen=True)
class Offer:
    """An invitation as whoever has its link reads it; `open`: not accepted, not over."""

    id: UUID
    by: UUID
    name: str
    at: datetime
    until: datetime
    open: bool


@dataclass(frozen=True)
class Circle:
    """Whose word counts more for one person; ids are those of people.

    `named`: whom they know and who may be named to them. `friends`: the others they know.
    `beyond`: whom those know, where both agreed that it counts.
    """

    named: Mapping[UUID, str] = field(default_factory=dict)
    friends: frozenset[UUID] = frozenset()
    beyond: frozenset[UUID] = frozenset()

    def __bool__(self) -> bool:
        """Return whether there is anybody in it."""
        return bool(self.named or self.friends or self.beyond)


def known(customer_id: UUID) -> list[Known]:
    """Return whom a customer knows, by name."""
    own = people.selves(customer_id)
    since: dict[UUID, datetime] = {}
    for a, person_a, b, person_b, at in _rows(own):
        for end, far in ((a, person_b), (b, person_a)):
            if end in own and far != own[0]:
                since[far] = min(at, since.get(far, at))
    found = people.people(since)
    rows = [Known(far, found[far].name, at) for far, at in since.items() if far in found]
    return sorted(rows, key=lambda one: (one.name.casefold(), one.since, one.id))


def invitations(customer_id: UUID) -> list[Invited]:
    """Return a customer's invitations that nobody has accepted yet, the latest first."""
    rows = TieInvitation.objects.filter(by__in=people.selves(customer_id), accepted_at=None)
    rows = rows.filter(taken_back_at=None, until__gt=timezone.now()).order_by("-at", "pk")
    return [Invited(row.pk, row.at, row.until, bool(row.whom)) for row in rows]


def invitation(invitation_id: UUID) -> Offer | None:
    """Return an invitation, or None."""
    row = TieInvitation.objects.filter(pk=invitation_id).first()
    by = people.person(row.by_id) if row else None
    if row is None or by is None:
        return None
    over = row.accepted_at or row.taken_back_at or row.until <= timezone.now()
    return Offer(row.pk, by.id, by.name, row.at, row.until, not over)


def circle(customer_id: UUID) -> Circle:
    """Return whose word counts more for a customer: a handful of queries, however many.

    Somebody beyond counts where they agreed to it and so did one whom both know.
    """
    own = people.selves(customer_id)
    friends = _across(own)
    if not friends:
        return Circle()
    theirs = _selves(friends)
    said = _said(theirs)
    between = {far for far in friends if said.get((far, BEYOND))}
    beyond = _across([one for one, far in theirs.items() if far in between]) - friends - {own[0]}
    agreed = _said(_selves(beyond))
    may = {far for far in friends if said.get((far, NAMED))}
    named = {far: one.name for far, one in people.people(may).items() if one.name} if may else {}
    return Circle(
        named=named,
        friends=frozenset(friends - named.keys()),
        beyond=frozenset(far for far in beyond if agreed.get((far, BEYOND))),
    )


def _across(ids: Collection[UUID]) -> set[UUID]:
    """Return the people at the other ends of the ties of these ids."""
    own = set(ids)
    rows = _rows(own)
    found = {far for a, _a, _b, far, _at in rows if a in own}
    return (found | {far for _a, far, b, _b, _at in rows if b in own}) - own


def _rows(ids: Collection[UUID]) -> list[tuple[UUID, UUID, UUID, UUID, datetime]]:
    """Return the ties of these ids: both ends as they were written and as people, since when."""
    found: list[tuple[UUID, UUID, UUID, UUID, datetime]] = []
    for some in chunks(ids):
        rows = Tie.objects.filter(Q(one__in=some) | Q(other__in=some))
        for a, person_a, b, person_b, at in rows.values_list(
            "one_id", "one__person_id", "other_id", "other__person_id", "since"
        ):
            found.append((a, person_a or a, b, person_b or b, at))
    return found


def _selves(roots: Collection[UUID]) -> dict[UUID, UUID]:
    """Return all ids of these people, and whose each is."""
    found = dict(zip(roots, roots, strict=True))
    for some in chunks(roots):
        rows = Customer.objects.filter(person__in=some).exclude(person=None)
        found |= dict(rows.values_list("pk", "person_id"))
    return found


def _said(whose: Mapping[UUID, UUID]) -> dict[tuple[UUID, str], bool]:
    """Return the latest word of people, by all of their ids, on what concerns whom they know."""
    latest: dict[tuple[UUID, str], tuple[datetime, int, bool]] = {}
    for some in chunks(whose):  # by id alone: an index of consents knows nothing of people
        rows = Consent.objects.filter(customer__in=some, purpose__in=AMONG)
        words = rows.values_list("customer_id", "purpose", "at", "pk", "given")
        for own, purpose, at, pk, given in words:
            key, word = (whose[own], purpose), (at, pk, given)
            latest[key] = max(latest.get(key, word), word)
    return {key: given for key, (_at, _pk, given) in latest.items()}
