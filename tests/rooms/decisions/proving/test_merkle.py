"""The tree against a library's, its proofs against themselves and against lies."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from kfar.rooms.decisions.proving.merkle import (
    Tree,
    consistency_proof,
    consistent,
    inclusion_proof,
    leaf_hash,
    root_by_inclusion,
    root_of,
)

LINES = [f"line {n}".encode() for n in range(200)]
HASHES = [leaf_hash(line) for line in LINES]
TREE = Tree(HASHES)
sizes = st.integers(1, len(LINES))


@pytest.fixture(scope="module")
def peer() -> InmemoryTree:
    tree = InmemoryTree(algorithm="sha256")
    for line in LINES:
        tree.append_entry(line)
    return tree


def test_the_tree_of_nothing_has_the_hash_of_nothing() -> None:
    # RFC 9162, 2.1.1
    assert root_of([]) == Tree([]).root() == sha256().digest()


@given(sizes)
def test_the_root_is_the_library_s(peer: InmemoryTree, size: int) -> None:
    assert root_of(HASHES[:size]) == TREE.root(size) == peer.get_root(size)


@given(sizes, st.data())
def test_a_leaf_is_proven_to_stand_where_it_stands_and_nowhere_else(
    size: int, data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, size - 1))
    path = inclusion_proof(TREE.subtree, index, size)
    assert root_by_inclusion(HASHES[index], index, size, path) == TREE.root(size)
    other = data.draw(st.integers(0, size - 1).filter(lambda n: n != index) | st.just(size))
    assert root_by_inclusion(HASHES[index], other, size, path) != TREE.root(size)
    assert root_by_inclusion(leaf_hash(b"forged"), index, size, path) != TREE.root(size)
    assert root_by_inclusion(HASHES[index], index, size, [*path, HASHES[0]]) != TREE.root(size)


@given(sizes, st.data())
def test_a_tree_is_proven_to_begin_with_what_it_was(size: int, data: st.DataObject) -> None:
    before = data.draw(st.integers(0, size))
    path = consistency_proof(TREE.subtree, before, size)
    old, new = TREE.root(before), TREE.root(size)
    assert consistent(before, old, size, new, path)
    if before:
        assert not consistent(before, leaf_hash(b"forged"), size, new, path)
    if before < size:
        assert not consistent(before, old, size, new, [*path, HASHES[0]])
    if 0 < before < size:
        assert not consistent(before, old, size, leaf_hash(b"forged"), path)
        # A tree whose first leaf was changed afterwards does not begin with the old one.
        changed = Tree([leaf_hash(b"changed"), *HASHES[1:size]])
        lie = consistency_proof(changed.subtree, before, size)
        assert not consistent(before, old, size, changed.root(), lie)


def test_proofs_of_what_is_not_there_are_refused() -> None:
    with pytest.raises(ValueError, match="no such leaf"):
        inclusion_proof(TREE.subtree, 3, 3)
    with pytest.raises(ValueError, match="no such tree"):
        consistency_proof(TREE.subtree, 4, 3)
