"""How long a link to start a return is good, and how many go to one address."""

from __future__ import annotations

from datetime import datetime, timedelta

#: A return is started within so long; what was started is seen by the link for `LASTS`.
STARTS, LASTS = timedelta(days=2), timedelta(days=90)
#: So many letters go to one address within so long, and so many wait to be looked up.
MOST, WITHIN, WAITING = 3, timedelta(hours=1), 10_000
#: The longest number of an order, and the longest address.
NUMBER, ADDRESS = 200, 254


def starts(asked_at: datetime, now: datetime) -> bool:
    """Return whether a link that was asked for then still starts a return."""
    return now < asked_at + STARTS
