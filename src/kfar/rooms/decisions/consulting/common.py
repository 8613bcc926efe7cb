"""The common ground, and what divides.

Consensus over everybody is Polis's (`repness.clj`): more than half, and by more than chance.
Group-aware consensus (Small et al. 2021, 3.3) asks each group alike, however small: the
product over the groups of the probability of a vote this way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kfar.rooms.decisions.consulting.representing import (
    SHOWN,
    SURE,
    ratio_test,
    share,
    share_test,
)
from kfar.rooms.decisions.consulting.votes import Floats, Ints, Statement


@dataclass(frozen=True)
class Common:
    """A statement on which most vote alike: for it, or against where `agree` is false.

    `votes` of all `seen`; `share` and `test` as in `representing`; `across` is the
    group-aware consensus on this side, in 0 … 1.
    """

    statement: Statement
    agree: bool
    votes: int
    seen: int
    share: float
    test: float
    across: float


@dataclass(frozen=True)
class Divisive:
    """A statement that one group, `more`, agrees with and another, `less`, far less so.

    `gap` is the difference of the two shares of agreement, in 0 … 1, `test` its z-score.
    """

    statement: Statement
    more: int
    less: int
    gap: float
    test: float


def across(tally: Ints) -> Floats:
    """Return the group-aware consensus, shape (2, statements): to disagree, and to agree.

    `tally` is that of `Votes.tally`, shape (groups, 3, statements); without groups it is 1.
    """
    seen = tally.sum(axis=1)
    sides = [share(tally[:, kind], seen).prod(axis=0) for kind in (0, 2)]
    return np.stack(sides)


def common_ground(
    everybody: Ints, groups: Ints, statements: Sequence[Statement]
) -> tuple[tuple[Common, ...], tuple[Common, ...]]:
    """Return what most agree with, and what most reject, at most five each, the surest first.

    `everybody` has shape (3, statements), `groups` (groups, 3, statements). A statement is
    among them whose share is above one half and sure; in the order of share times test.
    """
    together, seen = across(groups), everybody.sum(axis=0)
    found = []
    for kind, side in ((2, 1), (0, 0)):
        votes = everybody[kind]
        part, test = share(votes, seen), share_test(votes, seen)
        sure = [int(n) for n in np.flatnonzero((part > 0.5) & (test > SURE))]
        found.append(
            tuple(
                Common(
                    statement=statements[n],
                    agree=kind == 2,
                    votes=int(votes[n]),
                    seen=int(seen[n]),
                    share=float(part[n]),
                    test=float(test[n]),
                    across=float(together[side, n]),
                )
                for n in sorted(sure, key=lambda n: -part[n] * test[n])[:SHOWN]
            )
        )
    return found[0], found[1]


def divisive(groups: Ints, statements: Sequence[Statement]) -> tuple[Divisive, ...]:
    """Return what divides the groups, at most five statements, by gap times test.

    The gap is that between the group that agrees most and the one that agrees least, by their
    shares; it has to be more than chance.
    """
    if len(groups) < 2:
        return ()
    seen, agree = groups.sum(axis=1), groups[:, 2]
    part = share(agree, seen)
    more, less = part.argmax(axis=0), part.argmin(axis=0)
    each = np.arange(len(statements))
    gap = part[more, each] - part[less, each]
    test = ratio_test(agree[more, each], seen[more, each], agree[less, each], seen[less, each])
    sure = [int(n) for n in np.flatnonzero(test > SURE)]
    return tuple(
        Divisive(statements[n], int(more[n]), int(less[n]), float(gap[n]), float(test[n]))
        for n in sorted(sure, key=lambda n: -gap[n] * test[n])[:SHOWN]
    )
