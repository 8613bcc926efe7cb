"""Response curves: what is sold at which price, over what is sold at the regular one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kfar.rooms.insight.response.panel import Floats, Panel
from kfar.rooms.insight.response.respond import Effect

#: Prices beyond these shares of all that were seen are not spoken of; steps between the others.
SEEN, STEP, CLOSE = (0.01, 0.99), 0.05, 1e-6


@dataclass(frozen=True, eq=False)
class Curve:
    """Units at a price over units at the regular price, with the interval of the elasticity.

    All (points,), ascending by `price`, which is over the regular one; at 1 all others are 1.
    """

    price: Floats
    units: Floats
    low: Floats
    high: Floats


def curve(elasticity: Effect, panel: Panel) -> Curve:
    """Return the curve over the prices that were seen in `panel`, and over no others."""
    index = np.exp(panel.price[panel.on & np.isfinite(panel.price)])
    first, last = np.quantile(index, SEEN) if len(index) else (1.0, 1.0)
    low, high = min(first, 1.0) / STEP, max(last, 1.0) / STEP
    steps = np.arange(np.ceil(low - CLOSE), np.floor(high + CLOSE) + 1)
    price: Floats = np.round(steps * STEP, 4)
    both = np.stack([price**elasticity.low, price**elasticity.high])
    return Curve(price, price**elasticity.value, both.min(axis=0), both.max(axis=0))
