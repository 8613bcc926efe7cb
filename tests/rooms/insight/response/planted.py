"""Sales of which the truth is known: displays stand where demand is high."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kfar.rooms.insight.response.panel import Panel, Promotions, Sales, panel

WEEKS = 40
ELASTICITY, LIFT, MAILED = -2.0, 1.3, 1.5
Array = NDArray[np.float64]


def planted(
    seed: int,
    *,
    products: int = 60,
    stores: int = 25,
    everywhere: bool = False,
    early: float = 1.0,
    season: float = 0.8,
) -> Panel:
    """Return a panel with `ELASTICITY`, displays that lift by `LIFT`, mailers by `MAILED`.

    `everywhere` displays a product in all stores at once; `early` multiplies what is sold the
    week before a display; `season` is how far a product's demand moves, and its displays with
    it. Products come into stores and leave them; prices and mailers are the same in all stores.
    """
    draw = np.random.default_rng(seed)
    demand = draw.normal(0, season, (products, 1, WEEKS))
    taste = draw.normal(-1.2, 0.6, (products, stores, 1))
    eager = -2 + 1.5 * demand + 0.8 * (taste + 1.2)
    if everywhere:
        eager = eager.mean(axis=1, keepdims=True)
    shown = draw.random(eager.shape) < 1 / (1 + np.exp(-eager))
    shown = np.broadcast_to(shown, (products, stores, WEEKS))
    mailed = draw.random((products, 1, WEEKS)) < 0.15
    cut = draw.choice([0.0, 0.0, 0.0, -0.1, -0.25], (products, 1, WEEKS))
    next_shown = np.roll(shown, -1, axis=2)
    log = taste + demand + ELASTICITY * cut + np.log(LIFT) * shown
    log = log + np.log(MAILED) * mailed + np.log(early) * next_shown
    week = np.arange(WEEKS)
    came = draw.integers(-25, 15, (products, stores, 1))
    left = draw.integers(25, 65, (products, stores, 1))
    here = (came <= week) & (week <= left)
    units = draw.poisson(np.exp(log) * here)

    sold = np.nonzero(units)
    product, store, at = (of.astype(np.int64) for of in sold)
    price = np.exp(np.broadcast_to(cut, units.shape)[sold]) * 200
    count = units[sold].astype(np.float64)
    told = np.nonzero(here & (shown | mailed))
    where = [of.astype(np.int64) for of in told]
    all_mailed = np.broadcast_to(mailed, units.shape)
    return panel(
        Sales(product, store, at, count, count * price, count * 200.0),
        Promotions(
            where[0],
            where[1],
            where[2],
            np.where(shown[told], "7", ""),
            np.where(all_mailed[told], "A", ""),
        ),
    )
