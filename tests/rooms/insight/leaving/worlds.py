"""Made worlds in which the truth about leaving is known.

Who comes often leaves less, and has more bad experiences, since each visit may be one. A bad
experience multiplies the weekly hazard for 13 weeks; where something was done about it at once, by
another factor.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kfar.rooms.insight.leaving.weeks import PersonWeeks

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

LASTS, EARLIER = 13, 8


@dataclass(frozen=True, kw_only=True)
class Law:
    """What holds in a world: factors of the hazard, the chance that a visit is bad."""

    factor: float = 2.0
    #: The factor once helped, and how severe cases differ: multiplied so.
    helped: float = 1.0
    severe: float = 1.0
    chance: float = 0.06
    #: How often who had a mild and a severe bad experience is helped.
    helping: tuple[float, float] = (0.5, 0.5)
    #: Whether a week with three visits is always bad, and one with fewer never.
    parted: bool = False


@dataclass(frozen=True, eq=False)
class World(PersonWeeks):
    """Person-weeks, with each row's own severity, hazard and rate of visits, each (rows,)."""

    law: Law
    severity: Ints
    hazard: Floats
    rate: Floats

    def first(self) -> Flags:
        """The rows with a bad experience and none of that person in the 13 weeks before."""
        grid = np.full((self.person.max() + 1, self.week.max() + 1), False)
        grid[self.person, self.week] = self.bad
        before = np.concatenate([np.zeros((len(grid), 1), int), grid.cumsum(axis=1)], axis=1)
        start = np.maximum(self.week - LASTS, 0)
        lately = before[self.person, self.week] - before[self.person, start]
        return np.asarray(self.bad & (lately == 0) & (self.week < self.week.max()))

    def risk(self, rows: Flags, factor: float, weeks: int) -> float:
        """The true mean risk of `rows` to leave in the next `weeks`, if now under `factor`.

        Whatever comes later: a bad experience, helped or not, puts one under its own factor.
        """
        if not rows.any():
            return 0.0
        hazard, law = self.hazard[rows], self.law
        bad = 1 - np.exp(-self.rate[rows] * law.chance)
        aid = float(np.mean(law.helping))
        as_now, hurt, healed = np.ones(rows.sum()), np.zeros(rows.sum()), np.zeros(rows.sum())
        for _ in range(weeks):
            stay = [
                s * (1 - hazard * f)
                for s, f in ((as_now, factor), (hurt, law.factor), (healed, law.helped))
            ]
            anew = bad * sum(stay)
            as_now = stay[0] * (1 - bad)
            hurt, healed = (
                stay[1] * (1 - bad) + anew * (1 - aid),
                stay[2] * (1 - bad) + anew * aid,
            )
        return float(1 - (as_now + hurt + healed).mean())


def world(seed: int, law: Law, people: int = 1000, weeks: int = 45) -> World:
    draw = np.random.default_rng(seed)
    rate = np.clip(np.exp(draw.normal(0, 0.9, people)), 0.15, 6)
    hazard = np.clip(0.03 * rate**-1.2, 0.002, 0.15)
    here, start = np.ones(people, bool), draw.integers(0, 10, people)
    since, factor = np.full(people, 99), np.ones(people)
    earlier, last = np.zeros((people, EARLIER), int), np.zeros(people, int)
    told = []
    for week in range(weeks):
        there = here & (start <= week)
        now = hazard * np.where(since <= LASTS, factor, 1)
        leaves = there & (draw.random(people) < now)
        visits = np.where(there & ~leaves, draw.poisson(rate), 0)
        chance = 1 - (1 - law.chance) ** visits
        bad = visits >= 3 if law.parted else draw.random(people) < chance
        severe = bad & (draw.random(people) < 0.5)
        helped = bad & (draw.random(people) < np.where(severe, law.helping[1], law.helping[0]))
        since_last = np.minimum(week - last, 9)
        before, tenure = (
            np.log2(count + 1).astype(int)
            for count in (earlier.sum(axis=1), np.maximum(week - start, 0))
        )
        known = (np.minimum(visits, 8), before, since_last, tenure)
        columns = (leaves, bad, helped, severe, hazard, rate, *known)
        told.append([np.flatnonzero(there), *(column[there] for column in columns)])
        told[-1].append(np.full(there.sum(), week))
        harm = law.factor * np.where(severe, law.severe, 1)
        factor = np.where(bad, np.where(helped, harm * law.helped / law.factor, harm), factor)
        since = np.where(bad, 1, since + 1)
        earlier = np.roll(earlier, 1, axis=1)
        earlier[:, 0] = visits
        last = np.where(visits > 0, week, last)
        here &= ~leaves
    person, left, bad, helped, severe, own, often, *exposures, when = (
        np.concatenate(parts) for parts in zip(*told, strict=True)
    )
    return World(
        law=law,
        person=person,
        week=when,
        at_risk=np.ones(len(person), bool),
        event=left,
        bad=bad,
        exposures=np.stack(exposures, axis=1),
        helped=helped,
        severity=severe.astype(np.int64),
        hazard=own,
        rate=often,
    )
