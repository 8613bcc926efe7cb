"""Leaving: how likely each customer is to stay away from now on, and how that was tried."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from kfar.lake.engines import Session
from kfar.rooms.insight import reading
from kfar.rooms.insight.figures import Figure, Withheld
from kfar.rooms.insight.leaving import hazard, tables
from kfar.rooms.insight.leaving.hazard import Learned

if TYPE_CHECKING:
    from ibis.expr.types import Table

KIND = "leaving"
HORIZONS = (30, 60, 90)


@dataclass(frozen=True, eq=False)
class Leaving:
    """What was learned for each of `HORIZONS`, or why nothing was."""

    models: dict[int, Learned | Withheld]


def learn(session: Session, until: date) -> tuple[Leaving, int] | None:
    """Learn from everybody who bought anything."""
    people, visits = tables.numbered(session.ask(_visits()))
    if not people:
        return None
    today = until.toordinal() + 1
    return Leaving({days: hazard.learn(visits, today, days) for days in HORIZONS}), len(people)


def chances(study: Leaving, session: Session, until: date) -> dict[int, Figure | Withheld]:
    """Return, by horizon, the chance that the one person in `known` buys nothing."""
    people, visits = tables.numbered(session.ask(_visits()))
    found: dict[int, Figure | Withheld] = {}
    for days, learned in study.models.items():
        if isinstance(learned, Withheld):
            found[days] = learned
        elif not people:
            found[days] = Withheld("leaving.unknown")
        else:
            found[days] = learned.model.chances(visits, until.toordinal() + 1).figure(0)
    return found


@lru_cache(maxsize=1)
def _visits() -> Table:
    return tables.visits(reading.known())
