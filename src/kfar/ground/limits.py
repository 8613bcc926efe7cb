"""How often something may be done: so many times in each window of the clock.

Windows stand still (the hour is the clock's), so a count is one number, counting is one write,
and whoever is refused can be told when to come again.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import NamedTuple

UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
_WINDOW = re.compile(rf"([1-9]\d{{0,8}})/([1-9]\d{{0,3}})?({'|'.join(UNITS)})s?")


class Window(NamedTuple):
    """At most so many times in so many seconds."""

    times: int
    seconds: int

    def number(self, at: datetime) -> int:
        """Return which window of this length an instant lies in."""
        return int(at.timestamp()) // self.seconds

    def ends(self, at: datetime) -> datetime:
        """Return when the window ends in which an instant lies."""
        return datetime.fromtimestamp((self.number(at) + 1) * self.seconds, UTC)


def windows(text: str) -> tuple[Window, ...]:
    """Return the windows that a text names: "30/minute 300/hour", "3/10minutes"; "none": no limit.

    Raises `ValueError` where it names none.
    """
    found: list[Window] = []
    if text == "none":
        return ()
    for part in text.split():
        read = _WINDOW.fullmatch(part)
        if read is None:
            raise ValueError(f"not a limit: {part}")
        found.append(Window(int(read[1]), int(read[2] or 1) * UNITS[read[3]]))
    return tuple(found)


def wider(limits: tuple[Window, ...], by: int) -> tuple[Window, ...]:
    """Return windows that let `by` times as many through."""
    return tuple(Window(window.times * by, window.seconds) for window in limits)
