"""One person's votes in one piece of bytes: five a vote, so that two million are read at once.

A statement's number (unsigned, four bytes) and -1, 0 or +1 (one byte), by ascending number;
little-endian. What Polis keeps as a row a vote (Small et al. 2021) is a row a person here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from kfar.rooms.decisions.consulting.votes import Votes, gather_columns

VOTE = np.dtype([("statement", "<u4"), ("vote", "i1")])


def pack(said: Mapping[int, int]) -> bytes:
    """Return votes, -1, 0 or +1 by statement, as bytes."""
    return np.array(sorted(said.items()), VOTE).tobytes()


def unpack(packed: bytes) -> dict[int, int]:
    """Return what `pack` packed."""
    return dict(np.frombuffer(packed, VOTE).tolist())


def gather_packed(rows: Iterable[tuple[int, bytes]], statements: Iterable[int]) -> Votes:
    """Return the votes of people `(number, packed)` on these statements; as `gather`."""
    there = sorted((number, bytes(packed)) for number, packed in rows)
    votes = np.frombuffer(b"".join(packed for _, packed in there), VOTE)
    cast = [len(packed) // VOTE.itemsize for _, packed in there]
    return gather_columns(
        [number for number, _ in there],
        np.repeat(np.arange(len(there)), cast),
        votes["statement"].astype(np.int64),
        votes["vote"].copy(),
        statements,
    )
