"""Tiers: what is merged with what, so that each row is written anew O(log n) times."""

from __future__ import annotations

#: So many of a size make one of the next.
FAN = 4
#: What is smaller than this counts as of one size.
SMALLEST = 10_000


def tier(rows: int) -> int:
    """Return the size of something with so many rows, in powers of `FAN`."""
    size = 0
    while rows >= SMALLEST * FAN:
        rows //= FAN
        size += 1
    return size
