"""Goods: who buys each category and each product, when, where, and what goes with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy import sparse

from kfar.ground.shares import CROWD
from kfar.lake.engines import Session
from kfar.rooms.insight import reading, tallies
from kfar.rooms.insight.affinity import tables as affinities
from kfar.rooms.insight.affinity.pairs import Affinity, together
from kfar.rooms.insight.figures import Floats
from kfar.rooms.insight.hiding import Ints
from kfar.rooms.insight.tallies import Question, Tally, Thing

if TYPE_CHECKING:
    from ibis.expr.types import Table

KIND = "goods"
Key = Literal["category", "product"]
#: The categories and the products of which anything is kept: those that most people buy.
MOST = 2_000
#: Buyers below which a product is none that is spoken of.
LEAST = 20
#: What goes with a thing is kept of the surest so many.
ALONG = 10


@dataclass(frozen=True, eq=False)
class Together:
    """What goes with what, the surest first: arrays (rows,), things by number.

    `both` are baskets or people that have the two; the rest as in `affinity.pairs`. `holders`
    are all baskets or people.
    """

    of: Ints
    other: Ints
    both: Ints
    lift: Floats
    low: Floats
    q: Floats
    holders: int


@dataclass(frozen=True, eq=False)
class Shelf:
    """All categories, or all products: what was counted, what they are called, what goes along.

    `names` and `categories` (of products) are by number. `others` is how many have as many
    buyers as are asked for, and are left out because there are too many of them.
    """

    tally: Tally
    names: tuple[str, ...]
    categories: tuple[str, ...]
    basket: Together
    life: Together
    others: int


@dataclass(frozen=True, eq=False)
class Goods:
    """What everybody buys; `people` bought anything. `everybody` is the tally of all of it.

    What was paid in another currency than most is left out.
    """

    currency: str
    people: int
    questions: tuple[Question, ...]
    everybody: Tally
    categories: Shelf
    products: Shelf

    def shelf(self, key: Key) -> Shelf:
        """Return the shelf of a kind."""
        return self.categories if key == "category" else self.products


@dataclass(frozen=True)
class Along:
    """Something that goes with a thing: in so many baskets or lives, how far above chance.

    `lift` is so many times as often as by chance; surely (9 of 10) more than `low` times; `q` is
    the share of false finds among those that are as sure.
    """

    code: str
    name: str
    both: int
    support: float
    lift: float
    low: float
    q: float


def learn(session: Session, until: date) -> tuple[Goods, int] | None:
    """Learn from everybody who bought anything."""
    currency = reading.currency(session)
    table = tallies.bought(session, currency)
    questions = tallies.known_of(session)
    everybody = tallies.everybody(session, table, questions)
    people = int(everybody.buyers[0])
    if not people:
        return None
    categories = _shelf(session, table, "category", CROWD, questions)
    products = _shelf(session, table, "product", LEAST, questions)
    return Goods(currency, people, questions, everybody, categories, products), people


def within(
    session: Session,
    key: Key,
    code: str,
    questions: Sequence[Question],
    *,
    since: date,
    until: date,
) -> tuple[Tally, Tally]:
    """Return the tallies of a thing and of everything, from a day to a day, both included.

    Asked of the lake, in a session of `reading.everybody`.
    """
    table = tallies.bought(session, reading.currency(session), since, until)
    if tallies.known_of(session) != tuple(questions):
        questions = ()
    everybody = tallies.everybody(session, table, questions)
    theirs = table.filter(table[key] == code)
    places = _places(session, theirs)
    return tallies.tally(session, theirs, key, [code], questions, places=places), everybody


def along(shelf: Shelf, pairs: Together, number: int) -> list[Along]:
    """Return what goes with a thing, the surest first."""
    return [
        Along(
            code=shelf.tally.codes[other],
            name=shelf.names[other],
            both=int(pairs.both[n]),
            support=float(pairs.both[n] / pairs.holders),
            lift=float(pairs.lift[n]),
            low=float(pairs.low[n]),
            q=float(pairs.q[n]),
        )
        for n in np.flatnonzero(pairs.of == number)
        for other in [int(pairs.other[n])]
    ]


def in_short(shelf: Shelf, of: int) -> list[tuple[Thing, str, str]]:
    """Return every thing, with its name and its category, those most people buy first."""
    every = tallies.things(shelf.tally, of)
    return list(zip(every, shelf.names, shelf.categories, strict=True))


def _shelf(
    session: Session, table: Table, key: Key, least: int, questions: Sequence[Question]
) -> Shelf:
    named = table.filter(table[key].notnull())
    each = named.select(key, "customer").distinct()
    counts = each.group_by(key).agg(n=each.count())
    many = sorted(session.ask(counts.filter(counts.n >= least)), key=lambda row: (-row[1], row[0]))
    codes = [code for code, _ in many[:MOST]]
    counted = tallies.tally(session, table, key, codes, questions, places=_places(session, table))
    names = {code: (code, "") for code in codes}
    if key == "product":
        called = named.group_by("product").agg(
            name=named.product_name.max(), category=named.category.max()
        )
        kept = called.semi_join(_counted(), called.product == _counted().code)
        names = {code: (name or code, of or "") for code, name, of in session.ask(kept)}
    taste = named.filter(~named.gift)
    life = _affinity(session, taste, key, "customer", len(codes))
    basket = _affinity(session, taste, key, "occasion", len(codes))
    some = _some(life[0])
    return Shelf(
        tally=counted,
        names=tuple(names[code][0] for code in codes),
        categories=tuple(names[code][1] for code in codes),
        basket=_along(*basket, some),
        life=_along(*life, some),
        others=len(many) - len(codes),
    )


def _counted() -> Table:
    """Return the table of what `tallies.tally` counted last."""
    import ibis  # noqa: PLC0415 - takes a while

    return ibis.table({"code": "string", "number": "int32"}, name="counted")


def _affinity(
    session: Session, table: Table, key: Key, holder: Literal["customer", "occasion"], items: int
) -> tuple[Affinity, int]:
    """Return how the things that were counted last go together, of how many baskets or lives."""
    held, counted = affinities.held(table, key, holder), _counted()
    lines = held.inner_join(counted, held.item == counted.code)
    rows = session.ask(lines.group_by("holder").agg(n=lines.number.collect()).select("n"))
    [[holders]] = session.ask(held.agg(n=held.holder.nunique()))
    sizes = np.array([len(row[0]) for row in rows], np.int64)
    of = np.concatenate([np.array(row[0], np.int64) for row in rows] or [np.zeros(0, np.int64)])
    starts = np.append(0, np.cumsum(sizes))
    # Whose basket has nothing that is spoken of is one, too.
    starts = np.append(starts, np.full(holders - len(rows), starts[-1]))
    there = sparse.csr_array((np.ones(len(of), np.int64), of, starts), shape=(holders, items))
    return together(there), holders


def _some(life: Affinity) -> set[tuple[int, int]]:
    """Return the pairs that no few people have: what is in few lives is told of none."""
    many = life.both >= CROWD
    return set(zip(life.a[many].tolist(), life.b[many].tolist(), strict=True))


def _along(found: Affinity, holders: int, some: set[tuple[int, int]]) -> Together:
    of, pair = found.each(ALONG * 2)
    keep, taken = [], Counter[int]()
    for n, (item, p) in enumerate(zip(of.tolist(), pair.tolist(), strict=True)):
        both = int(found.a[p]), int(found.b[p])
        if both in some and taken[item] < ALONG and found.low[p] > 1:
            taken[item] += 1
            keep.append(n)
    of, pair = of[keep], pair[keep]
    return Together(
        of=of,
        other=np.where(found.a[pair] == of, found.b[pair], found.a[pair]),
        both=found.both[pair],
        lift=found.lift[pair],
        low=found.low[pair],
        q=found.q[pair],
        holders=holders,
    )


def _places(session: Session, table: Table) -> list[str]:
    there = table.filter(table.place.notnull())
    return sorted(row[0] for row in session.ask(there.select("place").distinct()))
