"""What customers buy on, on a page: of one person, and of all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from kfar.doors.reasons import tastes as words
from kfar.doors.reasons import why
from kfar.doors.reasons.tastes import DISCIPLINES, MEASURES
from kfar.doors.web.charts import Bar, Bars, Curve, bars
from kfar.doors.web.profiles import Shown, shown
from kfar.doors.web.trials import drawn
from kfar.doors.words import number, share
from kfar.ground.shares import CROWD
from kfar.rooms.insight.disciplines.judging import PEOPLE
from kfar.rooms.insight.disciplines.leading import SPEAKS
from kfar.rooms.insight.figures import Figure, Withheld
from kfar.rooms.insight.keeping import Kept
from kfar.rooms.insight.queries import Measure, Taste, Tastes

#: How many categories are shown before the rest is folded.
FIRST, MANY = 6, 20
#: How far what was done is from what is usual, to be seen: a share of the lines.
SEEN = 0.02


@dataclass(frozen=True)
class Told:
    """A category, what somebody buys it on, and what speaks for that, the strongest first."""

    category: str
    leads: str
    evidence: Sequence[Shown]


@dataclass(frozen=True)
class OnePerson:
    """What one person buys on: the categories they buy most in, the others; where nothing leads."""

    first: Sequence[Told]
    more: Sequence[Told]
    nothing: Sequence[str]


@dataclass(frozen=True)
class Category:
    """Of about so many customers something is said; by `DISCIPLINES`, how many buy on each."""

    name: str
    people: int
    on: Sequence[str]


@dataclass(frozen=True)
class Tried:
    """How a measure went with what came: its error beside the plain guess's; or why not.

    Of `compared` pairs of customers and categories; it is `shown` in so many categories.
    """

    name: str
    title: str
    ours: str = ""
    plain: str = ""
    better: bool = False
    compared: int = 0
    shown: int = 0
    chart: Curve | None = None
    refused: str = ""


@dataclass(frozen=True)
class Everybody:
    """What all customers buy on, how sure that is, and which categories are left out, and why."""

    until: date
    days: int
    chart: Bars | None
    heads: Sequence[str]
    first: Sequence[Category]
    more: Sequence[Category]
    trials: Sequence[Tried]
    few: Sequence[str]
    alike: Sequence[str]


def one_person(tastes: Iterable[Taste]) -> OnePerson:
    """Return what one person buys on, in the reader's language."""
    all_of_them = list(tastes)
    told = [
        Told(taste.category, words.discipline(taste.leads), _evidence(taste, taste.leads))
        for taste in all_of_them
        if taste.leads
    ]
    nothing = [taste.category for taste in all_of_them if not taste.leads]
    return OnePerson(told[:FIRST], told[FIRST:], nothing)


def _evidence(taste: Taste, leads: str) -> list[Shown]:
    """Return the figures that speak for what leads, the furthest from what is usual first."""
    speaking = []
    for name, sign in SPEAKS[leads].items():
        figure = taste.measures.get(name)
        if isinstance(figure, Figure) and sign * (figure.value - figure.baseline) > 0:
            away = abs(figure.value - figure.baseline) / ((figure.high - figure.low) or 1)
            speaking.append((away, sign * _did(figure) >= SEEN, _shown(name, figure)))
    speaking.sort(key=lambda of: -of[0])
    seen = [one for _away, plain, one in speaking if plain]
    return seen or [one for _away, _plain, one in speaking[:1]]


def _did(figure: Figure) -> float:
    """Return how far what was done was from what is usual, as a share."""
    params: Mapping[str, Any] = figure.reasons[0].params
    return float((params["came"] - params["expected"]) / params["of"])


def _shown(name: str, figure: Figure) -> Shown:
    label = str(MEASURES[name])
    if name not in words.PLACES or not words.below(figure.reasons[0].params):
        return shown(label, figure, share)
    turned = replace(
        figure,
        value=1 - figure.value,
        low=1 - figure.high,
        high=1 - figure.low,
        baseline=1 - figure.baseline,
    )
    return shown(label, turned, share)


def everybody(kept: Kept[Tastes]) -> Everybody:
    """Return what all customers buy on; whom fewer than five share is not counted out."""
    study = kept.content
    measures = [(n, one) for n, one in study.measures.items() if isinstance(one, Measure)]
    none = np.zeros(len(study.categories), np.int64)
    compared = np.max([none, *(one.judged.people for _n, one in measures)], axis=0)
    told = np.max([none > 0, *(one.judged.shown for _n, one in measures)], axis=0)
    order = sorted(np.flatnonzero(told), key=lambda n: (-study.people[n], study.categories[n]))
    rows = [_category(study, int(n)) for n in order if study.people[n] >= CROWD]
    left = [(name, compared[n]) for n, name in enumerate(study.categories) if not told[n]]
    return Everybody(
        until=kept.until,
        days=study.horizon,
        chart=_chart(study) if rows else None,
        heads=[str(name) for name in DISCIPLINES.values()],
        first=rows[:MANY],
        more=rows[MANY:],
        trials=[_tried(name, one) for name, one in study.measures.items()],
        few=[name for name, people in left if people < PEOPLE],
        alike=[name for name, people in left if people >= PEOPLE],
    )


def _category(study: Tastes, n: int) -> Category:
    # About how many: with the exact number a cell that is not told could be worked out.
    people = round(int(study.people[n]), -1)
    return Category(study.categories[n], people, [words.people(int(c)) for c in study.leads[n]])


def _chart(study: Tastes) -> Bars:
    totals = study.leads.sum(axis=0)
    people = int(study.people.sum())
    rows = [
        Bar(str(name), int(count) / people)
        for name, count in zip(DISCIPLINES.values(), totals, strict=True)
        if count >= CROWD
    ]
    return bars(rows, share, most=1)


def _tried(name: str, one: Measure | Withheld) -> Tried:
    title = str(MEASURES[name])
    if isinstance(one, Withheld):
        return Tried(name, title, refused=why(one))
    judged = one.judged
    return Tried(
        name=name,
        title=title,
        ours=number(judged.total_error, 3),
        plain=number(judged.total_plain, 3),
        better=judged.total_error < judged.total_plain,
        compared=int(judged.people.sum()),
        shown=int(judged.shown.sum()),
        chart=drawn(judged.calibration, share),
    )
