"""What a bad experience does to whether customers leave, and what helps after it.

Whoever comes often meets with more, bad things too, and leaves less: a table of those with a
bad experience beside the others says that it does them good. So each week with one is
compared with weeks of others in the same calendar week who came as often, as lately and for as
long (`matching`). What is assumed: among weeks alike in these, who meets with it is chance.

The risk is that to leave in the weeks after, whatever else comes in them: who had none may still
have one later, and who had one another. To end there would leave those who come seldom, and
leave more, to be followed longest.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kfar.rooms.insight.figures import Withheld
from kfar.rooms.insight.leaving.matching import Effect, Trials, cells, effects, follow
from kfar.rooms.insight.leaving.visits import Ints
from kfar.rooms.insight.leaving.weeks import Flags, coarsened

#: Days after a bad experience that are asked about.
HORIZONS = (30, 60, 90)


def excess(
    person: ArrayLike,
    week: ArrayLike,
    at_risk: ArrayLike,
    event: ArrayLike,
    bad: ArrayLike,
    exposures: ArrayLike,
    *,
    horizons: tuple[int, ...] = HORIZONS,
    seed: int = 0,
) -> tuple[Effect, ...] | Withheld:
    """Return the excess risk to leave after a bad experience, by each of `horizons` in days.

    One row a person and week, in any order: `at_risk` (rows,) says who could leave in the week,
    `event` who did, `bad` who had a bad experience in it, before the next week's event;
    `exposures` (rows, columns) is what is to be alike, known at the week's end. Weeks within
    the longest horizon after an earlier bad experience begin no comparison. Withheld as
    `matching.effects`. Raises `ValueError` where a person has the same week twice.
    """
    rows = _Rows(person, week, at_risk, event, bad, exposures)
    weeks = max(max(round(days / 7), 1) for days in horizons)
    begins = rows.at_risk & ~rows.event & ~rows.lately(weeks)
    after, left = follow(rows.person, rows.week, rows.at_risk, rows.event, weeks)
    cell = cells(rows.week, coarsened(rows.exposures))
    return effects(rows.trials(begins, rows.bad, cell, after, left), horizons, seed=seed)


def recovery(
    person: ArrayLike,
    week: ArrayLike,
    at_risk: ArrayLike,
    event: ArrayLike,
    bad: ArrayLike,
    exposures: ArrayLike,
    helped: ArrayLike,
    *,
    within: int = 14,
    severity: ArrayLike | None = None,
    horizons: tuple[int, ...] = HORIZONS,
    seed: int = 0,
) -> tuple[Effect, ...] | Withheld:
    """Return what it does that something was done `within` so many days of a bad experience.

    Arrays as in `excess`; `helped` (rows,) are the weeks in which something was done, `severity`
    (rows,) how bad the experience of a week was, in few degrees. Everybody compared had a bad
    experience and is followed from the end of `within` on, without another until then, so that
    nobody is helped who had already left, nor counts as not helped for having left (a landmark:
    Anderson, Cain and Gelber, Journal of Clinical Oncology 1, 1983). A difference below 0 is
    what helping saved. Who is helped hangs on how bad it was: without `severity` the effects are
    marked `confounded`. Withheld as `matching.effects`.
    """
    rows = _Rows(person, week, at_risk, event, bad, exposures, helped, severity)
    wait = within // 7
    weeks = max(max(round(days / 7), 1) for days in horizons)
    reached, gone = follow(rows.person, rows.week, rows.at_risk, rows.event, wait)
    here = np.arange(len(rows.person))
    landmark = np.minimum(here + wait, len(here) - 1)
    again = np.append(0, np.cumsum(rows.bad))
    alone = again[landmark + 1] - again[here] == 1
    begins = rows.at_risk & ~rows.event & rows.bad & ~rows.lately(weeks)
    begins &= (reached == wait) & ~gone & alone
    done = np.append(0, np.cumsum(rows.helped))
    treated = done[landmark + 1] > done[here]
    after, left = follow(rows.person, rows.week, rows.at_risk, rows.event, weeks)
    # Fewer are compared than after all weeks, so cells are larger.
    like = [rows.week // 4, coarsened(rows.exposures, bins=3, exact=3)]
    if severity is not None:
        like.append(coarsened(rows.severity[:, np.newaxis]))
    trials = rows.trials(begins, treated, cells(*like), after[landmark], left[landmark])
    return effects(trials, horizons, seed=seed, confounded=severity is None)


class _Rows:
    """Person-weeks in order."""

    def __init__(
        self,
        person: ArrayLike,
        week: ArrayLike,
        at_risk: ArrayLike,
        event: ArrayLike,
        bad: ArrayLike,
        exposures: ArrayLike,
        helped: ArrayLike | None = None,
        severity: ArrayLike | None = None,
    ) -> None:
        who, when = np.asarray(person, np.int64), np.asarray(week, np.int64)
        order = np.lexsort((when, who))
        self.person: Ints = who[order]
        self.week: Ints = when[order]
        if ((np.diff(self.person) == 0) & (np.diff(self.week) == 0)).any():
            raise ValueError("a person has the same week twice")
        self.at_risk: Flags = np.asarray(at_risk, bool)[order]
        self.event: Flags = np.asarray(event, bool)[order] & self.at_risk
        self.bad: Flags = np.asarray(bad, bool)[order]
        self.exposures: NDArray[np.float64] = np.asarray(exposures, np.float64)[order]
        no = np.zeros(len(who))
        self.helped: Flags = np.asarray(no if helped is None else helped, bool)[order]
        given = no if severity is None else severity
        self.severity: NDArray[np.float64] = np.asarray(given, np.float64)[order]

    def lately(self, weeks: int) -> Flags:
        """Return which rows have another bad experience of their person's in the `weeks` before."""
        here = np.arange(len(self.person))
        at = np.where(self.bad, here, -1)
        before = np.append(-1, np.maximum.accumulate(at)[:-1]) if len(at) else at
        same = (before >= 0) & (self.person[before] == self.person)
        return np.asarray(same & (self.week - self.week[before] <= weeks))

    def trials(self, begins: Flags, treated: Flags, cell: Ints, after: Ints, left: Flags) -> Trials:
        """Return the rows that begin a comparison."""
        known = [self.exposures, self.week[:, np.newaxis]]
        if len(np.unique(self.severity)) > 1:
            known.append(self.severity[:, np.newaxis])
        return Trials(
            self.person[begins],
            treated[begins],
            cell[begins],
            after[begins],
            left[begins],
            np.column_stack(known).astype(np.float64)[begins],
        )
