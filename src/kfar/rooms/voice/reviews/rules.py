"""What a review may be, and when its words are a voice."""

from __future__ import annotations

from kfar.ground.errors import Refused
from kfar.rooms.voice.rules import MOST

FEWEST_STARS, MOST_STARS = 1, 5
#: So few stars are heard even without a word.
LOW = 2


def check_stars(stars: int) -> int:
    """Return the stars; refuse `reviews.no_stars` unless they are 1 to 5."""
    if not FEWEST_STARS <= stars <= MOST_STARS:
        raise Refused("reviews.no_stars")
    return stars


def check_words(text: str) -> str:
    """Return the words, which may be none, without space around them; refuse `voice.too_long`."""
    said = text.replace("\r\n", "\n").replace("\x00", "").strip()
    if len(said) > MOST:
        raise Refused("voice.too_long", most=MOST, length=len(said), over=len(said) - MOST)
    return said


def to_be_heard(stars: int, text: str, before: tuple[int, str] | None) -> str:
    """Return what is to be heard as a voice, "" for nothing.

    Words are, and few stars without any; of a changed review only where the words are others,
    or the stars have become few.
    """
    if before is not None:
        was, said = before
        if (text == said or not text) and not (stars <= LOW < was):
            return ""
    if text:
        return text
    return "★" * stars + "☆" * (MOST_STARS - stars) if stars <= LOW else ""
