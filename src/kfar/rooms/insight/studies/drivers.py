"""Drivers: what goes with more or fewer purchases, and with voices that end well, later on.

Three times of as many days: what a customer met with in the middle one is set beside what they
did in the last, and what they bought in the first two is held. So what is found is not that
those who buy much meet with much; it is no cause, either, unless tried.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from kfar.lake.engines import Session
from kfar.rooms.insight import reading
from kfar.rooms.insight.drivers import ranking, tables
from kfar.rooms.insight.drivers.holding import directions, rest
from kfar.rooms.insight.drivers.ranking import Drivers
from kfar.rooms.insight.drivers.tables import AFTER, BEFORE, BOUGHT, DRIVERS, Times
from kfar.rooms.insight.figures import Floats, Withheld

KIND = "drivers"
OUTCOMES = ("spend", "visits", "satisfaction")
#: Days of each time at most and at least.
LONGEST, SHORTEST = 91, 28
#: People who have to differ from the others in a driver; below, nothing is said of it.
FEWEST = 30


@dataclass(frozen=True, eq=False)
class Outcome:
    """What moves one outcome, or why nothing is said of it.

    `habit` is the share of how customers differ in it that goes with what they bought before; what
    drivers explain is of the rest. `way` (drivers,) is 1 where more of a driver goes with more of
    the outcome, -1 with less, 0 where neither is sure. `unmeasured` names the drivers that too few
    customers differ in.
    """

    found: Drivers | Withheld
    habit: float = 0.0
    way: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    unmeasured: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Moving:
    """What was learned of each of `OUTCOMES`, from three times of so many `days`."""

    days: int
    outcomes: dict[str, Outcome]


def learn(session: Session, until: date) -> tuple[Moving, int] | None:
    """Learn from those who bought in the first time and in the middle one."""
    [(first, count)] = session.rows(
        "SELECT min(day), count(DISTINCT customer) FROM known WHERE kind = 'purchase'"
    )
    if not count:
        return None
    whole = until.toordinal() - first.toordinal() + 1
    days = min(LONGEST, whole // 3)
    if days < SHORTEST:
        short = Withheld("drivers.short", {"days": whole, "needed": 3 * SHORTEST})
        return Moving(days, dict.fromkeys(OUTCOMES, Outcome(short))), int(count)
    told = tables.told(reading.known(), Times(until, days), settings.KFAR_BAD_EXPERIENCES)
    rows = sorted(session.ask(told))
    columns = np.array([row[1:] for row in rows], np.float64).reshape(len(rows), -1)
    return moving(columns, days), len(rows)


def moving(columns: Floats, days: int) -> Moving:
    """Return what moves each outcome; `columns` (people, …) as in `drivers.tables.told`."""
    names = [*BEFORE, *AFTER, *DRIVERS]
    of = {name: columns[:, n] for n, name in enumerate(names)}
    visit = max(float(np.median(of["spend"] / np.maximum(of["visits"], 1))), 1.0)
    held = np.log1p(
        np.column_stack([of[name] / (visit if "spend" in name else 1) for name in BEFORE]).clip(0)
    )
    judged = of["good_after"] + of["not_good_after"]
    everybody = np.ones(len(columns), bool)
    outcomes: dict[str, tuple[Floats, NDArray[np.bool_]]] = {
        "spend": (np.log1p(np.maximum(of["spend_after"], 0) / visit), everybody),
        "visits": (np.log1p(of["visits_after"]), everybody),
        "satisfaction": (of["good_after"] / np.maximum(judged, 1), judged > 0),
    }
    drivers = np.column_stack(
        [of[name] if name in BOUGHT else np.log1p(of[name]) for name in DRIVERS]
    )
    drivers[:, DRIVERS.index("breadth")] = np.log1p(of["breadth"])
    return Moving(
        days,
        {
            name: _outcome(values[who], drivers[who], held[who])
            for name, (values, who) in outcomes.items()
        },
    )


def _outcome(values: Floats, drivers: Floats, held: Floats) -> Outcome:
    known = [n for n in range(len(DRIVERS)) if _differ(drivers[:, n])]
    names = [DRIVERS[n] for n in known]
    unmeasured = tuple(name for name in DRIVERS if name not in names)
    if not names:
        none = Withheld("drivers.none", {"people": len(values), "fewest": FEWEST})
        return Outcome(none, unmeasured=unmeasured)
    some = drivers[:, known]
    # Who has no line of which it is known is as everybody is.
    some = np.where(np.isnan(some), np.nanmean(some, axis=0), some)
    least = ranking.ROWS * len(names)
    if len(values) < least:
        few = Withheld("drivers.few", {"rows": len(values), "needed": least})
        return Outcome(few, unmeasured=unmeasured)
    left, some = rest(values[:, np.newaxis], held)[:, 0], rest(some, held)
    habit = 1 - float(left.var() / max(values.var(), 1e-12))
    return Outcome(ranking.rank(left, some, names), habit, directions(left, some), unmeasured)


def _differ(driver: Floats) -> bool:
    """Return whether enough customers differ from what is most usual."""
    told = driver[~np.isnan(driver)]
    if len(told) < FEWEST:
        return False
    usual = int(np.unique(told, return_counts=True)[1].max())
    return len(told) - usual >= FEWEST
