"""Shares of people: between which they lie, and of how few nothing is said."""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist

#: What fewer people do is not kept, nor shown: it might point at one of them.
CROWD = 5


def wilson(hits: int, people: int, level: float) -> tuple[float, float]:
    """Return between which shares one of `hits` in `people` lies (Wilson, JASA 22, 1927)."""
    z = NormalDist().inv_cdf((1 + level) / 2)
    middle = hits + z * z / 2
    spread = z * sqrt(hits * (people - hits) / people + z * z / 4)
    return (middle - spread) / (people + z * z), (middle + spread) / (people + z * z)
