"""What customers promise in return, and when one may come back to it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from enum import StrEnum

from kfar.ground.errors import Refused

#: So many that are open somebody may have at once.
MOST_OPEN = 20
#: The longest name of a product.
PRODUCT = 200
#: Nobody is held to a day further on.
LATEST = timedelta(days=365)
#: Once, from so many days before the day until so many after it, one may come back to it.
BEFORE, AFTER = timedelta(days=3), timedelta(days=14)


class Kind(StrEnum):
    """What a customer promises: to say what they think, to try, to tell others; or in words."""

    REVIEW = "review"
    TRIAL = "trial"
    REFERRAL = "referral"
    OTHER = "other"


def check_kind(kind: str, words: str) -> Kind:
    """Return the kind; one with words of its own has some.

    Raises `Refused`: `promises.unknown_kind`, `promises.nothing_promised`.
    """
    if kind not in {*Kind}:
        raise Refused("promises.unknown_kind")
    if kind == Kind.OTHER and not words:
        raise Refused("promises.nothing_promised")
    return Kind(kind)


def check_about(product: str) -> str:
    """Return the product it is about, on one line; refuse `promises.about_too_long`."""
    about = " ".join(product.replace("\x00", "").split())
    if len(about) > PRODUCT:
        raise Refused("promises.about_too_long", most=PRODUCT)
    return about


def meant(about: str, names: Collection[str]) -> bool:
    """Return whether a product called so is the one that is meant; "" means any."""
    return not about or about.casefold() in {name.casefold() for name in names}


def check_day(due: date, today: date) -> None:
    """Refuse `promises.due_in_past` and `promises.due_too_late`."""
    if due < today:
        raise Refused("promises.due_in_past")
    if due > today + LATEST:
        raise Refused("promises.due_too_late", days=LATEST.days)


def may_remind(*, due: date, agreed: date, reminded: bool, today: date) -> bool:
    """Return whether one may come back to it today: once, near its day, never the same day."""
    return not reminded and agreed < today and due - BEFORE <= today <= due + AFTER
