"""Who counts: one angry person writing fifteen times is one.

A voice counts where its person has been silent in that stream for a day (`WINDOW`). So whoever goes
on writing counts once for as long as they go on, and nobody has to remember who was counted: the
day before is all there is to look at.

The guarantee of Shin, Ramdas and Rinaldo (2022) needs counts whose mean is known from what was
before; voices of one person come in bursts, people far less so.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

#: For how many seconds a person's voices in one stream are one.
WINDOW = 24 * 3600


def counted(stream: Ints, person: Ints, at: Ints) -> NDArray[np.bool_]:
    """Return which voices count, (voices,).

    All three are (voices,): numbers that stand for streams and people, and seconds of any clock.
    """
    order = np.lexsort((at, person, stream))
    same = (np.diff(stream[order]) == 0) & (np.diff(person[order]) == 0)
    again = np.zeros(len(order), bool)
    again[order[1:]] = same & (np.diff(at[order]) < WINDOW)
    return ~again
