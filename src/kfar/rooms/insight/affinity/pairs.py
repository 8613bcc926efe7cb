"""What goes with what: support, lift, a test, and a lift that rare pairs do not lead.

Of N baskets (or lives: `tables`), nₐ hold a, n_b hold b, y hold both; by chance E = nₐ n_b / N
would. Support is y/N (Agrawal, Imieliński and Swami, SIGMOD 1993), lift y/E, called "interest" in
"Dynamic Itemset Counting" (SIGMOD 1997), and the same for (a, b) as for (b, a). The test is
Fisher's exact one (1935): how probable y or more is by chance, nₐ and n_b given; q holds the share
of false finds among all pairs up to it, those never seen together included among the tests
(Benjamini and Hochberg, JRSS B 57, 1995).

The rarer a pair, the wilder its lift. So it is shrunk towards 1, as DuMouchel (The American
Statistician 53, 1999) does with reports of drugs: y is Poisson(λE), λ a Gamma of shape and rate k,
and λ known after y is (y + k)/(E + k). k is found by maximum likelihood over all pairs.

Who buys much holds everything: in one life most pairs are together more than by chance. That is
what the numbers say, and why "in one basket" stands beside.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from scipy.optimize import minimize_scalar
from scipy.special import gammaincinv, gammaln
from scipy.stats import hypergeom

from kfar.rooms.insight.figures import LEVEL, Floats

Ints = NDArray[np.int64]
#: k is looked for between these: lifts that have nothing to do with 1, and none but 1.
LEAST, MOST = 1e-3, 1e4
#: The share of false finds that is put up with.
FALSE = 0.05


@dataclass(frozen=True, eq=False)
class Affinity:
    """Pairs that were seen together; arrays (pairs,), items by number, a < b.

    `shrunken` is the lift after shrinking by `k`; `low` is what it is above in 90 % of cases.
    `p` and `q` as above.
    """

    a: Ints
    b: Ints
    both: Ints
    support: Floats
    lift: Floats
    shrunken: Floats
    low: Floats
    p: Floats
    q: Floats
    k: float

    def goes_with(self, item: int, most: int = 10, false: float = FALSE) -> Ints:
        """Return which pairs (places in the arrays) say what goes with an item.

        Those with q ≤ `false`, the largest `low` first: what is surely much above chance.
        """
        of = np.flatnonzero(((self.a == item) | (self.b == item)) & (self.q <= false))
        return of[np.lexsort((of, -self.low[of]))][:most]


def affinity(a: ArrayLike, b: ArrayLike, both: ArrayLike, n: ArrayLike, holders: int) -> Affinity:
    """Return how pairs of items go together.

    `a`, `b`, `both` (pairs,) are all pairs that are together at least once, each given once;
    `n` (items,) in how many each item is, of `holders` baskets or lives in all. Raises
    `ValueError` where these do not fit together.
    """
    one, other, seen = (np.asarray(x, np.int64) for x in (a, b, both))
    held = np.asarray(n, np.int64)
    one, other = np.minimum(one, other), np.maximum(one, other)
    if not (one.shape == other.shape == seen.shape) or held.max(initial=0) > holders:
        raise ValueError("pairs have two items and a number each, and no item is in more than all")
    if (one == other).any() or (seen < 1).any() or (seen > held[[one, other]].min(0)).any():
        raise ValueError("two items are together at least once, and no more often than each is")
    expected = held[one] * held[other] / holders
    k = _fit(seen, expected, held, holders)
    p = hypergeom.sf(seen - 1, holders, held[one], held[other])
    return Affinity(
        a=one,
        b=other,
        both=seen,
        support=seen / holders,
        lift=seen / expected,
        shrunken=(seen + k) / (expected + k),
        low=gammaincinv(seen + k, (1 - LEVEL) / 2) / (expected + k),
        p=p,
        q=false_finds(p, tests=len(held) * (len(held) - 1) // 2),
        k=k,
    )


def together(held: sparse.sparray) -> Affinity:
    """Return how the items of `held` (baskets or lives, items) go together; not 0 is in."""
    there = sparse.csr_array(held).astype(bool).astype(np.int64)
    n = there.sum(axis=0)
    pairs = sparse.coo_array(sparse.triu(there.T @ there, k=1))
    return affinity(pairs.row, pairs.col, pairs.data, n, there.shape[0])


def false_finds(p: ArrayLike, tests: int | None = None) -> Floats:
    """Return q for each p: the share of false finds if it and all smaller ones are believed.

    `tests` is how many were made; those not given found nothing. Benjamini and Hochberg (1995).
    """
    given = np.asarray(p, np.float64)
    order = np.argsort(given)
    each = given[order] * (tests or len(given)) / np.arange(1, len(given) + 1)
    q = np.empty(len(given))
    q[order] = np.minimum(np.minimum.accumulate(each[::-1])[::-1], 1)
    return q


def _fit(both: Ints, expected: Floats, held: Ints, holders: int) -> float:
    """Return k by maximum likelihood over all pairs, those never together included.

    What pairs add that does not depend on `both` depends on nₐ n_b alone, so items held as
    often are taken together.
    """
    n, items = np.unique(held[held > 0], return_counts=True)
    pairs = np.triu(np.outer(items, items), k=1) + np.diag(items * (items - 1) // 2)
    some = pairs > 0
    of_all, times = (np.outer(n, n) / holders)[some], pairs[some]
    number, seen = np.unique(both, return_counts=True)

    def against(log_k: float) -> float:
        k = np.exp(log_k)
        never = k * (times @ np.log1p(of_all / k))
        ever = seen @ (gammaln(k + number) - gammaln(k))
        return float(never - ever + both @ np.log(k + expected))

    found = minimize_scalar(against, bounds=(np.log(LEAST), np.log(MOST)), method="bounded")
    return float(np.exp(found.x))
