"""When somebody is asked how it was, and how often at most."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from kfar.ground.errors import Refused
from kfar.ground.shares import CROWD, wilson

#: After a purchase, where the company has not said anything else for the category.
DAYS = 14
#: After a case was closed.
CASE = timedelta(days=7)
#: Who could not be asked in time is not asked any more: it would be too late for the thing.
WINDOW = timedelta(days=7)
#: After purchases one is asked so often at most, so that surveys have their turn, too.
PURCHASES = timedelta(days=90)
#: So many silences in a row, and one is asked half as often.
SILENCES = 2
#: No word for so long is silence.
SILENT = timedelta(days=14)
#: In so many of 100 such cases a share lies in its interval.
LEVEL = 0.95


class Kind(StrEnum):
    """What somebody is asked about."""

    PURCHASE = "purchase"
    CASE = "case"


@dataclass(frozen=True)
class Due:
    """Somebody who may be asked about something: a line of a purchase, or a voice."""

    customer_id: UUID
    kind: Kind
    about: UUID
    name: str
    at: datetime


@dataclass(frozen=True)
class Figures:
    """How many of those asked said yes and no, and how many nothing within `SILENT`."""

    yes: int
    no: int
    silent: int

    @property
    def asked(self) -> int:
        """How many were asked, and have answered or been silent."""
        return self.yes + self.no + self.silent

    @property
    def share(self) -> tuple[float, float, float] | None:
        """The share of yes among answers, and between which it lies; None: too few to say."""
        answers = self.yes + self.no
        if answers < CROWD:
            return None
        return self.yes / answers, *wilson(self.yes, answers, LEVEL)

    @property
    def silence(self) -> float | None:
        """The share of silence; None: too few to say."""
        return self.silent / self.asked if self.asked >= CROWD else None


def pause(kind: Kind, silences: int, every: timedelta) -> timedelta:
    """Return how long after a follow-up the next may come; `every` is the company's limit."""
    least = max(every, PURCHASES) if kind is Kind.PURCHASE else every
    return 2 * least if silences >= SILENCES else least


def silences(answered: Iterable[bool]) -> int:
    """Return how many were left unanswered in a row, of follow-ups from the latest on."""
    count = 0
    for one in answered:
        if one:
            break
        count += 1
    return count


def check_days(days: int) -> int:
    """Return after how many days one asks; 0 is never. Raises `Refused("follow_up.bad_days")`."""
    if not 0 <= days <= 365:
        raise Refused("follow_up.bad_days", most=365)
    return days


def due(bought_at: datetime, days: int, now: datetime) -> bool:
    """Return whether it is the time to ask about something bought then; 0 days: it never is."""
    age = now - bought_at
    return days > 0 and timedelta(days=days) <= age < timedelta(days=days) + WINDOW


def span(terms: Mapping[str, int], now: datetime) -> tuple[datetime, datetime] | None:
    """Return between when what is due now was bought; None where nobody is ever asked."""
    days = [each for each in ({"": DAYS} | dict(terms)).values() if each]
    if not days:
        return None
    return now - timedelta(days=max(days)) - WINDOW, now - timedelta(days=min(days))


def days_after(terms: Mapping[str, int], category: str) -> int:
    """Return after how many days one asks about something of this category."""
    return terms.get(category, terms.get("", DAYS))
