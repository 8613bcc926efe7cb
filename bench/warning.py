"""Early warning: after how many hours a change is found, at one false alarm a quarter.

Twenty people a day are unhappy, by hour of day and day of week as in `TRUTH`; at a random hour of
the week it becomes more of them. Time is counted to the end of the hour in which the alarm is
raised. Beside ours stands its limit: CUSUM (Page, "Continuous inspection schemes", Biometrika 41,
1954) that knows the pattern and by how much it will change, which finds it soonest in the worst
case (Moustakides, Annals of Statistics 14, 1986); it has to be told each multiple, so each line of
it is a detector of its own. All are held to the same number of false alarms, which is measured
in quarters of their own, with every alarm followed by a new beginning.

    uv run python -m bench.warning [RUNS]
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from time import perf_counter

import numpy as np

from kfar.rooms.voice.warning import budget, detector
from kfar.rooms.voice.warning.detector import Floats
from kfar.rooms.voice.warning.pattern import WEEK, learn

RUNS, A_DAY, WEEKS = 4000, 20, 8
#: How many companies learn their pattern and threshold; the runs are divided among them.
COMPANIES = 20
MULTIPLES = (1.5, 2, 3, 5, 10)
#: Two weeks without a change, then four in which it is to be found.
BEFORE, AFTER = 2 * WEEK, 4 * WEEK
#: People by hour of day (the evening has most of them) and by day of week, Monday first.
HOURS = [2, 1, 1, 1, 1, 2, 4, 7, 10, 12, 13, 13, 12, 11, 11, 11, 12, 13, 14, 15, 14, 11, 7, 4]
DAYS = [1.2, 1.1, 1.1, 1.0, 1.0, 0.8, 0.8]
TRUTH = np.outer(DAYS, HOURS).ravel() * 7 * A_DAY / np.outer(DAYS, HOURS).sum()


@dataclass(frozen=True)
class Rule:
    """What is watched: a beginning, the next hour from it (people, expected), what it says."""

    begin: Callable[[int], Floats]
    step: Callable[[Floats, Floats, Floats], Floats]
    said: Callable[[Floats], Floats]


def _ours(state: Floats, people: Floats, expected: Floats) -> Floats:
    return detector.step(state, detector.log_ratios(people, expected))


def _cusum(multiple: float, state: Floats, people: Floats, expected: Floats) -> Floats:
    ratio = people * np.log(multiple) - (multiple - 1) * expected
    more: Floats = np.maximum(state, 0) + ratio
    return more


OURS = Rule(lambda runs: detector.begin((runs,)), _ours, detector.evidence)


def cusum(multiple: float) -> Rule:
    """Return the rule that knows by how much it will change."""
    return Rule(np.zeros, partial(_cusum, multiple), lambda state: state)


def watched(
    rule: Rule,
    expected: Floats,
    threshold: Floats,
    *,
    hours: int,
    multiple: float = 1.0,
    change: int,
    seed: int,
) -> tuple[Floats, Floats]:
    """Watch runs for some hours, from `change` on with so many times as many people.

    `expected` is (runs, 168), `threshold` (runs,). Returns how many alarms there were before the
    change, and after how many hours the first came after it (infinite: none), both (runs,).
    """
    draw = np.random.default_rng(seed)
    runs = len(threshold)
    start, row = draw.integers(0, WEEK, runs), np.arange(runs)
    state, early, found = rule.begin(runs), np.zeros(runs), np.full(runs, np.inf)
    for hour in range(hours):
        at = (start + hour) % WEEK
        people = draw.poisson(TRUTH[at] * (multiple if hour >= change else 1.0)).astype(float)
        state = rule.step(state, people, expected[row, at])
        alarm = rule.said(state) >= threshold
        if hour >= change:
            found = np.where(alarm & np.isinf(found), hour - change + 1.0, found)
        else:
            early += alarm
        state[alarm] = 0.0
    return early, found


def highest(rule: Rule, seed: int) -> float:
    """Return the threshold that one quarter in e stays below, where the pattern is known."""
    draw, most = np.random.default_rng(seed), np.full(RUNS, -np.inf)
    state, known = rule.begin(RUNS), TRUTH
    for hour in range(budget.QUARTER):
        people = draw.poisson(known[hour % WEEK], RUNS).astype(float)
        state = rule.step(state, people, np.full(RUNS, known[hour % WEEK]))
        np.maximum(most, rule.said(state), out=most)
    return float(np.quantile(most, np.exp(-1)))


def companies(runs: int, share: float) -> tuple[Floats, Floats, float]:
    """Return patterns and thresholds that companies learn, (runs, …), and s for a threshold."""
    draw, hour = np.random.default_rng(11), np.arange(WEEKS * WEEK) % WEEK
    learned, thresholds, began = [], [], perf_counter()
    for company in range(COMPANIES):
        pattern = learn(draw.poisson(TRUTH[hour]).astype(float), hour)
        learned.append(pattern.expected)
        thresholds.append(budget.calibrated(pattern, share, seed=company))
    took = (perf_counter() - began) / COMPANIES
    of = np.arange(runs) % COMPANIES
    return np.array(learned)[of], np.array(thresholds)[of], took


def line(name: str, rule: Callable[[float], Rule], expected: Floats, threshold: Floats) -> None:
    """Print one row: the medians for each multiple (and nine in ten), and the false alarms."""
    cells, early = [], np.zeros(1)
    for number, multiple in enumerate(MULTIPLES):
        told = threshold[number] if threshold.ndim == 2 else threshold
        found = watched(
            rule(multiple),
            expected,
            told,
            hours=BEFORE + AFTER,
            multiple=multiple,
            change=BEFORE,
            seed=number,
        )[1]
        cells.append(f"{np.median(found):4.0f} ({np.quantile(found, 0.9):3.0f})")
        if number == MULTIPLES.index(2):
            early = watched(
                rule(multiple), expected, told, hours=budget.QUARTER, change=budget.QUARTER, seed=99
            )[0]
    error = early.std() / len(early) ** 0.5
    print(f"| {name} | {' | '.join(cells)} | {early.mean():.2f} ± {error:.2f} |", flush=True)


def main() -> None:
    """Print the table."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else RUNS
    known = np.broadcast_to(TRUTH, (runs, WEEK))
    print(f"{runs:,} runs a cell, {A_DAY} people a day; hours to the alarm: median (nine in ten)\n")
    print("| | " + " | ".join(f"× {m:g}" for m in MULTIPLES) + " | false alarms in 90 days |")
    print("|---|" + "---:|" * (len(MULTIPLES) + 1))
    limits = [highest(cusum(m), seed=3) for m in MULTIPLES]
    line(
        "limit: CUSUM, pattern and change known",
        cusum,
        known,
        np.array([np.full(runs, h) for h in limits]),
    )
    line(
        "pattern known, threshold by simulation",
        lambda _: OURS,
        known,
        np.full(runs, highest(OURS, seed=4)),
    )
    line(
        "pattern known, threshold by theorem",
        lambda _: OURS,
        known,
        np.full(runs, budget.guaranteed(1.0)),
    )
    learned, half, took = companies(runs, budget.WHOLE)
    line(
        "pattern learned, half the budget (the rest is for products)", lambda _: OURS, learned, half
    )
    learned, thresholds, took = companies(runs, 1.0)
    line(f"pattern learned from {WEEKS} weeks", lambda _: OURS, learned, thresholds)
    print(
        f"\nThresholds: by theorem {budget.guaranteed(1.0):,.0f}, by companies of their own "
        f"{thresholds.min():,.0f} to {thresholds.max():,.0f}; one takes {took:.1f} s."
    )


if __name__ == "__main__":
    main()
