from __future__ import annotations

from math import e, log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import nbinom, poisson

from kfar.rooms.voice.warning import detector
from kfar.rooms.voice.warning.detector import MULTIPLES, follow, log_ratios, since, step

MEAN = st.floats(0.01, 20)
SPREAD = st.just(0.0) | st.floats(0.01, 2)


def means(ratios: np.ndarray, mean: float, spread: float) -> np.ndarray:
    """The mean of each row of ratios, (…, people), where so many are to be expected."""
    people = np.arange(ratios.shape[-1])
    size = 1 / max(spread, 1e-9)
    usual = (
        nbinom.logpmf(people, size, 1 / (1 + mean / size))
        if spread > 1e-6
        else poisson.logpmf(people, mean)
    )
    found: np.ndarray = np.exp(ratios + usual).sum(axis=-1)
    return found


class TestRatios:
    def test_poisson_by_hand(self) -> None:
        """Three came where one was expected: r³ · e^(1 - r)."""
        assert np.exp(log_ratios(3, 1.0)) == pytest.approx(
            [3.375 * e**-0.5, 8 / e, 27 * e**-2, 125 * e**-4, 1000 * e**-9]
        )

    def test_negative_binomial_by_hand(self) -> None:
        """Two came where one was expected, geometrically: 1/3 · (2/3)² over 1/2 · (1/2)²."""
        assert np.exp(log_ratios(2, 1.0, 1.0))[1] == pytest.approx(32 / 27)

    @given(st.integers(0, 200), MEAN, SPREAD)
    def test_they_are_those_of_the_distributions(
        self, people: int, mean: float, spread: float
    ) -> None:
        for multiple, told in zip(MULTIPLES, log_ratios(people, mean, spread), strict=True):
            if spread:
                size = 1 / spread
                more = nbinom.logpmf(people, size, size / (size + multiple * mean))
                usual = nbinom.logpmf(people, size, size / (size + mean))
            else:
                more, usual = poisson.logpmf(people, multiple * mean), poisson.logpmf(people, mean)
            assert told == pytest.approx(more - usual, rel=1e-6, abs=1e-6)

    @given(st.floats(0.1, 5), SPREAD, st.floats(0.1, 1), st.floats(0, 1))
    def test_the_mean_is_one_as_expected_and_less_with_fewer_or_steadier_people(
        self, mean: float, spread: float, fewer: float, steadier: float
    ) -> None:
        """That is all the theorem asks for (Shin, Ramdas and Rinaldo 2022, definition 2.2)."""
        people = np.arange(1500)
        ratios = log_ratios(people, np.full(1500, mean), spread)[:, :2].T
        assert means(ratios, mean, spread) == pytest.approx([1, 1], rel=1e-6)
        assert (means(ratios, mean * fewer, spread) <= 1 + 1e-6).all()
        assert (means(ratios, mean, spread * steadier) <= 1 + 1e-6).all()


class TestRecursion:
    def test_by_hand(self) -> None:
        """Two hours in which one was expected: three came, then nobody. M = ((0 + 1)Λ₁ + 1)Λ₂."""
        first = np.exp(log_ratios(3, 1.0))
        fades = np.exp(-(MULTIPLES - 1))
        told = follow(np.array([3.0, 0.0]), np.array([1.0, 1.0]))
        assert told == pytest.approx([first.mean(), ((first + 1) * fades).mean()])
        assert told[0] == pytest.approx(
            (3.375 * e**-0.5 + 8 / e + 27 * e**-2 + 125 * e**-4 + 1000 * e**-9) / 5
        )

    def test_it_is_the_sum_over_all_beginnings(self) -> None:
        """M_t = Σ over s ≤ t of Λ_s … Λ_t: what the recursion is short for (equation 10)."""
        people, expected = np.array([0.0, 2, 1, 4, 0]), np.array([1.0, 0.5, 2, 1, 0.3])
        ratios = np.exp(log_ratios(people, expected))
        sums = sum(ratios[begun:].prod(axis=0) for begun in range(5))
        assert follow(people, expected)[-1] == pytest.approx(detector.evidence(np.array(sums)))

    def test_runs_beside_one_another_do_not_touch(self) -> None:
        people = np.array([[0.0, 5, 1], [2, 2, 2]])
        both = follow(people, np.ones(3), np.array([0.0, 0.5]))
        assert both[0] == pytest.approx(follow(people[0], np.ones(3)))
        assert both[1] == pytest.approx(follow(people[1], np.ones(3), 0.5))

    def test_however_many_come_it_stays_a_number(self) -> None:
        state = step(detector.begin(), log_ratios(1e6, 1.0))
        assert np.isfinite(step(state, log_ratios(1e6, 1.0))).all()


class TestGuarantee:
    def test_alarms_are_as_rare_as_the_theorem_says(self) -> None:
        """Theorem 2.4: E τ ≥ c. And E M_τ = E τ, as M_t - t is a martingale: three errors' room."""
        draw, runs, threshold = np.random.default_rng(5), 2000, 100.0
        took, said = np.zeros(runs), np.zeros(runs)
        state, going = detector.begin((runs,)), np.ones(runs, bool)
        while going.any():
            state = step(state, log_ratios(draw.poisson(0.8, runs), 0.8))
            took += going
            said = np.where(going, detector.evidence(state), said)
            going &= said < threshold
        error = np.hypot(took.std(), said.std()) / runs**0.5
        assert took.mean() >= threshold + 3 * took.std() / runs**0.5
        assert said.mean() == pytest.approx(took.mean(), abs=3 * error)


class TestSince:
    def test_a_change_began_where_more_came(self) -> None:
        people = np.array([1.0, 0, 2, 1, 0, 5, 4, 6])
        assert since(people, np.ones(8)) == 5

    def test_an_hour_that_says_less_than_nothing_is_left_out(self) -> None:
        """Of 1.5 times as many: log 1.5 > 0.5 · 0.8, and log 1.5 < 0.5 · 0.9."""
        assert log(1.5) > 0.4
        assert since(np.array([1.0, 1.0]), np.array([0.8, 0.8])) == 0
        assert since(np.array([0.0, 1.0]), np.array([0.9, 0.8])) == 1
