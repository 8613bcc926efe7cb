"""When a survey takes answers, and whom it may ask."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from kfar.ground.errors import Refused

#: A survey is open for so long at most, and so are the links to it.
LONGEST = timedelta(days=90)
#: Who has not answered by then is reminded, once, where the survey reminds.
REMIND = timedelta(days=7)
#: The most answers one may wait for.
MOST = 1_000_000


class Stage(StrEnum):
    """Where a survey stands: it is being made, takes answers, or is over."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"


class After(StrEnum):
    """After which contact a survey invites by itself."""

    PURCHASE = "purchase"
    VISIT = "visit"
    CASE = "case"


#: A survey invites so many days after a contact at most; who could not be then is not any more.
LATEST, WINDOW = 60, timedelta(days=7)


def check_after(after: str, days: int | None) -> tuple[str, int | None]:
    """Return after what a survey invites, and how many days after; "" is never by itself.

    Raises `Refused("surveys.bad_after")`.
    """
    if not after:
        return "", None
    if after not in list(After) or days is None or not 0 <= days <= LATEST:
        raise Refused("surveys.bad_after", most=LATEST)
    return After(after), days


def stage(
    *,
    opened_at: datetime | None,
    closes_at: datetime | None,
    closed_at: datetime | None,
    now: datetime,
) -> Stage:
    """Return where a survey stands: once its time is over it is closed, noted or not."""
    if opened_at is None or closes_at is None:
        return Stage.DRAFT
    return Stage.CLOSED if closed_at is not None or closes_at <= now else Stage.OPEN


def check_opening(closes_at: datetime, quota: int | None, now: datetime) -> None:
    """Refuse what cannot be opened so.

    Raises `Refused`: `surveys.closes_in_past`, `surveys.closes_too_late`, `surveys.bad_quota`.
    """
    if closes_at <= now:
        raise Refused("surveys.closes_in_past")
    if closes_at > now + LONGEST:
        raise Refused("surveys.closes_too_late", days=LONGEST.days)
    if quota is not None and not 0 < quota <= MOST:
        raise Refused("surveys.bad_quota", most=MOST)


def may_ask(
    candidates: Sequence[UUID], *, agreed: Collection[UUID], asked: Collection[UUID]
) -> list[UUID]:
    """Return who may be asked now, in their order: who agreed, and was not asked lately."""
    return [one for one in dict.fromkeys(candidates) if one in agreed and one not in asked]
