"""What may be said, and where a voice stands."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from kfar.ground.errors import Refused

#: The longest voice, in characters: two pages.
MOST = 5_000
#: The longest reason for closing one, in characters.
MOST_WHY = 1_000


class Stands(StrEnum):
    """Where a voice stands on its way round the loop."""

    UNREAD = "unread"
    READ = "read"
    OWED = "owed"
    TOLD = "told"
    CLOSED = "closed"


class Untold(StrEnum):
    """Why a voice is closed though nobody was told: the only reasons there are.

    `RELEASED` is the person's own word, `UNWANTED` a wish of theirs; the others an employee's.
    """

    UNREACHABLE = "unreachable"
    UNWANTED = "unwanted"
    SPAM = "spam"
    ELSEWHERE = "elsewhere"
    TWICE = "twice"
    RELEASED = "released"


#: The reasons an employee may give.
GIVEN = tuple(why for why in Untold if why is not Untold.RELEASED)


def check_untold(why: str, words: str, stands: Stands) -> tuple[Untold, str]:
    """Return the reason and the words with which a voice that stands there may be closed.

    Raises `Refused`: `voice.unknown_why`, `voice.why_missing`, `voice.too_long`, and where it is
    not ours to close `voice.still_owed` (a promise is open) or `voice.theirs_to_close`.
    """
    if why not in GIVEN:
        raise Refused("voice.unknown_why")
    said = words.replace("\r\n", "\n").replace("\x00", "").strip()
    if not said:
        raise Refused("voice.why_missing")
    if len(said) > MOST_WHY:
        over = len(said) - MOST_WHY
        raise Refused("voice.too_long", most=MOST_WHY, length=len(said), over=over)
    if stands is Stands.OWED:
        raise Refused("voice.still_owed")
    if stands is Stands.TOLD:
        raise Refused("voice.theirs_to_close")
    return Untold(why), said


def check_text(text: str) -> str:
    """Return what was said, without space around it.

    Raises `Refused`: `voice.nothing_said`, or `voice.too_long` with the lengths in characters.
    """
    said = text.replace("\r\n", "\n").replace("\x00", "").strip()
    if not said:
        raise Refused("voice.nothing_said")
    if len(said) > MOST:
        raise Refused("voice.too_long", most=MOST, length=len(said), over=len(said) - MOST)
    return said


def stands(
    *,
    read_at: datetime | None,
    told_at: datetime | None,
    closed_at: datetime | None,
    owed: bool,
) -> Stands:
    """Return where a voice stands: what is owed comes before what was told."""
    if closed_at is not None:
        return Stands.CLOSED
    if owed:
        return Stands.OWED
    if told_at is not None:
        return Stands.TOLD
    return Stands.READ if read_at is not None else Stands.UNREAD
