"""Journeys, as others may read them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from django.conf import settings
from django.db.models import Sum

from kfar.lake import table
from kfar.lake.everything import everything as touches_of
from kfar.lake.models import Segment, Touchpoint
from kfar.lake.occasions import Only
from kfar.lake.touch import Touch
from kfar.rooms.customers import queries as customers
from kfar.rooms.touchpoints.portrait import Portrait, portrait
from kfar.rooms.touchpoints.telling import Episode, Journey, Line, Step, journey, line

__all__ = [
    "Counts",
    "Episode",
    "Journey",
    "Line",
    "Only",
    "Portrait",
    "Step",
    "bought",
    "counts",
    "journey",
    "line",
    "opened",
    "portrait",
]


@dataclass(frozen=True)
class Counts:
    """How much there is: touchpoints, customers met, places they were met at."""

    touchpoints: int
    customers_met: int
    places: int


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


@contextmanager
def opened(customer_id: UUID) -> Iterator[None]:
    """Open a customer's touches once, for all that is asked of them inside.

    Raises `Refused("lake.damaged")`.
    """
    with table.reading(customers.selves(customer_id)):
        yield


def bought(customer_id: UUID, product: str) -> datetime | None:
    """Return when a customer bought a product last, by its code, or by its name where it has none.

    None where they did not; a line that takes money back is no purchase.
    """
    with table.reading(customers.selves(customer_id)) as session:
        [(at,)] = session.rows(
            """SELECT max("at") FROM touches WHERE kind = 'purchase' AND coalesce(paid, 1) > 0
            AND coalesce(product, product_name) = $product""",
            product=product,
        )
    return at if isinstance(at, datetime) else None


def everything(customer_id: UUID) -> Iterator[Touch]:
    """Yield all touches of a customer, oldest first, a few in memory at once.

    Raises `Refused("lake.damaged")`.
    """
    return touches_of(customers.selves(customer_id))
