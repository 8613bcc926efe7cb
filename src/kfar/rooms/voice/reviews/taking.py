"""Reviews taken in from elsewhere: each once, however often its file comes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import islice
from uuid import UUID

from django.db import transaction

from kfar.ground.errors import Refused
from kfar.ground.text import LANGUAGES
from kfar.rooms.customers import commands as customers
from kfar.rooms.customers import queries as people
from kfar.rooms.customers.commands import Newcomer
from kfar.rooms.voice.reviews import rules
from kfar.rooms.voice.reviews.files import Given, stars_of, time_of
from kfar.rooms.voice.reviews.models import LONG, Product, Review
from kfar.rooms.voice.reviews.reckoning import reckon_all

#: So many are taken in one transaction.
AT_ONCE = 500


@dataclass(frozen=True)
class Taken:
    """What became of a file's reviews."""

    taken: int
    known: int
    rejected: int


@dataclass(frozen=True)
class _Read:
    line: int
    key: str
    product: str
    name: str
    category: str
    stars: int
    text: str
    language: str
    at: datetime
    who: str
    email: str


def take(coming: Iterable[Given], *, source: str, reject: Callable[[int, Refused], None]) -> Taken:
    """Take reviews in as told by `source`; `reject` hears of each that cannot be taken.

    The same review is taken once. Nobody is asked for what was said elsewhere long ago, so
    these words open no case. Who wrote it is known only by a customer's key or address.
    """
    taken = known = rejected = 0

    def refuse(line: int, why: Refused) -> None:
        nonlocal rejected
        rejected += 1
        reject(line, why)

    rows = _read(coming, refuse)
    while some := list(islice(rows, AT_ONCE)):
        new, there = _take(some, source, refuse)
        taken, known = taken + new, known + there
    if taken:
        reckon_all()
    return Taken(taken, known, rejected)


def _read(coming: Iterable[Given], refuse: Callable[[int, Refused], None]) -> Iterator[_Read]:
    for given in coming:
        try:
            yield _one(given)
        except Refused as refused:
            refuse(given.line, refused)


def _one(given: Given) -> _Read:
    # What no database takes: half signs, which JSON can write, and NUL.
    said = {
        name: text.encode("utf-8", "replace").decode().replace("\x00", "")
        for name, text in given.said.items()
    }
    code = said.get("product", "")
    if not code or len(code) > LONG:
        raise Refused("reviews.no_product")
    stars, at = stars_of(given), time_of(given)
    text = rules.check_words("\n\n".join(filter(None, (said.get("title"), said.get("text")))))
    language = said.get("language", "")[:2].lower()
    what = said.get("id") or "\x1f".join((code, at.isoformat(), str(stars), text))
    return _Read(
        line=given.line,
        key=sha256(what.encode()).hexdigest(),
        product=code,
        name=(said.get("name") or code)[:LONG],
        category=said.get("category", "")[:LONG],
        stars=stars,
        text=text,
        language=language if language in LANGUAGES else "",
        at=at,
        who=said.get("customer") or said.get("email", ""),
        email=said.get("email", ""),
    )


@transaction.atomic
def _take(
    rows: Sequence[_Read], source: str, refuse: Callable[[int, Refused], None]
) -> tuple[int, int]:
    keys = {row.key: row for row in reversed(rows)}
    there = set(Review.objects.filter(source=source, key__in=keys).values_list("key", flat=True))
    fresh = [row for row in keys.values() if row.key not in there]
    Product.objects.bulk_create(
        [Product(pk=row.product, name=row.name, category=row.category) for row in fresh],
        ignore_conflicts=True,
    )
    whose = _people(fresh, source)
    own = people.person_of(whose.values())
    said = Review.objects.filter(
        product__in={row.product for row in fresh},
        customer__in=people.owners(own),
        taken_back_at=None,
    ).values_list("product_id", "customer_id")
    persons = people.person_of({customer for _product, customer in said if customer})
    has = {(product, persons[customer]) for product, customer in said if customer}
    made = []
    for row in sorted(fresh, key=lambda one: one.line):
        customer = whose.get(row.who)
        if customer is not None:
            if (row.product, own[customer]) in has:
                refuse(row.line, Refused("reviews.another"))
                continue
            has.add((row.product, own[customer]))
        made.append(
            Review(
                product_id=row.product,
                customer_id=customer,
                source=source,
                key=row.key,
                stars=row.stars,
                text=row.text,
                language=row.language,
                at=row.at,
            )
        )
    Review.objects.bulk_create(made)
    return len(made), len(rows) - len(fresh)


def _people(rows: Sequence[_Read], source: str) -> dict[str, UUID]:
    """Return the customers who are named, known from now on."""
    named = {row.who: row for row in rows if row.who}
    newcomers = [Newcomer(key, email=row.email, met_at=row.at) for key, row in named.items()]
    return customers.meet_many(source=source, newcomers=newcomers) if newcomers else {}
