"""When what came of decisions speaks for another limit, and for which.

Intervals are Jeffreys': the middle 95 % of Beta(k + 1/2, n - k + 1/2) (Brown, Cai, DasGupta 2001,
Interval Estimation for a Binomial Proportion).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kfar.rooms.village.rules import Authority

#: Nothing is said of fewer than so many.
LEAST = 20
#: At least so often an approver said yes, and a customer that it was good, to widen a limit.
YES, GOOD = 0.8, 0.5
#: At most so often something was taken back, and abused, before a limit is to be narrower.
UNDONE, ABUSED = 0.1, 0.05
#: How much of what was approved a wider limit covers, and how much wider it may be at once.
COVERS, WIDER = 0.8, 2
#: What a narrower limit keeps, of four.
KEEPS = 3


@dataclass(frozen=True)
class Share:
    """So many of so many, with the interval its share lies in."""

    of: int
    among: int
    low: float
    high: float

    @classmethod
    def counted(cls, of: int, among: int) -> Share:
        """Return it with its interval; of none, anything may be true."""
        from scipy.special import betaincinv  # noqa: PLC0415 - takes a while to load

        a, b = of + 0.5, among - of + 0.5
        low = 0.0 if of == 0 else float(betaincinv(a, b, 0.025))
        high = 1.0 if of == among else float(betaincinv(a, b, 0.975))
        return cls(of, among, low, high)


@dataclass(frozen=True)
class Evidence:
    """What came of one remedy as one role decided it.

    `given` were given alone, of which `undone` were taken back and `abused` for abuse; customers
    judged `good` and `bad`. `asked` were above the limit and answered; `approved` are the amounts
    of those that were answered yes.
    """

    given: int = 0
    undone: int = 0
    abused: int = 0
    good: int = 0
    bad: int = 0
    asked: int = 0
    approved: tuple[int, ...] = ()

    @classmethod
    def whole(cls, parts: Iterable[Evidence]) -> Evidence:
        """Return all of these together."""
        rows = list(parts)
        names = ("given", "undone", "abused", "good", "bad", "asked")
        sums = {name: sum(getattr(row, name) for row in rows) for name in names}
        return cls(approved=tuple(sorted(n for row in rows for n in row.approved)), **sums)

    @property
    def enough(self) -> bool:
        """Whether there is so much of it that something may be said."""
        return max(self.given, self.asked) >= LEAST

    @property
    def shares(self) -> dict[str, Share]:
        """What of it counts, each with its interval."""
        return {
            "yes": Share.counted(len(self.approved), self.asked),
            "good": Share.counted(self.good, self.good + self.bad),
            "undone": Share.counted(self.undone, self.given),
            "abused": Share.counted(self.abused, self.given),
        }


@dataclass(frozen=True)
class Proposal:
    """Another limit, and whether it is wider."""

    limit: Authority
    wider: bool


def covers(own: Authority, other: Authority) -> bool:
    """Return whether nobody can decide more by `other` than by `own`, whatever a customer is worth.

    That is asked where one person says how much others may decide.
    """
    return other.floor <= own.floor and other.cap <= own.cap and other.share <= own.share


def propose(held: Authority, found: Evidence) -> Proposal | None:
    """Return which limit the evidence speaks for, None for the one there is.

    Narrower where too much was taken back or abused; else wider, where who was asked nearly always
    said yes and customers mostly say that it was good.
    """
    shares = found.shares
    if found.given >= LEAST and (shares["undone"].low > UNDONE or shares["abused"].low > ABUSED):
        floor, cap = held.floor * KEEPS // 4, held.cap * KEEPS // 4
        less = Authority(floor, cap, held.share)
        return Proposal(less, wider=False) if less != held else None
    if (
        found.asked >= LEAST
        and found.good + found.bad >= LEAST
        and shares["yes"].low > YES
        and shares["good"].low > GOOD
    ):
        amounts = sorted(found.approved)
        covering = amounts[min(int(len(amounts) * COVERS), len(amounts) - 1)]
        floor = min(covering, max(held.floor * WIDER, held.floor))
        if floor > held.floor:
            return Proposal(Authority(floor, max(held.cap, floor), held.share), wider=True)
    return None
