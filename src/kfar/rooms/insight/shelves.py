"""Shelves: what was learned of goods and of places, as it is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal, TypeVar

from kfar.ground.shares import CROWD
from kfar.rooms.insight import keeping, reading, tallies
from kfar.rooms.insight.models import Place as Row
from kfar.rooms.insight.studies import goods as selling
from kfar.rooms.insight.studies import places as standing
from kfar.rooms.insight.studies.goods import Along, Goods, Key
from kfar.rooms.insight.studies.places import Difference, Elsewhere, Places
from kfar.rooms.insight.tallies import Question, Tally, Thing

Kind = Literal["place", "region"]
T = TypeVar("T")
#: Of a category so many products are named.
PRODUCTS = 20


@dataclass(frozen=True)
class Named:
    """A place of purchase as it is called, "" where it has no name; and where it lies."""

    code: str
    name: str = ""
    region: str = ""


@dataclass(frozen=True)
class Ware:
    """A category or a product, in short; `category` is a product's."""

    thing: Thing
    name: str
    category: str


@dataclass(frozen=True)
class Wares:
    """All categories, or all products that enough people buy, those that most do first.

    `people` bought anything; `others` is how many are left out, because there are too many.
    """

    until: date
    people: int
    currency: str
    rows: Sequence[Ware]
    others: int


@dataclass(frozen=True)
class Good:
    """A category or a product, with all that was learned of it.

    `people` bought anything in that time; `first` and `last` are the months of all that is known.
    """

    key: Key
    ware: Ware
    people: int
    currency: str
    first: date
    last: date
    basket: Sequence[Along] = ()
    life: Sequence[Along] = ()
    products: Sequence[Ware] = ()


@dataclass(frozen=True)
class Spot:
    """A store or a region, in short."""

    thing: Thing
    named: Named


@dataclass(frozen=True)
class Spots:
    """All stores, or all regions, those with most customers first; `others` as of `Wares`."""

    until: date
    people: int
    currency: str
    rows: Sequence[Spot]
    others: int


@dataclass(frozen=True)
class There:
    """A store or a region, with all that was learned of it; `elsewhere` of its `regulars`.

    `usual` is which share of all their visits these make elsewhere.
    """

    spot: Spot
    people: int
    currency: str
    regulars: int
    usual: float
    differences: Sequence[Difference]
    elsewhere: Sequence[Elsewhere]
    stores: Mapping[str, Named] = field(default_factory=dict)


def wares(key: Key) -> Wares | None:
    """Return the categories or the products; None where nothing was learned yet."""
    kept = keeping.kept(selling.KIND, Goods)
    if kept is None:
        return None
    study = kept.content
    rows = [Ware(*row) for row in selling.in_short(study.shelf(key), study.people)]
    return Wares(kept.until, study.people, study.currency, rows, study.shelf(key).others)


def good(key: Key, code: str) -> Good | None:
    """Return what was learned of a category or a product; None where it was of none."""
    kept = keeping.kept(selling.KIND, Goods)
    number = kept.content.shelf(key).tally.place(code) if kept else None
    if kept is None or number is None:
        return None
    study, shelf = kept.content, kept.content.shelf(key)
    of = [ware for ware in _products(study) if ware.category == code] if key == "category" else []
    return Good(
        key=key,
        ware=Ware(
            _whole(shelf.tally, number, study.everybody, study.questions, study.people),
            shelf.names[number],
            shelf.categories[number],
        ),
        people=study.people,
        currency=study.currency,
        first=study.everybody.months[0],
        last=study.everybody.months[-1],
        basket=selling.along(shelf, shelf.basket, number),
        life=selling.along(shelf, shelf.life, number),
        products=of[:PRODUCTS],
    )


def good_within(key: Key, code: str, since: date, until: date) -> Good | None:
    """Return it as it was from a day to a day, both included: asked of everybody's touches now.

    What goes with it is of the whole time. Where fewer people bought it than may be counted, the
    thing has no buyers. Raises `Refused("lake.damaged")`.
    """
    whole, kept = good(key, code), keeping.kept(selling.KIND, Goods)
    if whole is None or kept is None:
        return None
    questions = kept.content.questions
    with reading.everybody() as session:
        own, everybody = selling.within(session, key, code, questions, since=since, until=until)
    people = int(everybody.buyers[0])
    thing = _whole(own, 0, everybody, questions, people)
    if thing.buyers < CROWD:
        thing = Thing(code, 0, 0.0, 0, None, 0)
    return replace(whole, ware=replace(whole.ware, thing=thing), people=people)


def spots(kind: Kind) -> Spots | None:
    """Return the stores or the regions; None where nothing was learned, or none is named."""
    kept = keeping.kept(standing.KIND, Places)
    where = kept.content.where(kind) if kept else None
    if kept is None or where is None:
        return None
    called = names() if kind == "place" else {}
    rows = [
        Spot(thing, called.get(thing.code, Named(thing.code)))
        for thing in tallies.things(where.tally, kept.content.people)
    ]
    return Spots(kept.until, kept.content.people, kept.content.currency, rows, where.others)


def spot(kind: Kind, code: str) -> There | None:
    """Return what was learned of a store or a region; None where it was of none."""
    kept = keeping.kept(standing.KIND, Places)
    where = kept.content.where(kind) if kept else None
    number = where.tally.place(code) if where else None
    if kept is None or where is None or number is None:
        return None
    study, called = kept.content, names()
    thing = _whole(where.tally, number, study.everybody, study.questions, study.people)
    return There(
        spot=Spot(thing, called.get(code, Named(code)) if kind == "place" else Named(code)),
        people=study.people,
        currency=study.currency,
        regulars=int(where.regulars[number]),
        usual=float(where.usual[number]),
        differences=standing.differences(study, where, number),
        elsewhere=standing.bought_elsewhere(study, where, number),
        stores=called,
    )


def names() -> dict[str, Named]:
    """Return the places that have a name or a region, by code."""
    return {row.code: Named(row.code, row.name, row.region) for row in Row.objects.all()}


def _products(study: Goods) -> list[Ware]:
    return [Ware(*row) for row in selling.in_short(study.products, study.people)]


def _whole(
    tally: Tally, number: int, everybody: Tally, questions: Sequence[Question], of: int
) -> Thing:
    return replace(
        tallies.thing(tally, number, of),
        months=tallies.months(tally, number),
        about=tallies.about(tally, number, everybody, questions),
        stores=tallies.stores(tally, number),
    )
