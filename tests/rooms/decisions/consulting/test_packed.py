"""A person's votes in one piece: nothing is lost, and all are read as if one by one."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from kfar.rooms.decisions.consulting.chart import Chart
from kfar.rooms.decisions.consulting.opinion import refresh
from kfar.rooms.decisions.consulting.packed import gather_packed, pack, unpack
from kfar.rooms.decisions.consulting.votes import gather

said = st.dictionaries(st.integers(0, 2**32 - 1), st.sampled_from([-1, 0, 1]), max_size=9)
few = st.dictionaries(st.integers(0, 7), st.sampled_from([-1, 0, 1]), max_size=8)


@given(said)
def test_what_is_packed_is_unpacked_in_five_bytes_a_vote(votes: dict[int, int]) -> None:
    assert unpack(pack(votes)) == votes
    assert list(unpack(pack(votes))) == sorted(votes)
    assert len(pack(votes)) == 5 * len(votes)


@given(st.dictionaries(st.integers(1, 99), few, max_size=9), st.sets(st.integers(0, 9)))
def test_packed_votes_are_gathered_as_single_ones(
    people: dict[int, dict[int, int]], in_play: set[int]
) -> None:
    found = gather_packed([(who, pack(votes)) for who, votes in people.items()], in_play)
    single = [(who, on, vote) for who, votes in people.items() for on, vote in votes.items()]
    expected = gather(single, in_play)
    assert (found.people, found.statements) == (expected.people, expected.statements)
    for name in ("person", "statement", "vote"):
        assert np.array_equal(getattr(found, name), getattr(expected, name))
        assert getattr(found, name).dtype == getattr(expected, name).dtype


def test_a_chart_of_nothing_is_read_again() -> None:
    chart = refresh(gather([])).chart
    assert Chart.from_json(chart.to_json()).to_json() == chart.to_json()
