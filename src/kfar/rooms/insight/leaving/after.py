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
from numpy.typing import ArrayLike

from kfar.rooms.insight.figures import Floats, Withheld
from kfar.rooms.insight.leaving.matching import Effect, Trials, cells, effects, follow
from kfar.rooms.insight.leaving.visits import Ints
from kfar.rooms.insight.leaving.weeks import Flags, PersonWeeks, coarsened

#: Days after a bad experience that are asked about.
HORIZONS = (30, 60, 90)


def excess(
    weeks: PersonWeeks, *, horizons: tuple[int, ...] = HORIZONS, seed: int = 0
) -> tuple[Effect, ...] | Withheld:
    """Return the excess risk to leave after a bad experience, by each of `horizons` in days.

    `weeks` in any order, from `person_weeks` or made otherwise; `exposures` (rows, columns) is
    what is to be alike, known at the week's end. A bad experience comes before the next week's
    event. Weeks within the longest horizon after an earlier one begin no comparison. Withheld
    as `matching.effects`. Raises `ValueError` where a person has the same week twice.
    """
    rows, _ = weeks.ordered()
    longest = _weeks(horizons)
    begins = rows.at_risk & ~rows.event & ~_lately(rows, longest)
    followed = follow(rows.person, rows.week, rows.at_risk, rows.event, longest)
    cell = cells(rows.week, coarsened(rows.exposures))
    known = np.column_stack([rows.exposures, rows.week]).astype(np.float64)
    return effects(_trials(rows, begins, rows.bad, cell, followed, known), horizons, seed=seed)


def recovery(
    weeks: PersonWeeks,
    *,
    within: int = 14,
    severity: ArrayLike | None = None,
    horizons: tuple[int, ...] = HORIZONS,
    seed: int = 0,
) -> tuple[Effect, ...] | Withheld:
    """Return what it does that something was done `within` so many days of a bad experience.

    `severity` (rows,) of `weeks` is how bad the experience of a week was, in few degrees.
    Everybody compared had a bad experience and is followed from the end of `within`, in whole
    weeks, on, without another until then: so nobody is helped who had already left, nor counts
    as not helped for having left (a landmark: Anderson, Cain and Gelber, Journal of Clinical
    Oncology 1, 1983). A difference below 0 is what helping saved. Who is helped hangs on how bad
    it was: without `severity` the effects are marked `confounded`. Withheld and raises as `excess`.
    """
    rows, order = weeks.ordered()
    longest, wait = _weeks(horizons), within // 7
    reached, gone = follow(rows.person, rows.week, rows.at_risk, rows.event, wait)
    here = np.arange(len(rows.person))
    landmark = np.minimum(here + wait, len(here) - 1)
    so_far = np.append(0, np.cumsum(rows.bad))
    alone = so_far[landmark + 1] - so_far[here] == 1
    begins = rows.at_risk & ~rows.event & rows.bad & ~_lately(rows, longest)
    begins &= (reached == wait) & ~gone & alone
    done = np.append(0, np.cumsum(rows.helped))
    treated = done[landmark + 1] > done[here]
    after, left = follow(rows.person, rows.week, rows.at_risk, rows.event, longest)
    # Fewer are compared than after all weeks, so cells are larger.
    like = [rows.week // 4, coarsened(rows.exposures, bins=3, exact=3)]
    known = [rows.exposures, rows.week]
    if severity is not None:
        degree = np.asarray(severity, np.float64)[order]
        like.append(coarsened(degree[:, np.newaxis]))
        known.append(degree)
    columns = np.column_stack(known).astype(np.float64)
    trials = _trials(
        rows, begins, treated, cells(*like), (after[landmark], left[landmark]), columns
    )
    return effects(trials, horizons, seed=seed, confounded=severity is None)


def _weeks(horizons: tuple[int, ...]) -> int:
    return max(max(round(days / 7), 1) for days in horizons)


def _lately(rows: PersonWeeks, weeks: int) -> Flags:
    """Return which rows have another bad experience of their person's in the `weeks` before."""
    if not len(rows.week):
        return rows.bad
    at = np.where(rows.bad, np.arange(len(rows.week)), -1)
    before = np.append(-1, np.maximum.accumulate(at)[:-1])
    same = (before >= 0) & (rows.person[before] == rows.person)
    return np.asarray(same & (rows.week - rows.week[before] <= weeks))


def _trials(  # noqa: PLR0917 - all of one length
    rows: PersonWeeks,
    begins: Flags,
    treated: Flags,
    cell: Ints,
    followed: tuple[Ints, Flags],
    known: Floats,
) -> Trials:
    """Return the rows that begin a comparison."""
    return Trials(
        rows.person[begins],
        treated[begins],
        cell[begins],
        followed[0][begins],
        followed[1][begins],
        known[begins],
    )
