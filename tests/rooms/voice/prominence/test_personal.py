"""A figure for one person: nobody's without friends, theirs with them, and it betrays nobody."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from kfar.rooms.voice.prominence.personal import (
    BEYOND,
    FRIEND,
    NAMED,
    TOGETHER,
    extra,
    heard,
    personal,
)
from kfar.rooms.voice.prominence.scoring import after

TODAY = 20_500
ALPHA = np.array([[0.4, 0.4, 0.8, 1.6, 2.8]])

weights = st.lists(st.floats(0, 50), min_size=5, max_size=5).map(lambda w: np.array([w]))
#: Who wrote a review, how many days ago, stars, verified.
written = st.tuples(
    st.sampled_from([NAMED, FRIEND, BEYOND]), st.integers(0, 3000), st.integers(1, 5), st.booleans()
)
several = st.lists(written, min_size=1, max_size=20)

Written = tuple[int, int, int, bool]


def figure(everybody: np.ndarray, rows: list[Written]) -> tuple[float, float, float]:
    """Mean, low and high of one product, all of these reviews counting."""
    table = np.array(rows, np.int64).reshape(-1, 4)
    who, ago, stars, verified = table.T
    more = extra(who, TODAY - ago, verified.astype(bool), TODAY)
    found = personal(ALPHA + everybody, np.zeros(len(rows), np.int64), stars, more)
    mean, low, high = (float(one[0]) for one in found)
    return mean, low, high


def counting(who: list[int], there: tuple[int, int, int]) -> list[bool]:
    """Which of one product's reviews count, written one after the other."""
    at = np.arange(len(who))
    product = np.zeros(len(who), np.int64)
    return [bool(one) for one in heard(product, np.array(who, np.int64), at, there)]


class TestFigures:
    @given(weights)
    def test_without_anybody_it_is_everybodys_exactly(self, everybody: np.ndarray) -> None:
        public = tuple(float(one[0]) for one in after(everybody, ALPHA))
        assert figure(everybody, []) == public

    @given(weights, several, st.sampled_from([NAMED, FRIEND, BEYOND]))
    def test_five_stars_never_lower_it_and_one_never_raises_it(
        self, everybody: np.ndarray, rows: list[Written], who: int
    ) -> None:
        before = figure(everybody, rows)[0]
        assert figure(everybody, [*rows, (who, 0, 5, True)])[0] >= before - 1e-12
        assert figure(everybody, [*rows, (who, 0, 1, True)])[0] <= before + 1e-12

    @given(weights, st.integers(1, 5), st.integers(0, 3000), st.booleans())
    def test_a_friend_moves_it_further_than_a_friends_friend_the_same_way(
        self, everybody: np.ndarray, stars: int, ago: int, verified: bool
    ) -> None:
        public = figure(everybody, [])[0]
        far = figure(everybody, [(BEYOND, ago, stars, verified)])[0] - public
        near = figure(everybody, [(NAMED, ago, stars, verified)])[0] - public
        assert abs(near) >= abs(far) - 1e-12
        assert near * far >= 0
        assert near == figure(everybody, [(FRIEND, ago, stars, verified)])[0] - public

    @given(weights, several)
    def test_it_lies_between_what_everybody_says_and_what_friends_say(
        self, everybody: np.ndarray, rows: list[Written]
    ) -> None:
        public, (mean, low, high) = figure(everybody, [])[0], figure(everybody, rows)
        stars = [public, *(float(row[2]) for row in rows)]
        assert min(stars) - 1e-9 <= mean <= max(stars) + 1e-9
        assert 1 <= low <= mean <= high <= 5

    def test_a_review_of_a_friend_counts_as_two_alike_and_of_theirs_as_one_and_three_tenths(
        self,
    ) -> None:
        alone = np.array([[0, 0, 0, 0, 1.0]])
        assert figure(alone, [(NAMED, 0, 5, True)]) == figure(alone * 2, [])
        assert figure(alone, [(BEYOND, 0, 5, True)]) == figure(alone * 1.3, [])
        assert extra(
            np.array([NAMED, BEYOND, NAMED]),
            TODAY - np.array([0, 0, 730]),
            np.array([False, True, True]),
            TODAY,
        ).tolist() == [0.5, 0.3, 0.5]


class TestHeard:
    def test_who_may_be_named_counts_alone(self) -> None:
        assert counting([NAMED], (1, 0, 0)) == [True]

    def test_others_count_in_threes_and_never_all_who_might_have(self) -> None:
        for who in (FRIEND, BEYOND):
            counted = [sum(counting([who] * n, (0, 7, 7))) for n in range(8)]
            assert counted == [0, 0, 0, 3, 3, 3, 6, 6]
            there = [sum(counting([who] * 3, (0, n, n))) for n in (3, 4)]
            assert there == [0, 3]

    @given(st.lists(st.sampled_from([NAMED, FRIEND, BEYOND]), max_size=30), st.integers(0, 5))
    def test_one_review_more_shows_nothing_or_three_at_once(
        self, who: list[int], silent: int
    ) -> None:
        """Whoever of them writes next, the figure never changes by one alone who is not named."""
        there = who.count(NAMED), who.count(FRIEND) + silent, who.count(BEYOND) + silent
        for kind in (FRIEND, BEYOND):
            shown = [
                sum(
                    counted
                    for counted, one in zip(counting(who[:n], there), who, strict=False)
                    if one == kind
                )
                for n in range(len(who) + 1)
            ]
            steps = {later - earlier for earlier, later in pairwise(shown)}
            assert steps <= {0, TOGETHER}
            assert shown[-1] < max(there[kind], 1)

    @given(
        st.lists(
            st.tuples(st.integers(0, 4), st.sampled_from([NAMED, FRIEND, BEYOND])), max_size=60
        )
    )
    def test_products_do_not_know_of_each_other(self, rows: list[tuple[int, int]]) -> None:
        product, who = np.array(rows, np.int64).reshape(-1, 2).T
        together = heard(product, who, np.arange(len(rows)), (9, 9, 9))
        for one in range(5):
            alone = counting(who[product == one].tolist(), (9, 9, 9))
            assert together[product == one].tolist() == alone
