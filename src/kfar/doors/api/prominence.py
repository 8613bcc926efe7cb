"""Which products are prominent by their reviews, asked by a shop that sorts by it."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest

from kfar.doors.api.door import asked, kept, key_of, number
from kfar.rooms.customers import queries as customers
from kfar.rooms.customers.queries import PERSONALISE
from kfar.rooms.customers.ties import queries as ties
from kfar.rooms.touchpoints import keys
from kfar.rooms.voice.reviews import personal, queries
from kfar.rooms.voice.reviews.queries import Prominent

#: The most products in one answer, and how many there are unless asked otherwise.
MOST, USUAL = 100, 50
#: Further on nobody sorts by it.
FURTHEST = 100_000


@kept
@asked
def prominence(request: HttpRequest) -> dict[str, object]:
    """Give the products of `?category=`, or all, the most prominent first; for `?customer=`."""
    category = request.GET.get("category")
    limit = number(request, "limit", usual=USUAL, least=1, most=MOST)
    after = number(request, "offset", usual=0, least=0, most=FURTHEST)
    known = category is None or "\x00" not in category
    total = queries.count(category) if known else 0
    customer = _customer(request)
    if customer is not None:
        circle = ties.circle(customer)
        own = personal.shelf(circle, category, after=after, most=limit) if known else []
        found = [_product(one.product) | {"everybody": _round(one.everybody)} for one in own]
    else:
        all_ = queries.shelf(category, after=after, most=limit) if known else []
        found = [_product(one) for one in all_]
    return {
        "category": category,
        "personal": customer is not None,
        "total": total,
        "next": after + limit if after + limit < total else None,
        "products": found,
    }


def _customer(request: HttpRequest) -> UUID | None:
    """Return whom a shop asks for, where they agreed that what they are shown follows from them.

    It names them as it calls them under the name of its key; who is not known and who did not
    agree are the same to it.
    """
    named = request.GET.get("customer", "")
    if not named:
        return None
    customer = customers.by_handle(keys.api_source(key_of(request)), named)
    return next(iter(customers.allowed(PERSONALISE, [customer])), None) if customer else None


def _round(one: Prominent) -> float:
    return round(one.mean, 4)


def _product(one: Prominent) -> dict[str, object]:
    return {
        "code": one.code,
        "name": one.name,
        "category": one.category,
        "prominence": _round(one),
        "low": round(one.low, 4),
        "high": round(one.high, 4),
        "reviews": one.reviews,
        "verified": one.verified,
        "stars": list(one.stars),
        "changed_on": one.changed_on.isoformat() if one.changed_on else None,
    }
