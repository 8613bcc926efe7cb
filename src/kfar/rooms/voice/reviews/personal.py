"""What reviews say to one person: those of people they know, and of whom these know, say more."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from heapq import merge
from itertools import islice
from uuid import UUID

import numpy as np
from django.db.models import Q
from django.utils import timezone
from numpy.typing import NDArray

from kfar.rooms.customers.queries import chunks, owners
from kfar.rooms.customers.ties.queries import Circle
from kfar.rooms.voice.prominence.personal import (
    BEYOND,
    FRIEND,
    NAMED,
    TOGETHER,
    extra,
    heard,
    personal,
)
from kfar.rooms.voice.reviews.models import Product, Review
from kfar.rooms.voice.reviews.queries import PAGE, Prominent, as_prominent
from kfar.rooms.voice.reviews.reckoning import FIRST, today

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class ForYou:
    """A product as it stands for one person, beside what it is for everybody, and why.

    `friends` are the names of those who may be named; `others` they know and `beyond` count how
    many were counted who are not: always in threes, so that none of them is found out.
    """

    product: Prominent
    everybody: Prominent
    friends: tuple[str, ...] = ()
    others: int = 0
    beyond: int = 0

    @property
    def moved(self) -> bool:
        """Whether anybody of their circle counts in it."""
        return bool(self.friends or self.others or self.beyond)


def product(circle: Circle, code: str) -> ForYou | None:
    """Return a product for who has this circle, or None where nobody reviewed it."""
    row = Product.objects.filter(pk=code).first()
    if row is None:
        return None
    public = as_prominent(row)
    return _figures(circle, Q(product=code)).get(code, ForYou(public, public))


def shelf(
    circle: Circle, category: str | None, *, after: int = 0, most: int = PAGE
) -> list[ForYou]:
    """Return the products of a category (None: of all), the most prominent for them first."""
    within = Q() if category is None else Q(product__category=category)
    own = _figures(circle, within)
    rows = Product.objects.filter(reviews__gt=0).exclude(pk__in=own)
    if category is not None:
        rows = rows.filter(category=category)
    rest = map(as_prominent, rows.order_by("-mean", "-reviews", "pk")[: after + most])
    mine = sorted(own.values(), key=_place)
    both = merge(mine, (ForYou(one, one) for one in rest), key=_place)
    return list(islice(both, after, after + most))


@dataclass(frozen=True, eq=False)
class _Written:
    """Reviews of a circle that may count, (reviews,): whose, of which product, what they say."""

    people: list[UUID]
    product: Ints
    who: Ints
    at: Ints
    day: Ints
    stars: Ints
    verified: Ints

    def some(self, which: Bools) -> _Written:
        """Return some of them."""
        places = np.flatnonzero(which)
        columns = (self.product, self.who, self.at, self.day, self.stars, self.verified)
        return _Written([self.people[i] for i in places], *(column[places] for column in columns))


def _figures(circle: Circle, within: Q) -> dict[str, ForYou]:
    """Return the products that are others for this circle than for everybody, by code."""
    products, written = _written(circle, within)
    changed = np.array([(r.changed_on - FIRST).days if r.changed_on else -1 for r in products])
    if not products:
        return {}
    # What counts no more is left out before groups are made: else a group could be of one.
    written = written.some(written.day >= changed[written.product])
    there = len(circle.named), len(circle.friends), len(circle.beyond)
    written = written.some(heard(written.product, written.who, written.at, there))
    more = extra(written.who, written.day, written.verified.astype(bool), today(timezone.now()))
    shares = np.array([row.shares for row in products])
    means = personal(shares, written.product, written.stars, more)
    friends, others, beyond = (
        np.bincount(written.product[written.who == one], minlength=len(products))
        for one in (NAMED, FRIEND, BEYOND)
    )
    names: dict[int, list[str]] = {}
    for i in np.flatnonzero(written.who == NAMED):
        names.setdefault(int(written.product[i]), []).append(circle.named[written.people[i]])
    found: dict[str, ForYou] = {}
    for i in np.flatnonzero(friends + others + beyond):
        public = as_prominent(products[i])
        mean, low, high = (float(figure[i]) for figure in means)
        own = replace(public, mean=mean, low=low, high=high)
        named = tuple(sorted(names.get(int(i), [])))
        found[public.code] = ForYou(own, public, named, int(others[i]), int(beyond[i]))
    return found


def _written(circle: Circle, within: Q) -> tuple[list[Product], _Written]:
    """Return what a circle wrote, each person the latest of each product, and of what."""
    who = dict.fromkeys(circle.named, NAMED) | dict.fromkeys(circle.friends, FRIEND)
    who |= dict.fromkeys(circle.beyond, BEYOND)
    whose = owners(who)
    latest: dict[tuple[str, UUID], tuple[datetime, int, bool]] = {}
    for some in chunks(whose):
        rows = Review.objects.filter(within, customer__in=some, taken_back_at=None)
        for code, at, stars, verified_at, own in rows.order_by("at", "pk").values_list(
            "product_id", "at", "stars", "verified_at", "customer_id"
        ):
            if own is not None and (
                (before := latest.get((code, whose[own]))) is None or at > before[0]
            ):
                latest[code, whose[own]] = at, stars, verified_at is not None
    # Most products were reviewed by too few of a circle to be others for it.
    many = Counter((code, who[person]) for code, person in latest)
    codes = {code for (code, tie), n in many.items() if tie == NAMED or n >= TOGETHER}
    products = [
        row
        for some in chunks(sorted(codes))
        for row in Product.objects.filter(pk__in=some)
        if row.shares and row.mean is not None
    ]
    place = {row.pk: i for i, row in enumerate(products)}
    found = [
        (place[code], who[person], round(at.timestamp()), today(at), stars, verified)
        for (code, person), (at, stars, verified) in latest.items()
        if code in place
    ]
    people = [person for code, person in latest if code in place]
    return products, _Written(people, *np.array(found, np.int64).reshape(-1, 6).T)


def _place(one: ForYou) -> tuple[float, int, str]:
    """Return what products are sorted by, as `queries.shelf` sorts them."""
    return -one.product.mean, -one.product.reviews, one.product.code
