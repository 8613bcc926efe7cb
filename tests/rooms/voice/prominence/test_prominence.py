"""Prominence finds what was planted, and cannot be moved by who shouts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfar.rooms.voice.prominence.prior import STARS, fit
from kfar.rooms.voice.prominence.scoring import Scores, after, score, weights
from kfar.rooms.voice.prominence.weighing import LEAST, UNVERIFIED, Reviews, weigh

TODAY = 20_500
PRIOR = np.array([[0.4, 0.4, 0.8, 1.6, 2.8]])

#: One review of one product: how many days ago, stars, verified.
said = st.tuples(st.integers(0, 3000), st.integers(1, 5), st.booleans())
some = st.lists(said, max_size=60)


def reviews(rows: list[tuple[int, int, bool]]) -> Reviews:
    table = np.array(rows, np.int64).reshape(-1, 3)
    product = np.zeros(len(table), np.int64)
    return Reviews.of(product, TODAY - table[:, 0], table[:, 1], table[:, 2].astype(bool), 1)


def mean(rows: list[tuple[int, int, bool]]) -> float:
    counted, _changed = weights(reviews(rows), TODAY)
    return float(after(counted, PRIOR)[0][0])


def planted(draw: np.random.Generator, products: int, each: int) -> tuple[Any, Any, Reviews]:
    """Two categories: one that pleases all alike, one in which products differ much."""
    category = np.arange(products) % 2
    alpha = np.where((category == 0)[:, None], [1, 2, 6, 20, 31], [0.8, 0.6, 1.0, 1.6, 2.0])
    truth = np.array([draw.dirichlet(one) for one in alpha])
    many = draw.poisson(each, products)
    product = np.repeat(np.arange(products), many)
    stars = np.array([draw.choice(5, p=truth[one]) + 1 for one in product])
    day = TODAY - draw.integers(0, 300, len(product))
    return category, truth @ STARS, Reviews.of(product, day, stars, np.ones(len(day), bool))


@pytest.fixture(scope="module")
def found() -> tuple[Any, Any, Reviews, Scores, Any]:
    category, truth, given = planted(np.random.default_rng(7), 400, 12)
    scores, priors = score(given, category, 2, TODAY)
    return category, truth, given, scores, priors


class TestWhatWasPlanted:
    def test_priors_are_those_of_the_categories(self, found: Any) -> None:
        worth = found[4].sum(axis=1)
        assert (40 < worth[0] <= 100, 3.5 < worth[1] < 10) == (True, True)
        usual = found[4] @ STARS / worth
        assert np.round(usual, 1).tolist() == pytest.approx([4.3, 3.6], abs=0.11)

    def test_it_is_nearer_to_the_truth_than_the_plain_mean(self, found: Any) -> None:
        _category, truth, given, scores, _priors = found
        many = np.bincount(given.product, minlength=len(truth))
        plain = np.bincount(given.product, given.stars, len(truth)) / np.maximum(many, 1)
        wrong, shrunken = np.abs(plain - truth).mean(), np.abs(scores.mean - truth).mean()
        assert shrunken < 0.75 * wrong

    def test_the_interval_holds_the_truth_as_often_as_it_says(self, found: Any) -> None:
        _category, truth, _given, scores, _priors = found
        within = (scores.low <= truth) & (truth <= scores.high)
        assert 0.92 <= within.mean() <= 0.98


class TestWeights:
    @pytest.mark.parametrize(
        ("row", "weight"),
        [
            ((0, 5, True), 1.0),
            ((0, 5, False), UNVERIFIED),
            ((730, 5, True), 0.5),
            ((1460, 1, True), 0.25),
            ((1460, 1, False), 0.125),
        ],
    )
    def test_one_counts_by_its_age_and_whether_it_was_bought(
        self, row: tuple[int, int, bool], weight: float
    ) -> None:
        assert weigh(reviews([row]), TODAY).weight.tolist() == [weight]

    def test_a_burst_counts_as_three(self) -> None:
        assert weigh(reviews([(0, 5, True)] * 300), TODAY).weight.sum() == pytest.approx(LEAST)

    def test_where_many_come_every_day_many_count(self) -> None:
        steady = [(day, 4, True) for day in range(400) for _ in range(10)]
        assert weigh(reviews(steady), TODAY).weight[-1] == 1.0
        burst = weigh(reviews([*steady, *[(0, 1, True)] * 500]), TODAY)
        assert burst.weight[-510:].sum() == pytest.approx(40.0)

    @given(some, st.integers(1, 5), st.integers(1, 400))
    def test_a_burst_moves_less_than_its_cap(
        self, rows: list[tuple[int, int, bool]], stars: int, many: int
    ) -> None:
        rows = [(ago + 1, *rest) for ago, *rest in rows]  # type: ignore[misc]
        counted, _ = weights(reviews(rows), TODAY)
        cap = np.zeros((1, 5))
        cap[0, stars - 1] = max(LEAST, 4 * len(rows) / 180)
        furthest = float(after(counted + cap, PRIOR)[0][0])
        before, moved = mean(rows), mean([*rows, *[(0, stars, False)] * many])
        assert abs(moved - before) <= abs(furthest - before) + 1e-9

    def test_what_was_said_before_a_change_counts_no_more(self) -> None:
        rows = [(600 - 5 * i, 5 if i < 60 else 2, True) for i in range(120)]
        found = weigh(reviews(rows), TODAY)
        assert found.changed.tolist() == [TODAY - 300]
        assert (found.weight > 0).tolist() == [False] * 60 + [True] * 60

    def test_the_last_of_two_changes_counts(self) -> None:
        stars = [5] * 50 + [2] * 50 + [4] * 50
        rows = [(750 - 5 * i, one, True) for i, one in enumerate(stars)]
        assert weigh(reviews(rows), TODAY).changed.tolist() == [TODAY - 250]

    def test_a_burst_is_no_change(self) -> None:
        rows = [(400 - 5 * i, 4, True) for i in range(78)] + [(1, 1, True)] * 500
        assert weigh(reviews(rows), TODAY).changed.tolist() == [-1]

    def test_where_nothing_changes_a_change_is_seldom_found(self) -> None:
        draw = np.random.default_rng(3)
        product = np.repeat(np.arange(2000), 60)
        stars = draw.choice(5, len(product), p=[0.1, 0.1, 0.2, 0.3, 0.3]) + 1
        day = TODAY - draw.integers(0, 900, len(product))
        found = weigh(Reviews.of(product, day, stars, np.ones(len(day), bool)), TODAY)
        assert (found.changed >= 0).sum() <= 4


class TestRules:
    @given(some, st.booleans())
    def test_one_more_five_never_lowers_it(
        self, rows: list[tuple[int, int, bool]], verified: bool
    ) -> None:
        assert mean([*rows, (0, 5, verified)]) >= mean(rows) - 1e-9

    @given(some, st.booleans())
    def test_one_more_one_never_raises_it(
        self, rows: list[tuple[int, int, bool]], verified: bool
    ) -> None:
        assert mean([*rows, (0, 1, verified)]) <= mean(rows) + 1e-9

    @given(some, st.randoms())
    def test_the_order_they_came_in_is_nothing(
        self, rows: list[tuple[int, int, bool]], chance: Any
    ) -> None:
        again = list(rows)
        chance.shuffle(again)
        assert mean(again) == mean(rows)

    @given(some, st.sampled_from([1, 5]))
    def test_who_bought_it_moves_it_more(
        self, rows: list[tuple[int, int, bool]], stars: int
    ) -> None:
        before = mean(rows)
        bought, not_ = (mean([*rows, (0, stars, verified)]) for verified in (True, False))
        assert abs(bought - before) >= abs(not_ - before) - 1e-9

    @given(st.lists(st.floats(0, 50), min_size=5, max_size=5), st.floats(1.5, 20))
    def test_the_more_is_said_the_nearer_is_the_interval(
        self, counts: list[float], times: float
    ) -> None:
        # The same said again: around the same shares, for all of the prior is in proportion.
        shares = np.array([counts]) + 0.1
        prior = shares / shares.sum() * 4
        _, low, high = after(shares, prior)
        _, nearer, less = after(shares * times, prior)
        assert less - nearer < high - low

    @given(some)
    def test_it_lies_within_its_interval_and_the_stars(
        self, rows: list[tuple[int, int, bool]]
    ) -> None:
        counted, _ = weights(reviews(rows), TODAY)
        value, low, high = (float(one[0]) for one in after(counted, PRIOR))
        assert 1 <= low < value < high <= 5

    def test_a_category_of_few_products_has_the_prior_of_all(self) -> None:
        counts = np.tile([[1.0, 2.0, 3.0, 8.0, 9.0]], (9, 1))
        found = fit(counts, np.array([0] * 8 + [1]), 3)
        assert (found[1] == found[2]).all()

    def test_where_nothing_is_known_all_stars_are_alike(self) -> None:
        [found] = fit(np.zeros((0, 5)), np.zeros(0, np.int64), 1)
        assert found == pytest.approx([found.mean()] * 5)
