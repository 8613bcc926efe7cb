"""What each group stands for: statements on which it differs from everybody else.

As Polis publishes it (Small et al. 2021; `repness.clj`, `stats.clj`). Of a group, n people
voted on a statement, passes included, and s of them one way; of all other groups together, N
and S. Then

- share           p = (s + 1) / (n + 2)
- its test        2 sqrt(n + 1) ((s + 1) / (n + 1) - 1/2), a z-score against one half
- ratio           r = p / ((S + 1) / (N + 2)), how much likelier here than elsewhere
- its test        (q - Q) / sqrt(o (1 - o) (1 / (n + 1) + 1 / (N + 1))), a z-score, with
                  q = (s + 1) / (n + 1), Q = (S + 1) / (N + 1),
                  o = (s + S + 2) / (n + N + 2)
- metric          share · test · ratio · test

A z-score tells of more than chance above 1.2816 (one-sided, 90 %).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kfar.rooms.decisions.consulting.votes import Floats, Ints, Statement

SURE = 1.2816
#: Statements that are shown for a group, or for the common ground on one side.
SHOWN = 5


@dataclass(frozen=True)
class Representative:
    """A statement that a group stands for, or against where `agree` is false.

    `votes` of `seen` people of the group voted so; `share`, `ratio` and their z-scores as
    above. `best` marks the statement that the group agrees on most tellingly.
    """

    statement: Statement
    agree: bool
    votes: int
    seen: int
    share: float
    share_test: float
    ratio: float
    ratio_test: float
    best: bool = False

    @property
    def metric(self) -> float:
        """By how much it stands for the group."""
        return self.share * self.share_test * self.ratio * self.ratio_test


def share(votes: Ints, seen: Ints) -> Floats:
    """Return how likely a vote of this kind is, one of each two imagined beforehand."""
    return (votes + 1) / (seen + 2)


def share_test(votes: Ints, seen: Ints) -> Floats:
    """Return z-scores of `votes` out of `seen` against one half (one-proportion test)."""
    return np.asarray(2 * np.sqrt(seen + 1) * ((votes + 1) / (seen + 1) - 0.5), float)


def ratio_test(votes: Ints, seen: Ints, others: Ints, others_seen: Ints) -> Floats:
    """Return z-scores of a share above the others' share (two-proportion test).

    0 where all votes, here and elsewhere, are of this kind.
    """
    here, there = seen + 1.0, others_seen + 1.0
    both = (votes + others + 2) / (here + there)
    spread = np.sqrt(np.maximum(both * (1 - both), 0) * (1 / here + 1 / there))
    gap: Floats = (votes + 1) / here - (others + 1) / there
    return np.divide(gap, spread, out=np.zeros(len(gap)), where=spread > 0)


@dataclass(frozen=True, eq=False)
class _Side:
    """One group's votes of one kind, with all that is tested; arrays over the statements."""

    agree: bool
    votes: Ints
    seen: Ints
    share: Floats
    share_test: Floats
    ratio: Floats
    ratio_test: Floats

    @property
    def sure(self) -> NDArray[np.bool_]:
        return (self.share_test > SURE) & (self.ratio_test > SURE)

    def at(self, n: int, statements: Sequence[Statement], best: bool = False) -> Representative:
        return Representative(
            statement=statements[n],
            agree=self.agree,
            votes=int(self.votes[n]),
            seen=int(self.seen[n]),
            share=float(self.share[n]),
            share_test=float(self.share_test[n]),
            ratio=float(self.ratio[n]),
            ratio_test=float(self.ratio_test[n]),
            best=best,
        )


def representative(
    tally: Ints, statements: Sequence[Statement]
) -> tuple[tuple[Representative, ...], ...]:
    """Return what each group stands for, at most five statements each, those agreed on first.

    `tally` is that of `Votes.tally`, shape (groups, 3, statements). A statement is shown if
    both its tests are sure; by metric, but first the group's best agreement, which is the
    likeliest sign of it among those more agreed on here than elsewhere, or where there is
    none, the surest agreement. If none is sure, that one is shown alone, or what differs
    most. A group that voted on nothing stands for nothing.
    """
    return tuple(_of_group(tally, n, statements) for n in range(len(tally)))


def _of_group(
    tally: Ints, group: int, statements: Sequence[Statement]
) -> tuple[Representative, ...]:
    here, others = tally[group], tally.sum(axis=0) - tally[group]
    agree, disagree = _side(here, others, 2), _side(here, others, 0)
    best = _best_agreement(agree)
    sure = np.flatnonzero(agree.sure | disagree.sure)  # never both: each is above one half
    found = [(agree if agree.sure[n] else disagree).at(int(n), statements) for n in sure]
    head = [] if best is None else [agree.at(best, statements, best=True)]
    if not found and not head and (here > 0).any():
        head = [_most_different(agree, disagree, statements)]
    named = {one.statement for one in head}
    rest = sorted((r for r in found if r.statement not in named), key=lambda r: -r.metric)
    return tuple(sorted([*head, *rest][:SHOWN], key=lambda r: not r.agree))


def _most_different(
    agree: _Side, disagree: _Side, statements: Sequence[Statement]
) -> Representative:
    either = [np.where(side.seen > 0, side.ratio_test, -np.inf) for side in (agree, disagree)]
    side, n = np.unravel_index(np.argmax(either), np.shape(either))
    return (agree, disagree)[int(side)].at(int(n), statements)


def _side(here: Ints, others: Ints, kind: int) -> _Side:
    votes, seen = here[kind], here.sum(axis=0)
    there, there_seen = others[kind], others.sum(axis=0)
    return _Side(
        agree=kind == 2,
        votes=votes,
        seen=seen,
        share=share(votes, seen),
        share_test=share_test(votes, seen),
        ratio=share(votes, seen) / share(there, there_seen),
        ratio_test=ratio_test(votes, seen, there, there_seen),
    )


def _best_agreement(agree: _Side) -> int | None:
    """Return the place of the statement that a group agrees on most tellingly, if any.

    Polis walks through the statements and compares each with the best so far, so that their
    order counts; here it does not.
    """
    told = agree.votes > 0
    more = told & (agree.ratio > 1) & (agree.share > 0.5)
    if more.any():
        metric = agree.share * agree.share_test * agree.ratio * agree.ratio_test
        return int(np.argmax(np.where(more, metric, -np.inf)))
    likely = told & (agree.share_test > SURE)
    if likely.any():
        return int(np.argmax(np.where(likely, agree.share * agree.share_test, -np.inf)))
    return None
