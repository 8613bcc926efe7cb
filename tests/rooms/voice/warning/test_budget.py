from __future__ import annotations

import numpy as np
import pytest

from kfar.rooms.voice.warning import budget, detector
from kfar.rooms.voice.warning.pattern import WEEK, Pattern, learn

RATE = np.full(WEEK, 20 / 24)
#: Known from so many hours that it is certain.
FLAT = Pattern(RATE, 0.0, np.full(WEEK, 1e9), 1e9, RATE)


def alarms(true: np.ndarray, expected: np.ndarray, threshold: float, seed: int) -> np.ndarray:
    """False alarms in a quarter of each world, every one followed by a new beginning."""
    draw, runs = np.random.default_rng(seed), len(true)
    state, found = detector.begin((runs,)), np.zeros(runs)
    for hour in range(budget.QUARTER):
        at = hour % WEEK
        ratios = detector.log_ratios(draw.poisson(true[:, at]), expected[:, at])
        state = detector.step(state, ratios)
        alarm = detector.evidence(state) >= threshold
        found += alarm
        state[alarm] = 0
    return found


def test_the_budget_is_divided_and_never_more_than_one() -> None:
    assert budget.share(0, whole=True) == 1
    assert (budget.share(5, whole=True), budget.share(5, whole=False)) == (0.5, 0.1)
    assert budget.share(5, whole=True) + 5 * budget.share(5, whole=False) == pytest.approx(1)


def test_by_theorem_it_takes_the_hours_between_two_alarms() -> None:
    assert budget.guaranteed(1.0) == 2160
    assert budget.guaranteed(0.1) == 21600


def test_the_calibrated_threshold_keeps_the_budget_and_is_lower() -> None:
    """Three standard errors and a twentieth are the margin; by theorem it is kept amply."""
    threshold = budget.calibrated(FLAT, 1.0)
    assert threshold < budget.guaranteed(1.0)
    worlds = np.broadcast_to(FLAT.expected, (1500, WEEK))
    found = alarms(worlds, worlds, threshold, seed=7)
    assert found.mean() == pytest.approx(1, abs=0.05 + 3 * found.std() / 1500**0.5)
    assert alarms(worlds, worlds, budget.guaranteed(1.0), seed=7).mean() < found.mean()


def test_a_rare_budget_is_kept_by_proportion() -> None:
    worlds = np.broadcast_to(FLAT.expected, (4000, WEEK))
    found = alarms(worlds, worlds, budget.calibrated(FLAT, 0.02), seed=8)
    assert found.mean() <= 0.02 + 3 * 0.02**0.5 / 4000**0.5


def test_who_knows_less_asks_for_more() -> None:
    known, little = (Pattern(RATE, 0.0, np.full(WEEK, n), n * RATE.sum(), RATE) for n in (1e9, 1.0))
    assert budget.calibrated(little, 1.0) > 1.5 * budget.calibrated(known, 1.0)
    certain = FLAT.part(1e9, 1e9 / RATE.sum())
    few = FLAT.part(20, 20 / RATE.sum())
    assert few.expected == pytest.approx(certain.expected)
    assert budget.calibrated(few, 1.0) > 2 * budget.calibrated(certain, 1.0)


def test_a_learned_pattern_keeps_the_budget_over_companies() -> None:
    """One that learned too little of an hour hears more, another less: eight differ by a fifth."""
    draw, hour = np.random.default_rng(9), np.arange(8 * WEEK) % WEEK
    true = np.outer([1.2] * 5 + [0.5] * 2, [0.3] * 8 + [1.35] * 16).ravel() * 20 / 24
    found = []
    for company in range(8):
        pattern = learn(draw.poisson(true[hour]).astype(float), hour)
        threshold = budget.calibrated(pattern, 1.0, seed=company)
        worlds = [np.broadcast_to(of, (250, WEEK)) for of in (true, pattern.expected)]
        found.append(alarms(worlds[0], worlds[1], threshold, seed=company).mean())
    assert np.mean(found) <= 1.25


@pytest.mark.parametrize(
    ("false", "true", "times"), [(0, 0, 1), (1, 0, 1.5), (2, 1, 1.5), (1, 3, 1), (9, 0, 1.5**5)]
)
def test_a_false_alarm_raises_the_threshold_within_bounds(
    false: int, true: int, times: float
) -> None:
    assert budget.strictness(false=false, true=true) == times
