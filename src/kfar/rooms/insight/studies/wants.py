"""Wants: which category a customer will want next, what they know and what is new apart."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING
from uuid import UUID

import numpy as np
from django.conf import settings

from kfar.ground.shares import CROWD
from kfar.lake.engines import Session
from kfar.rooms.insight import reading
from kfar.rooms.insight.figures import (
    Calibration,
    Figure,
    Floats,
    Reason,
    Withheld,
    brier,
    calibrated,
)
from kfar.rooms.insight.next_best import measures, tables
from kfar.rooms.insight.next_best.history import Bools, Common, History, common
from kfar.rooms.insight.next_best.holding import Increment, holdout, incremental
from kfar.rooms.insight.next_best.model import Model, NextBest, fit_next

if TYPE_CHECKING:
    from ibis.expr.types import Table

KIND = "wants"
#: The word that draws who is left alone; another draws anew.
TRIAL = "wants"
HORIZON = 30
#: Months that are learned from, days of history before the first, and how many people.
MONTHS, WARM, PEOPLE = 3, 60, 100
#: How many are named, and how much likelier than for everybody the new ones are at least.
MOST = 10


@dataclass(frozen=True, eq=False)
class Trial:
    """How what was said of the last `HORIZON` days went with what came.

    `recall` at ten, and that of the person's own frequency and of the global list; `new` the
    same of what the person had not bought before, beside the global list's. `worth` is how many
    more bought one of their ten likeliest than among those who were left alone.
    """

    people: int
    calibration: Calibration
    recall: float
    personal: float
    usual: float
    new: float
    new_usual: float
    brier: float
    baseline: float
    worth: Increment | Withheld


@dataclass(frozen=True, eq=False)
class Learned:
    """The model, what is known of everybody now, and how the same did on the last days."""

    model: Model
    everybody: Common
    trial: Trial


@dataclass(frozen=True, eq=False)
class Wants:
    """What was learned of these categories, or why nothing was."""

    categories: tuple[str, ...]
    learned: Learned | Withheld


@dataclass(frozen=True)
class Want:
    """A category that one person may want next."""

    category: str
    new: bool
    figure: Figure


def learn(session: Session, until: date) -> tuple[Wants, int] | None:
    """Learn from those who agreed to it; the last `HORIZON` days try it first."""
    rows = session.ask(_baskets())
    bought: dict[UUID, set[str]] = {}
    for who, _, _, categories in rows:
        bought.setdefault(who, set()).update(categories)
    buyers = Counter(chain.from_iterable(bought.values()))
    names = tuple(sorted(name for name, people in buyers.items() if people >= CROWD))
    people, names, known = tables.history(rows, names)
    if not people:
        return None
    today = until.toordinal() + 1
    first = int(known.day.min())
    days = [today - HORIZON * n for n in range(MONTHS + 1, 0, -1)]
    days = [day for day in days if day >= first + WARM]
    if len(people) < PEOPLE:
        few = Withheld("wants.few_people", {"people": len(people), "least": PEOPLE})
        return Wants(names, few), len(people)
    if len(days) < 2:
        least = WARM + 2 * HORIZON
        short = Withheld("wants.short", {"days": today - first, "least": least})
        return Wants(names, short), len(people)
    alone = [holdout(person, TRIAL, settings.KFAR_LEFT_ALONE) for person in people]
    trial = _trial(known, days, np.array(alone))
    model = fit_next(known, days[1:], HORIZON)
    return Wants(names, Learned(model, common(known, today), trial)), len(people)


def wants(study: Wants, session: Session) -> list[Want] | Withheld:
    """Return what the one person in `known` may want next, likeliest first, known and new.

    Withheld where they did not agree to it (`wants.no_consent`), where they are among those who
    are left alone (`wants.left_alone`: share), and where too little is known.
    """
    learned = study.learned
    if not session.rows("SELECT 1 FROM known WHERE personalise LIMIT 1"):
        return Withheld("wants.no_consent")
    if isinstance(learned, Withheld):
        return learned
    people, names, mine = tables.history(session.ask(_baskets()), study.categories)
    if not people:
        return Withheld("insight.few_visits", {"visits": 0, "fewest": 3})
    share: float = settings.KFAR_LEFT_ALONE
    if holdout(people[0], TRIAL, share):
        return Withheld("wants.left_alone", {"share": share})
    said = learned.model.predict(mine, learned.everybody)
    found = []
    for new in (False, True):
        for place in said.top(0, MOST, new):
            if new and not _sooner(said, place):
                continue
            figure = said.figure(0, place)
            if isinstance(figure, Withheld):
                return figure
            found.append(Want(names[place], new, _named(figure, names)))
    return found


@lru_cache(maxsize=1)
def _baskets() -> Table:
    """Return what was bought for oneself by those who agreed that it is suggested."""
    table = reading.known()
    return tables.baskets(table.filter(table.personalise, ~table.gift))


def _sooner(said: NextBest, place: int) -> bool:
    """Return whether something speaks for it beside that many buy it."""
    return bool(said.chance[0, place] > said.baseline[0, place])


def _named(figure: Figure, names: tuple[str, ...]) -> Figure:
    """Return the figure with categories by their names."""
    reasons = tuple(
        Reason(r.code, {**r.params, "category": names[int(str(r.params["category"]))]})
        if "category" in r.params
        else r
        for r in figure.reasons
    )
    return replace(figure, reasons=reasons)


def _trial(known: History, days: list[int], alone: Bools) -> Trial:
    """Learn from what was known before the last of `days`, and see what came after it.

    `alone` (people,) says who was left alone.
    """
    *earlier, last = days
    before = known.between(0, last)
    model = fit_next(before, earlier, HORIZON)
    said = model.predict(before, common(before, last))
    came = known.between(last, last + HORIZON).counts() > 0
    there = said.seen.visits > 0
    cells = np.broadcast_to(there[:, None], came.shape)
    usual: Floats = np.asarray(measures.usual(before))
    new = ~said.before & cells
    named = np.argsort(-said.chance, axis=1, kind="stable")[:, :MOST]
    hit: Bools = np.asarray(np.take_along_axis(came, named, axis=1).any(axis=1))
    return Trial(
        people=int(there.sum()),
        calibration=calibrated(said.chance[cells], came[cells]),
        recall=measures.recall(said.chance[there], came[there]),
        personal=measures.recall(measures.personal(before)[there], came[there]),
        usual=measures.recall(usual[there], came[there]),
        new=measures.recall(said.chance, came, among=new),
        new_usual=measures.recall(usual, came, among=new),
        worth=incremental(
            int(hit[there & ~alone].sum()),
            int((there & ~alone).sum()),
            int(hit[there & alone].sum()),
            int((there & alone).sum()),
        ),
        brier=brier(said.chance[cells], came[cells]),
        baseline=brier(said.baseline[cells], came[cells]),
    )
