"""How much each review counts.

    weight = (1 verified, ½ not) · 2^(-age / 730 days) · its part of the day's cap · (0 or 1)

On one day the reviews of one product count together for at most `cap`: `BURST` times what was
usual in the half year that ended a month before, or `LEAST`. So a burst cannot raise its own cap,
and a hundred that come at once move a product as far as three would. That early and bunched
reviews mislead, and an age that fades them: Dellarocas, "Strategic Manipulation of Internet
Opinion Forums" (Management Science 52, 2006). What came before a product changed (`changing`)
counts no more.

Arrays are (reviews,) in any order; days are whole numbers since 1970.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kfar.rooms.voice.prominence.changing import last_change

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: What a review counts whose writer is not known to have bought it.
UNVERIFIED = 0.5
#: In how many days a review comes to count half.
HALF_LIFE = 730
#: On one day all count at most as so many verified ones, or so many times what is usual.
LEAST, BURST = 3.0, 4.0
#: What is usual is that of so many days, which ended so many days before.
USUAL, AGO = 180, 30
#: More days than there are, so that a product and a day make one number.
DAYS = 1 << 20


@dataclass(frozen=True, eq=False)
class Reviews:
    """All reviews of `products` many products, in one order that follows from what they are."""

    product: Ints
    day: Ints
    stars: Ints
    verified: Bools
    products: int

    @classmethod
    def of(
        cls, product: Ints, day: Ints, stars: Ints, verified: Bools, products: int | None = None
    ) -> Reviews:
        """Return them sorted, so that nothing depends on the order in which they were given."""
        # One number a review, to sort by that alone: a few times quicker than by four.
        key = ((product * DAYS + np.clip(day, 0, DAYS - 1)) * 8 + stars) * 2 + verified
        order = np.argsort(key)  # equal ones are the same, so their order is none
        count = int(product.max(initial=-1)) + 1 if products is None else products
        return cls(product[order], day[order], stars[order], verified[order], count)


@dataclass(frozen=True, eq=False)
class Weighed:
    """`weight` (reviews,), in the order of `Reviews`; `changed` (products,): a day, or -1."""

    weight: Floats
    changed: Ints


def weigh(reviews: Reviews, until: int) -> Weighed:
    """Return how much each review counts on the day `until`."""
    product, day = reviews.product, reviews.day
    trust = np.where(reviews.verified, 1.0, UNVERIFIED)
    if not len(product):
        return Weighed(trust, np.full(reviews.products, -1, np.int64))
    keys = product * DAYS + np.clip(day, USUAL + AGO, DAYS - 1)
    first = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]])
    group = np.repeat(np.arange(len(first)), np.diff(np.r_[first, len(keys)]))
    at_once = np.add.reduceat(trust, first)
    cap = np.maximum(LEAST, BURST * _usual(keys[first], at_once))
    part = np.minimum(1.0, cap / at_once)
    mean = np.add.reduceat(trust * reviews.stars, first) / at_once
    changed = last_change(product[first], day[first], mean, reviews.products)
    age = np.exp2(-np.maximum(until - day, 0) / HALF_LIFE)
    return Weighed(trust * part[group] * age * (day >= changed[product]), changed)


def _usual(keys: Ints, at_once: Floats) -> Floats:
    """Return what came a day, of each product before each of its days."""
    total = np.r_[0.0, np.cumsum(at_once)]
    since = np.searchsorted(keys, keys - AGO - USUAL)
    until = np.searchsorted(keys, keys - AGO)
    usual: Floats = (total[until] - total[since]) / USUAL
    return usual
