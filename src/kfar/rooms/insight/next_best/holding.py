"""What suggestions are worth: a random few are left alone, and compared.

Who is left alone follows from the person's id and a word (salt) that names the trial, so that it
is the same wherever it is asked and nobody can choose it; another salt draws anew. The
difference of two shares has the interval of Newcombe, "Interval Estimation for the Difference
Between Independent Proportions" (Statistics in Medicine 17, 1998), method 10, from the score
intervals of Wilson (JASA 22, 1927).
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from math import sqrt
from uuid import UUID

from kfar.ground.shares import wilson
from kfar.rooms.insight.figures import Withheld

#: People in a group, and hits or misses in both together, below which nothing is said.
FEWEST, FEWEST_HITS = 100, 10


@dataclass(frozen=True)
class Increment:
    """By how much the share of hits is higher where suggestions were made.

    `treated` and `held` are the shares in both groups; `value` is their difference, in `level`
    of the cases between `low` and `high`.
    """

    value: float
    low: float
    high: float
    treated: float
    held: float
    level: float

    @property
    def sure(self) -> bool:
        """Whether the interval leaves out that nothing changed."""
        return self.low > 0 or self.high < 0


def holdout(person_id: UUID, salt: str, share: float = 0.1) -> bool:
    """Return whether a person is left alone, as `share` (0 to 1) of all are.

    Who is left alone at one share is at every larger one. Raises `ValueError` for other shares.
    """
    if not 0 <= share <= 1:
        raise ValueError("a share is between 0 and 1")
    drawn = sha256(salt.encode() + b"\x1f" + person_id.bytes).digest()[:8]
    return int.from_bytes(drawn) < share * 2**64


def incremental(
    treated_hits: int, treated: int, held_hits: int, held: int, level: float = 0.95
) -> Increment | Withheld:
    """Return what suggestions added to the share of people with a hit.

    A hit is whatever was declared before, and the same in both groups: bought one of the ten
    likeliest within the month, whether or not it was shown. Withheld as `insight.small_groups`
    (treated, held, fewest) or `insight.few_hits` (hits, misses, fewest), in both groups
    together. Raises `ValueError` where there are more hits than people.
    """
    if not (0 <= treated_hits <= treated and 0 <= held_hits <= held and 0 < level < 1):
        raise ValueError("hits are some of the people, and a level is between 0 and 1")
    if min(treated, held) < FEWEST:
        return Withheld(
            "insight.small_groups", {"treated": treated, "held": held, "fewest": FEWEST}
        )
    hits = treated_hits + held_hits
    misses = treated + held - hits
    if min(hits, misses) < FEWEST_HITS:
        return Withheld("insight.few_hits", {"hits": hits, "misses": misses, "fewest": FEWEST_HITS})
    low, high = difference(treated_hits, treated, held_hits, held, level)
    p, q = treated_hits / treated, held_hits / held
    return Increment(p - q, low, high, p, q, level)


def difference(
    hits: int, people: int, other_hits: int, others: int, level: float
) -> tuple[float, float]:
    """Return the interval of a difference of shares (Newcombe 1998, method 10)."""
    p, q = hits / people, other_hits / others
    low, high = wilson(hits, people, level)
    other_low, other_high = wilson(other_hits, others, level)
    down = sqrt((p - low) ** 2 + (other_high - q) ** 2)
    up = sqrt((high - p) ** 2 + (q - other_low) ** 2)
    return p - q - down, p - q + up
