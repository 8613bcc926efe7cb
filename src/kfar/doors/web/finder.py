"""Beside a journey: what one can ask for, each with how many moments it would show."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import groupby
from uuid import UUID
from zlib import crc32

from django.utils.translation import gettext as _

from kfar.doors.web.asked import FIELDS, Asked
from kfar.doors.web.telling import channel_label, told_kind, written
from kfar.doors.words import day
from kfar.lake.counts import Counts

#: How many values are in sight; the others are folded away, and no more than `FOLDED` of them.
SHOWN, FOLDED = 6, 60


@dataclass(frozen=True)
class Choice:
    """A thing to ask for. `share` is that of the most frequent beside it, 0 to 1."""

    key: str
    label: str
    count: int
    chosen: bool
    address: str
    share: float


@dataclass(frozen=True)
class Facet:
    """Things of one sort to ask for: in sight, and folded away."""

    name: str
    title: str
    shown: list[Choice]
    folded: list[Choice]


@dataclass(frozen=True)
class Month:
    """A month to ask for."""

    first: date
    count: int
    chosen: bool
    address: str


@dataclass(frozen=True)
class Year:
    """A year to ask for, with its months where it is the one looked at."""

    first: date
    count: int
    chosen: bool
    address: str
    months: list[Month]


@dataclass(frozen=True)
class Chip:
    """What is asked for now; the address is that without it."""

    label: str
    address: str


@dataclass(frozen=True)
class Finder:
    """All of it."""

    years: list[Year]
    facets: list[Facet]
    chips: list[Chip]
    #: What the form of text and period must say again.
    kept: list[tuple[str, str]]


def finder(asked: Asked, counts: Counts, names: Mapping[UUID, str]) -> Finder:
    """Return what can be asked for in a journey; `names` are those of its people, by id."""
    titles = {
        "channel": _("Where"),
        "kind": _("What"),
        "department": _("Department"),
        "category": _("Category"),
        "who": _("Who"),
    }
    labels: dict[str, Callable[[str], str]] = {
        "channel": channel_label,
        "kind": told_kind,
        "department": written,
        "category": written,
        "who": lambda value: names.get(UUID(value), value),
    }
    facets = [
        _facet(asked, name, title, counts.values[FIELDS[name]], labels[name])
        for name, title in titles.items()
    ]
    chips = [
        Chip(labels[name](value), asked.turned(name, value).address())
        for name in FIELDS
        for value in asked.values.get(name, ())
    ]
    if asked.since or asked.until:
        period = " – ".join(day(d) if d else "…" for d in (asked.since, asked.until))
        chips.append(Chip(period, asked.within(asked.since, asked.until).address()))
    if asked.text:
        chips.append(Chip(asked.text, replace(asked, text="").address()))
    useful = [facet for facet in facets if _useful(facet)]
    return Finder(_years(asked, counts.months), useful, chips, asked.pairs("q", "from", "to"))


def _facet(
    asked: Asked, name: str, title: str, counts: Mapping[str, int], label: Callable[[str], str]
) -> Facet:
    """Return the values of a field: what is asked for, then the most frequent."""
    chosen = asked.values.get(name, ())
    known = {**dict.fromkeys(chosen, 0), **counts}
    values = sorted(known, key=lambda value: (value not in chosen, -known[value], value))
    most = max(known.values(), default=0) or 1
    choices = [
        Choice(
            key=f"{name}-{crc32(value.encode()):08x}",
            label=label(value),
            count=known[value],
            chosen=value in chosen,
            address=asked.turned(name, value).address(),
            share=known[value] / most,
        )
        for value in values
    ]
    shown = max(SHOWN, len(chosen))
    return Facet(name, title, choices[:shown], choices[shown : shown + FOLDED])


def _useful(facet: Facet) -> bool:
    """Whether there is something to choose: one value alone would show the same."""
    return len(facet.shown) > 1 or any(choice.chosen for choice in facet.shown)


def _years(asked: Asked, counts: Mapping[date, int]) -> list[Year]:
    """Return the years, the latest first, with the months of the one looked at."""
    found = {
        year: dict(months)
        for year, months in groupby(sorted(counts.items(), reverse=True), lambda m: m[0].year)
    }
    day = asked.since or asked.until
    looked_at = day.year if day and day.year in found else next(iter(found), 0)
    years = []
    for year, months in found.items():
        first, last = date(year, 1, 1), date(year, 12, 31)
        years.append(
            Year(
                first=first,
                count=sum(months.values()),
                chosen=(asked.since, asked.until) == (first, last),
                address=asked.within(first, last).address(),
                months=[_month(asked, month, count) for month, count in sorted(months.items())]
                if year == looked_at
                else [],
            )
        )
    return years


def _month(asked: Asked, first: date, count: int) -> Month:
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return Month(
        first=first,
        count=count,
        chosen=(asked.since, asked.until) == (first, last),
        address=asked.within(first, last).address(),
    )
