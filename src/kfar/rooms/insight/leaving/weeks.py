"""Person-weeks: who could leave in which week, who did, and what they had met with.

A customer *leaves in a week* when it is the first of a silence: a visit the week before, and
none for `horizon` days from then on, in whole weeks. Until the next visit they are not at risk,
and from it on they are again; so one person may leave more than once. Person-weeks as in
Prentice and Gloeckler (Biometrics 34, 1978).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kfar.rooms.insight.figures import Floats
from kfar.rooms.insight.leaving.visits import Ints, Visits

Flags = NDArray[np.bool_]
#: The columns of `PersonWeeks.exposures`.
EXPOSURES = ("visits", "visits_before", "weeks_since", "tenure")
#: Weeks of which visits before count, and from how many on visits of a week are many.
BEFORE, MOST = 8, 8
#: A column with more values than this is matched by quantiles.
EXACT = 12


@dataclass(frozen=True, eq=False)
class PersonWeeks:
    """One row a person and week from the first visit on; all have shape (rows,).

    `event`: leaves in this week. `bad` and `helped`: had a bad experience, and had something done
    about one, in this week. `exposures` (rows, 4) is what bad experiences come with, in the
    order of `EXPOSURES`: visits this week (8 stands for more), the doublings of visits in the
    eight weeks before, weeks since the visit before this week (9 stands for more), and the
    doublings of the weeks since the first. So coarse, each is matched as it is.
    """

    person: Ints
    week: Ints
    at_risk: Flags
    event: Flags
    bad: Flags
    helped: Flags
    exposures: NDArray[np.number]

    def ordered(self) -> tuple[PersonWeeks, Ints]:
        """Return the rows by person and week, and where each stood before.

        Raises `ValueError` where a person has the same week twice.
        """
        order = np.lexsort((self.week, self.person))
        rows = PersonWeeks(
            person=self.person[order],
            week=self.week[order],
            at_risk=self.at_risk[order],
            event=self.event[order],
            bad=self.bad[order],
            helped=self.helped[order],
            exposures=self.exposures[order],
        )
        if ((np.diff(rows.person) == 0) & (np.diff(rows.week) == 0)).any():
            raise ValueError("a person has the same week twice")
        return rows, order


def person_weeks(
    visits: Visits,
    bad: tuple[Ints, Ints],
    helped: tuple[Ints, Ints],
    today: int,
    horizon: int = 30,
) -> PersonWeeks:
    """Return the person-weeks of everybody who came, in whole weeks that end before `today`.

    `bad` and `helped` are persons and days, each (times,); those of people who never came are left
    out. Weeks whose silence could not be seen whole before `today` are not at risk.
    """
    known = visits.before(today)
    if not len(known.day):
        none, no = np.empty(0, np.int64), np.empty(0, bool)
        return PersonWeeks(none, none, no, no, no, no, np.empty((0, 4), np.int64))
    person, of = np.unique(known.person, return_inverse=True)
    weeks = -((int(known.day.min()) - today) // 7)
    origin = today - 7 * weeks
    silence = -(-horizon // 7)
    came = _grid(of, (known.day - origin) // 7, len(person), weeks)
    week = np.arange(weeks)
    last = np.maximum.accumulate(np.where(came > 0, week, -1), axis=1)
    coming = np.where(came > 0, week, weeks + silence)
    coming = np.minimum.accumulate(coming[:, ::-1], axis=1)[:, ::-1]
    long = (coming - last > silence) & (came == 0) & (last >= 0)
    event = long & (last == week - 1)
    at_risk = (last >= 0) & (~long | event) & (week + silence <= weeks)
    before = np.concatenate([np.full((len(person), 1), -1), last[:, :-1]], axis=1)
    total = np.concatenate([np.zeros((len(person), 1), np.int64), np.cumsum(came, axis=1)], axis=1)
    first = coming[:, :1]
    exposures = np.stack(
        [
            np.minimum(came, MOST),
            _doublings(total[:, :-1] - total[:, np.maximum(week - BEFORE, 0)]),
            np.where(before >= 0, np.minimum(week - before, BEFORE + 1), 0),
            _doublings(np.maximum(week - first, 0)),
        ],
        axis=2,
    )
    rows = last >= 0

    def marked(times: tuple[Ints, Ints]) -> Flags:
        who, when = np.asarray(times[0], np.int64), np.asarray(times[1], np.int64)
        there = np.isin(who, person) & (when >= origin) & (when < today)
        place = np.searchsorted(person, who[there])
        return np.asarray(_grid(place, (when[there] - origin) // 7, len(person), weeks)[rows] > 0)

    return PersonWeeks(
        person=np.repeat(person, rows.sum(axis=1)),
        week=np.broadcast_to(week, rows.shape)[rows],
        at_risk=at_risk[rows],
        event=(event & at_risk)[rows],
        bad=marked(bad),
        helped=marked(helped),
        exposures=exposures[rows],
    )


def coarsened(exposures: NDArray[np.number], bins: int = 4, exact: int = EXACT) -> Ints:
    """Return each column in cells: as it is with up to `exact` values, else by quantiles.

    Coarsening as in Iacus, King and Porro, "Causal Inference without Balance Checking: Coarsened
    Exact Matching" (Political Analysis 20, 2012). Shape (rows, columns) in and out.
    """
    cells = np.empty(exposures.shape, np.int64)
    for n, column in enumerate(np.asarray(exposures, np.float64).T):
        distinct, place = np.unique(column, return_inverse=True)
        if len(distinct) > exact:
            edges: Floats = np.unique(np.quantile(column, np.linspace(0, 1, bins + 1)[1:-1]))
            place = np.searchsorted(edges, column, side="left")
        cells[:, n] = place
    return cells


def _doublings(count: Ints) -> Ints:
    """Return 0 for 0, 1 for 1 and 2, 2 for 3 to 6, and so on."""
    return np.log2(count + 1).round(9).astype(np.int64)


def _grid(person: Ints, week: Ints, people: int, weeks: int) -> Ints:
    """Count how often each person is named in each week, (people, weeks)."""
    counts = np.bincount(person * weeks + week, minlength=people * weeks)
    return counts.reshape(people, weeks)
