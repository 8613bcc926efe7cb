from __future__ import annotations

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfar.rooms.insight.leaving.visits import Visits, rhythm

#: Person 7 came on days 0, 10 and 16, person 9 on day 12 twice.
SOME = Visits.of([7, 9, 7, 9, 7], [10, 12, 0, 12, 16], [300, 50, 100, 50, 200], [3, 1, 1, 2, 2])


def test_visits_are_one_a_person_and_day() -> None:
    assert SOME.person.tolist() == [7, 7, 7, 9]
    assert SOME.day.tolist() == [0, 10, 16, 12]
    assert SOME.spend.tolist() == [100, 300, 200, 100]
    assert SOME.categories.tolist() == [1, 3, 2, 2]


def test_a_rhythm_is_of_what_was_before() -> None:
    now = rhythm(SOME, 40, 30)
    assert now.person.tolist() == [7, 9]
    assert now.away.tolist() == [24, 28]
    assert now.gap.tolist() == [8, 0]
    assert now.longest.tolist() == [10, 0]
    assert now.visits.tolist() == [3, 1]
    assert now.tenure.tolist() == [40, 28]
    assert now.spend.tolist() == [200, 100]
    assert now.categories.tolist() == [2, 2]
    assert now.lately.tolist() == [3, 1]
    then = rhythm(SOME, 12, 30)
    assert (then.person.tolist(), then.away.tolist()) == ([7], [2])


def test_who_is_silent_buys_nothing_from_the_day_on() -> None:
    people = np.array([7, 9])
    assert SOME.silent(people, 12, 4).tolist() == [True, False]
    assert SOME.silent(people, 13, 4).tolist() == [False, True]
    assert SOME.silent(people, 17, 90).tolist() == [True, True]


def test_columns_are_of_the_same_visits() -> None:
    with pytest.raises(ValueError, match="for each visit"):
        Visits.of([1, 2], [1], [1], [1])


def test_without_visits_there_is_nobody() -> None:
    assert rhythm(Visits.of([], [], [], []), 10, 30).features.shape == (0, 12)


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 99), st.integers(0, 900)), min_size=1),
    st.integers(-1000, 1000),
    st.randoms(use_true_random=False),
)
def test_neither_when_time_begins_nor_the_order_matters(
    told: list[tuple[int, int, int]], shift: int, draw: Random
) -> None:
    def of(rows: list[tuple[int, int, int]], by: int) -> Visits:
        person, day, spend = zip(*rows, strict=True)
        return Visits.of(person, np.array(day) + by, spend, np.ones(len(rows)))

    mixed = list(told)
    draw.shuffle(mixed)
    one, other = rhythm(of(told, 0), 100, 30), rhythm(of(mixed, shift), 100 + shift, 30)
    for name, column in vars(one).items():
        assert np.array_equal(column, getattr(other, name)), name


@given(st.permutations(range(5)))
def test_people_have_their_own_rhythm_whatever_their_numbers(numbers: list[int]) -> None:
    draw = np.random.default_rng(3)
    person, day = draw.integers(0, 5, 80), draw.integers(0, 90, 80)
    plain = rhythm(Visits.of(person, day, day + 1, person), 100, 30)
    named = rhythm(Visits.of(np.array(numbers)[person], day, day + 1, person), 100, 30)
    assert np.allclose(named.features[numbers], plain.features)
