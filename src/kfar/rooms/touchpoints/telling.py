"""The journey as one tells it: episode by episode, from the first touch to now."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.conf import settings

from kfar.ground.errors import Refused
from kfar.ground.money import Money
from kfar.lake import timeline as lake
from kfar.lake.counts import Counts
from kfar.lake.occasions import EVERYTHING, VISIT, Only
from kfar.lake.timeline import Cursor, Link, Occasion
from kfar.lake.touch import Touch
from kfar.rooms.customers import queries as customers

#: The first instant that can be told; cursors count from here.
EPOCH = datetime(1, 1, 1, tzinfo=UTC)


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
class Step:
    """What was done on the web: which page was seen, which event there was.

    `what` is what the event was about where its properties name it: a product, words looked for.
    """

    id: UUID
    at: datetime
    kind: str
    name: str
    url: str
    what: str


@dataclass(frozen=True)
class Episode:
    """One occasion of a journey: a basket with its lines, a visit with its steps, or another.

    It begins at `at`; `until` is the instant of its latest touch, `touches` how many it has.
    `kind` is "browsing" for a visit, or that of its first touch; `ref` says what that tells
    of, and `links` what else is told of the same. `paid` and `discount` are the sums over the
    lines in the currency of the first. `fits` holds the lines and steps that were asked for.
    `first` is said of the very first of the journey, `unknown` of one from before we knew who
    it was.
    """

    id: UUID
    person: UUID
    at: datetime
    until: datetime
    touches: int
    channel: str
    kind: str
    source: str
    place: str | None
    ref: str | None
    name: str | None
    lines: tuple[Line, ...]
    steps: tuple[Step, ...]
    paid: Money
    discount: Money
    fits: frozenset[UUID]
    first: bool
    unknown: bool
    links: tuple[Link, ...]

    @property
    def partly(self) -> bool:
        """Whether some of it was asked for and some not."""
        return len(self.fits) < self.touches

    @property
    def fitting(self) -> tuple[Line, ...]:
        """The lines that were asked for."""
        return tuple(line for line in self.lines if line.id in self.fits)

    @property
    def fitting_paid(self) -> Money:
        """What was paid for them."""
        return _sum((line.paid for line in self.fitting), self.paid.currency)


@dataclass(frozen=True)
class Journey:
    """Episodes, the latest first; `more` is the cursor for those before, None at the first one.

    `after` is when the episode before these (in the order of reading) began: where one reads on.
    `counts` are over all that was asked for, by months of the company's.
    """

    episodes: tuple[Episode, ...]
    more: str | None
    counts: Counts
    after: datetime | None = None


def journey(
    people: Sequence[UUID], *, before: str | None = None, most: int = 20, only: Only = EVERYTHING
) -> Journey:
    """Return the `most` latest episodes of these customers together, before the cursor `before`.

    Nothing is cut in two, shown twice or left out, whatever comes in meanwhile. The cursor is
    letters, digits and "-", fit for an address.
    Raises `Refused("touchpoints.bad_cursor")` and `Refused("lake.damaged")`.
    """
    cursor = _read(before) if before else None
    owners = customers.owners(people)
    page = lake.timeline(
        list(owners),
        owners=owners,
        before=cursor,
        most=most,
        only=only,
        zone=settings.TIME_ZONE,
    )
    return Journey(
        episodes=tuple(_episode(occasion) for occasion in page.occasions),
        more=_written(page.more) if page.more else None,
        counts=page.counts,
        after=cursor.at if cursor else None,
    )


def line(touchpoint_id: UUID, customer_id: UUID) -> Line | None:
    """Return a purchase line of that customer; None where there is none, or not theirs."""
    touch = lake.touch(customers.selves(customer_id), touchpoint_id)
    return _line(touch) if touch is not None and _bought(touch) else None


def _episode(occasion: Occasion) -> Episode:
    first = occasion.touches[0]
    lines = tuple(_line(touch) for touch in occasion.touches if _bought(touch))
    visited = occasion.kind == VISIT
    currency = lines[0].paid.currency if lines else settings.KFAR_CURRENCY
    return Episode(
        id=occasion.id,
        person=occasion.person,
        at=occasion.began,
        until=occasion.ended,
        touches=len(occasion.touches),
        channel=first.channel,
        kind=occasion.kind,
        source=first.source,
        place=first.place,
        ref=first.ref,
        name=first.name,
        lines=lines,
        steps=tuple(_step(touch) for touch in occasion.touches) if visited else (),
        paid=_sum((line.paid for line in lines), currency),
        discount=_sum((line.discount for line in lines), currency),
        fits=occasion.fits,
        first=occasion.first,
        unknown=occasion.unknown,
        links=occasion.links,
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


def _step(touch: Touch) -> Step:
    # What somebody calls themselves is no thing it was about.
    about = {} if touch.kind == "identify" else _properties(touch.properties)
    named = touch.product_name or about.get("name") or about.get("query") or ""
    return Step(
        id=touch.id,
        at=touch.at,
        kind=touch.kind,
        name=touch.name or "",
        url=touch.url or "",
        what=str(named) if named != touch.name else "",
    )


def _properties(text: str | None) -> Mapping[str, object]:
    """Return what a site told beside; nothing where it is not what it says it is."""
    try:
        found = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _sum(amounts: Iterable[Money], currency: str) -> Money:
    return Money(sum(a.minor for a in amounts if a.currency == currency), currency)


def _written(cursor: Cursor) -> str:
    pairs = [(cursor.at, cursor.occasion), *((at, who) for who, at in cursor.under_way.items())]
    return "-".join(f"{(at - EPOCH) // timedelta(microseconds=1)}-{key.hex}" for at, key in pairs)


def _read(text: str) -> Cursor:
    try:
        parts = iter(text.split("-"))
        found = [
            (EPOCH + timedelta(microseconds=int(part)), UUID(next(parts, ""))) for part in parts
        ]
    except (ValueError, OverflowError):
        raise Refused("touchpoints.bad_cursor") from None
    (at, occasion), *under_way = found
    return Cursor(at, occasion, {who: until for until, who in under_way})
