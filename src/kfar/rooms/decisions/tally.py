"""Counting ballots. Pure: ballots in, a tally out; usable in a notebook.

Plurality: each ballot names one option; the option named most wins. Approval (Brams and
Fishburn, "Approval Voting", APSR 72(3), 1978): each ballot names any number of options; the
option named most wins. A tie leaves several winners, and the tally says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Method(StrEnum):
    """How ballots are counted."""

    PLURALITY = "plurality"
    APPROVAL = "approval"


@dataclass(frozen=True)
class Tally:
    """What came out: votes per option in the options' order, the winners, the ballots counted.

    `winners` are option numbers from 0, ascending: none where no ballot was cast, several
    where there is a tie.
    """

    votes: tuple[int, ...]
    winners: tuple[int, ...]
    ballots: int


def valid(method: Method, choices: Sequence[int], options: int) -> bool:
    """Return whether `choices` is a ballot: known options, none twice, one for plurality."""
    known = all(0 <= c < options for c in choices) and len(set(choices)) == len(choices)
    return known and (len(choices) == 1 if method is Method.PLURALITY else len(choices) >= 1)


def tally(method: Method, ballots: Iterable[Sequence[int]], options: int) -> Tally:
    """Count `ballots` (each a sequence of option numbers) over `options` options.

    Both methods count alike, one vote for each option a ballot names; what differs is what
    a ballot may hold, so a ballot that is not `valid` raises `ValueError`.
    """
    grouped = Counter(tuple(ballot) for ballot in ballots)
    votes = [0] * options
    for ballot, times in grouped.items():
        if not valid(method, ballot, options):
            raise ValueError(f"not a ballot under {method}: {ballot}")
        for choice in ballot:
            votes[choice] += times
    most = max(votes, default=0)
    winners = tuple(n for n, count in enumerate(votes) if count == most and most > 0)
    return Tally(tuple(votes), winners, grouped.total())
