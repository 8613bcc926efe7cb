"""What may be said, and where a voice stands."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from kfar.ground.errors import Refused

#: The longest voice, in characters: two pages.
MOST = 5_000


class Stands(StrEnum):
    """Where a voice stands on its way round the loop."""

    UNREAD = "unread"
    READ = "read"
    OWED = "owed"
    TOLD = "told"
    CLOSED = "closed"


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
