"""What a role may allow, and how much it may decide alone."""

from __future__ import annotations

from dataclasses import dataclass

#: Every act that somebody has to be allowed, `room.act`, as commands ask for it.
ACTS = (
    *("customers.erase", "customers.join", "customers.merge"),
    *("decisions.ask", "decisions.change", "decisions.screen"),
    *("insight.lead", "insight.rank", "insight.read"),
    *("promises.plan", "promises.promise", "promises.public", "promises.tell"),
    *("service.remedy", "service.return"),
    "touchpoints.read",
    *("voice.alarm", "voice.close", "voice.read", "voice.survey"),
)

#: A share is so many of ten thousand, a fault so many of a hundred: limits are exact.
SHARES, FAULTS = 10_000, 100


@dataclass(frozen=True)
class Authority:
    """How much may be decided alone for one remedy, in minor units of the company's money.

    `floor` is for every customer alike. Beyond it stands `share` (of 10,000) of what the customer
    is worth, times how much it was our fault, up to `cap`. Known in the trade is 1 %: a chain of
    hotels where everybody may spend 2,000 dollars on a guest who is worth about 200,000.
    """

    floor: int
    cap: int
    share: int = 0

    @classmethod
    def fixed(cls, limit: int) -> Authority:
        """Return one that is the same whatever a customer is worth."""
        return cls(limit, limit)

    def limit(self, worth: int | None = None, fault: int = FAULTS) -> int:
        """Return the most for a customer worth so much (None: not known), and our fault of 100."""
        part = max(worth or 0, 0) * self.share * fault // (SHARES * FAULTS)
        return max(self.floor, min(part, self.cap))
