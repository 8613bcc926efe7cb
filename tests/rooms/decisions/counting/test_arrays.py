"""Arrays and plain Python give the same reports, to the last vote."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from kfar.ground.ballots import Ballot, Form
from kfar.rooms.decisions.counting.arrays import Grouped, count_array, count_many, sums_of
from kfar.rooms.decisions.counting.count import count
from kfar.rooms.decisions.counting.rules import Method, Rule
from kfar.rooms.decisions.counting.sums import Counted
from tests.rooms.decisions.counting.profiles import OPTIONS, Profile, counts


def row(form: Form, ballot: Ballot) -> list[int]:
    """Return the row that stands for a ballot."""
    if form is Form.RANKING:
        slots = [slot[0] if slot else -1 for slot in ballot if isinstance(slot, tuple)]
        return slots + [-1] * (5 - len(slots))
    if form is Form.CHOICES:
        return [int(option in ballot) for option in range(OPTIONS)]
    given_to = {pair[0]: pair[1] for pair in ballot if isinstance(pair, tuple)}
    return [given_to.get(option, -1 if form is Form.SCORES else 0) for option in range(OPTIONS)]


def array(form: Form, profile: Profile) -> NDArray[np.int8]:
    width = 5 if form is Form.RANKING else OPTIONS
    rows = [row(form, ballot) for ballot, times in profile.items() for _ in range(times)]
    return np.array(rows, np.int8).reshape(-1, width)


@settings(max_examples=250)
@given(counts(), st.integers(0, 2**32))
def test_a_row_for_each_ballot_in_any_order_is_what_plain_python_counts(
    counted: tuple[Rule, Profile], luck: int
) -> None:
    rule, profile = counted
    rows = np.random.default_rng(luck).permutation(array(rule.takes, profile))
    assert count_array(rule, rows, OPTIONS) == count(rule, profile, OPTIONS)


@given(counts())
def test_a_row_cast_many_times_is_as_many_rows(counted: tuple[Rule, Profile]) -> None:
    rule, profile = counted
    once = array(rule.takes, dict.fromkeys(profile, 1))
    times = np.array(list(profile.values()), np.int64)
    assert count_array(rule, once, OPTIONS, times) == count(rule, profile, OPTIONS)


@given(counts())
def test_a_mapping_is_counted_by_arrays_as_without(counted: tuple[Rule, Profile]) -> None:
    rule, profile = counted
    assert isinstance(sums_of(rule.takes, profile, OPTIONS), Grouped)
    assert count_many(rule, profile, OPTIONS) == count(rule, profile, OPTIONS)


def test_equal_ranks_are_counted_without_arrays() -> None:
    profile: Profile = {((0, 1), (2,)): 3, ((2,),): 2}
    rule = Rule(Method.SCHULZE)
    assert isinstance(sums_of(rule.takes, profile, OPTIONS), Counted)
    assert count_many(rule, profile, OPTIONS) == count(rule, profile, OPTIONS)


@given(counts())
def test_any_type_of_whole_numbers_will_do(counted: tuple[Rule, Profile]) -> None:
    rule, profile = counted
    rows = array(rule.takes, profile)
    assert count_array(rule, rows.astype(np.int64), OPTIONS) == count_array(rule, rows, OPTIONS)


@pytest.mark.parametrize("ranks", [3, 13, 30])
def test_rankings_too_long_for_one_number_are_grouped_as_the_others(ranks: int) -> None:
    draw = np.random.default_rng(ranks)
    rows = np.argsort(draw.random((40, 30)), axis=1)[:, :ranks].astype(np.int8)
    grouped = Grouped(Form.RANKING, rows[draw.integers(0, 40, 500)], 30)
    plain = {tuple((int(option),) for option in each) for each in rows}
    found = dict(grouped.grouped())
    assert set(found) <= plain
    assert sum(found.values()) == grouped.ballots == 500


@pytest.mark.parametrize(
    ("form", "rows"),
    [
        (Form.RANKING, [[0, 3]]),
        (Form.RANKING, [[0, -3]]),
        (Form.CHOICES, [[0, 2, 0]]),
        (Form.SCORES, [[0, -2, 0]]),
        (Form.SCORES, [[0, 1]]),
        (Form.POINTS, [[0.5, 1, 1]]),
        (Form.RANKING, [0, 1]),
    ],
    ids=["option", "mark", "choice", "score", "shape", "float", "row"],
)
def test_what_means_nothing_is_refused(form: Form, rows: list[list[int]]) -> None:
    with pytest.raises(ValueError, match=form):
        Grouped(form, np.array(rows), 3)


def test_ballots_cast_fewer_than_no_times_are_refused() -> None:
    with pytest.raises(ValueError, match="cast so many times"):
        Grouped(Form.RANKING, np.zeros((2, 1), np.int8), 3, np.array([1, -1]))
