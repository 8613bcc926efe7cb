"""Ids: fresh ones say nothing, derived ones are the same for the same thing."""

from __future__ import annotations

import duckdb
from hypothesis import given
from hypothesis import strategies as st

from kfar.ground.ids import derived_id, new_id

WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\x1f"))


def test_fresh_ids_are_random() -> None:
    ids = {new_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert {one.version for one in ids} == {4}


@given(WORDS, WORDS)
def test_the_same_thing_has_the_same_id_here_and_in_the_engine(source: str, key: str) -> None:
    [(there,)] = duckdb.execute(
        "SELECT md5($source || chr(31) || $key)::UUID", {"source": source, "key": key}
    ).fetchall()
    assert derived_id(source, key) == there


@given(st.tuples(WORDS, WORDS), st.tuples(WORDS, WORDS))
def test_two_things_have_two_ids(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert (derived_id(*one) == derived_id(*other)) == (one == other)
