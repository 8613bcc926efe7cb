"""Risks after something and without it, among person-weeks alike in all else that is known.

Each week is a small trial: who met with it against who did not, alike in their cell (Hernán and
Robins, "Using Big Data to Emulate a Target Trial", American Journal of Epidemiology 183, 2016;
Iacus, King and Porro, Political Analysis 20, 2012). The others weigh as many as those who met
with it in their cell, so the effect is that on these. Risks are of weighted survival (Cole and
Hernán, Computer Methods and Programs in Biomedicine 75, 2004), intervals of a bootstrap of
people (Field and Welsh, Journal of the Royal Statistical Society B 69, 2007).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kfar.rooms.insight import regression
from kfar.rooms.insight.figures import Floats, Withheld
from kfar.rooms.insight.leaving.visits import Ints
from kfar.rooms.insight.leaving.weeks import Flags

#: What is needed: trials with it that have their like, events among those compared, and which
#: part of all with it have their like.
TRIALS, EVENTS, OVERLAP = 30, 10, 0.5
#: Bootstrap samples.
DRAWS = 400
#: What of the cases an interval of an effect holds.
SURE = 0.95


@dataclass(frozen=True, eq=False)
class Trials:
    """One row a person-week that is followed; all have shape (trials,).

    `treated` met with it; `cell` is alike in all else; `after` are the weeks followed, up to and
    with the one of the `event`. `covariates` (trials, columns) is what cells are made of.
    """

    person: Ints
    treated: Flags
    cell: Ints
    after: Ints
    event: Flags
    covariates: Floats


@dataclass(frozen=True)
class Effect:
    """What something does to the risk to leave within `horizon` days, by who met with it.

    `risk` with it and `without` it, in 0 … 1; their `difference` and `ratio` with intervals that
    hold the truth in `level` of all cases. `naive` is the difference without matching, `checked`
    the same by regression (the g-formula). `trials` met with it, of which `matched` had their
    like. `confounded`: that what drives both is known not to be in the comparison.
    """

    horizon: int
    risk: float
    without: float
    difference: float
    low: float
    high: float
    ratio: float
    ratio_low: float
    ratio_high: float
    naive: float
    checked: float
    trials: int
    matched: int
    people: int
    level: float = SURE
    confounded: bool = False


def follow(
    person: Ints, week: Ints, at_risk: Flags, event: Flags, weeks: int
) -> tuple[Ints, Flags]:
    """Return for each row how many of the next `weeks` it is followed, and whether it then leaves.

    Rows (rows,) are ordered by person and week. One is followed while its person has a next week
    and is at risk in it, up to the event.
    """
    count = len(person)
    here = np.arange(count)
    broken = np.ones(count, bool)
    broken[1:] = (np.diff(person) != 0) | (np.diff(week) != 1) | ~at_risk[1:]

    def coming(flags: Flags) -> Ints:
        """The next row after each that is flagged, or one beyond all."""
        at = np.append(np.where(flags, here, count), count)
        return np.asarray(np.minimum.accumulate(at[::-1])[::-1][1:], np.int64)

    whole = np.minimum(coming(broken) - 1, here + weeks)
    leaves = coming(event) <= whole
    return np.where(leaves, coming(event), whole) - here, leaves


def cells(*columns: Ints) -> Ints:
    """Return the number of each row's cell: rows alike in all `columns`, each (rows, …)."""
    wide = np.column_stack(columns)
    return np.unique(wide, axis=0, return_inverse=True)[1].reshape(-1)


def effects(
    trials: Trials, horizons: tuple[int, ...], *, seed: int = 0, confounded: bool = False
) -> tuple[Effect, ...] | Withheld:
    """Return the effect by each of `horizons`, in days, counted in weeks.

    Withheld: `leaving.few_trials` with it, or with it and their like; `leaving.no_overlap` where
    fewer than half have their like without it; `leaving.few_events` where hardly anybody leaves.
    """
    all_of_them = int(trials.treated.sum())
    if all_of_them < TRIALS:
        return Withheld("leaving.few_trials", {"trials": all_of_them, "least": TRIALS})
    ones = np.ones(len(trials.person))
    matched = _weights(trials, ones) > 0
    alike = _some(trials, matched)
    found = int(alike.treated.sum())
    if found < max(OVERLAP * all_of_them, 1):
        return Withheld("leaving.no_overlap", {"trials": all_of_them, "matched": found})
    if found < TRIALS:
        return Withheld("leaving.few_trials", {"trials": found, "least": TRIALS})
    left = min(int(alike.event[alike.treated].sum()), int(alike.event[~alike.treated].sum()))
    if left < EVENTS:
        return Withheld("leaving.few_events", {"left": left, "least": EVENTS})
    weeks = np.array([max(round(days / 7), 1) for days in horizons])
    plain = np.ones(len(alike.person))
    risks = _risks(alike, _weights(alike, plain), weeks)
    naive = _risks(trials, ones, weeks)
    checked = _standardised(trials, alike, weeks)
    people, of = np.unique(alike.person, return_inverse=True)
    draw = np.random.default_rng(seed)
    drawn = np.stack(
        [
            _risks(alike, _weights(alike, times[of].astype(np.float64)), weeks)
            for times in (
                np.bincount(draw.integers(len(people), size=len(people)), minlength=len(people))
                for _ in range(DRAWS)
            )
        ]
    )
    tails = ((1 - SURE) / 2, (1 + SURE) / 2)
    gap = np.quantile(drawn[:, 1] - drawn[:, 0], tails, axis=0)
    ratio = np.quantile(drawn[:, 1] / np.maximum(drawn[:, 0], 1e-12), tails, axis=0)
    return tuple(
        Effect(
            horizon=days,
            risk=float(risks[1, n]),
            without=float(risks[0, n]),
            difference=float(risks[1, n] - risks[0, n]),
            low=float(gap[0, n]),
            high=float(gap[1, n]),
            ratio=float(risks[1, n] / max(risks[0, n], 1e-12)),
            ratio_low=float(ratio[0, n]),
            ratio_high=float(ratio[1, n]),
            naive=float(naive[1, n] - naive[0, n]),
            checked=float(checked[n]),
            trials=all_of_them,
            matched=found,
            people=len(people),
            confounded=confounded,
        )
        for n, days in enumerate(horizons)
    )


def _some(trials: Trials, rows: Flags) -> Trials:
    cell = np.unique(trials.cell[rows], return_inverse=True)[1]
    return Trials(
        trials.person[rows],
        trials.treated[rows],
        cell,
        trials.after[rows],
        trials.event[rows],
        trials.covariates[rows],
    )


def _weights(trials: Trials, times: Floats) -> Floats:
    """Return what each trial weighs when its person is there so many `times`."""
    size = int(trials.cell.max()) + 1
    side = trials.cell * 2 + trials.treated
    sums = np.bincount(side, times, 2 * size).reshape(size, 2)
    both = sums.min(axis=1) > 0
    odds = np.divide(sums[:, 1], sums[:, 0], out=np.zeros(size), where=both)
    factor = np.stack([odds, both.astype(np.float64)], axis=1)
    return np.asarray(times * factor.reshape(-1)[side], np.float64)


def _risks(trials: Trials, weight: Floats, weeks: Ints) -> Floats:
    """Return the risk to have left by each of `weeks`, (2, horizons): without it and with it."""
    size = int(weeks.max()) + 1
    found = []
    for treated in (False, True):
        arm = trials.treated == treated
        after, heavy, left = trials.after[arm], weight[arm], trials.event[arm]
        gone = np.bincount(after[left], heavy[left], size)
        there = np.bincount(after, heavy, size)[::-1].cumsum()[::-1]
        hazard = np.divide(gone, there, out=np.zeros(size), where=there > 1e-12)
        hazard[0] = 0
        found.append(1 - np.cumprod(1 - np.clip(hazard, 0, 1))[weeks])
    return np.array(found)


def _standardised(trials: Trials, alike: Trials, weeks: Ints) -> Floats:
    """Return the same differences by the g-formula: a regression, averaged over who met with it.

    Robins (Mathematical Modelling 7, 1986): a logistic hazard by what it was, and by cells'
    covariates with their squares, the same in each week followed.
    """
    some = trials.after > 0
    spread = np.maximum(trials.covariates[some].std(axis=0), 1e-9)
    middle = trials.covariates[some].mean(axis=0)

    def seen(of: Trials, treated: Floats) -> Floats:
        scaled = (of.covariates - middle) / spread
        return np.column_stack([treated, scaled, np.clip(scaled**2, 0, 9)])

    followed = trials.after.astype(np.float64)[some]
    x = seen(trials, trials.treated.astype(np.float64))[some]
    found = regression.fit(x, trials.event[some] / followed, weight=followed, ridge=1e-3)
    ours = _some(alike, alike.treated)
    ones = np.ones(len(ours.person))
    with_it, without = (
        found.probability(found.predictor(seen(ours, way * ones))[0]) for way in (1.0, 0.0)
    )
    later = weeks[:, np.newaxis]
    return np.asarray(((1 - without) ** later - (1 - with_it) ** later).mean(axis=1), np.float64)
