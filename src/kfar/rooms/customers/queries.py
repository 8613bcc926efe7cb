"""Who a customer is, by any of their names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import TypeVar
from uuid import UUID

from django.conf import settings
from django.db.models import F, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from kfar.rooms.customers import names
from kfar.rooms.customers.models import Consent, Customer, Handle, Merge, Proposal, Way
from kfar.rooms.customers.names import ANONYMOUS, EMAIL, PHONE, SHARED

#: The purposes a customer is asked about; serving them needs no consent, these do.
ASK, UNDERSTAND, PERSONALISE, ADVERTISE = "ask", "understand", "personalise", "advertise"
PURPOSES = (ASK, UNDERSTAND, PERSONALISE, ADVERTISE)
#: What they are asked about whom they know, by nobody but themselves: whether their reviews
#: count for friends of friends, and whether their name stands beside them for friends.
BEYOND, NAMED = AMONG = ("friends-of-friends", "named-to-friends")

#: What letters are about for which a customer chooses how to hear: what came of what they said,
#: promises to them, and how something was; and the ways there are.
OUTCOMES, PROMISED, FOLLOWED = "outcomes", "promised", "followed"
BY_EMAIL, BY_TEXT, NO_WAY = "email", "sms", "none"
HEARING, WAYS = (OUTCOMES, PROMISED, FOLLOWED), (BY_EMAIL, BY_TEXT, NO_WAY)

#: How many are looked up at once.
CHUNK = 1000

#: The person a row's customer belongs to.
OWN = Coalesce("customer__person_id", "customer_id")

T = TypeVar("T")


@dataclass(frozen=True)
class Person:
    """A customer. `about` holds demographics where known; `consents` the purposes said yes to.

    `id` is the person's own, also where another of their ids was asked for. `language` is the
    company's where the customer's is not known. `email` is one their owner or a trusted source
    gave us. `names` are (kind, value), oldest first, browsers left out.
    """

    id: UUID
    name: str
    email: str
    language: str
    met_at: datetime
    about: dict[str, str] = field(default_factory=dict)
    consents: frozenset[str] = frozenset()
    names: tuple[tuple[str, str], ...] = field(default=(), compare=False)

    @property
    def phone(self) -> str:
        """A number their owner or a trusted source gave us, "" where there is none."""
        return next((value for kind, value in self.names if kind == PHONE), "")


@dataclass(frozen=True)
class Named:
    """A name somebody is known by, and since when."""

    kind: str
    value: str
    since: datetime


@dataclass(frozen=True)
class Word:
    """A yes or a no to one purpose: where it was given, and when."""

    purpose: str
    given: bool
    source: str
    at: datetime


@dataclass(frozen=True)
class Joined:
    """A merge: whom it made part of a person, why, when, by which employee (None: by rule).

    `was` is who they were, with all merged into them; `undone_at` is None while it stands.
    """

    id: UUID
    was: Person
    ground: str
    source: str
    at: datetime
    by: UUID | None
    undone_at: datetime | None


@dataclass(frozen=True)
class Proposed:
    """Two who may be one person. `merged`: they are held for one now, perhaps wrongly.

    `score` is how likely it is that they are one, where it was estimated; `evidence` the kinds
    of names that agree; `same` what was decided, None before.
    """

    id: UUID
    one: Person
    other: Person
    merged: bool
    ground: str
    source: str
    score: float | None
    evidence: tuple[str, ...]
    at: datetime
    same: bool | None


def person(customer_id: UUID) -> Person | None:
    """Return the customer, or None."""
    return people([customer_id]).get(customer_id)


def spoken(customer_id: UUID) -> str:
    """Return the language of a customer, "" where it is not known."""
    rows = Customer.objects.filter(pk__in=selves(customer_id)).exclude(language="")
    return (
        rows.order_by(F("person").asc(nulls_first=True)).values_list("language", flat=True).first()
        or ""
    )


def people(ids: Iterable[UUID]) -> dict[UUID, Person]:
    """Return customers by id, each as the person they are; unknown ids are left out.

    A handful of queries for a thousand.
    """
    asked = dict.fromkeys(ids)
    rows = _with_merged(asked)
    roots = {own: rows[own].person_id or own for own in asked if own in rows}
    rows |= _with_merged(set(roots.values()) - asked.keys())
    groups = {root: [root] for root in roots.values()}
    for row in sorted(rows.values(), key=lambda one: (one.met_at, one.pk)):
        if row.person_id is not None:
            groups[row.person_id].append(row.pk)
    found = _described(groups, rows)
    return {own: found[root] for own, root in roots.items()}


def _with_merged(ids: Iterable[UUID]) -> dict[UUID, Customer]:
    """Return these customers, and those merged into them."""
    meant = (Q(pk__in=some) | Q(person__in=some) for some in chunks(ids))
    return {row.pk: row for some in meant for row in Customer.objects.filter(some)}


def described(groups: Mapping[UUID, Sequence[UUID]]) -> dict[UUID, Person]:
    """Return for each id the person all the ids of its group make, the id itself the first.

    What the first does not say, the next one that says it says.
    """
    ids = [own for group in groups.values() for own in group]
    rows = {row.pk: row for some in chunks(ids) for row in Customer.objects.filter(pk__in=some)}
    return _described(groups, rows)


def _described(
    groups: Mapping[UUID, Sequence[UUID]], rows: Mapping[UUID, Customer]
) -> dict[UUID, Person]:
    ids = [own for group in groups.values() for own in group]
    handles: dict[UUID, list[tuple[str, str]]] = {}
    consents: dict[UUID, list[tuple[datetime, int, str, bool]]] = {}
    for some in chunks(ids):
        named = Handle.objects.filter(customer__in=some).exclude(kind__in=[ANONYMOUS, SHARED])
        for own, kind, value in named.order_by("pk").values_list("customer_id", "kind", "value"):
            handles.setdefault(own, []).append((kind, value))
        said = Consent.objects.filter(customer__in=some)
        for own, *word in said.values_list("customer_id", "at", "pk", "purpose", "given"):
            consents.setdefault(own, []).append(tuple(word))  # type: ignore[arg-type]
    found: dict[UUID, Person] = {}
    for first, group in groups.items():
        selves = [rows[own] for own in group if own in rows]
        if not selves or first not in rows:
            continue
        called = [name for row in selves for name in handles.get(row.pk, ())]
        words = sorted(word for row in selves for word in consents.get(row.pk, ()))
        latest = {purpose: given for _at, _pk, purpose, given in words}
        about: dict[str, str] = {}
        for row in reversed(selves):
            about |= row.about
        found[first] = Person(
            id=first,
            name=next((row.name for row in selves if row.name), ""),
            email=next((value for kind, value in called if kind == EMAIL), ""),
            language=next((r.language for r in selves if r.language), settings.LANGUAGE_CODE),
            met_at=min(row.met_at for row in selves),
            about=about,
            consents=frozenset(purpose for purpose, given in latest.items() if given),
            names=tuple(called),
        )
    return found


def selves(customer_id: UUID) -> list[UUID]:
    """Return all ids of the person with that id: their own first, then those merged into it.

    Whatever a customer did stands under one of them for ever, so who reads filters by all.
    """
    own = Customer.objects.filter(pk=customer_id)
    root = Subquery(own.values(root=Coalesce("person_id", "pk")))
    rows = Customer.objects.filter(Q(pk=root) | Q(person=root))
    found = rows.order_by(F("person").asc(nulls_first=True), "met_at", "pk")
    return list(found.values_list("pk", flat=True)) or [customer_id]


def person_of(ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """Return for each id that of the person; for ids of nobody, themselves."""
    found = {own: own for own in ids}
    for some in chunks(found):
        rows = Customer.objects.filter(pk__in=some).exclude(person=None)
        found.update(rows.values_list("pk", "person_id"))
    return found


def owners(ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """Return all ids of the people with these ids, and whose each is; people's own come first."""
    roots = list(dict.fromkeys(person_of(ids).values()))
    found = dict(zip(roots, roots, strict=True))
    for some in chunks(roots):
        rows = Customer.objects.filter(person__in=some).order_by("met_at", "pk")
        found.update(rows.values_list("pk", "person_id"))
    return found


def under(customer_id: UUID) -> list[UUID]:
    """Return an id and all that are merged into it, directly or through others."""
    found, edge = [customer_id], [customer_id]
    while edge:
        rows = Merge.objects.filter(winner__in=edge, undone_at=None).order_by("at", "pk")
        edge = list(rows.values_list("loser_id", flat=True))
        found += edge
    return found


def names_of(customer_id: UUID) -> list[Named]:
    """Return every name a customer is known by, browsers too, oldest first."""
    rows = Handle.objects.filter(customer__in=selves(customer_id)).order_by("at", "pk")
    return [Named(row.kind, row.value, row.at) for row in rows]


def words_of(customer_id: UUID) -> list[Word]:
    """Return every yes and no of a customer, oldest first."""
    rows = Consent.objects.filter(customer__in=selves(customer_id)).order_by("at", "pk")
    return [Word(row.purpose, row.given, row.source, row.at) for row in rows]


def merges(customer_id: UUID) -> list[Joined]:
    """Return who was merged into the person with that id, newest first, with those taken back."""
    rows = Merge.objects.filter(winner__in=selves(customer_id)).order_by("-at", "pk")
    return [
        Joined(
            id=row.pk,
            was=described({row.loser_id: under(row.loser_id)})[row.loser_id],
            ground=row.ground,
            source=row.source,
            at=row.at,
            by=row.by_id,
            undone_at=row.undone_at,
        )
        for row in rows
    ]


def proposals(most: int = 100) -> list[Proposed]:
    """Return the proposals nobody has decided, the likeliest first, then the oldest."""
    rows = Proposal.objects.filter(decided_at=None)
    return [_proposed(row) for row in rows.order_by(F("score").desc(nulls_last=True), "at")[:most]]


def proposal(proposal_id: UUID) -> Proposed | None:
    """Return one proposal, or None."""
    row = Proposal.objects.filter(pk=proposal_id).first()
    return _proposed(row) if row else None


def by_handle(kind: str, value: str) -> UUID | None:
    """Return the id that name was given to, or None; in whichever form it is written."""
    name = canonical(kind, value)
    return found_by(kind, [name]).get(name) if name else None


def found_by(kind: str, values: Iterable[str]) -> dict[str, UUID]:
    """Return the ids of those who have one of these names, as they are kept: `{value: id}`."""
    found: dict[str, UUID] = {}
    for some in chunks(values):
        rows = Handle.objects.filter(kind=kind, value__in=some)
        found.update(rows.values_list("value", "customer_id"))
    return found


def agreed(purpose: str, *, by_phone: bool = False) -> list[UUID]:
    """Return the people who say yes to `purpose` today and have an address, in a stable order.

    `by_phone`: a phone number is an address, too.
    """
    yes, kinds = saying_yes(purpose), [EMAIL, PHONE] if by_phone else [EMAIL]
    reached = set(Handle.objects.filter(kind__in=kinds).values_list(OWN, flat=True))
    ids = Customer.objects.people().order_by("met_at", "pk").values_list("pk", flat=True)
    return [pk for pk in ids if pk in yes and pk in reached]


def saying_yes(purpose: str) -> set[UUID]:
    """Return the people who say yes to `purpose` today."""
    latest = _words(Consent.objects.filter(purpose=purpose))
    return {pk for pk, given in latest.items() if given}


def allowed(purpose: str, ids: Iterable[UUID]) -> set[UUID]:
    """Return those of `ids` whose person says yes to `purpose` today; none means no."""
    roots = person_of(ids)
    latest: dict[UUID, bool] = {}
    for some in chunks(set(roots.values())):
        theirs = Q(customer__in=some) | Q(customer__person__in=some)
        latest |= _words(Consent.objects.filter(theirs, purpose=purpose))
    return {own for own, root in roots.items() if latest.get(root)}


def ways(purpose: str, ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return how these want to hear of `purpose`, by id; who chose nothing is left out."""
    roots = person_of(ids)
    latest: dict[UUID, str] = {}
    for some in chunks(set(roots.values())):
        theirs = Q(customer__in=some) | Q(customer__person__in=some)
        rows = Way.objects.filter(theirs, purpose=purpose).order_by("at", "pk")
        latest |= dict(rows.values_list(OWN, "way"))
    return {own: latest[root] for own, root in roots.items() if root in latest}


def purposes(ids: Iterable[UUID]) -> frozenset[str]:
    """Return what one person, with all their ids, says yes to today."""
    said = Consent.objects.filter(customer__in=list(ids)).order_by("at", "pk")
    latest = dict(said.values_list("purpose", "given"))
    return frozenset(purpose for purpose, given in latest.items() if given)


def abouts() -> dict[UUID, dict[str, str]]:
    """Return what is known of people, by person; of whom nothing is known is left out."""
    rows = Customer.objects.exclude(about={})
    rows = rows.order_by(F("person").desc(nulls_last=True), "-met_at", "-pk")
    found: dict[UUID, dict[str, str]] = {}
    for own, person, about in rows.values_list("pk", "person_id", "about").iterator():
        found[person or own] = found.get(person or own, {}) | about
    return found


def signing_in(ids: Iterable[UUID]) -> list[UUID]:
    """Return those of `ids` whose person can sign in, in their order."""
    roots = person_of(ids)
    there: set[UUID] = set()
    for some in chunks(set(roots.values())):
        theirs = Customer.objects.filter(Q(pk__in=some) | Q(person__in=some), login__isnull=False)
        there.update(theirs.values_list(Coalesce("person_id", "pk"), flat=True))
    return [own for own, root in roots.items() if root in there]


def count() -> int:
    """Return how many customers are known: people, however many ids they have."""
    return Customer.objects.people().count()


def canonical(kind: str, value: str) -> str:
    """Return a name as it is kept; "" where it names nobody."""
    found = names.named(kind, value, settings.KFAR_COUNTRY)
    return found[1] if found else ""


def chunks(items: Iterable[T]) -> Iterator[list[T]]:
    """Yield lists of `CHUNK` items, as many as one query looks up."""
    rest = iter(items)
    while some := list(islice(rest, CHUNK)):
        yield some


def _words(rows: QuerySet[Consent]) -> dict[UUID, bool]:
    """Return the latest word of each person among consents to one purpose."""
    return dict(rows.order_by("at", "pk").values_list(OWN, "given"))


def _proposed(row: Proposal) -> Proposed:
    ids = [row.one_id, row.other_id]
    roots = person_of(ids)
    merged = len(set(roots.values())) == 1
    one, other = [under(own) if merged else selves(own) for own in ids]
    if merged:  # what is merged into one of the two is not the other's
        one, other = (
            [i for i in one if i not in other or row.other_id not in one],
            [i for i in other if i not in one or row.one_id not in other],
        )
    found = described({one[0]: one, other[0]: other})
    return Proposed(
        id=row.pk,
        one=found[one[0]],
        other=found[other[0]],
        merged=merged,
        ground=row.ground,
        source=row.source,
        score=row.score,
        evidence=tuple(row.evidence),
        at=row.at,
        same=row.same,
    )
