"""Which value a company leads with: by its own words, by what customers live through, and drift.

Words are weights that the company declares for its disciplines. What customers live through is
counted: voices by theme, or cells of `leading` by what leads there.

The alarm is an e-detector of Shiryaev-Roberts kind (Shin, Ramdas and Rinaldo, "E-detectors",
New England Journal of Statistics in Data Science 2, 2024). Each week is bet on, discipline by
discipline and to both sides: that its share lies further from what was agreed than is allowed.
A bet's stake is multiplied by the likelihood ratio of the week's count, binomial, against the
nearest share that is allowed; so it wins nothing on the average while all is well. A new bet
begins every week, and when all bets together are worth as much as weeks stand in the budget, the
alarm rings. Whenever all shares stay within what is allowed, moving as they like, it takes at
least so many weeks on the average until it rings; what is assumed is that the voices of one week
do not copy one another, so a customer should count once a week.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kfar.rooms.insight.figures import Floats, Reason, Withheld

Ints = NDArray[np.int64]
#: One false alarm in ten years of weeks.
BUDGET = 520.0
#: How far a share may lie from what was agreed.
ALLOWED = 0.05
#: How much further it is bet to lie.
BETS = (0.03, 0.06, 0.12, 0.24)
#: Voices without which nothing is said of what customers live through.
VOICES = 30
SURE = 1.2816
LEAST = 1e-9


@dataclass(frozen=True, eq=False)
class Standing:
    """Words and life, over `names`: shares that sum to 1.

    `distance` is half the sum of differences: 0 the same, 1 nothing in common. `leads` by life is
    None where the first and the second are not told apart by so many voices (90 %).
    """

    names: tuple[str, ...]
    words: Floats
    life: Floats
    voices: int
    leads_by_words: str
    leads: str | None
    distance: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, eq=False)
class Watched:
    """What the alarm heard, week by week: `shares` (weeks, names), NaN where nobody spoke.

    `evidence` (weeks,) is what all bets are worth; it rings at `budget`. `rang` is the place of the
    week in which it first did, `since` the week from which the bet that won most did so, `reason`
    what drifted where to; None where it did not ring.
    """

    names: tuple[str, ...]
    shares: Floats
    evidence: Floats
    budget: float
    rang: int | None
    since: int | None
    reason: Reason | None


def standing(words: Mapping[str, float], life: Mapping[str, int]) -> Standing | Withheld:
    """Return what the company says it leads with beside what customers live through.

    `words` are weights, at least 0, in any unit; `life` counts voices or purchases. Withheld with
    fewer than 30 of them (`disciplines.few_voices`). Raises `ValueError` where weights are below
    0 or all 0, and where life knows a discipline that words do not.
    """
    names, said = _words(words)
    if not set(life) <= set(names):
        raise ValueError("words name every discipline, with 0 where it is none of theirs")
    counts = np.array([life.get(name, 0) for name in names], np.float64)
    voices = int(counts.sum())
    if voices < VOICES:
        return Withheld("disciplines.few_voices", {"voices": voices, "needed": VOICES})
    lived = counts / voices
    second, first = np.sort(counts)[-2:] if len(counts) > 1 else (0.0, counts[0])
    # The difference of two counts of one multinomial, where they are equal in truth.
    sure = first - second > SURE * np.sqrt(first + second)
    gap = lived - said
    order = np.argsort(-np.abs(gap), kind="stable")
    return Standing(
        names=names,
        words=said,
        life=lived,
        voices=voices,
        leads_by_words=names[int(np.argmax(said))],
        leads=names[int(np.argmax(lived))] if sure else None,
        distance=float(np.abs(gap).sum() / 2),
        reasons=tuple(
            Reason(
                "disciplines.more_lived" if gap[n] > 0 else "disciplines.less_lived",
                {"name": names[n], "words": float(said[n]), "life": float(lived[n])},
            )
            for n in order
            if gap[n]
        ),
    )


def watch(
    agreed: Mapping[str, float],
    weeks: ArrayLike,
    *,
    allowed: float = ALLOWED,
    budget: float = BUDGET,
) -> Watched:
    """Return what the alarm heard in `weeks` (weeks, names) of counts, the names as in `agreed`.

    `agreed` are the weights to keep to: the company's words, or the shares of a time that was
    right. A share may lie `allowed` from them; a false alarm comes once in `budget` weeks on the
    average, or less often. Raises `ValueError` where shapes do not fit or counts are below 0.
    """
    names, right = _words(agreed)
    counts = np.asarray(weeks, np.float64)
    if counts.ndim != 2 or counts.shape[1] != len(names) or (counts < 0).any():
        raise ValueError("one row of counts, at least 0, for each week")
    voices = counts.sum(axis=1)
    nearest, bet, name, up = _bets(right, allowed)
    yes = counts[:, name]
    gain = yes * np.log(bet / nearest)
    gain += (voices[:, None] - yes) * np.log((1 - bet) / (1 - nearest))
    worth, evidence = np.full(len(bet), -np.inf), np.zeros(len(counts))
    rang: int | None = None
    for week, won in enumerate(gain):
        worth = np.logaddexp(worth, 0.0) + won
        evidence[week] = np.exp(np.logaddexp.reduce(worth) - np.log(len(bet)))
        if evidence[week] >= budget:
            rang = week
            break
    since, reason = None, None
    if rang is not None:
        best = int(np.argmax(worth))
        won_since = np.cumsum(gain[: rang + 1, best][::-1])[::-1]
        since = int(np.argmax(won_since))
        heard = counts[since : rang + 1].sum(axis=0)
        reason = Reason(
            "disciplines.drifted_up" if up[best] else "disciplines.drifted_down",
            {
                "name": names[name[best]],
                "agreed": float(right[name[best]]),
                "life": float(heard[name[best]] / heard.sum()),
                "voices": int(heard.sum()),
            },
        )
    heard_weeks = len(counts) if rang is None else rang + 1
    with np.errstate(invalid="ignore"):
        shares = counts / voices[:, None]
    return Watched(names, shares, evidence[:heard_weeks], budget, rang, since, reason)


def _words(words: Mapping[str, float]) -> tuple[tuple[str, ...], Floats]:
    weights = np.array(list(words.values()), np.float64)
    if not len(weights) or (weights < 0).any() or not 0 < weights.sum() < np.inf:
        raise ValueError("weights are at least 0, and one is above")
    return tuple(words), weights / weights.sum()


def _bets(right: Floats, allowed: float) -> tuple[Floats, Floats, Ints, NDArray[np.bool_]]:
    """Return of each bet the nearest allowed share, the share bet on, its name's place, its side.

    Only what lies within 0 and 1 is bet on. Where nothing does, a share beyond all is.
    """
    found = [
        (near, share, n, side > 0)
        for n, centre in enumerate(right)
        for side in (1, -1)
        for near in (float(np.clip(centre + side * allowed, LEAST, 1 - LEAST)),)
        for share in (near + side * more for more in BETS)
        if 0 < share < 1
    ]
    if not found:
        raise ValueError("everything is allowed")
    near, bet, name, up = zip(*found, strict=True)
    return np.array(near), np.array(bet), np.array(name), np.array(up)
