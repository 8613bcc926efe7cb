"""What scores say of all who answered, and how sure that is.

The Net Promoter Score is the share of 9 and 10 less the share of 0 to 6 (Reichheld, Harvard
Business Review, 2003): a difference of two shares of one multinomial, whose variance is
`(p + q - (p - q)²) / n` (Goodman, Technometrics 7, 1965). Its interval adds half an answer to
each of both and one between, as Agresti and Min, Statistics in Medicine 24 (2005), found best
for such differences: where all say 10 it is no point. Shares lie as Wilson says (1927).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

from kfar.ground.shares import wilson
from kfar.rooms.voice.questionnaire.form import SCALES, Score

#: In how many of all such cases what is so lies in an interval.
LEVEL = 0.95


@dataclass(frozen=True)
class Scored:
    """A score over `people` answers: its value and from where to where it lies; the mean, too.

    The value of an NPS is from -1 to 1, that of CSAT and CES the share of good answers.
    """

    score: Score
    people: int
    value: float
    low: float
    high: float
    mean: float


def scored(score: Score, counts: Mapping[int, int]) -> Scored:
    """Return what answers say, of which there are so many of each value; at least one."""
    people = sum(counts.values())
    mean = sum(value * times for value, times in counts.items()) / people
    scale = SCALES[score]
    good = sum(times for value, times in counts.items() if value >= scale.good)
    if score is Score.NPS:
        bad = sum(times for value, times in counts.items() if value <= scale.low)
        low, high = difference(good, bad, people)
        return Scored(score, people, (good - bad) / people, low, high, mean)
    low, high = wilson(good, people, LEVEL)
    return Scored(score, people, good / people, low, high, mean)


def difference(ones: int, others: int, people: int, level: float = LEVEL) -> tuple[float, float]:
    """Return where the share of `ones` less the share of `others`, of `people`, lies."""
    n = people + 2
    p, q = (ones + 0.5) / n, (others + 0.5) / n
    spread = NormalDist().inv_cdf((1 + level) / 2) * sqrt((p + q - (p - q) ** 2) / n)
    return max(p - q - spread, -1.0), min(p - q + spread, 1.0)
