"""What one refresh leaves behind: enough to place a person, to ask them next, and to go on.

A few numbers a statement and nothing of any person, so it may be kept as JSON (about 0.1 MB
for 783 statements) and read by every page.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from random import Random

import numpy as np

from kfar.rooms.decisions.consulting.groups import Kept
from kfar.rooms.decisions.consulting.space import SHOWN, Space
from kfar.rooms.decisions.consulting.votes import Floats, Ints, Statement

#: Votes after which somebody belongs to a group; all statements, where there are fewer.
ENOUGH = 7


@dataclass(frozen=True, eq=False)
class Chart:
    """The map: its axes, how urgent each statement is, how the groups vote, where they stand.

    `space` places people; `priority`, shape (statements,), is `priorities`; `tally`, shape
    (groups, 3, statements), and `sizes`, shape (groups,), tell of the groups; `kept` is what
    the next refresh begins with.
    """

    space: Space
    priority: Floats
    tally: Ints
    sizes: Ints
    kept: Kept

    @property
    def statements(self) -> tuple[Statement, ...]:
        """All statements in play, ascending."""
        return self.space.statements

    @cached_property
    def enough(self) -> int:
        """How many votes somebody needs to belong to a group."""
        return min(ENOUGH, len(self.space.column))

    def place(self, said: Mapping[Statement, int]) -> tuple[float, ...]:
        """Return where on the map one stands who `said` this: -1, 0 or +1 by statement."""
        return tuple(float(x) for x in self.space.place(said)[:SHOWN])

    def group(self, said: Mapping[Statement, int]) -> int | None:
        """Return the group nearest to somebody who `said` this, or None before `enough` votes."""
        centres = np.array(self.kept.centres.get(self.kept.groups, ()))
        if not len(self.sizes) or sum(s in self.space.column for s in said) < self.enough:
            return None
        return int(np.argmin(((centres - self.space.place(said)) ** 2).sum(axis=1)))

    def telling(self, said: Mapping[Statement, int]) -> Floats:
        """Return how many bits each statement is expected to tell about the person's group.

        Mutual information of the group and the vote, given what the person `said`: naive
        Bayes over the groups by size, a vote's probability being (times + 1) / (seen + 3).
        Shape (statements,), in 0 … log2(groups); 0 without groups.
        """
        if not len(self.sizes):
            return np.zeros(len(self.statements))
        belief = np.log(self.sizes)
        for statement, vote in said.items():
            if statement in self._column:
                belief = belief + self._log_vote[:, vote + 1, self._column[statement]]
        weight = np.exp(belief - belief.max())
        weight /= weight.sum()
        mixed = np.tensordot(weight, self._vote, axes=1)
        between = -(mixed * np.log2(mixed)).sum(axis=0) - weight @ self._entropy
        return np.asarray(np.maximum(between, 0), float)

    def next(
        self,
        said: Mapping[Statement, int],
        seed: int | str,
        leaving_out: Iterable[Statement] = (),
    ) -> Statement | None:
        """Draw the statement to ask somebody next who `said` this; None where none is left.

        Drawn as Polis does, so that new statements are heard too: each with a chance in
        proportion to its priority, here times (1 + `telling`)². So while it is unclear where
        a person stands, what would show it comes first, and then what the conversation needs.
        The same seed, chart and votes give the same statement. `leaving_out` are not drawn
        either: the person's own, say.
        """
        weight = self.priority * (1 + self.telling(said)) ** 2
        weight[[self._column[s] for s in (*said, *leaving_out) if s in self._column]] = 0
        reach = np.cumsum(weight)
        if not len(reach) or reach[-1] <= 0:
            return None
        drawn = Random(seed).random() * reach[-1]  # noqa: S311 - fair, and meant to be repeatable
        return self.statements[int(np.searchsorted(reach, drawn, side="right"))]

    @cached_property
    def _column(self) -> dict[Statement, int]:
        return {statement: n for n, statement in enumerate(self.statements)}

    @cached_property
    def _vote(self) -> Floats:
        seen = self.tally.sum(axis=1, keepdims=True)
        return np.asarray((self.tally + 1) / (seen + 3), float)

    @cached_property
    def _log_vote(self) -> Floats:
        return np.asarray(np.log(self._vote), float)

    @cached_property
    def _entropy(self) -> Floats:
        return np.asarray(-(self._vote * np.log2(self._vote)).sum(axis=1), float)

    def to_json(self) -> str:
        """Return the chart as JSON; `from_json` gives it back to the last bit."""
        mean = [None if np.isnan(m) else m for m in self.space.mean.tolist()]
        return json.dumps(
            {
                "statements": self.statements,
                "mean": mean,
                "components": self.space.components.tolist(),
                "priority": self.priority.tolist(),
                "tally": self.tally.tolist(),
                "sizes": self.sizes.tolist(),
                "centres": {str(k): centres for k, centres in self.kept.centres.items()},
                "groups": self.kept.groups,
                "leading": self.kept.leading,
                "streak": self.kept.streak,
            },
            separators=(",", ":"),
        )

    @classmethod
    def from_json(cls, text: str) -> Chart:
        """Read a chart that `to_json` wrote."""
        read = json.loads(text)
        width = len(read["statements"])
        mean = [np.nan if m is None else m for m in read["mean"]]
        components = np.array(read["components"], float)
        return cls(
            space=Space(
                tuple(read["statements"]),
                np.array(mean, float),
                components.reshape(len(components), width),
            ),
            priority=np.array(read["priority"], float),
            tally=np.array(read["tally"], np.int64).reshape(len(read["sizes"]), 3, width),
            sizes=np.array(read["sizes"], np.int64),
            kept=Kept(
                {int(k): tuple(map(tuple, rows)) for k, rows in read["centres"].items()},
                read["groups"],
                read["leading"],
                read["streak"],
            ),
        )


def priorities(everybody: Ints, extremity: Floats) -> Floats:
    """Return how much the conversation needs votes on each statement (Polis, `conversation.clj`).

    Of S votes, A agree and P pass; E is the statement's `extremity`:
    ((1 - (P + 1) / (S + 2)) · (E + 1) · (A + 1) / (S + 2) · (1 + 8 · 2^(-S / 5)))².
    What is passed on loses, what is agreed on and what moves people gains, and so does what
    is new. `everybody` has shape (3, statements).
    """
    passed, agree, seen = everybody[1], everybody[2], everybody.sum(axis=0)
    importance = (1 - (passed + 1) / (seen + 2)) * (extremity + 1) * (agree + 1) / (seen + 2)
    return np.asarray((importance * (1 + 8 * 2.0 ** (-seen / 5))) ** 2, float)
