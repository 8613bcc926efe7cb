"""What a reading counts for, and what may be said of it."""

from __future__ import annotations

import re

from kfar.ground.errors import Refused
from kfar.rooms.voice.reading.sentiment import SURE, Read, Sentiment

#: What stands beside a voice that one is not sure of.
UNSURE = "unsure"
#: Marks in the order in which they are offered.
MARKS = (*Sentiment, UNSURE)
#: The longest name of a theme, in characters.
LONGEST = 80

#: A low score that became a voice says nothing but "What was asked 2/10 · …".
_SCORED = re.compile(r".*\s(\d{1,2})/(5|7|10)", re.DOTALL)


def scored(text: str) -> bool:
    """Return whether a voice is scores alone: those that become voices are low ones."""
    found = [_SCORED.fullmatch(part) for part in text.split(" · ")]
    return all(one is not None and 5 * int(one[1]) <= 3 * int(one[2]) for one in found)


def mark(read: Read, corrected: str | None = None) -> str:
    """Return what stands beside a voice: an employee's word, else what it says where sure."""
    if corrected:
        return corrected
    return str(read.sentiment) if read.sentiment and read.probability >= SURE else UNSURE


def unhappy(read: Read, corrected: str | None = None) -> bool:
    """Return whether a voice counts as unhappy: negative is likelier, or nothing can read it."""
    return (corrected or read.sentiment or Sentiment.NEGATIVE) == Sentiment.NEGATIVE


def by_stars(stars: int) -> Sentiment:
    """Return what somebody says who gives so many of five stars."""
    if stars == 3:
        return Sentiment.NEUTRAL
    return Sentiment.POSITIVE if stars > 3 else Sentiment.NEGATIVE


def check_sentiment(sentiment: str) -> Sentiment:
    """Return a sentiment. Raises `Refused`: `voice.unknown_sentiment`."""
    if sentiment not in list(Sentiment):
        raise Refused("voice.unknown_sentiment")
    return Sentiment(sentiment)


def check_name(name: str) -> str:
    """Return a theme's name on one line.

    Raises `Refused`: `themes.no_name`, or `themes.name_too_long`.
    """
    said = " ".join(name.replace("\x00", "").split())
    if not said:
        raise Refused("themes.no_name")
    if len(said) > LONGEST:
        raise Refused("themes.name_too_long", most=LONGEST)
    return said
