"""Habits: how often a customer buys each category."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from uuid import UUID

import numpy as np
from scipy import sparse

from kfar.ground.shares import CROWD
from kfar.lake.engines import Session
from kfar.rooms.insight import reading
from kfar.rooms.insight.figures import Calibration, Figure, Floats, Withheld, calibrated, rmse
from kfar.rooms.insight.rates import tables
from kfar.rooms.insight.rates.shrinkage import Rates, fit_rates

if TYPE_CHECKING:
    from ibis.expr.types import Table

KIND = "habits"
#: What is said is about so many days, and is tried on the last ones.
HORIZON = 90


@dataclass(frozen=True, eq=False)
class Trial:
    """How said purchases of a category in `HORIZON` days went with what came.

    Of all pairs of people and categories in which something was bought before; `baseline` is
    who goes on at the own rate.
    """

    pairs: int
    calibration: Calibration
    error: float
    baseline: float


@dataclass(frozen=True, eq=False)
class Habits:
    """How rates differ between people in each category; None where the past is too short."""

    categories: tuple[str, ...]
    rates: Rates
    trial: Trial | None


@dataclass(frozen=True)
class Habit:
    """How often one person buys a category: so many `times` until now, and what is to come."""

    category: str
    times: int
    last: date
    figure: Figure | Withheld


def learn(session: Session, until: date) -> tuple[Habits, int] | None:
    """Learn from everybody; the last `HORIZON` days try it first."""
    rows = _counted(session, until)
    if not rows:
        return None
    buyers = Counter(row[1] for row in rows)
    categories = tuple(sorted(name for name, people in buyers.items() if people >= CROWD))
    crowded = set(categories)
    now = [row for row in rows if row[1] in crowded]
    people = sorted({row[0] for row in rows})
    then = until - timedelta(days=HORIZON)
    watched = dict(session.ask(_watched(until)))
    before = [row for row in _counted(session, then) if row[1] in crowded]
    known = {who: days - HORIZON for who, days in watched.items() if days > HORIZON}
    trial = _trial(before, now, known, categories) if len(before) > len(categories) else None
    rates = fit_rates(*_arrays(now, people, categories, watched))
    return Habits(categories, rates, trial), len(people)


def habits(study: Habits, session: Session, until: date) -> list[Habit]:
    """Return what the one person in `known` buys, the most often first."""
    watched = session.ask(_watched(until))
    if not watched:
        return []
    place = {name: n for n, name in enumerate(study.categories)}
    rows = sorted(_counted(session, until), key=lambda row: (-row[2], row[1]))
    return [
        Habit(
            category,
            times,
            last,
            study.rates.figure(place[category], times, float(watched[0][1]), HORIZON)
            if category in place
            else Withheld("insight.hardly_anybody"),
        )
        for _, category, times, last in rows
    ]


def bought(study: Habits, session: Session, until: date) -> tuple[sparse.csr_array, Floats]:
    """Return how often all in `known` bought what the study knows: (people, categories), (people,).

    The second is for how many days each has been known; people are in the order of their ids.
    """
    watched = dict(session.ask(_watched(until)))
    kept = set(study.categories)
    rows = [row for row in _counted(session, until) if row[1] in kept]
    return _arrays(rows, sorted(watched), study.categories, watched)


@lru_cache(maxsize=1)
def _taste() -> Table:
    """Return what people bought for themselves."""
    table = reading.known()
    return table.filter(~table.gift)


def _counted(session: Session, until: date) -> list[tuple[UUID, str, int, date]]:
    """Return customer, category, times and last of all that was bought until a day."""
    return session.ask(_counts(until))


@lru_cache(maxsize=8)
def _counts(until: date) -> Table:
    table = _taste()
    return tables.counts(table.filter(table.day <= until), "category").drop("first")


@lru_cache(maxsize=8)
def _watched(until: date) -> Table:
    return tables.exposure(_taste(), until + timedelta(days=1)).drop("visits")


def _arrays(
    rows: list[tuple[UUID, str, int, date]],
    people: list[UUID],
    categories: tuple[str, ...],
    watched: dict[UUID, int],
) -> tuple[sparse.csr_array, Floats]:
    who = {person: n for n, person in enumerate(people)}
    what = {name: n for n, name in enumerate(categories)}
    rows = [row for row in rows if row[0] in who]
    place = ([who[row[0]] for row in rows], [what[row[1]] for row in rows])
    shape = (len(people), len(categories))
    times = sparse.coo_array(([row[2] for row in rows], place), shape=shape).tocsr()
    return times, np.array([watched[person] for person in people], np.float64)


def _trial(
    before: list[tuple[UUID, str, int, date]],
    now: list[tuple[UUID, str, int, date]],
    known: dict[UUID, int],
    categories: tuple[str, ...],
) -> Trial:
    people = sorted(known)
    times, days = _arrays(before, people, categories, known)
    later, _ = _arrays(now, people, categories, known)
    rates = fit_rates(times, days)
    who, what = times.nonzero()
    some = ~np.isnan(rates.r[what])
    who, what = who[some], what[some]
    counts = np.asarray(times[who, what], np.float64)
    came = np.asarray(later[who, what], np.float64) - counts
    said = HORIZON * (rates.r[what] + counts) / (rates.alpha[what] + days[who])
    return Trial(
        pairs=len(said),
        calibration=calibrated(said, came),
        error=rmse(said, came),
        baseline=rmse(HORIZON * counts / days[who], came),
    )
