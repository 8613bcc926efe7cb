"""Which products are prominent by their reviews, asked by a shop that sorts by it."""

from __future__ import annotations

from django.http import HttpRequest

from kfar.doors.api.door import asked, kept, number
from kfar.rooms.voice.reviews import queries
from kfar.rooms.voice.reviews.queries import Prominent

#: The most products in one answer, and how many there are unless asked otherwise.
MOST, USUAL = 100, 50
#: Further on nobody sorts by it.
FURTHEST = 100_000
BAD = "reviews.bad_page"


@kept
@asked
def prominence(request: HttpRequest) -> dict[str, object]:
    """Give the products of `?category=`, or all, the most prominent first."""
    category = request.GET.get("category")
    limit = number(request, "limit", usual=USUAL, least=1, most=MOST, code=BAD)
    after = number(request, "offset", usual=0, least=0, most=FURTHEST, code=BAD)
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
