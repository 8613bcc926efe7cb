"""The portrait: one customer's journey in figures. Days are the company's, instants UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from statistics import median
from uuid import UUID

from django.conf import settings

from kfar.ground.money import Money
from kfar.lake import table
from kfar.lake.engines import Session
from kfar.lake.touch import OCCASION
from kfar.rooms.customers.queries import owners

#: How far back `visits_lately` looks from the end of the known period.
LATELY = 90


@dataclass(frozen=True)
class Category:
    """A category the customer buys: in how many visits, what share of all, for how much."""

    name: str
    visits: int
    share: float
    spent: Money


@dataclass(frozen=True)
class Place:
    """A place the customer comes to, and in how many visits."""

    name: str
    visits: int


@dataclass(frozen=True)
class Day:
    """A day with at least one touch: how many visits, and which kinds of touches."""

    day: date
    visits: int
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class Portrait:
    """A customer in figures.

    A visit is a basket. `days_between` is the median number of days from one day with a
    visit to the next, None before the second. `visits_lately` counts the 90 days up to the
    latest touch in the whole table (the end of the known period), or up to the customer's
    own latest where the table is empty. `spent` and `saved` are in the currency most of the
    customer's lines are in. Favourites are the most visited first (6 categories, 3 places).
    `strip` has an entry for every day with a touch, from the first to the last.
    """

    first_at: datetime | None
    last_at: datetime | None
    visits: int
    days_between: float | None
    visits_lately: int
    spent: Money
    saved: Money
    categories: tuple[Category, ...]
    places: tuple[Place, ...]
    strip: tuple[Day, ...]


def portrait(*people: UUID) -> Portrait:
    """Return a customer, or several together, in figures; where never met, zeros and nothing.

    Raises `Refused("lake.damaged")`.
    """
    with table.reading(list(owners(people))) as session:
        session.run(
            f"""CREATE OR REPLACE TEMP TABLE mine AS
            SELECT "at", kind, place, category, paid, discount, currency, {OCCASION} AS occasion,
                ("at" AT TIME ZONE $zone)::DATE AS day, basket IS NOT NULL AS bought
            FROM touches""",  # noqa: S608 - a constant of ours
            zone=settings.TIME_ZONE,
        )
        [(first_at, last_at, visits, lately)] = session.rows(
            """SELECT min("at"), max("at"), count(DISTINCT occasion) FILTER (bought),
                count(DISTINCT occasion) FILTER (
                    bought AND "at" > coalesce($until, (SELECT max("at") FROM mine))
                        - to_days($lately))
            FROM mine""",
            until=table.until(),
            lately=LATELY,
        )
        money, spent, saved = _money(session)
        strip = _strip(session)
        return Portrait(
            first_at=first_at,
            last_at=last_at,
            visits=visits,
            days_between=_between([told.day for told in strip if told.visits]),
            visits_lately=lately,
            spent=Money(spent, money),
            saved=Money(saved, money),
            categories=_categories(session, visits, money),
            places=_places(session),
            strip=strip,
        )


def _money(session: Session) -> tuple[str, int, int]:
    """Return the currency of most lines, and what was paid and taken off in it."""
    rows = session.rows(
        """SELECT currency, coalesce(sum(paid), 0)::BIGINT, coalesce(sum(discount), 0)::BIGINT
        FROM mine WHERE currency IS NOT NULL
        GROUP BY currency ORDER BY count(*) DESC, currency LIMIT 1"""
    )
    return rows[0] if rows else (settings.KFAR_CURRENCY, 0, 0)


def _between(days: list[date]) -> float | None:
    gaps = [(after - before).days for before, after in pairwise(days)]
    return median(gaps) if gaps else None


def _categories(session: Session, visits: int, money: str) -> tuple[Category, ...]:
    rows = session.rows(
        """SELECT category, count(DISTINCT occasion) AS times,
            coalesce(sum(paid) FILTER (currency = $money), 0)::BIGINT AS spent
        FROM mine WHERE bought AND category IS NOT NULL
        GROUP BY category ORDER BY times DESC, spent DESC, category LIMIT 6""",
        money=money,
    )
    return tuple(
        Category(name, times, times / visits, Money(spent, money)) for name, times, spent in rows
    )


def _places(session: Session) -> tuple[Place, ...]:
    rows = session.rows(
        """SELECT place, count(DISTINCT occasion) AS times
        FROM mine WHERE bought AND place IS NOT NULL
        GROUP BY place ORDER BY times DESC, place LIMIT 3"""
    )
    return tuple(Place(name, times) for name, times in rows)


def _strip(session: Session) -> tuple[Day, ...]:
    rows = session.rows(
        """SELECT day, count(DISTINCT occasion) FILTER (bought), list_sort(list(DISTINCT kind))
        FROM mine GROUP BY day ORDER BY day"""
    )
    return tuple(Day(day, visits, tuple(kinds)) for day, visits, kinds in rows)
