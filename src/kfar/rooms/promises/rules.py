"""What a promise must say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from statistics import median

from kfar.ground.errors import Refused
from kfar.ground.shares import wilson
from kfar.ground.text import Texts

#: The longest promise, in characters.
MOST = 1_000
#: In so many of a hundred such cases the interval of a share holds it.
LEVEL = 0.95
#: Letters before whose mailbox somebody sits and waits: they go before what many get.
AWAITED = frozenset({"return-link"})


class State(StrEnum):
    """How a promise stands; what a customer is asked for is only asked until they say yes."""

    OPEN = "open"
    LATE = "late"
    KEPT = "kept"
    BROKEN = "broken"
    RELEASED = "released"
    ASKED = "asked"


@dataclass(frozen=True)
class Course:
    """When a promise was to be kept at first, and when it ended, as days; None: not so.

    `late` is counted from the day that was promised first: moving a date hides no delay.
    """

    first_due: date
    kept: date | None = None
    broken: date | None = None
    released: date | None = None

    def late(self, today: date) -> int | None:
        """Return how many days late it was kept or broken, or is by now; None where it is not."""
        if self.released is not None:
            return None
        ended = min((day for day in (self.kept, self.broken) if day is not None), default=today)
        return (ended - self.first_due).days if ended > self.first_due else None


@dataclass(frozen=True)
class Discipline:
    """How promises went: of those that `fell_due`, so many were `kept` on the day or before.

    `low` to `high` holds the share of those kept in time in 19 of 20 such cases, and `median` is
    exact: the days late of those that were late, counted from the day promised first. Nobody is
    owed what they released, so these count nowhere but in `released`.
    """

    fell_due: int
    kept: int
    late: int
    broken: int
    released: int
    low: float
    high: float
    median: float | None

    @property
    def share(self) -> float | None:
        """The share kept in time, None where nothing fell due."""
        return self.kept / self.fell_due if self.fell_due else None


def discipline(courses: Sequence[Course], today: date) -> Discipline:
    """Return how promises went, as of a day."""
    owed = [one for one in courses if one.released is None]
    late = [days for one in owed if (days := one.late(today)) is not None]
    kept = [one for one in owed if one.kept is not None and one.late(today) is None]
    kept = [one for one in kept if one.broken is None]
    broken = sum(one.broken is not None for one in owed)
    broken_early = sum(one.broken is not None and one.late(today) is None for one in owed)
    due = len(kept) + len(late) + broken_early
    low, high = wilson(len(kept), due, LEVEL) if due else (0.0, 1.0)
    return Discipline(
        fell_due=due,
        kept=len(kept),
        late=len(late),
        broken=broken,
        released=len(courses) - len(owed),
        low=low,
        high=high,
        median=float(median(late)) if late else None,
    )


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


def check_due(due: date, before: date, today: date) -> bool:
    """Return whether another date than `before` is meant; refuse `promises.due_in_past`."""
    if due < today:
        raise Refused("promises.due_in_past")
    return due != before


def state(
    *,
    due: date,
    kept: bool,
    today: date,
    broken: bool = False,
    released: bool = False,
    agreed: bool = True,
) -> State:
    """Return how a promise stands; it is late from the day after it was due.

    One that was broken stays so, also when it is kept after all.
    """
    if broken:
        return State.BROKEN
    if kept:
        return State.KEPT
    if released:
        return State.RELEASED
    if not agreed:
        return State.ASKED
    return State.LATE if due < today else State.OPEN
