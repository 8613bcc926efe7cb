"""A category's panel: store × product × week, with the weeks in which nothing was sold.

When was a product on offer in a store? Counted from its first sale there to its last, whatever
sells little would seem to sell well, for the two ends are sold by definition; counted the whole
year, it would seem not to be wanted where it was not to be had, and since promotions are noted
only where it was, they would be given the credit. So it is on offer from the first week in which
it was promoted there, or from the week *after* its first sale, whichever comes first, until the
last week promoted, or the week *before* its last sale. Neither end depends on what is sold
within (they are stopping times, from both sides), and so what is sold within is distributed as
ever.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: A product's price has to be known in this share of its weeks.
KNOWN = 0.8


@dataclass(frozen=True, eq=False)
class Sales:
    """What was sold: one row a store × product × week, all (rows,).

    `product`, `store` and `week` are whole numbers; `paid` and `regular` are for all `units`.
    """

    product: Ints
    store: Ints
    week: Ints
    units: Floats
    paid: Floats
    regular: Floats


@dataclass(frozen=True, eq=False)
class Promotions:
    """What was promoted: one row a store × product × week, all (rows,); "" is: not that way."""

    product: Ints
    store: Ints
    week: Ints
    display: NDArray[np.str_]
    mailer: NDArray[np.str_]


@dataclass(frozen=True, eq=False)
class Panel:
    """One category. A pair is a product in a store that ever sold it; arrays (pairs, weeks).

    `on` says when it was on offer there, `season` when its product was sold anywhere. `display`
    and `mailer` are places in `displays` and `mailers`, of which the first is "": not promoted.
    `price` is the logarithm of what the middle store took for the product that week, over what
    it stands there for without discounts; nan where that is known in too few of its weeks.
    `product` and `store` are (pairs,), from 0; pairs are ascending by product, then store.
    """

    product: Ints
    store: Ints
    units: Floats
    on: Bools
    season: Bools
    display: NDArray[np.int8]
    mailer: NDArray[np.int8]
    displays: tuple[str, ...]
    mailers: tuple[str, ...]
    price: Floats


def panel(sales: Sales, promotions: Promotions) -> Panel:
    """Return the panel of one category. Raises `ValueError` where nothing was sold.

    Promotions of what a store never sold are passed over.
    """
    if not len(sales.units):
        raise ValueError("nothing was sold")
    first = int(min(sales.week.min(), promotions.week.min(initial=sales.week.min())))
    last = int(max(sales.week.max(), promotions.week.max(initial=sales.week.max())))
    weeks = last - first + 1
    width = int(max(sales.store.max(), promotions.store.max(initial=0))) + 1
    keys, pair = np.unique(sales.product * width + sales.store, return_inverse=True)
    product = np.unique(keys // width, return_inverse=True)[1]
    store = np.unique(keys % width, return_inverse=True)[1]
    shape = (len(keys), weeks)

    units = np.zeros(shape)
    np.add.at(units, (pair, sales.week - first), sales.units)

    wanted = promotions.product * width + promotions.store
    place = np.searchsorted(keys, wanted).clip(max=len(keys) - 1)
    ours = keys[place] == wanted
    at = (place[ours], promotions.week[ours] - first)
    display, displays = _codes(promotions.display[ours], at, shape)
    mailer, mailers = _codes(promotions.mailer[ours], at, shape)

    began, ended = _ends(units > 0)
    shown, gone = _ends((display > 0) | (mailer > 0))
    week = np.arange(weeks)
    on = week >= np.minimum(began + 1, shown)[:, None]
    on &= week <= np.maximum(ended - 1, gone)[:, None]

    starts = np.searchsorted(product, np.arange(int(product[-1]) + 1))
    born = np.minimum.reduceat(began, starts)[product]
    died = np.maximum.reduceat(ended, starts)[product]
    season = (week >= born[:, None]) & (week <= died[:, None])
    price = _price(sales, pair, product, sales.week - first, weeks)
    return Panel(
        product, store, units, on, season, display, mailer, displays, mailers, price[product]
    )


def _codes(
    kinds: NDArray[np.str_], at: tuple[Ints, Ints], shape: tuple[int, int]
) -> tuple[NDArray[np.int8], tuple[str, ...]]:
    names, code = np.unique(np.append(kinds, ""), return_inverse=True)
    array = np.zeros(shape, np.int8)
    array[at] = code[:-1]
    return array, tuple(names.tolist())


def _ends(yes: Bools) -> tuple[Ints, Ints]:
    """Return the first and the last week of each pair that is `yes`; far off where none is."""
    weeks, some = yes.shape[1], yes.any(axis=1)
    first = np.where(some, yes.argmax(axis=1), weeks)
    last = np.where(some, weeks - 1 - yes[:, ::-1].argmax(axis=1), -1)
    return first, last


def _price(sales: Sales, pair: Ints, product: Ints, week: Ints, weeks: int) -> Floats:
    """Return the logarithm of the price index (products, weeks): the middle store's.

    A price is seen only where something was sold. Each store's own would say that whatever was
    not sold was not cheap either; so all stores of a product share one. A week in which none
    sold it has the last price known.
    """
    base = np.bincount(pair, sales.regular) / np.bincount(pair, sales.units)
    seen = (sales.paid > 0) & (base[pair] > 0)
    ratio = sales.paid[seen] / sales.units[seen] / base[pair[seen]]
    cell = product[pair[seen]] * weeks + week[seen]
    order = np.lexsort((ratio, cell))
    cells, start, count = np.unique(cell[order], return_index=True, return_counts=True)
    middle = ratio[order][start + (count - 1) // 2] + ratio[order][start + count // 2]
    seen_at = np.full((int(product[-1]) + 1) * weeks, np.nan)
    seen_at[cells] = np.log(middle / 2)
    price = seen_at.reshape(-1, weeks)
    known = np.isfinite(price)
    first, last = _ends(known)
    enough = known.sum(axis=1) >= KNOWN * (last - first + 1).clip(min=1)
    before = np.maximum.accumulate(np.where(known, np.arange(weeks), -1), axis=1)
    filled = np.where(before < 0, first[:, None].clip(max=weeks - 1), before)
    price = np.take_along_axis(price, filled, axis=1)
    price[~enough] = np.nan
    return price
