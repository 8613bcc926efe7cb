"""How much has to speak for a change: a number of false alarms that one is willing to hear.

"At most one false alarm a quarter" is `QUARTER` hours per alarm. By Shin, Ramdas and Rinaldo (2022,
theorem 2.4) a threshold of that many hours keeps it, whatever the pattern is, as long as it is the
right one: `guaranteed`. It is seldom reached, and a pattern is learned, not known. So quarters are
drawn in which nothing changes, each watched by somebody who learned the pattern anew from as many
hours, and the threshold is what the evidence passes as often as the budget says: `calibrated`.
"""

from __future__ import annotations

import numpy as np

from kfar.rooms.voice.warning import detector
from kfar.rooms.voice.warning.pattern import WEEK, Pattern, people

#: Hours of a quarter, as the budget has it.
QUARTER = 90 * 24
#: What all streams together may cost: false alarms a quarter; and how much of it is the whole's.
BUDGET, WHOLE = 1.0, 0.5
#: Quarters that are drawn, the rarest alarms they can count, and the thresholds that are tried, in
#: parts of the guaranteed one.
WORLDS, RAREST, SCALE = 1000, 0.1, 2 ** np.arange(-2, 5, 0.75)
#: What one false alarm raises a threshold by, and how often at most.
STEP, STEPS = 1.5, 5


def share(streams: int, *, whole: bool) -> float:
    """Return a stream's budget: half is for the whole, half for all parts of it, evenly.

    Alarms of several streams add up, however much these have to do with one another.
    """
    if not streams:
        return BUDGET
    return BUDGET * WHOLE if whole else BUDGET * (1 - WHOLE) / streams


def guaranteed(budget: float) -> float:
    """Return the threshold that keeps a budget (alarms a quarter) by theorem: hours per alarm."""
    return QUARTER / budget


def calibrated(pattern: Pattern, budget: float, *, seed: int = 0) -> float:
    """Return the threshold that keeps a budget (alarms a quarter) in quarters that are drawn.

    Alarms are counted for thresholds on a scale, each followed by a new beginning; in between
    they fall as a power of it. Where the budget is rarer than `WORLDS` quarters can tell, the
    threshold is raised by proportion: hours between alarms grow as it does (E M_τ = E τ).
    """
    draw = np.random.default_rng(seed)
    told = max(budget, RAREST)
    scale = guaranteed(told) * SCALE
    state, alarms = detector.begin((WORLDS, len(scale))), np.zeros((WORLDS, len(scale)))
    learned = pattern.learned_again(WORLDS, draw)
    for hour in range(QUARTER):
        at = hour % WEEK
        came = people((WORLDS,), pattern.expected[at], pattern.spread, draw)
        ratios = detector.log_ratios(came, learned[:, at], pattern.spread)
        state = detector.step(state, ratios[:, None])
        alarm = detector.evidence(state) >= scale
        alarms += alarm
        state[alarm] = 0.0
    often = np.log(np.maximum(alarms.mean(axis=0), 1 / WORLDS))
    return float(np.exp(np.interp(-np.log(told), -often, np.log(scale)))) * told / budget


def strictness(*, false: int, true: int) -> float:
    """Return by what judgements multiply a threshold: half as much again for each false alarm.

    A true one takes one back; it is never below 1, and above 1.5⁵ (7.6) never.
    """
    return float(STEP ** min(max(false - true, 0), STEPS))
