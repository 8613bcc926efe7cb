"""A Merkle tree over the lines of a log: roots and proofs (RFC 9162, 2021, section 2.1).

The hash of a leaf is `SHA-256(0x00 · line)`, of two subtrees `SHA-256(0x01 · left · right)`,
of no leaf at all `SHA-256()`. A tree of n leaves is split at the largest power of two below n.
Proofs are made from a function `subtree(first, end)` that returns the root over the leaves
`first … end - 1`: a store answers from what it has kept, `Tree` from what it holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

Subtree = Callable[[int, int], bytes]


def leaf_hash(line: bytes) -> bytes:
    """Return the hash of one leaf."""
    return sha256(b"\x00" + line).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of a node over two subtrees."""
    return sha256(b"\x01" + left + right).digest()


def root_of(hashes: Iterable[bytes]) -> bytes:
    """Return the root over leaves, or over equal and full subtrees, by their hashes."""
    level = list(hashes)
    if not level:
        return sha256().digest()
    while len(level) > 1:
        level = _above(level)
    return level[0]


def _above(level: Sequence[bytes]) -> list[bytes]:
    # Pairing from the left, an odd one going up as it is, splits as the standard does.
    above = [
        sha256(b"\x01" + left + right).digest()
        for left, right in zip(level[::2], level[1::2], strict=False)
    ]
    if len(level) % 2:
        above.append(level[-1])
    return above


class Tree:
    """A whole tree in memory, about 64 bytes a leaf: roots of every part, at once."""

    def __init__(self, hashes: Iterable[bytes]) -> None:
        level = list(hashes)
        self.size = len(level)
        self.levels = [b"".join(level)]
        while len(level) > 1:
            level = _above(level)
            self.levels.append(b"".join(level))

    def subtree(self, first: int, end: int) -> bytes:
        """Return the root over the leaves `first … end - 1`, as proofs ask for it."""
        if end == first:
            return sha256().digest()
        height = (end - first - 1).bit_length()
        # A full subtree stands in its level; one at the right edge is made of full ones.
        if end - first == 1 << height:
            place = (first >> height) * 32
            return self.levels[height][place : place + 32]
        middle = first + split(end - first)
        return node_hash(self.subtree(first, middle), self.subtree(middle, end))

    def root(self, size: int | None = None) -> bytes:
        """Return the root over the first `size` leaves, all unless told otherwise."""
        return self.subtree(0, self.size if size is None else size)


def split(size: int) -> int:
    """Return the largest power of two smaller than `size`, which is at least 2."""
    return 1 << (size - 1).bit_length() - 1


def inclusion_proof(subtree: Subtree, index: int, size: int) -> list[bytes]:
    """Return the audit path of leaf `index` in a tree of `size` leaves (2.1.3.1)."""
    if not 0 <= index < size:
        raise ValueError("no such leaf")
    path: list[bytes] = []
    first, end = 0, size
    while end - first > 1:
        middle = first + split(end - first)
        if index < middle:
            path.append(subtree(middle, end))
            end = middle
        else:
            path.append(subtree(first, middle))
            first = middle
    return path[::-1]


def root_by_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """Return the root that an audit path leads to from a leaf's hash; None: it leads nowhere.

    (2.1.3.2)
    """
    if not 0 <= index < size:
        return None
    at, last, found = index, size - 1, leaf
    for step in path:
        if last == 0:
            return None
        if at % 2 or at == last:
            found = node_hash(step, found)
            while at % 2 == 0 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, step)
        at, last = at >> 1, last >> 1
    return found if last == 0 else None


def consistency_proof(subtree: Subtree, before: int, size: int) -> list[bytes]:
    """Return the proof that a tree of `size` leaves begins with that of `before` (2.1.4.1).

    Empty where they are the same, or there was nothing before.
    """
    if not 0 <= before <= size:
        raise ValueError("no such tree")
    path: list[bytes] = []
    first, end, whole = 0, size, True
    while before not in {first, end}:
        middle = first + split(end - first)
        if before <= middle:
            path.append(subtree(middle, end))
            end = middle
        else:
            path.append(subtree(first, middle))
            first, whole = middle, False
    if not whole:
        path.append(subtree(first, end))
    return path[::-1]


def consistent(
    before: int, root_before: bytes, size: int, root: bytes, path: Sequence[bytes]
) -> bool:
    """Return whether a proof shows that one tree begins with the other (2.1.4.2)."""
    if before in {0, size}:
        return not path and (before == 0 or root_before == root)
    if not 0 < before < size:
        return False
    steps = list(path)
    if before & (before - 1) == 0:
        steps.insert(0, root_before)
    if not steps:
        return False
    at, last = before - 1, size - 1
    while at % 2:
        at, last = at >> 1, last >> 1
    old = new = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if at % 2 or at == last:
            old, new = node_hash(step, old), node_hash(step, new)
            while at % 2 == 0 and at:
                at, last = at >> 1, last >> 1
        else:
            new = node_hash(new, step)
        at, last = at >> 1, last >> 1
    return last == 0 and old == root_before and new == root
