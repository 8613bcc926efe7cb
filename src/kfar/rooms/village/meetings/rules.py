"""What a meeting must say, and when it may be answered, cancelled and held."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from kfar.ground.errors import Refused
from kfar.rooms.village.rules import LONGEST_PLACE, LONGEST_SAID, LONGEST_WHY

#: How long a meeting takes, in minutes, how many are invited, how far ahead it is planned.
SHORTEST, LONGEST, MOST, AHEAD = 5, 480, 30, timedelta(days=365)
#: Who was drawn for somebody to meet, or met somebody, is not drawn again for so long.
REST = timedelta(days=180)
#: Who said nothing for so long is quiet; who is known for less is new.
YEAR = timedelta(days=365)
#: How many are drawn at once at most.
DRAWN = 20


class Stands(StrEnum):
    """How a meeting stands: it is to come, to be told how it was, held, or cancelled."""

    PLANNED = "planned"
    DUE = "due"
    HELD = "held"
    CANCELLED = "cancelled"


def stands(*, at: datetime, held: bool, cancelled: bool, now: datetime) -> Stands:
    """Return how a meeting stands; from when it begins on, it waits to be told of."""
    if cancelled:
        return Stands.CANCELLED
    if held:
        return Stands.HELD
    return Stands.DUE if at <= now else Stands.PLANNED


def check_plan(
    *, at: datetime, minutes: int, place: str, customers: Collection[UUID], now: datetime
) -> str:
    """Return the place, on one line.

    Raises `Refused`: `village.nobody_invited`, `village.too_many_invited`,
    `village.meets_in_past`, `village.meets_too_late`, `village.bad_minutes`,
    `village.no_place`, `village.words_too_long`.
    """
    if not customers:
        raise Refused("village.nobody_invited")
    if len(set(customers)) > MOST:
        raise Refused("village.too_many_invited", most=MOST)
    if at <= now:
        raise Refused("village.meets_in_past")
    if at > now + AHEAD:
        raise Refused("village.meets_too_late", days=AHEAD.days)
    check_minutes(minutes)
    where = check_words(" ".join(place.split()), LONGEST_PLACE)
    if not where:
        raise Refused("village.no_place")
    return where


def check_minutes(minutes: int) -> int:
    """Return how long a meeting takes; refuse `village.bad_minutes`."""
    if not SHORTEST <= minutes <= LONGEST:
        raise Refused("village.bad_minutes", least=SHORTEST, most=LONGEST)
    return minutes


def check_why(why: str) -> str:
    """Return why a meeting is cancelled; refuse `village.no_reason`, `village.words_too_long`."""
    why = check_words(why, LONGEST_WHY)
    if not why:
        raise Refused("village.no_reason")
    return why


def check_said(said: str) -> str:
    """Return what was said; refuse `village.nothing_noted`, `village.words_too_long`."""
    said = check_words(said, LONGEST_SAID)
    if not said:
        raise Refused("village.nothing_noted")
    return said


def check_words(text: str, most: int) -> str:
    """Return words without space around them; refuse `village.words_too_long`."""
    text = text.replace("\r\n", "\n").replace("\x00", "").strip()
    if len(text) > most:
        raise Refused("village.words_too_long", most=most, length=len(text))
    return text
