"""Tastes: what a customer buys on in each category, price, convenience, or quality and own taste.

It is tried by time: what is learned from the first half, with what was there to choose from then,
is judged by the second. What is said now is learned from everything.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from kfar.ground.shares import CROWD
from kfar.lake.engines import Session
from kfar.rooms.insight import reading
from kfar.rooms.insight.disciplines import leading, shrinking, tables
from kfar.rooms.insight.disciplines.gathering import gather, mine
from kfar.rooms.insight.disciplines.judging import Judged, judge, matched
from kfar.rooms.insight.disciplines.leading import DISCIPLINES, FEWEST, Measured
from kfar.rooms.insight.disciplines.places import Compared, compared
from kfar.rooms.insight.disciplines.shrinking import Cells, Ints, Learned, shrink
from kfar.rooms.insight.figures import Figure, Withheld

if TYPE_CHECKING:
    from ibis.expr.types import Table

KIND = "tastes"


@dataclass(frozen=True, eq=False)
class Measure:
    """What was learned of a measure now, and how the same did on a time it had not seen."""

    learned: Learned
    judged: Judged


@dataclass(frozen=True, eq=False)
class Tastes:
    """What was learned of each measure, or why nothing was; and with what lines are compared.

    Measures are judged over `horizon` days. Over categories: of how many customers something is
    said, `people` (categories,), and how many buy on what, `leads` (categories, disciplines).
    """

    categories: tuple[str, ...]
    compared: Compared
    horizon: int
    measures: dict[str, Measure | Withheld]
    people: Ints
    leads: Ints


@dataclass(frozen=True)
class Score:
    """How far above the category's mean, in standard deviations between people; and its error."""

    value: float
    error: float


@dataclass(frozen=True)
class Taste:
    """What one person buys on in a category, in which they have `lines`.

    `leads` is the discipline that is above the others for sure, None where none is. `scores` are
    by discipline, without those of which nothing is known; `measures` by name.
    """

    category: str
    lines: int
    leads: str | None
    scores: Mapping[str, Score]
    measures: Mapping[str, Figure | Withheld]


def learn(session: Session, until: date) -> tuple[Tastes, int] | None:
    """Learn from everybody, of categories of which at least `CROWD` people bought something."""
    session.keep("bought", _bought(until))
    session.keep("numbered", tables.numbered(_kept()))
    bought = _kept("numbered")
    [(first, _)] = session.ask(tables.baskets(bought))
    crowded = {name for (name,) in session.ask(tables.crowds(bought, CROWD, "category"))}
    if not crowded:
        return None
    half = first + (until - first) // 2
    before, after = bought.filter(bought.day <= half), bought.filter(bought.day > half)
    then = _place(session, bought, _compared(session, before))
    times = [_cells(session, of, then, crowded) for of in (before, after)]
    now = _place(session, bought, _compared(session, bought))
    gathered = gather([*times, _cells(session, bought, now, crowded)])
    measures: dict[str, Measure | Withheld] = {}
    said: dict[str, Measured] = {}
    for name in tables.MEASURES:
        measures[name], measured = _measure(*(time[name] for time in gathered.times))
        if measured:
            said[name] = measured
    people, leads = _leads(said, len(gathered.categories))
    study = Tastes(gathered.categories, now, (until - half).days, measures, people, leads)
    return study, len(gathered.customers)


def tastes(study: Tastes, session: Session, until: date) -> list[Taste]:
    """Return what the one person in `known` buys on, the category they buy most in first.

    Of categories in which they have five lines or more, and which were known when it was learned.
    """
    session.keep("bought", _bought(until))
    told = session.arrow(_mine(study.compared.basket))
    places = {name: n for n, name in enumerate(study.categories)}
    cells = mine(told, places, study.compared)
    said = {
        name: Measured(one.learned.says(cells[name]), one.judged)
        for name, one in study.measures.items()
        if isinstance(one, Measure)
    }
    figures = {name: leading.figures(one, name, 0, study.horizon) for name, one in said.items()}
    scores, leads = _scores(said)
    all_of_them = cells["deal"]
    order = np.lexsort((all_of_them.category, -all_of_them.lines))
    return [
        Taste(
            category=study.categories[category],
            lines=lines,
            leads=leads.get(category),
            scores=scores.get(category, {}),
            measures={
                name: one
                if isinstance(one, Withheld)
                else figures[name].get(category, leading.few(0))
                for name, one in study.measures.items()
            },
        )
        for category, lines in (
            (int(all_of_them.category[n]), int(all_of_them.lines[n])) for n in order
        )
        if lines >= FEWEST
    ]


@lru_cache(maxsize=4)
def _bought(until: date) -> Table:
    """Return what was bought for oneself; kept, as it takes longer to build than to ask of one."""
    table = reading.known()
    return tables.bought(table.filter(~table.gift, table.day <= until))


@lru_cache(maxsize=2)
def _kept(name: str = "bought") -> Table:
    """Return the session's table of that, or of the same with people's numbers."""
    import ibis  # noqa: PLC0415 - takes a while

    bought = _bought(date.min)
    of = bought if name == "bought" else tables.numbered(bought)
    return ibis.table(of.schema(), name=name)


@lru_cache(maxsize=4)
def _mine(basket: float) -> Table:
    """Return what each line tells."""
    return tables.lines(_kept(), basket).select(*tables.KINDS, *tables.ALONE)


def _compared(session: Session, bought: Table) -> Compared:
    """Return what to compare with; kinds that fewer than `CROWD` people bought are left out."""
    [(_, basket)] = session.ask(tables.baskets(bought))
    kinds = {*session.ask(tables.crowds(bought, CROWD, "category", "unit"))}
    offers = [row for row in session.ask(tables.offers(bought)) if row[:2] in kinds]
    return compared(basket or 0.0, offers)


def _place(session: Session, bought: Table, of: Compared) -> Compared:
    """Make the table `places` of all that was bought, by what to compare with; return that."""
    kinds = [row[:-1] for row in session.ask(tables.offers(bought))]
    session.load("places", tables.PLACES, of.rows(kinds))
    return of


def _cells(
    session: Session, bought: Table, of: Compared, crowded: Collection[str]
) -> list[tuple[Any, ...]]:
    told = tables.placed(tables.lines(bought, of.basket), "places")
    return [row for row in session.ask(tables.cells(told)) if row[1] in crowded]


def _measure(
    before: Cells, after: Cells, now: Cells
) -> tuple[Measure, Measured] | tuple[Withheld, None]:
    """Return what is learned of a measure, and what that says of everybody."""
    if not len(now.lines):
        return Withheld("disciplines.unknown"), None
    if not len(matched(before, after)[0]):
        return Withheld("disciplines.untried"), None
    then = shrink(before)
    judged = judge(then, after)
    learned = shrinking.learn(now, then.learned)
    return Measure(learned, judged), Measured(learned.says(now), judged)


def _leads(said: Mapping[str, Measured], categories: int) -> tuple[Ints, Ints]:
    """Return of how many something is said, and how many buy on what, in each category."""
    leads = np.zeros((categories, len(DISCIPLINES)), np.int64)
    if not said:
        return leads[:, 0], leads
    found = leading.leads(said)
    known = ~np.isnan(found.score).all(axis=1)
    sure = found.leads >= 0
    np.add.at(leads, (found.category[sure], found.leads[sure]), 1)
    return np.bincount(found.category[known], minlength=categories), leads


def _scores(
    said: Mapping[str, Measured],
) -> tuple[dict[int, dict[str, Score]], dict[int, str]]:
    """Return the one person's scores by category and discipline, and what leads in which."""
    if not said:
        return {}, {}
    found = leading.leads(said)
    scores = {
        int(category): {
            name: Score(float(value), float(error))
            for name, value, error in zip(DISCIPLINES, values, errors, strict=True)
            if value == value  # noqa: PLR0124 - not NaN
        }
        for category, values, errors in zip(found.category, found.score, found.unsure, strict=True)
    }
    sure = zip(found.category, found.leads, strict=True)
    return scores, {int(category): DISCIPLINES[n] for category, n in sure if n >= 0}
