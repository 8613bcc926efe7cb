"""The map of contact in numbers, and whom to meet: a draw in which the quiet have their share.

Arrays in, arrays out; no names, no clock, no database.

**The draw.** Who asks for the loudest meets the loudest. Here n people of N are drawn in strata:
quiet or loud, then value not known or known, then new or long-standing. The quiet get

    n_quiet = min(N_quiet, ceil(n * N_quiet / N)),    n_loud = min(N_loud, n - n_quiet),

(the loud more only where there are no quiet ones left), so never less than their share. Within
the quiet, and within the loud, people are drawn systematically from one random start: put into
the order of their strata, and in random order within each, every (N_half / n_half)-th is taken.
So everybody among the quiet has the same chance n_quiet / N_quiet, everybody among the loud
n_loud / N_loud, each stratum gets its share of the half to within one, and nobody is drawn twice.

References: J. Neyman (1934), On the two different aspects of the representative method, JRSS 97;
W. G. Madow (1949), On the theory of systematic sampling II, Annals of Mathematical Statistics 20.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

#: A week, in days.
WEEK = 7


def heat(rows: Ints, days: Ints, *, size: int, today: int, weeks: int) -> Ints:
    """Return how often each row had contact in each of the last `weeks`, the last one newest.

    `rows` (n,) says whose each contact was, 0 to `size` - 1, `days` (n,) when, as day numbers;
    the last week ends with `today`. The answer is (size, weeks); what is outside counts nowhere.
    """
    week = weeks - 1 - (today - days) // WEEK
    there = (days <= today) & (week >= 0) & (rows >= 0) & (rows < size)
    cells = rows[there] * weeks + week[there]
    counts: Ints = np.bincount(cells, minlength=size * weeks).astype(np.int64)
    return counts.reshape(size, weeks)


def silence(rows: Ints, days: Ints, *, size: int, today: int) -> Ints:
    """Return for each row how many days ago its latest contact was; -1 for none. As `heat`."""
    latest = np.full(size, np.iinfo(np.int64).min, dtype=np.int64)
    there = (days <= today) & (rows >= 0) & (rows < size)
    np.maximum.at(latest, rows[there], days[there])
    return np.where(latest == np.iinfo(np.int64).min, -1, today - latest)


def met_share(rows: Ints, days: Ints, *, size: int, first: int, today: int) -> float:
    """Return the share of rows with a contact from day `first` to `today`; 0 of none. As `heat`."""
    there = (days >= first) & (days <= today) & (rows >= 0) & (rows < size)
    return len(np.unique(rows[there])) / size if size else 0.0


def seats(quiet: int, loud: int, n: int) -> tuple[int, int]:
    """Return how many quiet and how many loud ones are drawn, of so many, where n are."""
    n = min(n, quiet + loud)
    if n <= 0:
        return 0, 0
    of_quiet = min(quiet, math.ceil(n * quiet / (quiet + loud)))
    return of_quiet, n - of_quiet


def draw(quiet: Bools, valued: Bools, new: Bools, n: int, seed: Sequence[int]) -> Ints:
    """Return who is drawn: at most n different places in the arrays, all (N,), in random order.

    The same arrays and the same `seed` draw the same.
    """
    random = np.random.default_rng(list(seed))
    strata = 2 * valued.astype(np.int64) + new.astype(np.int64)
    halves = [np.flatnonzero(quiet), np.flatnonzero(~quiet)]
    many = seats(len(halves[0]), len(halves[1]), n)
    drawn = [
        _every(half, strata[half], wanted, random)
        for half, wanted in zip(halves, many, strict=True)
    ]
    return random.permutation(np.concatenate(drawn))


def _every(people: Ints, strata: Ints, n: int, random: np.random.Generator) -> Ints:
    """Draw n of these people: from a random start every so many-th, stratum by stratum."""
    if n <= 0:
        return np.empty(0, dtype=np.int64)
    order = np.lexsort((random.random(len(people)), random.permutation(4)[strata]))
    step = len(people) / n
    at = np.floor((random.random() + np.arange(n)) * step).astype(np.int64)
    chosen: Ints = people[order[np.minimum(at, len(people) - 1)]]
    return chosen
