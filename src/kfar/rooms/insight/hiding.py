"""Hiding: what is said of few people is not said, since it would point at one of them.

A count below `CROWD` is hidden. Where those hidden in a row are few together, they would be found
by taking the others from their sum; so the next smallest are hidden with them until they are not:
complementary suppression as in Cox, "Suppression Methodology and Statistical Disclosure Control"
(JASA 75, 1980).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kfar.ground.shares import CROWD

Ints = NDArray[np.int64]
#: What stands for a number that is not said.
HIDDEN = -1


def hidden(people: ArrayLike) -> NDArray[np.bool_]:
    """Return which counts of people (rows, cells) are not said. Nobody is few, too."""
    counts = np.asarray(people, np.int64)
    rank = counts.argsort(1, kind="stable").argsort(1, kind="stable")
    sums = np.sort(counts, axis=1).cumsum(1)
    few = (counts < CROWD).sum(1)
    # After each cell, in order of size: whether those up to there may be hidden alone.
    enough = (sums == 0) | (sums >= CROWD)
    cell = np.arange(1, counts.shape[1] + 1)
    last = np.where(enough & (cell >= few[:, None]), cell, counts.shape[1]).min(1, initial=1 << 31)
    return np.asarray(rank < np.where(few > 0, last, 0)[:, None], np.bool_)
