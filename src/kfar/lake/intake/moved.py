"""An intake that has moved from the log on the disk to a broker: the log's rest comes first."""

from __future__ import annotations

from kfar.lake.intake import Reader, Taken


class Moved:
    """Reads a log to its end, then what came after it.

    Every position in the new store is beyond every one in the log, so one number tells both.
    """

    def __init__(self, log: Reader, broker: Reader) -> None:
        self.log = log
        self.broker = broker

    def read(self, after: int, most: int) -> Taken:
        """Return what the log still holds; when that is nothing, what the broker does."""
        return (self.log if self.log.waiting(after) else self.broker).read(after, most)

    def waiting(self, after: int) -> int:
        """Return how many bytes of records stand after a position, in both."""
        return self.log.waiting(after) + self.broker.waiting(after)

    def opened(self) -> bool:
        """Return whether a writer has ever opened either."""
        return self.log.opened() or self.broker.opened()

    def release(self, before: int) -> None:
        """Remove what has settled from both."""
        self.log.release(before)
        self.broker.release(before)

    def end(self) -> int:
        """Return the position after the last record, of the broker if it has any."""
        return max(self.log.end(), self.broker.end())

    def clear(self, before: int) -> int:
        """Remove what has settled from both; return from where on anything is kept."""
        return min(self.log.clear(before), self.broker.clear(before))
