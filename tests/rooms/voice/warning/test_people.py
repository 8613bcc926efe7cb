from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfar.rooms.voice.warning.people import WINDOW, counted

HOUR = 3600
#: The second of somebody's first voice, and the steps to their others, each within the window.
MOMENTS = st.tuples(
    st.integers(0, 10 * WINDOW), st.lists(st.integers(0, WINDOW - 1), max_size=30)
).map(lambda told: np.cumsum([told[0], *told[1]]))


def test_one_person_writing_fifteen_times_is_one() -> None:
    at = np.arange(15) * HOUR
    assert counted(np.zeros(15, int), np.zeros(15, int), at).tolist() == [True] + [False] * 14


@pytest.mark.parametrize(("later", "counts"), [(WINDOW - 1, False), (WINDOW, True)])
def test_after_a_day_of_silence_a_person_counts_again(later: int, counts: bool) -> None:
    found = counted(np.zeros(2, int), np.zeros(2, int), np.array([0, later]))
    assert found.tolist() == [True, counts]


def test_people_and_streams_are_told_apart_in_whatever_order_they_come() -> None:
    stream, person = np.array([0, 0, 1, 0]), np.array([7, 8, 7, 7])
    at = np.array([5, 5, 5, 4])
    assert counted(stream, person, at).tolist() == [False, True, True, True]


def test_nobody_is_nobody() -> None:
    nothing = np.zeros(0, int)
    assert counted(nothing, nothing, nothing).tolist() == []


@given(MOMENTS)
def test_who_goes_on_writing_counts_once_and_at_the_first(at: np.ndarray) -> None:
    zeros = np.zeros(len(at), int)
    assert np.flatnonzero(counted(zeros, zeros, at)).tolist() == [0]
