"""Since when a product is as it is: the last change point in its stars.

Pettitt's test (Pettitt, "A Non-Parametric Approach to the Change-Point Problem", Applied
Statistics 28, 1979): of n values in time, U_t = Σ_{i≤t} Σ_{j>t} sgn(x_i - x_j) is largest in
size where they change, and K = max |U_t| is as large or larger by chance with a probability of
about 2 exp(-6 K² / (n³ + n²)), less where there are ties. It goes by ranks, as stars ask for.
Where a change is found, what came after it is looked through for another.

A value is the mean of a day, however many came on it: a burst is one value, and cannot make a
product look changed.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: By chance so seldom, a product; and before and after there are so many days with reviews.
CHANCE, SIDE = 1e-3, 8
#: It is by so many stars at least, and has lasted so many days.
BY, LASTS = 0.5, 30
#: So many changes of one product are looked for.
MOST = 8


def last_change(product: Ints, day: Ints, mean: Floats, products: int) -> Ints:
    """Return the first day after the last change of each product, (products,); -1: none.

    `product`, `day` and `mean` (days,) are sorted by product, then by day.
    """
    found = np.full(products, -1, np.int64)
    for _ in range(MOST):
        where = _changes(product, day, mean)
        if not len(where):
            break
        found[product[where]] = day[where]
        # Only what came after it is looked through again.
        own = np.isin(product, product[where])
        rest = own & (day >= found[product])
        product, day, mean = product[rest], day[rest], mean[rest]
    return found


def _changes(product: Ints, day: Ints, mean: Floats) -> Ints:
    """Return where the new part begins, for each product in which there is a change."""
    if not len(product):
        return np.empty(0, np.int64)
    first = np.flatnonzero(np.r_[True, product[1:] != product[:-1]])
    many = np.diff(np.r_[first, len(product)])
    n, start = np.repeat(many, many), np.repeat(first, many)
    t = np.arange(len(product)) - start + 1
    ranks = np.cumsum(_ranks(product, mean, start))
    ranks -= np.repeat(np.r_[0.0, ranks][first], many)
    size = np.abs(2 * ranks - t * (n + 1.0))
    size[(t < SIDE) | (n - t < SIDE)] = 0.0
    largest = np.maximum.reduceat(size, first)
    chance = 2 * np.exp(-6 * largest**2 / (many**3.0 + many**2.0))
    peak = size == np.repeat(largest, many)
    last = np.maximum.reduceat(np.where(peak, np.arange(len(product)), -1), first)
    sum_ = np.cumsum(mean)
    whole = np.r_[0.0, sum_]
    end = first + many
    with np.errstate(divide="ignore", invalid="ignore"):
        before = (whole[last + 1] - whole[first]) / (last + 1 - first)
        after = (whole[end] - whole[last + 1]) / (end - last - 1)
    begins = np.minimum(last + 1, len(product) - 1)
    lasts = day[end - 1] - day[begins] >= LASTS
    sure = (largest > 0) & (chance < CHANCE) & lasts & (np.abs(after - before) >= BY)
    found: Ints = begins[sure]
    return found


def _ranks(product: Ints, mean: Floats, start: Ints) -> Floats:
    """Return each value's rank within its product, from 1; equal values share theirs."""
    order = np.lexsort((mean, product))
    one, value = product[order], mean[order]
    first = np.flatnonzero(np.r_[True, (one[1:] != one[:-1]) | (value[1:] != value[:-1])])
    many = np.diff(np.r_[first, len(one)])
    shared = np.repeat(first + (many + 1) / 2, many) - start[order]
    ranks = np.empty(len(mean))
    ranks[order] = shared
    return ranks
