"""Tallies: who buys something, how often, when, where; of categories, products, places, regions."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import accumulate
from math import inf
from typing import TYPE_CHECKING
from uuid import UUID

import numpy as np

from kfar.ground.shares import CROWD
from kfar.lake.engines import Session
from kfar.rooms.customers import queries as customers
from kfar.rooms.insight import reading
from kfar.rooms.insight.hiding import HIDDEN, Ints, hidden
from kfar.rooms.insight.rates import tables

if TYPE_CHECKING:
    from ibis.expr.types import Table

#: What is read again and again, made once.
COLUMNS = (
    *("customer", "occasion", "kind", "product", "product_name", "category", "place", "day"),
    *("units", "paid", "gift"),
)
BOUGHT = f"""CREATE OR REPLACE TEMP TABLE bought AS
SELECT {", ".join(COLUMNS)} FROM known
WHERE kind = 'purchase' AND paid > 0 AND (currency IS NULL OR currency = $currency)
    AND day BETWEEN $since AND $until"""  # noqa: S608
#: Of how many stores it is kept how many buy a thing there.
STORES = 10
#: What may be more than so many things, a postcode say, groups nobody.
VALUES = 30


@dataclass(frozen=True)
class Question:
    """Something that is known of some people, as their age, and what it may be, in order."""

    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Tally:
    """What was counted of some things, those that most people buy first.

    `buyers`, `visits`, `units` (`HIDDEN` where nothing is counted in units), `paid` (minor
    units): (things,). `by_month` is buyers, visits, units, paid in each of `months` (4, things,
    months). `about` is how many buyers are known to be what (things, values of all questions),
    `known` of how many it is known (things, questions).
    `stores` is where: the number of the thing, of the place, and how many buy there (3, rows).
    What is of fewer than `CROWD` people is `HIDDEN`, and such stores are left out.
    """

    codes: tuple[str, ...]
    buyers: Ints
    visits: Ints
    units: Ints
    paid: Ints
    months: tuple[date, ...]
    by_month: Ints
    about: Ints
    known: Ints
    places: tuple[str, ...]
    stores: Ints

    def place(self, code: str) -> int | None:
        """Return the number of a thing."""
        return self.codes.index(code) if code in self.codes else None


@dataclass(frozen=True)
class Month:
    """What was bought in a month; None where too few bought."""

    month: date
    buyers: int | None
    visits: int | None
    units: int | None
    paid: int | None


@dataclass(frozen=True)
class Share:
    """How many of those of whom it is known are so: of the buyers, and of all; None: too few."""

    value: str
    buyers: float | None
    everybody: float | None


@dataclass(frozen=True)
class Thing:
    """What was counted of one thing. `about` is by question, `stores` by how many buy there."""

    code: str
    buyers: int
    share: float
    visits: int
    units: int | None
    paid: int
    months: Sequence[Month] = ()
    about: Mapping[str, Sequence[Share]] = field(default_factory=dict)
    stores: Sequence[tuple[str, int]] = ()

    @property
    def often(self) -> float:
        """Visits with it, of one buyer."""
        return self.visits / self.buyers


def bought(
    session: Session, currency: str, since: date = date(1000, 1, 1), until: date = date.max
) -> Table:
    """Make the table of what was bought by those who agreed, and return it to build on.

    From a day to a day, both included.
    """
    import ibis  # noqa: PLC0415 - takes a while

    session.run(BOUGHT, currency=currency, since=since, until=until)
    kinds = reading.known().schema()
    return ibis.table({name: kinds[name] for name in COLUMNS}, name="bought")


def known_of(session: Session) -> tuple[Question, ...]:
    """Make the table `about` of what is known of people; return what it may be.

    Numbers in `about` count the values of all questions on.
    """
    told = customers.abouts()
    found = sorted({pair for said in told.values() for pair in said.items()})
    many = Counter(key for key, _ in found)
    pairs = [pair for pair in found if many[pair[0]] <= VALUES]
    pairs.sort(key=lambda pair: (pair[0], _in_order(pair[1])))
    number = {pair: n for n, pair in enumerate(pairs)}
    rows: list[tuple[UUID, int]] = [
        (who, number[pair]) for who, said in told.items() for pair in said.items() if pair in number
    ]
    session.load("about", {"person": "UUID NOT NULL", "said": "INTEGER NOT NULL"}, rows)
    keys = sorted({key for key, _ in pairs})
    return tuple(Question(key, tuple(v for k, v in pairs if k == key)) for key in keys)


def everybody(session: Session, table: Table, questions: Sequence[Question]) -> Tally:
    """Return the tally of all that was bought, as one thing."""
    return tally(session, table, "kind", ["purchase"], questions, places=())


def tally(
    session: Session,
    table: Table,
    key: str,
    codes: Sequence[str],
    questions: Sequence[Question],
    *,
    places: Iterable[str],
) -> Tally:
    """Count these things of a column `key` of `bought`, in the order in which they are given.

    `known_of` has been called in that session. Where is counted at `places`.
    """
    import ibis  # noqa: PLC0415

    columns = {"code": "VARCHAR NOT NULL", "number": "INTEGER NOT NULL"}
    session.load("counted", columns, [(code, n) for n, code in enumerate(codes)])
    counted = ibis.table({"code": "string", "number": "int32"}, name="counted")
    told = ibis.table({"person": "uuid", "said": "int32"}, name="about")
    lines = table.inner_join(counted, table[key] == counted.code)
    totals = np.zeros((4, len(codes)), np.int64)
    for n, *row in session.ask(tables.sums(lines, "number")):
        totals[:, n] = [HIDDEN if value is None else value for value in row]
    by_month = lines.mutate(month=lines.day.year() * 12 + lines.day.month() - 1)
    found = session.ask(tables.sums(by_month, "number", "month"))
    numbers = [row[1] for row in found]
    months = range(min(numbers), max(numbers) + 1) if numbers else range(0)
    monthly = np.zeros((4, len(codes), len(months)), np.int64)
    for n, month, *row in found:
        monthly[:, n, month - months.start] = [HIDDEN if v is None else v for v in row]
    if len(months):
        monthly[:, hidden(monthly[0])] = HIDDEN
    theirs = lines.select("number", "customer").distinct()
    known = theirs.inner_join(told, theirs.customer == told.person)
    about = np.zeros((len(codes), sum(len(q.values) for q in questions)), np.int64)
    for n, said, people in session.ask(known.group_by("number", "said").agg(n=known.count())):
        about[n, said] = people
    sums = np.zeros((len(codes), len(questions)), np.int64)
    for n, cells in enumerate(_cells(questions)):
        sums[:, n] = about[:, cells].sum(1)
        about[:, cells][hidden(about[:, cells])] = HIDDEN
    names = tuple(places)
    buyers, visits, units, paid = totals
    return Tally(
        codes=tuple(codes),
        buyers=buyers,
        visits=visits,
        units=units,
        paid=paid,
        months=tuple(date(n // 12, n % 12 + 1, 1) for n in months),
        by_month=monthly,
        about=about,
        known=sums,
        places=names,
        stores=_stores(session, lines, names),
    )


def things(tally: Tally, of: int) -> list[Thing]:
    """Return each thing in short, of so many people in all."""
    return [thing(tally, n, of) for n in range(len(tally.codes))]


def thing(tally: Tally, number: int, of: int) -> Thing:
    """Return one thing in short."""
    buyers, visits, units, paid = (
        int(a[number]) for a in (tally.buyers, tally.visits, tally.units, tally.paid)
    )
    return Thing(
        code=tally.codes[number],
        buyers=buyers,
        share=buyers / max(of, 1),
        visits=visits,
        units=_said(units),
        paid=paid,
    )


def months(tally: Tally, number: int) -> list[Month]:
    """Return what was bought of one thing in each month."""
    columns = tally.by_month[:, number].T.tolist()
    return [
        Month(month, *map(_said, row)) for month, row in zip(tally.months, columns, strict=True)
    ]


def about(
    tally: Tally, number: int, all_: Tally, questions: Sequence[Question]
) -> dict[str, list[Share]]:
    """Return what buyers of one thing are known to be, beside all customers, by question."""
    found = {}
    for n, (question, cells) in enumerate(zip(questions, _cells(questions), strict=True)):
        own = _shares(tally.about[number, cells], tally.known[number, n])
        usual = _shares(all_.about[0, cells], all_.known[0, n])
        if any(share is not None for share in own):
            told = zip(question.values, own, usual, strict=True)
            found[question.key] = [Share(*one) for one in told]
    return found


def stores(tally: Tally, number: int) -> list[tuple[str, int]]:
    """Return at which places most people buy a thing, and how many."""
    of, where, buyers = tally.stores
    return [(tally.places[where[n]], int(buyers[n])) for n in np.flatnonzero(of == number)]


def _stores(session: Session, lines: Table, places: Sequence[str]) -> Ints:
    if not places:
        return np.zeros((3, 0), np.int64)
    there = lines.filter(lines.place.notnull()).select("number", "place", "customer").distinct()
    counts = there.group_by("number", "place").agg(n=there.count())
    number = {name: n for n, name in enumerate(places)}
    found = session.ask(counts.filter(counts.n >= CROWD))
    rows = [(n, number[place], people) for n, place, people in found if place in number]
    table = np.array(rows, np.int64).reshape(-1, 3).T
    table = table[:, np.lexsort((table[1], -table[2], table[0]))]
    return table[:, _rank(table[0]) < STORES]


def _rank(of: Ints) -> Ints:
    """Return for each row, its place among those of the same thing; these stand together."""
    starts = np.flatnonzero(np.append(True, of[1:] != of[:-1])) if len(of) else np.zeros(0, int)
    each = np.diff(np.append(starts, len(of)))
    return np.arange(len(of)) - np.repeat(starts, each)


def _said(value: int) -> int | None:
    return None if value == HIDDEN else value


def _shares(counts: Ints, known: int) -> list[float | None]:
    """Return shares of those of whom it is known; None where it is not said."""
    return [None if n == HIDDEN else float(n / known) for n in counts]


def _cells(questions: Sequence[Question]) -> list[slice]:
    """Return where the values of each question stand."""
    ends = list(accumulate(len(question.values) for question in questions))
    return [slice(start, end) for start, end in zip([0, *ends], ends, strict=False)]


def _in_order(value: str) -> tuple[float, bool, str]:
    """Order "Under 15K" before "15-24K" before "100-124K", and names by name."""
    number = re.search(r"\d+", value)
    return (float(number[0]) if number else inf, value[:1].isdigit(), value)
