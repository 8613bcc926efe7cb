"""Who suits a case best, and why: the same for everybody who asks, with its reasons."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

#: Who has so many more waiting than whoever has fewest is not asked because they know somebody.
BUSY = 10


class Why(StrEnum):
    """What speaks for somebody."""

    SERVED = "served"
    MAY = "may"
    FREE = "free"


@dataclass(frozen=True)
class Candidate:
    """Somebody who may decide: how often they served this customer, how many wait for them.

    `limit` is how much they may decide alone for this customer, in minor units. `here`: at work.
    """

    id: UUID
    name: str
    served: int
    waiting: int
    limit: int
    here: bool = True


@dataclass(frozen=True)
class Suggested:
    """Who is suggested, and what speaks for them, with its number."""

    id: UUID
    name: str
    why: tuple[tuple[Why, int], ...]


def rank(candidates: Iterable[Candidate], need: int) -> list[Suggested]:
    """Return who suits best the first, for a remedy that will likely be worth `need`.

    Only who is at work. Who may decide it alone comes first, so that nobody has to be asked; then
    who served this customer, unless too much waits for them; then for whom least waits; names
    decide what is left.
    """
    here = [one for one in candidates if one.here]
    least = min((one.waiting for one in here), default=0)

    def order(one: Candidate) -> tuple[bool, int, int, str, str]:
        knows = one.served if one.waiting < least + BUSY else 0
        return (one.limit < need, -knows, one.waiting, one.name, str(one.id))

    return [Suggested(one.id, one.name, _why(one, need, least)) for one in sorted(here, key=order)]


def _why(one: Candidate, need: int, least: int) -> tuple[tuple[Why, int], ...]:
    found = []
    if one.served:
        found.append((Why.SERVED, one.served))
    if one.limit >= need and one.limit:
        found.append((Why.MAY, one.limit))
    if one.waiting == least:
        found.append((Why.FREE, one.waiting))
    return tuple(found)
