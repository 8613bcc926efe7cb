"""What a promise must say."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from kfar.ground.errors import Refused
from kfar.ground.text import Texts

#: The longest promise, in characters.
MOST = 1_000


class State(StrEnum):
    """How a promise stands."""

    OPEN = "open"
    LATE = "late"
    KEPT = "kept"


def check_promise(text: Texts, due: date, today: date) -> dict[str, str]:
    """Return the promise, by language, without space around it.

    Raises `Refused`: `promises.nothing_promised`, `promises.too_long`, `promises.due_in_past`.
    """
    promised = {language: check_words(words) for language, words in text.items()}
    if not any(promised.values()):
        raise Refused("promises.nothing_promised")
    if due < today:
        raise Refused("promises.due_in_past")
    return promised


def check_words(text: str) -> str:
    """Return words without space around them; refuse more than `MOST` characters."""
    text = text.replace("\r\n", "\n").replace("\x00", "").strip()
    if len(text) > MOST:
        raise Refused("promises.too_long", most=MOST, length=len(text))
    return text


def state(*, due: date, kept: bool, today: date) -> State:
    """Return how a promise stands; it is late from the day after it was due."""
    if kept:
        return State.KEPT
    return State.LATE if due < today else State.OPEN
