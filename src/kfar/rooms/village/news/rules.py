"""What employees hear of by mail, and how: at once, in the one letter of the day, or not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from kfar.ground.errors import Refused

#: The letter of the day goes out from this hour of the company's on.
MORNING = 7
#: What was claimed so long ago and was not sent: nobody knows whether it was.
DOUBT = timedelta(minutes=10)


class About(StrEnum):
    """What there is to hear of."""

    APPROVAL = "approval"
    CASE = "case"
    MENTION = "mention"


class What(StrEnum):
    """A letter; several may be about the same kind of thing."""

    APPROVAL = "approval"
    APPROVAL_AGAIN = "approval-again"
    CASE = "case"
    MENTION = "mention"


class How(StrEnum):
    """How somebody hears of it."""

    NOW = "now"
    DAILY = "daily"
    NEVER = "never"


#: Where somebody has not said anything else: what has a clock that runs comes at once.
DEFAULT = {About.APPROVAL: How.NOW, About.CASE: How.DAILY, About.MENTION: How.DAILY}
ABOUT = {
    What.APPROVAL: About.APPROVAL,
    What.APPROVAL_AGAIN: About.APPROVAL,
    What.CASE: About.CASE,
    What.MENTION: About.MENTION,
}


def wishes(said: Mapping[str, str]) -> dict[About, How]:
    """Return how somebody hears of each thing; `said` is what they chose themselves."""
    return DEFAULT | check(said)


def check(said: Mapping[str, str]) -> dict[About, How]:
    """Return what was chosen. Raises `Refused("village.no_such_wish")`."""
    if not said.keys() <= set(About) or not set(said.values()) <= set(How):
        raise Refused("village.no_such_wish")
    return {About(about): How(how) for about, how in said.items()}


def morning(now: datetime) -> datetime:
    """Return from when on the letter of this day goes out; `now` is in the company's time."""
    return now.replace(hour=MORNING, minute=0, second=0, microsecond=0)
