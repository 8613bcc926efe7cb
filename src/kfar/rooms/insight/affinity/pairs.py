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

from kfar.rooms.insight.figures import LEVEL, Floats

Ints = NDArray[np.int64]
#: k is looked for between these: lifts that have nothing to do with 1, and none but 1.
LEAST, MOST = 1e-3, 1e4
#: Pairs that are tested at once, so that they stay at hand, and when a sum has come to its end.
BLOCK, NEAR = 16_384, 1e-16
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

    def each(self, most: int = 10, false: float = FALSE) -> tuple[Ints, Ints]:
        """Return `goes_with` of all items at once: items, ascending, and which pair."""
        fit = np.flatnonzero(self.q <= false)
        item, pair = np.concatenate([self.a[fit], self.b[fit]]), np.tile(fit, 2)
        order = np.lexsort((pair, -self.low[pair], item))
        item, pair = item[order], pair[order]
        first = np.searchsorted(item, item, side="left")
        kept = np.arange(len(item)) - first < most
        return item[kept], pair[kept]


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
    p = by_chance(seen, held[one], held[other], holders)
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


def by_chance(both: ArrayLike, a: ArrayLike, b: ArrayLike, holders: int) -> Floats:
    """Return how probable `both` (pairs,) or more together are by chance: Fisher (1935), one-sided.

    `a` and `b` (pairs,) of `holders` hold each. The tail on the far side of the mean is summed
    for all pairs at once, from its first term on: exact, where a table of each is slow.
    """
    y, n, m = (np.asarray(x, np.float64) for x in (both, a, b))
    blocks = [slice(start, start + BLOCK) for start in range(0, len(y), BLOCK)]
    found = [_tails(y[some], n[some], m[some], holders) for some in blocks]
    return np.concatenate([*found, np.zeros(0)])


def _tails(y: Floats, n: Floats, m: Floats, holders: int) -> Floats:
    rest = holders - n - m
    more = y * holders > n * m
    j = np.where(more, y, y - 1)
    some = (j >= 0) & (rest + j >= 0)
    first = np.where(some, j, 0)
    log_first = _log_choose(n, first) + _log_choose(holders - n, m - first)
    log_first = np.where(some, log_first - _log_choose(holders, m), -np.inf)
    tail = np.exp(log_first)
    going = np.flatnonzero(tail > 0)
    # What goes on is held closely together, and thinned out now and then.
    at, up, na, nb = j[going], more[going], n[going], m[going]
    left, term, total = rest[going], tail[going], tail[going]
    step = np.where(up, 1.0, -1.0)
    while len(going):
        for _ in range(8):
            top = np.where(up, (na - at) * (nb - at), at * (left + at))
            under = np.where(up, (at + 1) * (left + at + 1), (na - at + 1) * (nb - at + 1))
            term = term * top / under
            total = total + term
            at = at + step
        tail[going] = total
        on = term > total * NEAR
        going, at, up, na, nb = going[on], at[on], up[on], na[on], nb[on]
        left, term, total, step = left[on], term[on], total[on], step[on]
    return np.asarray(np.clip(np.where(more, tail, 1 - tail), 0, 1), np.float64)


def _log_choose(n: Floats | int, k: Floats) -> Floats:
    return np.asarray(gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1), np.float64)


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
