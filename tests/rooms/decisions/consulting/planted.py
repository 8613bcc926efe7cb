"""Conversations with groups that are known beforehand, and how well groups are found again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from math import comb

import numpy as np

Triples = list[tuple[int, int, int]]


def planted(
    groups: int, people: int, statements: int, seen: float, seed: int = 0
) -> tuple[list[int], Triples]:
    """Return the group of each person, and votes as their groups lean.

    Each group leans to one side of each statement, more or less (Beta(0.4, 0.4)); a person
    sees a share `seen` of the statements, and passes on one in eight.
    """
    draw = np.random.default_rng(seed)
    of = draw.integers(groups, size=people)
    leaning = draw.beta(0.4, 0.4, (groups, statements))
    person, statement = np.nonzero(draw.random((people, statements)) < seen)
    agrees = draw.random(len(person)) < leaning[of[person], statement]
    vote = np.where(draw.random(len(person)) < 1 / 8, 0, np.where(agrees, 1, -1))
    return of.tolist(), list(zip(person.tolist(), statement.tolist(), vote.tolist(), strict=True))


def likeness(one: Sequence[int], other: Sequence[int]) -> float:
    """Return the adjusted Rand index (Hubert and Arabie 1985): 1 for the same groups."""

    def pairs(of: Iterable[object]) -> int:
        return sum(comb(n, 2) for n in Counter(of).values())

    here, there = pairs(one), pairs(other)
    by_chance = here * there / comb(len(one), 2)
    return (pairs(zip(one, other, strict=True)) - by_chance) / ((here + there) / 2 - by_chance)
