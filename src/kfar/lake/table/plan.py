"""The plan of compaction: which files are joined next, and how the result is divided.

The ids of customers are random, so the space of ids divides into halves, quarters … of
about as many rows each. A file at depth d holds ids that begin with the same d bits. Fresh
files are at depth 0. Four of a size (`tiers`) at one place are joined; what grows larger than
`LARGEST` is divided further, so no step and no file grows with the table. Where a third of
the rows has come on top, all of them go down to the depth where one file a place is enough,
and are joined there; then each customer stands in one file. Both cost O(log n) writes a row.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from kfar.lake.table.tiers import FAN, tier

BITS = 128
#: Rows of a file; a customer with more has a file of their own.
LARGEST = 2**18
#: So many bits a file is divided at once.
STRIDE = 4


@dataclass(frozen=True)
class Piece:
    """A file as the plan sees it: its customers' ids begin with the `depth` bits of `place`."""

    name: str
    rows: int
    depth: int = 0
    place: int = 0
    ordered: bool = True

    @property
    def spot(self) -> tuple[int, int]:
        """Where it is among others: from the top, then from the left."""
        return self.depth, self.place


@dataclass(frozen=True)
class Step:
    """Files to be joined, all at one spot, and the depth at which the result is divided."""

    pieces: tuple[Piece, ...]
    depth: int


def small_step(pieces: Iterable[Piece], *, late: bool = False) -> Step | None:
    """Return the next four of a size to be joined, small ones first; None where it is not worth it.

    With `late`, files that are not in order are put in order without waiting for others.
    """
    groups: dict[tuple[int, int, int], list[Piece]] = {}
    for piece in pieces:
        if piece.rows <= LARGEST or not piece.ordered:
            groups.setdefault((tier(piece.rows), *piece.spot), []).append(piece)
    for _, group in sorted(groups.items()):
        if len(group) >= FAN or (late and not all(piece.ordered for piece in group)):
            some = _some(group)
            return Step(some, some[0].depth + _bits(some))
    return None


def worth_a_whole(pieces: Sequence[Piece]) -> bool:
    """Return whether a third as many rows as stand at their place have come on top."""
    depth = _bits(pieces)
    there: dict[tuple[int, int], int] = {}
    for piece in pieces:
        if piece.depth >= depth and piece.ordered:
            there[piece.spot] = max(there.get(piece.spot, 0), piece.rows)
    on_top = sum(piece.rows for piece in pieces) - sum(there.values())
    return len(pieces) > 1 and 3 * on_top >= sum(there.values())


def whole_step(pieces: Sequence[Piece]) -> Step | None:
    """Return the next step towards one file a place; None where that is reached."""
    depth = _bits(pieces)
    spots: dict[tuple[int, int], list[Piece]] = {}
    for piece in pieces:
        spots.setdefault(piece.spot, []).append(piece)
    for spot, group in sorted(spots.items()):
        if spot[0] < depth:
            return Step(_some(group), min(spot[0] + STRIDE, depth))
        if len(group) > 1 and len(some := _some(group)) > 1:
            return Step(some, spot[0] + _bits(some))
    return None


def bounds(depth: int, place: int) -> tuple[UUID, UUID]:
    """Return the first and the last id at a place."""
    width = BITS - depth
    return UUID(int=place << width), UUID(int=((place + 1) << width) - 1)


def places(step: Step) -> range:
    """Return the places, at the step's depth, into which its result is divided."""
    below = step.depth - step.pieces[0].depth
    first = step.pieces[0].place << below
    return range(first, first + 2**below)


def _bits(pieces: Iterable[Piece]) -> int:
    """Return how often these are halved until each part fits in a file."""
    rows = sum(piece.rows for piece in pieces)
    return max(0, (-(-rows // LARGEST) - 1).bit_length())


def _some(group: Sequence[Piece]) -> tuple[Piece, ...]:
    """Return as many of a group as one step takes, the smallest first."""
    some: list[Piece] = []
    for piece in sorted(group, key=lambda piece: (piece.rows, piece.name)):
        if some and sum(p.rows for p in some) + piece.rows > FAN * LARGEST:
            break
        some.append(piece)
    return tuple(some)
