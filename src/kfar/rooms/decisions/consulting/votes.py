"""Votes on statements: agree (+1), pass (0), disagree (-1), kept as one entry each.

People saw few of the statements (Small et al. 2021 tell of 5 to 20 %), so what nobody said
takes no room: two million votes are 18 MB.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias, TypeVar
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

Person: TypeAlias = int | str | UUID
Statement: TypeAlias = int | str
Ints: TypeAlias = NDArray[np.int64]
Name = TypeVar("Name")
Floats: TypeAlias = NDArray[np.float64]

KINDS = DISAGREE, PASS, AGREE = -1, 0, 1
OTHER = 2


@dataclass(frozen=True, eq=False)
class Votes:
    """Who said what to which statement: one entry a vote, by person and then by statement.

    `people` and `statements` are ascending; `person` and `statement` (int32, one for each
    vote) are places in them, `vote` (int8) is -1, 0 or +1. Nobody has two votes on one
    statement, everybody has one, and a statement may have none.
    """

    people: tuple[Person, ...]
    statements: tuple[Statement, ...]
    person: NDArray[np.int32]
    statement: NDArray[np.int32]
    vote: NDArray[np.int8]

    @cached_property
    def cast(self) -> Ints:
        """How many votes each person cast, shape (people,)."""
        return np.bincount(self.person, minlength=len(self.people))

    @cached_property
    def seen(self) -> Ints:
        """How many votes each statement has, passes included, shape (statements,)."""
        return np.bincount(self.statement, minlength=len(self.statements))

    def tally(self, group: NDArray[np.integer], groups: int) -> Ints:
        """Count votes by group: shape (groups, 3, statements), disagree, pass, agree.

        `group` holds a number from 0 for each person, or -1 for whom is not counted.
        """
        of = group[self.person].astype(np.int64)
        counted = of >= 0
        width = len(self.statements)
        cell = ((of * 3 + self.vote + 1) * width + self.statement)[counted]
        return np.bincount(cell, minlength=groups * 3 * width).reshape(groups, 3, width)


def gather(
    triples: Iterable[tuple[Person, Statement, int]],
    statements: Iterable[Statement] | None = None,
) -> Votes:
    """Gather votes `(person, statement, -1 | 0 | +1)` in the order they were cast.

    The last vote of a person on a statement counts; beside that, order changes nothing.
    `statements` names those that are in play, with or without votes; votes on others, which
    moderation took out, are as if they had never been cast. Without it, those voted on are
    in play. Raises `ValueError` for a vote that is none of the three.
    """
    row: dict[Person, int] = {}
    column: dict[Statement, int] = {}
    who, what, said = array("i"), array("i"), array("b")
    for one, on, vote in triples:
        who.append(row.setdefault(one, len(row)))
        what.append(column.setdefault(on, len(column)))
        said.append(vote if vote in KINDS else OTHER)
    if OTHER in said:
        raise ValueError("a vote is -1, 0 or +1")
    people = sorted(row)
    in_play = sorted(column if statements is None else set(statements))
    return _compact(
        people,
        in_play,
        _places(people, row)[np.array(who, np.int64)],
        _places(in_play, column)[np.array(what, np.int64)],
        np.array(said, np.int8),
    )


def gather_columns(
    people: Sequence[Person],
    person: Ints,
    statement: Ints,
    vote: NDArray[np.int8],
    statements: Iterable[int],
) -> Votes:
    """Gather votes from arrays, one entry a vote; else as `gather`.

    `person` are places in `people`, which are ascending; `statement` are numbers from 0 on, and
    `statements` those in play. That votes are -1, 0 and +1 is known of them.
    """
    in_play = sorted(set(statements))
    numbers: list[Statement] = [*in_play]
    width = 1 + max(int(statement.max(initial=-1)), in_play[-1] if in_play else -1)
    place = np.full(width, -1, np.int64)
    place[in_play] = np.arange(len(in_play))
    return _compact(list(people), numbers, person, place[statement], vote)


def _compact(
    people: list[Person],
    statements: list[Statement],
    person: Ints,
    statement: Ints,
    vote: NDArray[np.int8],
) -> Votes:
    """Keep the last vote for each pair, in order, and people who have one."""
    key = person * len(statements) + statement
    order = np.flatnonzero(statement >= 0)
    order = order[np.argsort(key[order], kind="stable")]
    key = key[order]
    order = order[np.append(key[1:] != key[:-1], True)[: len(key)]]
    there, person = np.unique(person[order], return_inverse=True)
    return Votes(
        people=tuple(people[n] for n in there),
        statements=tuple(statements),
        person=person.astype(np.int32),
        statement=statement[order].astype(np.int32),
        vote=vote[order],
    )


def _places(names: list[Name], given: dict[Name, int]) -> Ints:
    """Return where each name that was `given` a number stands among `names`, or -1."""
    place = {name: n for n, name in enumerate(names)}
    return np.array([place.get(name, -1) for name in given], np.int64)
