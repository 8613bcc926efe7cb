"""Journeys, as others may read them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import groupby
from uuid import UUID

from django.conf import settings
from django.db.models import Sum

from kfar.ground.errors import Refused
from kfar.ground.money import Money
from kfar.lake import table
from kfar.lake import timeline as lake
from kfar.lake.models import Segment, Touchpoint
from kfar.lake.touch import Touch
from kfar.rooms.customers import queries as customers
from kfar.rooms.touchpoints.portrait import Portrait, portrait

__all__ = [
    "Counts",
    "Journey",
    "Line",
    "Portrait",
    "Visit",
    "counts",
    "journey",
    "line",
    "portrait",
]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Line:
    """A purchase line. `units` is None where the thing is measured: `measure` `measure_unit`.

    `paid` is what the customer paid for the whole line; below zero where a coupon is a line
    of its own or something went back. `discount` is what was taken off.
    """

    id: UUID
    product: str | None
    product_name: str | None
    category: str | None
    units: int | None
    measure: float | None
    measure_unit: str | None
    paid: Money
    discount: Money


@dataclass(frozen=True)
class Visit:
    """One basket with its lines, or one other touch (`lines` is empty, `ref` says of what).

    `at` is the instant of its latest touch. `paid` and `discount` are the sums over the lines
    in the currency of the first.
    """

    id: UUID
    at: datetime
    channel: str
    kind: str
    source: str
    place: str | None
    ref: str | None
    lines: tuple[Line, ...]
    paid: Money
    discount: Money


@dataclass(frozen=True)
class Journey:
    """Visits, newest first; `more` is the cursor for those before, None at the first one."""

    visits: tuple[Visit, ...]
    more: str | None


@dataclass(frozen=True)
class Counts:
    """How much there is: touchpoints, customers met, places they were met at."""

    touchpoints: int
    customers_met: int
    places: int


def journey(customer_id: UUID, before: str | None = None, most: int = 30) -> Journey:
    """Return a customer's `most` latest visits before the cursor `before`, newest first.

    A basket is never cut in two. The cursor is letters, digits and "-", fit for an address.
    Raises `Refused("touchpoints.bad_cursor")` and `Refused("lake.damaged")`.
    """
    moment = _moment(before) if before else None
    touches = lake.timeline(customers.selves(customer_id), before=moment, most=most + 1)
    visits = [_visit(group) for _, group in groupby(touches, key=lambda touch: touch.occasion)]
    shown = tuple(visits[:most])
    more = _cursor(shown[-1]) if len(visits) > most and shown else None
    return Journey(shown, more)


def line(touchpoint_id: UUID, customer_id: UUID) -> Line | None:
    """Return a purchase line of that customer; None where there is none, or not theirs."""
    touch = lake.touch(customers.selves(customer_id), touchpoint_id)
    return _line(touch) if touch is not None and _bought(touch) else None


def counts() -> Counts:
    """Return how much there is, from the catalogue and the inbox.

    Places are read once for every state of the table, not once a call.
    """
    names = tuple(Segment.objects.order_by("pk").values_list("name", flat=True))
    settled = Segment.objects.aggregate(rows=Sum("rows"))["rows"] or 0
    fresh = Touchpoint.objects.exclude(place="").values_list("source", "place").distinct()
    return Counts(
        touchpoints=settled + Touchpoint.objects.count(),
        customers_met=customers.count(),
        places=len(_places(names, str(settings.KFAR_DATA_DIR)).union(fresh)),
    )


@lru_cache(maxsize=4)
def _places(names: tuple[str, ...], _folder: str) -> frozenset[tuple[str, str]]:
    """Return (source, place) of every place in the table made of these files."""
    with table.reading() as session:
        found = session.rows("SELECT DISTINCT source, place FROM settled WHERE place IS NOT NULL")
    return frozenset((source, place) for source, place in found)


def _visit(group: Iterable[Touch]) -> Visit:
    touches = list(group)
    first = touches[0]
    lines = tuple(_line(touch) for touch in touches if _bought(touch))
    currency = lines[0].paid.currency if lines else settings.KFAR_CURRENCY
    return Visit(
        id=first.occasion,
        at=max(touch.at for touch in touches),
        channel=first.channel,
        kind=first.kind,
        source=first.source,
        place=first.place,
        ref=first.ref,
        lines=lines,
        paid=_sum((line.paid for line in lines), currency),
        discount=_sum((line.discount for line in lines), currency),
    )


def _bought(touch: Touch) -> bool:
    return touch.basket is not None or touch.paid is not None


def _line(touch: Touch) -> Line:
    currency = touch.currency or settings.KFAR_CURRENCY
    return Line(
        id=touch.id,
        product=touch.product,
        product_name=touch.product_name,
        category=touch.category,
        units=touch.units,
        measure=touch.measure,
        measure_unit=touch.measure_unit,
        paid=Money(touch.paid or 0, currency),
        discount=Money(touch.discount or 0, currency),
    )


def _sum(amounts: Iterable[Money], currency: str) -> Money:
    return Money(sum(a.minor for a in amounts if a.currency == currency), currency)


def _cursor(visit: Visit) -> str:
    return f"{(visit.at - EPOCH) // timedelta(microseconds=1)}-{visit.id.hex}"


def _moment(cursor: str) -> tuple[datetime, UUID]:
    try:
        microseconds, occasion = cursor.rsplit("-", 1)
        return EPOCH + timedelta(microseconds=int(microseconds)), UUID(occasion)
    except (ValueError, OverflowError):
        raise Refused("touchpoints.bad_cursor") from None
