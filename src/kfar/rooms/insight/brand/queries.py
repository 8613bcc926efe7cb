"""What was believed and said, beside what was learned, as others may read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

import numpy as np

from kfar.rooms.insight import keeping
from kfar.rooms.insight.disciplines import company
from kfar.rooms.insight.disciplines.company import Standing, Watched
from kfar.rooms.insight.disciplines.leading import DISCIPLINES
from kfar.rooms.insight.drivers.ranking import Drivers, Gap, gaps
from kfar.rooms.insight.figures import Withheld
from kfar.rooms.insight.keeping import Kept
from kfar.rooms.insight.models import Belief, Lead
from kfar.rooms.insight.studies import after, discipline, drivers
from kfar.rooms.insight.studies.after import After
from kfar.rooms.insight.studies.discipline import Lived, Quarter
from kfar.rooms.insight.studies.drivers import OUTCOMES, Moving, Outcome

#: How far a share may lie from what was said, and one false alarm in ten years of quarters.
ALLOWED, BUDGET = 0.1, 40.0


@dataclass(frozen=True)
class Believed:
    """What one employee believed at a time: names of drivers, the strongest first."""

    at: datetime
    order: tuple[str, ...]


@dataclass(frozen=True)
class Together:
    """At which places those who ranked, `people`, put a driver: from, to, and on the average."""

    name: str
    people: int
    mean: float
    first: int
    last: int


@dataclass(frozen=True)
class Ranking:
    """What an employee is asked to rank, and what the data say once they have.

    `names` are to be ranked, in an order that says nothing; of `unmeasured` nothing is known.
    Until the employee has ranked all of them `learned`, `gaps` and `together` are None and empty.
    `believed` are their rankings, the latest last.
    """

    outcome: str
    withheld: Withheld | None
    names: tuple[str, ...]
    believed: tuple[Believed, ...]
    until: date
    days: int
    people: int
    unmeasured: tuple[str, ...] = ()
    learned: Outcome | None = None
    gaps: tuple[Gap, ...] = ()
    together: tuple[Together, ...] = ()


@dataclass(frozen=True)
class Said:
    """What the company says it leads with: parts of a hundred, since when, and who said so."""

    weights: Mapping[str, int]
    at: datetime
    by: UUID


@dataclass(frozen=True)
class Standpoint:
    """What the company said, the latest first, and what customers live through beside it.

    `standing` is of the latest quarter, `watched` of all of `quarters`; both are None while
    nothing was said or learned, and `withheld` says why the latter.
    """

    said: tuple[Said, ...]
    quarters: tuple[Quarter, ...] = ()
    withheld: Withheld | None = None
    standing: Standing | Withheld | None = None
    watched: Watched | None = None

    @property
    def drifted(self) -> bool:
        """Whether the alarm rings."""
        return self.watched is not None and self.watched.rang is not None


def ranking(employee_id: UUID, outcome: str) -> Ranking | None:
    """Return what that employee is asked or shown; None where nothing was learned at all."""
    kept = keeping.kept(drivers.KIND, Moving)
    if kept is None or outcome not in OUTCOMES:
        return None
    learned = kept.content.outcomes[outcome]
    found = learned.found
    names = tuple(sorted(found.names)) if isinstance(found, Drivers) else ()
    rows = Belief.objects.filter(employee_id=employee_id, outcome=outcome).order_by("at", "pk")
    asked = Ranking(
        outcome=outcome,
        withheld=found if isinstance(found, Withheld) else None,
        names=names,
        believed=tuple(Believed(row.at, tuple(row.order)) for row in rows),
        until=kept.until,
        days=kept.content.days,
        people=kept.people,
        unmeasured=learned.unmeasured,
    )
    if isinstance(found, Withheld) or not (
        asked.believed and _all(names, asked.believed[-1].order)
    ):
        return asked
    everybody = Belief.objects.filter(outcome=outcome).order_by("at", "pk")
    latest: dict[UUID, list[str]] = dict(everybody.values_list("employee", "order"))
    orders = [_of(names, order) for order in latest.values() if _all(names, order)]
    return replace(
        asked,
        learned=learned,
        gaps=gaps(found, _of(names, asked.believed[-1].order)),
        together=_together(found.names, orders),
    )


def _all(names: Sequence[str], order: Sequence[str]) -> bool:
    return set(names) <= set(order)


def _of(names: Sequence[str], order: Sequence[str]) -> tuple[str, ...]:
    """Return a ranking of those alone that the data tell of."""
    return tuple(name for name in order if name in names)


def _together(names: Sequence[str], orders: Sequence[Sequence[str]]) -> tuple[Together, ...]:
    told = []
    for name in names:
        places = np.array([order.index(name) + 1 for order in orders])
        mean = float(places.mean())
        told.append(Together(name, len(orders), mean, int(places.min()), int(places.max())))
    return tuple(sorted(told, key=lambda one: (one.mean, one.name)))


def standpoint() -> Standpoint:
    """Return what the company said it leads with, and what customers live through."""
    said = tuple(
        Said({name: int(row.weights.get(name, 0)) for name in DISCIPLINES}, row.at, row.employee_id)
        for row in Lead.objects.order_by("-at", "-pk")
    )
    kept = keeping.kept(discipline.KIND, Lived)
    if kept is None:
        return Standpoint(said)
    quarters = kept.content.quarters
    if isinstance(quarters, Withheld):
        return Standpoint(said, withheld=quarters)
    if not said:
        return Standpoint(said, quarters)
    words: Mapping[str, float] = said[0].weights
    counts = [[quarter.counts[name] for name in DISCIPLINES] for quarter in quarters]
    return Standpoint(
        said=said,
        quarters=quarters,
        standing=company.standing(words, quarters[-1].counts),
        watched=company.watch(words, counts, allowed=ALLOWED, budget=BUDGET),
    )


def afterwards() -> Kept[After] | None:
    """Return what a bad experience does, as it was learned; None where it was not yet."""
    return keeping.kept(after.KIND, After)
