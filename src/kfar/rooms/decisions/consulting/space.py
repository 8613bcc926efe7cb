"""The opinion space: where people stand who agree on much and on little.

Principal components of the votes, with Polis's treatment of those that were not cast (Small
et al. 2021; `pca.clj`): a missing vote counts as the statement's mean, so it says nothing of
where the components lie; a person is projected from the votes cast alone, and pushed out by
sqrt(statements / votes cast), since who said little would else stand near the middle.

Polis keeps two components. Here four are found: the first two are the map that people see,
and groups are sought in all of them, since the centres of five groups span four dimensions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from threadpoolctl import threadpool_limits

from kfar.rooms.decisions.consulting.votes import Floats, Ints, Statement, Votes

#: People whose votes are laid out as a table at once: 12 MB for 783 statements.
AT_ONCE = 2048
#: Components, and how many of them the map shows.
DIMENSIONS, SHOWN = 4, 2
#: A component that holds less of the variance than this is rounding.
NOTHING = 1e-9


@dataclass(frozen=True, eq=False)
class Space:
    """Axes to place people by.

    `mean` has each statement's mean vote, in -1 … +1, or NaN where nobody voted on it, shape
    (statements,); `components` has one axis a row, of length 1, shape (dimensions,
    statements), and is 0 where nobody voted.
    """

    statements: tuple[Statement, ...]
    mean: Floats
    components: Floats

    @cached_property
    def column(self) -> dict[Statement, int]:
        """Where each statement that somebody voted on stands."""
        return {s: n for n, s in enumerate(self.statements) if not np.isnan(self.mean[n])}

    def place(self, said: Mapping[Statement, int]) -> Floats:
        """Return where somebody stands who `said` this, shape (dimensions,).

        Statements that are not in the space say nothing; who said nothing stands at 0.
        """
        columns = [self.column[s] for s in said if s in self.column]
        votes = np.array([v for s, v in said.items() if s in self.column], float)
        told = self.components[:, columns] @ (votes - self.mean[columns])
        return np.asarray(told * np.sqrt(len(self.column) / max(len(columns), 1)), float)

    def places(self, votes: Votes) -> Floats:
        """Return where everybody stands, shape (people, dimensions)."""
        told = votes.vote - self.mean[votes.statement]
        sums = [
            np.bincount(votes.person, told * axis[votes.statement], len(votes.people))
            for axis in self.components
        ]
        scale = np.sqrt(len(self.column) / np.maximum(votes.cast, 1))
        return np.asarray(np.stack(sums, axis=1) * scale[:, np.newaxis], float)

    @cached_property
    def extremity(self) -> Floats:
        """How far out on the map one stands who agreed with a statement and said nothing else.

        Shape (statements,); 0 where nobody voted.
        """
        alone = np.nan_to_num(1 - self.mean) * self.components[:SHOWN]
        return np.asarray(np.linalg.norm(alone, axis=0) * np.sqrt(len(self.column)), float)

    def carried(self, previous: Space) -> Floats:
        """Return the matrix that takes places in the `previous` space to this one.

        Shape (its dimensions, these): `places @ matrix` are where they would be now, by the
        statements that both know.
        """
        here = [n for s, n in self.column.items() if s in previous.column]
        there = [previous.column[self.statements[n]] for n in here]
        return np.asarray(previous.components[:, there] @ self.components[:, here].T, float)


def explore(votes: Votes, previous: Space | None = None, dimensions: int = DIMENSIONS) -> Space:
    """Find the axes along which people differ most, those with most difference first.

    Exact: eigenvectors of the covariance of `votes`, missing ones at their statement's mean.
    An axis points to where its largest entry is positive. With a `previous` space, the map's
    two axes are turned and mirrored in their plane to lie as near as they can to those
    (orthogonal Procrustes, Schönemann 1966), so that the picture neither flips nor spins when
    they change places; distances between people are the same either way.
    """
    seen = votes.seen
    sums = np.bincount(votes.statement, votes.vote, len(seen))
    mean = np.divide(sums, seen, out=np.full(len(seen), np.nan), where=seen > 0)
    components = np.zeros((dimensions, len(seen)))
    known = np.flatnonzero(seen)
    # One thread: beside other work two wait for each other, which takes several times as long;
    # and sums come out alike on machines with more cores.
    with threadpool_limits(1, "blas"):
        values, vectors = np.linalg.eigh(_covariance(votes, mean, known))
    for n in range(min(dimensions, len(known))):
        axis = vectors[:, -1 - n]
        if values[-1 - n] > NOTHING * values.sum():
            components[n, known] = axis * np.sign(axis[np.argmax(np.abs(axis).round(9))])
    space = Space(votes.statements, mean, components)
    return space if previous is None else _turned(space, previous)


def _covariance(votes: Votes, mean: Floats, known: Ints) -> Floats:
    """Return sums of products of votes less their mean, for the statements that are `known`."""
    told = votes.vote - mean[votes.statement]
    column = np.zeros(len(mean), np.int64)
    column[known] = np.arange(len(known))
    total = np.zeros((len(known), len(known)))
    for first in range(0, len(votes.people), AT_ONCE):
        these = slice(*np.searchsorted(votes.person, (first, first + AT_ONCE)))
        table = np.zeros((min(AT_ONCE, len(votes.people) - first), len(known)))
        table[votes.person[these] - first, column[votes.statement[these]]] = told[these]
        total += table.T @ table
    return total


def _turned(space: Space, previous: Space) -> Space:
    """Return `space` with the map's axes turned to lie as near as they can to the previous."""
    shown = space.carried(previous)[:SHOWN, :SHOWN]
    one, _, other = np.linalg.svd(shown)
    components = space.components.copy()
    components[:SHOWN] = one @ other @ components[:SHOWN]
    return Space(space.statements, space.mean, components)
