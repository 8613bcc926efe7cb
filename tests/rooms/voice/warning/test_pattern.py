from __future__ import annotations

import numpy as np
import pytest

from kfar.rooms.voice.warning.pattern import PEOPLE, WEEK, WEEKS, enough, learn

HOURS = np.arange(8 * WEEK) % WEEK
#: Twice as many by day as by night, half as many on the weekend.
TRUTH = np.outer([1.0] * 5 + [0.5] * 2, [1.0] * 12 + [2.0] * 12).ravel()


def drawn(rate: np.ndarray, seed: int = 1, spread: float = 0.0) -> np.ndarray:
    draw = np.random.default_rng(seed)
    mean = draw.gamma(1 / spread, rate * spread) if spread else rate
    return draw.poisson(mean).astype(float)


def test_as_many_are_expected_as_came() -> None:
    came = drawn(TRUTH[HOURS])
    assert learn(came, HOURS).expected.sum() * 8 == pytest.approx(came.sum())
    assert learn(came, HOURS).seen == came.sum()


def test_what_never_changes_is_flat_and_not_spread() -> None:
    pattern = learn(np.full(len(HOURS), 3.0), HOURS)
    assert pattern.expected == pytest.approx(np.full(WEEK, 3.0))
    assert pattern.spread == 0


def test_with_many_people_it_is_the_truth() -> None:
    pattern = learn(drawn(100 * TRUTH[HOURS]), HOURS)
    assert pattern.expected == pytest.approx(100 * TRUTH, rel=0.12)


def test_with_few_people_it_is_closer_to_the_truth_than_what_was_counted() -> None:
    """James and Stein (1961): what is shrunken errs less, all in all."""
    rate = 0.83 * TRUTH / TRUTH.mean()
    came = drawn(rate[HOURS], seed=2)
    counted = np.bincount(HOURS, came, WEEK) / 8
    learned = learn(came, HOURS).expected
    assert ((learned - rate) ** 2).sum() < 0.25 * ((counted - rate) ** 2).sum()


def test_hours_that_are_spread_are_seen_to_be() -> None:
    """The test errs once in twenty where there is no spread, by design."""
    rate = 2 * TRUTH[HOURS]
    assert learn(drawn(rate, 3, spread=0.5), HOURS).spread == pytest.approx(0.5, abs=0.15)
    found = [learn(drawn(rate, seed), HOURS).spread > 0 for seed in range(200)]
    assert sum(found) <= 20


def test_an_hour_of_the_week_of_its_own_is_kept() -> None:
    rate = TRUTH.copy()
    rate[20] *= 12
    learned = learn(drawn(rate[HOURS], 4), HOURS).expected
    assert learned[20] == pytest.approx(rate[20], rel=0.25)
    assert learned[20 + 24] == pytest.approx(rate[20 + 24], rel=0.6)


def test_a_part_has_the_same_hours_and_its_own_level() -> None:
    pattern = learn(drawn(TRUTH[HOURS]), HOURS)
    part = pattern.part(40, 8)
    assert part.expected.sum() == pytest.approx(5)
    assert part.expected / pattern.expected == pytest.approx(
        np.full(WEEK, 5 / pattern.expected.sum())
    )
    assert part.seen == 40


@pytest.mark.parametrize("of", ["whole", "part"])
def test_what_is_learned_again_is_as_far_off_as_the_people_seen_are_few(of: str) -> None:
    """The level's relative error after n people is 1/√n."""
    pattern = learn(drawn(TRUTH[HOURS]), HOURS)
    pattern = pattern if of == "whole" else pattern.part(25, 8)
    worlds = pattern.learned_again(4000, np.random.default_rng(1)).sum(axis=1)
    assert worlds.mean() == pytest.approx(pattern.seen / 8, rel=0.02)
    assert worlds.std() / worlds.mean() == pytest.approx(pattern.seen**-0.5, rel=0.1)


def test_what_is_learned_again_of_spread_hours_is_further_off() -> None:
    """A mean of n hours has the variance m/n + spread · m²/n."""
    flat = learn(drawn(2 * np.ones(len(HOURS)), 3, spread=0.5), HOURS)
    worlds = flat.learned_again(4000, np.random.default_rng(1)).mean(axis=1)
    mean = flat.expected.mean()
    variance = (mean + flat.spread * mean**2) / len(HOURS)
    assert worlds.std() == pytest.approx(variance**0.5, rel=0.1)


def test_four_weeks_and_some_people_are_enough() -> None:
    assert enough(WEEKS * WEEK, PEOPLE)
    assert not enough(WEEKS * WEEK - 1, PEOPLE)
    assert not enough(WEEKS * WEEK, PEOPLE - 1)
