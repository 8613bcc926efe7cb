"""Prominence for one person: reviews by those they know, and by whom those know, count more.

After weights n of each star from everybody, and α of the category, the stars of a product are
Dirichlet(α + n) (`scoring`). For one person e is added, from reviews that stand in n already:

    e = tie · trust · 2^(-age / 730 days)      tie: 1 of a friend, 0.3 of a friend's friend

(of reviews since the product is as it is), and the rest stays as it is: mean, interval and
shrinkage are those of Dirichlet(α + n + e). So a review of a friend counts as two alike of
strangers, one of a friend's friend as 1.3; what a category usually is, and what everybody says,
hold one friend's word in bounds, and where nobody is known the figure is everybody's. Of the
daily cap (`weighing`) nothing comes in: it is against crowds that nobody knows, and here a
person has said of each that they know them. That advice is weighed by who gives it: Bonaccio and
Dalal, "Advice taking and decision-making" (Organizational Behavior and Human Decision Processes
101, 2006); that it weighs less along longer paths: Golbeck, "Computing and Applying Trust in
Web-based Social Networks" (2005).

Friends who do not want to be named, and friends of friends, count in `TOGETHER` alone, and never
all of those who might have: `heard`. So neither a figure nor its change says of one of them what
they wrote, or that they did.

Arrays are (reviews,) in any order; days are whole numbers since 1970.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kfar.rooms.voice.prominence.scoring import after
from kfar.rooms.voice.prominence.weighing import HALF_LIFE, UNVERIFIED

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: Who wrote a review: a friend who may be named, one who may not, a friend's friend.
NAMED, FRIEND, BEYOND = 0, 1, 2
#: What each counts beside what a stranger counts.
TIES = np.array([1.0, 1.0, 0.3])
#: So many who are not named count, or none of them.
TOGETHER = 3


def heard(product: Ints, who: Ints, at: Ints, there: tuple[int, int, int]) -> Bools:
    """Return which reviews count: all of friends who may be named, of others groups of three.

    `who` is one of `NAMED`, `FRIEND`, `BEYOND`, `at` when it was written, and `there` how many
    of each the person has. Of n reviews of a product the earliest count, as many as make whole
    groups and are fewer than the people who might have written one.
    """
    group = product * len(TIES) + who
    order = np.lexsort((at, group))
    own = group[order]
    first = np.flatnonzero(np.r_[True, own[1:] != own[:-1]][: len(own)])
    many = np.diff(np.r_[first, len(own)])
    place = np.arange(len(own)) - np.repeat(first, many)
    most = np.minimum(many, np.array(there, np.int64)[who[order][first]] - 1)
    whole = most // TOGETHER * TOGETHER
    counts = np.empty(len(own), np.bool_)
    counts[order] = (place < np.repeat(whole, many)) | (who[order] == NAMED)
    return counts


def extra(who: Ints, day: Ints, verified: Bools, until: int) -> Floats:
    """Return what each review counts beside what it counts for everybody, on the day `until`."""
    trust = np.where(verified, 1.0, UNVERIFIED)
    age = np.exp2(-np.maximum(until - day, 0) / HALF_LIFE)
    found: Floats = TIES[who] * trust * age
    return found


def personal(shares: Floats, product: Ints, stars: Ints, more: Floats) -> tuple[Floats, ...]:
    """Return mean, low and high of each product for one person.

    `shares` (products, 5) is α + n; `product`, `stars` and `more` are of the reviews that count.
    """
    cells = product * 5 + stars - 1
    added = np.bincount(cells, more, shares.size).astype(np.float64)
    return after(added.reshape(shares.shape), shares)
