"""How fast a key may send: a bucket of a second's events, filled as time goes by."""

from __future__ import annotations

import time

from kfar.lake.intake.notice import Key


class Rates:
    """The buckets, by source."""

    def __init__(self) -> None:
        self.buckets: dict[str, tuple[float, float]] = {}

    def take(self, key: Key, events: int) -> bool:
        """Return whether a key may send now: `key.rate` events a second, 0 for any number.

        A batch is taken whole while anything is left, and paid for before the next.
        """
        if not key.rate:
            return True
        now = time.monotonic()
        left, since = self.buckets.get(key.source, (float(key.rate), now))
        left = min(left + (now - since) * key.rate, key.rate)
        may = left >= 1
        self.buckets[key.source] = (left - max(events, 1) if may else left, now)
        return may
