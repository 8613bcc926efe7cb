"""What a plan must say, where it stands, and in which shape it is handed over."""

from __future__ import annotations

import re
from datetime import date, datetime
from enum import StrEnum

from kfar.ground.errors import Refused

#: The longest title and the longest account of what the makers have to know, in characters.
TITLE, NEEDS = 200, 5_000
#: The longest reason for dropping one, in characters.
WHY = 1_000
#: What a target may be called.
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,49}")


class Stage(StrEnum):
    """Where a plan stands."""

    OPEN = "open"
    DOING = "doing"
    DONE = "done"
    DROPPED = "dropped"


class Source(StrEnum):
    """What a plan, or a telling, came of."""

    ALARM = "alarm"
    QUESTION = "question"
    PRODUCT = "product"
    THEME = "theme"
    CONSULTATION = "consultation"
    VOICES = "voices"
    PLAN = "plan"


class Shape(StrEnum):
    """In whose form a plan is handed over, and what came of it comes back."""

    GITHUB = "github"
    JIRA = "jira"
    PLAIN = "plain"
    MAIL = "mail"


def check_plan(title: str, needs: str, due: date, today: date) -> tuple[str, str]:
    """Return title and needs without space around them.

    Raises `Refused`: `plans.no_title`, `plans.no_needs`, `plans.too_long`, and
    `promises.due_in_past`.
    """
    said = " ".join(title.replace("\x00", "").split()), _words(needs)
    if not said[0]:
        raise Refused("plans.no_title")
    if not said[1]:
        raise Refused("plans.no_needs")
    for text, most in zip(said, (TITLE, NEEDS), strict=True):
        if len(text) > most:
            raise Refused("plans.too_long", most=most, length=len(text))
    if due < today:
        raise Refused("promises.due_in_past")
    return said


def check_state(state: str, why: str) -> tuple[Stage, str]:
    """Return a state and why; only what is dropped says why.

    Raises `Refused`: `plans.unknown_state`, `plans.why_missing`, `plans.too_long`.
    """
    if state not in {*Stage}:
        raise Refused("plans.unknown_state")
    said = _words(why) if state == Stage.DROPPED else ""
    if state == Stage.DROPPED and not said:
        raise Refused("plans.why_missing")
    if len(said) > WHY:
        raise Refused("plans.too_long", most=WHY, length=len(said))
    return Stage(state), said


def check_target(name: str, shape: str) -> Shape:
    """Return the shape; refuse `plans.bad_target` and `plans.unknown_shape`."""
    if not NAME.fullmatch(name):
        raise Refused("plans.bad_target", target=name[:60])
    if shape not in {*Shape}:
        raise Refused("plans.unknown_shape")
    return Shape(shape)


def newer(said_at: datetime | None, before: datetime | None) -> bool:
    """Return whether what a tracker says now is younger than what it said before."""
    return said_at is None or before is None or said_at > before


def _words(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\x00", "").strip()
