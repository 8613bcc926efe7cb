"""What a consultation says, as it is kept between refreshes and published at the close.

A statement is called common ground, or what a group stands for, only once enough people of each
group it is said of have voted on it: one vote alone may be sure by its test, and tells nothing.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np

from kfar.rooms.decisions.consulting.opinion import Opinion

#: So many of a group have to vote on a statement before anything is said of both.
LEAST_SEEN = 5
#: Statements that are named as common ground on each side.
MOST_SHARED = 5

#: Votes to disagree, to pass, to agree.
Kinds = tuple[int, int, int]


@dataclass(frozen=True)
class Counted:
    """The votes on one statement: of everybody, and of each group."""

    number: int
    everybody: Kinds
    groups: tuple[Kinds, ...]


@dataclass(frozen=True)
class Stand:
    """What a group stands for, or against where `agree` is false: `votes` of `seen` of it."""

    number: int
    agree: bool
    votes: int
    seen: int


@dataclass(frozen=True)
class Divide:
    """A statement that group `more` agrees with, and group `less` far less so."""

    number: int
    more: int
    less: int


@dataclass(frozen=True)
class Dot:
    """People who stand together on the map; group -1 where there are no groups."""

    x: float
    y: float
    people: int
    group: int


@dataclass(frozen=True)
class Outcome:
    """What came out, so far.

    `people` cast `votes`; of them, `sizes` are in each group. `stands` has a list for each
    group. `agreed` and `rejected` are numbers of statements that more than half of every group
    agree with, or reject: the one that all groups are surest of first.
    """

    people: int
    votes: int
    sizes: tuple[int, ...]
    dots: tuple[Dot, ...]
    statements: tuple[Counted, ...]
    stands: tuple[tuple[Stand, ...], ...]
    agreed: tuple[int, ...]
    rejected: tuple[int, ...]
    divides: tuple[Divide, ...]

    @property
    def grouped(self) -> int:
        """How many people are in a group: who voted enough."""
        return sum(self.sizes)

    @cached_property
    def counted(self) -> dict[int, Counted]:
        """The votes by statement."""
        return {one.number: one for one in self.statements}

    def to_json(self) -> str:
        """Return it as JSON; `from_json` gives it back."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Outcome:
        """Read what `to_json` wrote."""
        said = json.loads(text)
        return cls(
            people=said["people"],
            votes=said["votes"],
            sizes=tuple(said["sizes"]),
            dots=tuple(Dot(**dot) for dot in said["dots"]),
            statements=tuple(
                Counted(one["number"], _kinds(one["everybody"]), tuple(map(_kinds, one["groups"])))
                for one in said["statements"]
            ),
            stands=tuple(tuple(Stand(**one) for one in group) for group in said["stands"]),
            agreed=tuple(said["agreed"]),
            rejected=tuple(said["rejected"]),
            divides=tuple(Divide(**one) for one in said["divides"]),
        )


def tell(opinion: Opinion) -> Outcome:
    """Return what is told of an opinion; its statements are numbers."""
    numbers = [int(number) for number in opinion.statements]
    place = {number: n for n, number in enumerate(numbers)}
    seen = opinion.tally.sum(axis=1)
    return Outcome(
        people=len(opinion.people),
        votes=int(opinion.everybody.sum()),
        sizes=tuple(map(int, opinion.sizes)),
        dots=tuple(
            Dot(round(dot.place[0], 4), round(dot.place[1], 4), int(dot.people), int(dot.group))
            for dot in opinion.dots
        ),
        statements=tuple(
            Counted(
                number,
                _kinds(opinion.everybody[:, n].tolist()),
                tuple(_kinds(group) for group in opinion.tally[:, :, n].tolist()),
            )
            for n, number in enumerate(numbers)
        ),
        stands=tuple(
            tuple(
                Stand(int(one.statement), one.agree, one.votes, one.seen)
                for one in group
                if one.seen >= LEAST_SEEN
            )
            for group in opinion.representative
        ),
        agreed=_shared(opinion, numbers, kind=2, side=1),
        rejected=_shared(opinion, numbers, kind=0, side=0),
        divides=tuple(
            Divide(int(one.statement), one.more, one.less)
            for one in opinion.divisive
            if min(seen[[one.more, one.less], place[int(one.statement)]]) >= LEAST_SEEN
        ),
    )


def _shared(opinion: Opinion, numbers: Sequence[int], kind: int, side: int) -> tuple[int, ...]:
    """Return on what more than half of every group voted this way, by group-aware consensus."""
    tally = opinion.tally if len(opinion.tally) else opinion.everybody[np.newaxis]
    votes, seen = tally[:, kind], tally.sum(axis=1)
    found = np.flatnonzero(((2 * votes > seen) & (seen >= LEAST_SEEN)).all(axis=0))
    sure = sorted(found.tolist(), key=lambda n: (-opinion.across[side, n], numbers[n]))
    return tuple(numbers[n] for n in sure[:MOST_SHARED])


def _kinds(votes: Sequence[Any]) -> Kinds:
    disagree, passed, agree = votes
    return int(disagree), int(passed), int(agree)
