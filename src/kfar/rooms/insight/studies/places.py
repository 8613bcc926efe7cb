"""Places: who buys in each store and each region, and how what they buy differs from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby, islice
from typing import TYPE_CHECKING, Literal

import numpy as np

from kfar.ground.shares import CROWD
from kfar.lake.engines import Session
from kfar.rooms.insight import reading, tallies
from kfar.rooms.insight.affinity import tables
from kfar.rooms.insight.affinity.mix import mix
from kfar.rooms.insight.figures import Floats
from kfar.rooms.insight.hiding import Ints
from kfar.rooms.insight.models import Place
from kfar.rooms.insight.tallies import Question, Tally

if TYPE_CHECKING:
    from ibis.expr.types import Table

KIND = "places"
#: The places of which anything is kept: those with the most customers.
MOST = 2_000
#: Of how many categories it is kept that they differ, either way, and what is bought elsewhere.
DIFFERENT = 10
#: The share of false finds that is put up with; and people of whom it is said what they buy
#: elsewhere.
FALSE, LEAST = 0.05, 20


@dataclass(frozen=True, eq=False)
class Differs:
    """Where a category is bought more often, or less, than everywhere; arrays (rows,).

    Place and category by number, the share of visits there and everywhere, and `q`; what is
    furthest above stands first.
    """

    of: Ints
    category: Ints
    share: Floats
    usual: Floats
    q: Floats


@dataclass(frozen=True, eq=False)
class Away:
    """What those whose main place it is buy elsewhere; arrays (rows,), the most first.

    `people` of them buy the category, and of the visits with it `share` are made elsewhere.
    """

    of: Ints
    category: Ints
    people: Ints
    share: Floats


@dataclass(frozen=True, eq=False)
class Where:
    """All stores, or all regions. `regulars` (places,) have it as their main place.

    `usual` (places,) is which share of all their visits these make elsewhere. `others` is how
    many places are left out because there are too many of them.
    """

    tally: Tally
    regulars: Ints
    usual: Floats
    differs: Differs
    away: Away
    others: int


@dataclass(frozen=True, eq=False)
class Places:
    """Who buys where; `people` bought anything. Without named regions there are none."""

    currency: str
    people: int
    questions: tuple[Question, ...]
    everybody: Tally
    categories: tuple[str, ...]
    stores: Where
    regions: Where | None

    def where(self, key: Literal["place", "region"]) -> Where | None:
        """Return the stores or the regions."""
        return self.stores if key == "place" else self.regions


@dataclass(frozen=True)
class Difference:
    """A category that is bought more or less often at a place: of its visits, and of all."""

    category: str
    share: float
    usual: float
    q: float

    @property
    def lift(self) -> float:
        """How many times as often."""
        return self.share / self.usual


@dataclass(frozen=True)
class Elsewhere:
    """A category that regulars of a place buy elsewhere: how many buy it, and which share."""

    category: str
    people: int
    share: float


def learn(session: Session, until: date) -> tuple[Places, int] | None:
    """Learn from everybody who bought anything at a place."""
    currency = reading.currency(session)
    table = tallies.bought(session, currency)
    table = table.filter(table.place.notnull())
    questions = tallies.known_of(session)
    everybody = tallies.everybody(session, table, questions)
    people = int(everybody.buyers[0])
    if not people:
        return None
    named = table.filter(table.category.notnull()).select("category", "customer").distinct()
    counts = named.group_by("category").agg(n=named.count())
    categories = sorted(row[0] for row in session.ask(counts.filter(counts.n >= CROWD)))
    stores = _where(session, table, "place", categories, questions, places=())
    regions = None
    lies = dict(Place.objects.exclude(region="").values_list("code", "region"))
    if lies:
        theirs = _regions(session, table, lies)
        regions = _where(
            session, theirs, "region", categories, questions, places=stores.tally.codes
        )
    found = Places(currency, people, questions, everybody, tuple(categories), stores, regions)
    return found, people


def differences(study: Places, where: Where, number: int) -> list[Difference]:
    """Return what is bought more often at a place, the furthest above first, and less often."""
    d = where.differs
    return [
        Difference(
            study.categories[d.category[n]], float(d.share[n]), float(d.usual[n]), float(d.q[n])
        )
        for n in np.flatnonzero(d.of == number)
    ]


def bought_elsewhere(study: Places, where: Where, number: int) -> list[Elsewhere]:
    """Return what regulars of a place buy elsewhere, the most first."""
    a = where.away
    return [
        Elsewhere(study.categories[a.category[n]], int(a.people[n]), float(a.share[n]))
        for n in np.flatnonzero(a.of == number)
    ]


def _where(
    session: Session,
    table: Table,
    key: Literal["place", "region"],
    categories: Sequence[str],
    questions: Sequence[Question],
    *,
    places: Sequence[str],
) -> Where:
    there = table.select(key, "customer").distinct()
    counts = there.group_by(key).agg(n=there.count())
    many = sorted(session.ask(counts.filter(counts.n >= CROWD)), key=lambda row: (-row[1], row[0]))
    codes = [code for code, _ in many[:MOST]]
    place, category = ({name: n for n, name in enumerate(of)} for of in (codes, categories))
    counted = tallies.tally(session, table, key, codes, questions, places=places)
    regulars = np.zeros(len(codes), np.int64)
    usual = np.zeros(len(codes))
    away = []
    for main, of, people, visits, here in session.ask(tables.elsewhere(table, "category", key)):
        n = place.get(main)
        if n is not None and of is None:
            regulars[n], usual[n] = people, 1 - here / visits
        elif n is not None and of in category and people >= LEAST:
            away.append((n, category[of], people, 1 - here / visits))
    return Where(
        tally=counted,
        regulars=regulars,
        usual=usual,
        differs=_differs(session, table, key, place, category),
        away=_away(away, usual),
        others=len(many) - len(codes),
    )


def _differs(
    session: Session,
    table: Table,
    key: str,
    place: Mapping[str, int],
    category: Mapping[str, int],
) -> Differs:
    sums = np.zeros((4, len(place), len(category)))
    whole = np.zeros((3, len(place)))
    for where, of, people, y, yy, yv in session.ask(tables.mixed(table, "category", key)):
        n = place.get(where)
        if n is not None and of is None:
            whole[:, n] = y, yy, people
        elif n is not None and of in category:
            sums[:, n, category[of]] = people, y, yy, yv
    found = mix(*whole, bought=sums[1], bought_squares=sums[2], crossed=sums[3])
    fit = (found.q <= FALSE) & (sums[0] >= CROWD)
    rows = []
    for n in range(len(place)):
        told = np.flatnonzero(fit[n])
        order = told[np.argsort(-found.z[n, told], kind="stable")]
        above, below = order[found.z[n, order] > 0], order[found.z[n, order] < 0]
        kept = [*above[:DIFFERENT], *below[-DIFFERENT:]]
        kept.sort(key=lambda c: -found.lift[n, c])
        rows += [(n, c, found.share[n, c], found.usual[c], found.q[n, c]) for c in kept]
    of, which, *numbers = np.array(rows, np.float64).reshape(-1, 5).T
    return Differs(of.astype(np.int64), which.astype(np.int64), *numbers)


def _away(rows: list[tuple[int, int, int, float]], usual: Floats) -> Away:
    """Keep of each place what is bought elsewhere more often than the rest."""
    more = sorted((r for r in rows if r[3] > usual[r[0]]), key=lambda r: (r[0], -r[3], r[1]))
    kept = [row for _, own in groupby(more, lambda r: r[0]) for row in islice(own, DIFFERENT)]
    table = np.array(kept, np.float64).reshape(-1, 4).T
    of, which, people = table[:3].astype(np.int64)
    return Away(of, which, people, table[3])


def _regions(session: Session, table: Table, lies: Mapping[str, str]) -> Table:
    """Return what was bought in a region, with that column."""
    import ibis  # noqa: PLC0415 - takes a while

    columns = {"place": "VARCHAR NOT NULL", "region": "VARCHAR NOT NULL"}
    session.load("regions", columns, list(lies.items()))
    regions = ibis.table({"place": "string", "region": "string"}, name="regions")
    return table.inner_join(regions, "place")
