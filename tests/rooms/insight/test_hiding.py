"""Nobody is found in what is shown, nor by taking the rest from a sum."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from kfar.ground.shares import CROWD
from kfar.rooms.insight.hiding import Ints, hidden


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ([10, 20, 3], [0, 1, 0]),  # 3 would be found by the sum
        ([10, 20, 3, 4], [1, 1, 0, 0]),  # 3 + 4 are enough together
        ([0, 0, 7], [0, 0, 1]),
        ([5, 6], [1, 1]),
        ([4, 9], [0, 0]),
        ([0, 1, 6, 8], [0, 0, 0, 1]),
        ([1], [0]),
    ],
)
def test_by_hand(counts: list[int], said: list[int]) -> None:
    assert (~hidden([counts]))[0].astype(int).tolist() == said


@given(
    arrays(np.int64, st.tuples(st.integers(1, 5), st.integers(1, 6)), elements=st.integers(0, 20))
)
def test_what_is_said_is_of_enough_and_so_is_the_rest(counts: Ints) -> None:
    away = hidden(counts)
    assert (counts[~away] >= CROWD).all()
    rest = np.where(away, counts, 0).sum(1)
    assert ((rest == 0) | (rest >= CROWD) | away.all(1)).all()
