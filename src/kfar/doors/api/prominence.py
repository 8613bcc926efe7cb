"""Which products are prominent by their reviews, asked by a shop that sorts by it."""

from __future__ import annotations

from django.http import HttpRequest

from kfar.doors.api.door import asked, kept
from kfar.ground.errors import Refused
from kfar.rooms.voice.reviews import queries
from kfar.rooms.voice.reviews.queries import Prominent

#: The most products in one answer, and how many there are unless asked otherwise.
MOST, USUAL = 100, 50
#: Further on nobody sorts by it.
FURTHEST = 100_000


@kept
@asked
def prominence(request: HttpRequest) -> dict[str, object]:
    """Give the products of `?category=`, or all, the most prominent first."""
    category = request.GET.get("category")
    limit = _number(request, "limit", USUAL, 1, MOST)
    after = _number(request, "offset", 0, 0, FURTHEST)
    known = category is None or "\x00" not in category
    total = queries.count(category) if known else 0
    found = queries.shelf(category, after=after, most=limit) if known else []
    return {
        "category": category,
        "total": total,
        "next": after + limit if after + limit < total else None,
        "products": [_product(one) for one in found],
    }


def _product(one: Prominent) -> dict[str, object]:
    return {
        "code": one.code,
        "name": one.name,
        "category": one.category,
        "prominence": round(one.mean, 4),
        "low": round(one.low, 4),
        "high": round(one.high, 4),
        "reviews": one.reviews,
        "verified": one.verified,
        "stars": list(one.stars),
        "changed_on": one.changed_on.isoformat() if one.changed_on else None,
    }


def _number(request: HttpRequest, name: str, usual: int, least: int, most: int) -> int:
    """Return a number of the query; refuse `reviews.bad_page` where it is none that fits."""
    text = request.GET.get(name, str(usual))
    if not (text.isascii() and text.isdigit() and len(text) < 9 and least <= int(text) <= most):
        raise Refused("reviews.bad_page", what=name, least=least, most=most)
    return int(text)
