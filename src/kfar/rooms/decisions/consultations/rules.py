"""What a consultation must declare, and what may be said in one."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256

from kfar.ground.errors import Refused
from kfar.ground.text import Texts
from kfar.rooms.decisions.proving.consultation import Circle, Moderation, Words
from kfar.rooms.decisions.rules import LONGEST, MOST_TEXT

#: The longest topic, description and statement, in characters.
MOST_TOPIC, MOST_ABOUT, MOST_STATEMENT = 200, 2000, 280
#: Statements one person may make, and those the company may begin with.
MOST_EACH, MOST_SEEDS = 20, 200


class State(StrEnum):
    """Where a statement stands."""

    WAITING = "waiting"
    SHOWN = "shown"
    OUT = "out"


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A consultation as somebody means to open it.

    `seeds` are what the company begins with. `credit` says whose the conversation is, where it
    comes from elsewhere.
    """

    topic: Texts
    about: Texts
    seeds: Sequence[Words]
    closes_at: datetime
    pledge: Texts
    pledge_due: date | None
    audience: str = Circle.CUSTOMERS
    moderation: str = Moderation.BEFORE
    opens_at: datetime | None = None
    credit: str = ""


def check_consultation(draft: Draft, now: datetime) -> None:
    """Refuse a consultation that cannot be opened; its times are the company's.

    Raises `Refused`: `consultations.no_topic`, `consultations.no_seeds`,
    `consultations.too_many_seeds`, `decisions.too_long`, `decisions.unknown_audience`,
    `consultations.unknown_moderation`, `decisions.closes_in_past`, `decisions.closes_too_late`,
    `decisions.no_pledge`, `decisions.pledge_before_close` and what `check_statement` says.
    """
    if not any(draft.topic.values()):
        raise Refused("consultations.no_topic")
    if not draft.seeds:
        raise Refused("consultations.no_seeds")
    if len(draft.seeds) > MOST_SEEDS:
        raise Refused("consultations.too_many_seeds", most=MOST_SEEDS)
    for words, most in [
        (draft.topic, MOST_TOPIC),
        (draft.about, MOST_ABOUT),
        (draft.pledge, MOST_TEXT),
    ]:
        longest = max((len(text) for text in words.values()), default=0)
        if longest > most:
            raise Refused("decisions.too_long", most=most, length=longest)
    keys = [same_as(check_statement(seed.text)) for seed in draft.seeds]
    if len(set(keys)) != len(keys):
        raise Refused("consultations.said_already")
    if draft.audience not in list(Circle):
        raise Refused("decisions.unknown_audience")
    if draft.moderation not in list(Moderation):
        raise Refused("consultations.unknown_moderation")
    if draft.closes_at <= max(draft.opens_at or now, now):
        raise Refused("decisions.closes_in_past")
    if draft.closes_at - now > LONGEST:
        raise Refused("decisions.closes_too_late", days=LONGEST.days)
    if not any(draft.pledge.values()) or draft.pledge_due is None:
        raise Refused("decisions.no_pledge")
    if draft.pledge_due < draft.closes_at.date():
        raise Refused("decisions.pledge_before_close")


def check_statement(text: str) -> str:
    """Return a statement on one line, without space around it.

    Refuses `consultations.nothing_said` and `consultations.statement_too_long`.
    """
    text = " ".join(text.replace("\x00", "").split())
    if not any(sign.isalnum() for sign in text):
        raise Refused("consultations.nothing_said")
    if len(text) > MOST_STATEMENT:
        raise Refused(
            "consultations.statement_too_long",
            length=len(text),
            most=MOST_STATEMENT,
            over=len(text) - MOST_STATEMENT,
        )
    return text


def same_as(text: str) -> str:
    """Return what statements have in common that say the same, letter for letter.

    64 digits; capitals, spaces, points and the ways to write one letter make no difference.
    """
    letters = unicodedata.normalize("NFKC", text).casefold()
    said = "".join(sign for sign in letters if sign.isalnum())
    return sha256((said or letters).encode()).hexdigest()


def check_out(reason: str) -> str:
    """Return why a statement is taken out; refuse `consultations.why_missing` and too long."""
    reason = " ".join(reason.replace("\x00", "").split())
    if not reason:
        raise Refused("consultations.why_missing")
    if len(reason) > MOST_TEXT:
        raise Refused("decisions.too_long", most=MOST_TEXT, length=len(reason))
    return reason
