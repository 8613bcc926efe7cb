"""Holding what was before: drivers and outcome without what other columns tell of them.

Drivers are then ranked by what they explain of the rest, as if the held columns were in every
model (Grömping, Journal of Statistical Software 17(1), 2006, `always`; that the rests give the
same coefficients: Frisch and Waugh, Econometrica 1, 1933; Lovell, Journal of the American
Statistical Association 58, 1963).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kfar.rooms.insight.figures import Floats

SURE = 1.2816


def rest(columns: Floats, held: Floats) -> Floats:
    """Return `columns` (rows, …) without what a linear model of `held` (rows, held) says."""
    full = np.column_stack([np.ones(len(held)), held])
    slopes, *_ = np.linalg.lstsq(full, columns, rcond=None)
    found: Floats = columns - full @ slopes
    return found


def directions(outcome: Floats, drivers: Floats) -> NDArray[np.int64]:
    """Return whether more of each driver goes with more (1) or less (-1) of the outcome.

    All else alike: by the sign of its coefficient in a regression on all drivers (rows, drivers),
    0 where that is not sure (90 % for each side; errors as in White, Econometrica 48, 1980).
    """
    full = np.column_stack([np.ones(len(drivers)), drivers])
    inverse = np.linalg.pinv(full.T @ full)
    slopes = inverse @ full.T @ outcome
    scores = full * (outcome - full @ slopes)[:, np.newaxis]
    error = np.sqrt(np.diagonal(inverse @ (scores.T @ scores) @ inverse))
    sure = np.abs(slopes) > SURE * error
    return np.where(sure, np.sign(slopes), 0).astype(np.int64)[1:]
