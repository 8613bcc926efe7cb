"""After: what a bad experience does to whether customers leave, and what a remedy changes.

Beside it stands the table that anybody would make first, of customers with a bad experience and
without one: who comes often meets with more, and leaves less, so it says the opposite.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from django.conf import settings

from kfar.lake.engines import Session
from kfar.rooms.insight import reading
from kfar.rooms.insight.figures import Withheld
from kfar.rooms.insight.leaving import after, tables
from kfar.rooms.insight.leaving.matching import Effect
from kfar.rooms.insight.leaving.visits import Ints, Visits
from kfar.rooms.insight.leaving.weeks import PersonWeeks, person_weeks

KIND = "after"
HORIZONS = (30, 60, 90)
#: What counts as done about a bad experience, and within how many days.
HELPED, WITHIN = ("remedy", "promise-kept"), 14
#: Days without a purchase after which the plain table calls a customer gone.
GONE = 30
#: Weeks of which the risk is told, the latest.
WEEKS = 52


@dataclass(frozen=True)
class Side:
    """Some customers, and how many of them have bought nothing in the last `GONE` days."""

    people: int
    gone: int


@dataclass(frozen=True, eq=False)
class Asked:
    """Who is asked about, week by week; all have shape (weeks,).

    `days` are weeks' first days (ordinals), `people` how many customers could leave in each, and
    `left` how many did.
    """

    days: Ints
    people: Ints
    left: Ints

    @property
    def hazard(self) -> float:
        """The share of customers who leave in a week, on the average."""
        return float(self.left.sum() / max(int(self.people.sum()), 1))


@dataclass(frozen=True, eq=False)
class After:
    """The plain table, and what is found when like is compared with like, or why nothing is.

    `kinds` are the bad experiences that were asked for, `times` in how many weeks of customers
    there was one.
    """

    kinds: tuple[str, ...]
    times: int
    asked: Asked
    met: Side
    others: Side
    excess: tuple[Effect, ...] | Withheld
    recovery: tuple[Effect, ...] | Withheld


def learn(session: Session, until: date) -> tuple[After, int] | None:
    """Learn from everybody who bought anything."""
    table = reading.known()
    people, visits = tables.numbered(session.ask(tables.visits(table)))
    if not people:
        return None
    place = {person: n for n, person in enumerate(people)}
    undone = table.filter(table.kind == "remedy-undone", table.ref.notnull()).select("ref")
    kept = table.anti_join(undone.distinct(), "ref")

    def when(rows: list[tuple[object, ...]]) -> tuple[Ints, Ints]:
        told = sorted((place[who], day.toordinal()) for who, day in rows if who in place)  # type: ignore[index,attr-defined]
        both = np.array(told, np.int64).reshape(-1, 2)
        return both[:, 0], both[:, 1]

    kinds = tuple(settings.KFAR_BAD_EXPERIENCES)
    bad = when(session.ask(tables.days(table, kinds)))
    helped = when(session.ask(tables.days(kept, HELPED)))
    return found(visits, bad, helped, until.toordinal() + 1, kinds), len(people)


def found(
    visits: Visits,
    bad: tuple[Ints, Ints],
    helped: tuple[Ints, Ints],
    today: int,
    kinds: tuple[str, ...] = (),
) -> After:
    """Return what is found of people and days with a bad experience, and with help, (times,) each.

    Bad experiences from `today` on are left out.
    """
    weeks = person_weeks(visits, bad, helped, today, GONE)
    met = np.unique(bad[0][bad[1] < today])
    return After(
        kinds=kinds,
        times=int(weeks.bad.sum()),
        asked=_asked(weeks, today),
        met=_side(visits, met, today),
        others=_side(visits, np.setdiff1d(visits.person, met), today),
        excess=after.excess(weeks, horizons=HORIZONS),
        recovery=after.recovery(weeks, within=WITHIN, horizons=HORIZONS),
    )


def _side(visits: Visits, people: Ints, today: int) -> Side:
    gone = visits.silent(people, today - GONE, GONE)
    return Side(len(people), int(gone.sum()))


def _asked(weeks: PersonWeeks, today: int) -> Asked:
    count = int(weeks.week.max()) + 1 if len(weeks.week) else 0
    sums = [
        np.bincount(weeks.week[some], minlength=count)
        for some in (weeks.at_risk, weeks.at_risk & weeks.event)
    ]
    here = np.arange(count)[sums[0] > 0][-WEEKS:]
    first = today - 7 * count
    people, left = (np.asarray(of, np.int64)[here] for of in sums)
    return Asked(first + 7 * here, people, left)
