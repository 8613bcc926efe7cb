"""How often what was said to come next came: recall at ten, beside two plain rankings.

Recall as in information retrieval (Herlocker, Konstan, Terveen and Riedl, ACM TOIS 22, 2004),
person by person. How far probabilities can be trusted is measured by `figures.brier` and
`figures.calibrated` over all cells of people × categories.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from kfar.rooms.insight.figures import Floats
from kfar.rooms.insight.next_best.history import Bools, History


def recall(
    scores: ArrayLike, came: ArrayLike, most: int = 10, among: ArrayLike | None = None
) -> float:
    """Return which share of what each person bought was among the `most` likeliest, on average.

    `scores` and `came` are (people, categories); `among` has those that may be named and that
    count (all). People who bought nothing of these do not count; among equal scores the first
    category is named first. Raises `ValueError` where nobody counts.
    """
    told, real = np.asarray(scores, np.float64), np.asarray(came, bool)
    if among is not None:
        told = np.where(np.asarray(among, bool), told, -np.inf)
        real = real & np.asarray(among, bool)
    named = np.argsort(-told, axis=1, kind="stable")[:, :most]
    hits, all_of_it = np.take_along_axis(real, named, axis=1).sum(1), real.sum(1)
    if not all_of_it.any():
        raise ValueError("nobody bought anything")
    counts = all_of_it > 0
    return float((hits[counts] / all_of_it[counts]).mean())


def usual(history: History) -> Floats:
    """Return the global list as scores (people, categories): the share of people who bought it."""
    bought = history.counts() > 0
    return np.broadcast_to(bought.sum(0) / bought.any(1).sum(), bought.shape)


def personal(history: History) -> Floats:
    """Return personal frequency as scores: on how many visits; equals by the global list."""
    return history.counts() + usual(history) / 2


def first_visit(history: History, at: ArrayLike) -> Bools:
    """Return what was in each person's first visit, (people, categories).

    `at` (rows,) says when, finer than a day: the first visit is that of the first row.
    """
    order = np.lexsort((history.visit, np.asarray(at)))
    people, place = np.unique(history.person[order], return_index=True)
    first = np.full(history.people, -1, np.int64)
    first[people] = history.visit[order][place]
    found = np.zeros((history.people, history.categories), bool)
    there = history.visit == first[history.person]
    found[history.person[there], history.category[there]] = True
    return found
