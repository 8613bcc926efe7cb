"""What is known, as others may read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings

from kfar.ground.money import Money
from kfar.lake import table
from kfar.rooms.customers import queries as customers
from kfar.rooms.insight import keeping
from kfar.rooms.insight.keeping import Kept
from kfar.rooms.insight.models import Correction, Kind, Refresh
from kfar.rooms.insight.profiles import Learned, Profile, learned, profile, worth
from kfar.rooms.insight.promotions import Known as Promoted
from kfar.rooms.insight.promotions import known as promoted
from kfar.rooms.insight.studies import response
from kfar.rooms.insight.studies.response import Responses
from kfar.rooms.insight.studies.tastes import Measure, Taste, Tastes
from kfar.rooms.insight.studies.wants import Want

__all__ = [
    "Corrected",
    "Kind",
    "Learned",
    "Line",
    "Measure",
    "Profile",
    "Progress",
    "Promoted",
    "Responses",
    "Taste",
    "Tastes",
    "Want",
    "corrected",
    "learned",
    "lines",
    "profile",
    "progress",
    "promoted",
    "responses",
    "worth",
]

#: How many lines of a category are shown, the latest.
MOST = 200


@dataclass(frozen=True)
class Progress:
    """How learning stands: the step it is at, so many of so many done; or how it ended.

    `failed` is a refusal's code where the last one failed, `asked` that another is to come.
    """

    step: str
    done: int
    of: int
    running: bool
    asked: bool
    began_at: datetime | None
    ended_at: datetime | None
    failed: str


@dataclass(frozen=True)
class Corrected:
    """What a customer said of what is known of them: of touches, by id, and of categories."""

    touches: dict[UUID, Kind]
    categories: frozenset[str]


@dataclass(frozen=True)
class Line:
    """What somebody is said to have bought."""

    id: UUID
    at: datetime
    product: str
    place: str
    paid: Money


def progress() -> Progress:
    """Return how learning stands now."""
    row = Refresh.objects.filter(pk=1).first() or Refresh()
    running = row.began_at is not None and row.ended_at is None
    return Progress(
        step=row.step,
        done=row.done,
        of=row.of,
        running=running,
        asked=bool(row.asked_at and (row.began_at is None or row.asked_at > row.began_at)),
        began_at=row.began_at,
        ended_at=row.ended_at,
        failed=row.failed,
    )


def responses() -> Kept[Responses] | None:
    """Return how categories answer to displays, mailers and prices; None before it is learned."""
    return keeping.kept(response.KIND, Responses)


def corrected(customer_id: UUID) -> Corrected:
    """Return what a customer said, under all their ids."""
    rows = Correction.objects.filter(customer__in=customers.selves(customer_id))
    said = list(rows.values_list("touch", "category", "kind"))
    return Corrected(
        touches={touch: Kind(kind) for touch, _, kind in said if touch},
        categories=frozenset(category for _, category, _ in said if category),
    )


def lines(customer_id: UUID, category: str) -> list[Line]:
    """Return what a customer bought in a category, corrected or not, the latest 200 first.

    Raises `Refused("lake.damaged")`.
    """
    with table.reading(customers.selves(customer_id)) as session:
        rows = session.rows(
            """SELECT id, "at", coalesce(product_name, product, ''), coalesce(place, ''),
                coalesce(paid, 0), currency
            FROM touches WHERE category = $category AND kind = 'purchase'
            ORDER BY "at" DESC, id LIMIT $most""",
            category=category,
            most=MOST,
        )
    return [
        Line(key, at, product, place, Money(paid, currency or settings.KFAR_CURRENCY))
        for key, at, product, place, paid, currency in rows
    ]
