"""Discipline: what customers buy on with this company, quarter by quarter.

Each customer counts once a quarter, for the discipline that leads in most of the categories in
which one does for sure. All quarters are measured by the first one's rule, or else a shift that
all customers make together would be nobody's.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from kfar.lake.engines import Session
from kfar.rooms.insight import reading
from kfar.rooms.insight.disciplines import tables
from kfar.rooms.insight.disciplines.gathering import gather
from kfar.rooms.insight.disciplines.judging import judge
from kfar.rooms.insight.disciplines.leading import DISCIPLINES, Leads, Measured, leads
from kfar.rooms.insight.disciplines.shrinking import Cells, Shrunk, shrink
from kfar.rooms.insight.figures import Withheld

KIND = "discipline"
#: Quarters that are looked at, the latest, with the one before them to learn from.
QUARTERS = 8


@dataclass(frozen=True)
class Quarter:
    """How many customers each discipline led with, and with how many none did for sure."""

    first: date
    last: date
    counts: dict[str, int]
    undecided: int


@dataclass(frozen=True)
class Lived:
    """What customers lived through, the latest quarter last, or why it is not known."""

    quarters: tuple[Quarter, ...] | Withheld


def learn(session: Session, until: date) -> tuple[Lived, int] | None:
    """Learn from all whole quarters but the first, by which the second is judged."""
    [(first,)] = session.rows("SELECT min(day) FROM known WHERE kind = 'purchase'")
    if first is None:
        return None
    times = quarters(date.fromordinal(first.toordinal()), until)[-QUARTERS - 1 :]
    if len(times) < 2:
        return Lived(Withheld("discipline.short")), 0
    table = reading.known()
    bought = table.filter(~table.gift)
    gathered = gather([session.ask(tables.cells(tables.among(bought, *one))) for one in times])
    found = _led(gathered.times)
    if isinstance(found, Withheld):
        return Lived(found), len(gathered.customers)
    told = tuple(_counted(one, *when) for one, when in zip(found, times[1:], strict=True))
    return Lived(told), len(gathered.customers)


def quarters(first: date, until: date) -> list[tuple[date, date]]:
    """Return the whole quarters of the calendar from `first` to `until`, first and last days.

    One that lacks less than a week at either end counts as whole.
    """
    found, begins = [], date(first.year, first.month - (first.month - 1) % 3, 1)
    while begins <= until:
        year, month = (begins.year, begins.month + 3) if begins.month < 10 else (begins.year + 1, 1)
        after = date(year, month, 1)
        ends = after - timedelta(days=1)
        week = timedelta(days=7)
        if first < begins + week and until > ends - week:
            found.append((begins, ends))
        begins = after
    return found


def _led(times: tuple[dict[str, Cells], ...]) -> list[Leads] | Withheld:
    """Return what leads in each time but the first, which says what may be said in the second."""
    before, ruler, *later = [_shrunk(of) for of in times]
    judged = {}
    for name in before.keys() & ruler.keys():
        with suppress(ValueError):  # nobody bought as much in both times
            judged[name] = judge(before[name], times[1][name])
    if not judged:
        return Withheld("discipline.few_bought")
    found = []
    for now in (ruler, *later):
        told = {
            name: Measured(_by(now[name], ruler[name]), judged[name])
            for name in sorted(judged.keys() & now.keys())
        }
        if not told:
            return Withheld("discipline.few_bought")
        found.append(leads(told))
    return found


def _shrunk(of: dict[str, Cells]) -> dict[str, Shrunk]:
    return {name: shrink(cells) for name, cells in of.items() if len(cells.lines)}


def _by(now: Shrunk, ruler: Shrunk) -> Shrunk:
    """Return what came now with categories' means and spreads as they were by the rule."""
    of = ruler.learned
    kept = replace(now.learned, plain=of.plain, middle=of.middle, loading=of.loading, own=of.own)
    return replace(now, learned=kept)


def _counted(of: Leads, first: date, last: date) -> Quarter:
    """Count each customer once; who has as many categories for two disciplines is undecided."""
    people, who = np.unique(of.person, return_inverse=True)
    votes = np.zeros((len(people), len(DISCIPLINES)), np.int64)
    told = of.leads >= 0
    np.add.at(votes, (who[told], of.leads[told]), 1)
    most = votes.max(axis=1, initial=0)
    alone = (votes == most[:, np.newaxis]).sum(axis=1) == 1
    chosen = votes.argmax(axis=1)[alone]
    counts = np.bincount(chosen, minlength=len(DISCIPLINES))
    named: Mapping[str, int] = dict(zip(DISCIPLINES, counts.tolist(), strict=True))
    return Quarter(first, last, dict(named), int((~alone).sum()))
