"""Purchases: one of a customer's, line by line, and how much customers bought."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kfar.lake import table
from kfar.lake.occasions import BROWSES
from kfar.lake.touch import COLUMNS, NAMES, OCCASION, Touch
from kfar.rooms.customers import queries as customers

#: More lines of one purchase are not read.
MOST = 1000


@dataclass(frozen=True)
class Purchase:
    """What was bought at once: when, under which reference of the shop's, and its lines."""

    id: UUID
    at: datetime
    reference: str
    lines: tuple[Touch, ...]


@dataclass(frozen=True)
class Alike:
    """How many lines a person bought, and how much those did who buy about as much.

    `others` bought between half and twice as many lines; `others_marked` of theirs were among
    those that were asked about.
    """

    bought: int
    others: int
    others_bought: int
    others_marked: int


def purchase(
    customer_id: UUID, *, occasion: UUID | None = None, reference: str = ""
) -> Purchase | None:
    """Return a purchase of that customer, by its id or by the shop's reference (the latest).

    None where there is none, or not theirs. Raises `Refused("lake.damaged")`.
    """
    with table.reading(customers.selves(customer_id)) as session:
        rows = session.rows(
            f"""SELECT {NAMES} FROM touches
            WHERE kind = 'purchase' AND ({OCCASION} = $occasion OR basket = $reference)
            ORDER BY "at" DESC, product_name, id LIMIT {MOST}""",  # noqa: S608 - constants of ours
            occasion=occasion,
            reference=reference.strip() or None,
        )
    touches = [Touch(**dict(zip(COLUMNS, row, strict=True))) for row in rows]
    if not touches:
        return None
    found = touches[0].occasion
    lines = tuple(touch for touch in touches if touch.occasion == found)
    return Purchase(found, min(line.at for line in lines), lines[0].basket or "", lines)


def bought(customer_id: UUID, products: Collection[str]) -> set[str]:
    """Return which of these products a customer bought. Raises `Refused("lake.damaged")`."""
    with table.reading(customers.selves(customer_id)) as session:
        rows = session.rows(
            "SELECT DISTINCT product FROM touches WHERE kind = 'purchase' AND product IS NOT NULL"
        )
    return {product for (product,) in rows}.intersection(products)


def buyers(products: Collection[str], *, among: Collection[UUID]) -> dict[UUID, set[str]]:
    """Return which of these products each of these people bought; who bought none is left out.

    Raises `Refused("lake.damaged")`.
    """
    whose = customers.owners(among)
    found: dict[UUID, set[str]] = {}
    if not whose or not products:
        return found
    with table.reading() as session:
        session.load("whose", {"customer": "UUID", "person": "UUID"}, list(whose.items()))
        session.load("wanted", {"product": "VARCHAR"}, [(one,) for one in set(products)])
        rows = session.rows(
            """SELECT DISTINCT person, product FROM touches
            JOIN whose USING (customer) JOIN wanted USING (product)
            WHERE kind = 'purchase'"""
        )
    for person, product in rows:
        found.setdefault(person, set()).add(product)
    return found


@dataclass(frozen=True)
class Met:
    """A contact of somebody's; of a purchase, its dearest line."""

    customer_id: UUID
    touch_id: UUID
    at: datetime
    name: str
    category: str


def bought_between(since: datetime, until: datetime, *, among: Collection[UUID]) -> Iterator[Met]:
    """Yield the purchases of these people then, oldest first. Raises `Refused("lake.damaged")`."""
    yield from _met(
        "kind = 'purchase' AND paid > 0 AND product_name IS NOT NULL", since, until, among
    )


def came_between(since: datetime, until: datetime, *, among: Collection[UUID]) -> Iterator[Met]:
    """Yield when these people came to site or app then. Raises `Refused("lake.damaged")`."""
    yield from _met(BROWSES, since, until, among)


def _met(what: str, since: datetime, until: datetime, among: Collection[UUID]) -> Iterator[Met]:
    whose = customers.owners(among)
    if not whose:
        return
    with table.reading() as session:
        session.load("whose", {"customer": "UUID", "person": "UUID"}, list(whose.items()))
        rows = session.rows(
            f"""SELECT person, arg_max(id, (coalesce(paid, 0), id)), min("at") AS began,
                arg_max(product_name, (coalesce(paid, 0), id)),
                arg_max(category, (coalesce(paid, 0), id))
            FROM touches JOIN whose USING (customer)
            WHERE {what} AND "at" > $since::TIMESTAMPTZ AND "at" <= $until::TIMESTAMPTZ
            GROUP BY person, {OCCASION} ORDER BY began, person""",  # noqa: S608 - constants of ours
            since=since,
            until=until,
        )
    for person, touch, at, name, category in rows:
        yield Met(person, touch, at, name or "", category or "")


def alike(
    marked: Mapping[UUID, int], *, among: Collection[UUID], since: datetime
) -> dict[UUID, Alike]:
    """Return how much each of `among` bought since then, beside those who bought about as much.

    `marked` says how many lines of each person (one that went back, say) are asked about. People
    who are not in it count by their ids. Raises `Refused("lake.damaged")`.
    """
    whose = customers.owners(marked)
    with table.reading() as session:
        session.load("whose", {"customer": "UUID", "person": "UUID"}, list(whose.items()))
        session.load("marked", {"person": "UUID", "n": "BIGINT"}, list(marked.items()))
        session.load("among", {"person": "UUID"}, [(person,) for person in among])
        rows = session.rows(
            """WITH counted AS (
                SELECT coalesce(whose.person, touches.customer) AS person, count(*) AS bought
                FROM touches LEFT JOIN whose USING (customer)
                WHERE kind = 'purchase' AND paid > 0 AND "at" >= $since::TIMESTAMPTZ GROUP BY 1
            ), told AS (
                SELECT person, bought, coalesce(n, 0) AS n
                FROM counted LEFT JOIN marked USING (person)
            )
            SELECT own.person, any_value(own.bought), count(other.person),
                coalesce(sum(other.bought), 0), coalesce(sum(other.n), 0)
            FROM told AS own SEMI JOIN among USING (person)
            LEFT JOIN told AS other ON other.person <> own.person
                AND other.bought BETWEEN own.bought / 2 AND own.bought * 2
            GROUP BY own.person""",
            since=since,
        )
    return {person: Alike(*map(int, counts)) for person, *counts in rows}
