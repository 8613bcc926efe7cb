"""Whether who reviews a product has bought it: the purchase stands on their journey."""

from __future__ import annotations

from uuid import UUID

from kfar.rooms.touchpoints import queries as touchpoints
from kfar.rooms.voice.reviews import commands as reviews
from kfar.rooms.voice.reviews import queries as reviewed


def look_up(review_id: UUID) -> None:
    """Look for the purchase of one review, just written."""
    found = reviewed.to_look_up(review_id)
    if found is not None:
        reviews.verify(review_id=review_id, bought_at=touchpoints.bought(*found))


def look_up_due() -> int:
    """Look again where no purchase was found an hour ago: it may have come since.

    Returns how many reviews are verified by that.
    """
    done = 0
    for review_id, customer_id, code in reviewed.to_verify():
        bought = touchpoints.bought(customer_id, code)
        reviews.verify(review_id=review_id, bought_at=bought)
        done += bought is not None
    return done
