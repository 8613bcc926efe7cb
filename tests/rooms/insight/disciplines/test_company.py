"""Words and life: the gap, and an alarm that keeps its budget and hears a planted drift."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfar.rooms.insight.disciplines.company import Standing, standing, watch
from kfar.rooms.insight.figures import Floats, Reason, Withheld

WORDS = {"price": 2, "convenience": 3, "quality": 5}
RIGHT = np.array([0.2, 0.3, 0.5])


def weeks(draw: np.random.Generator, shares: Floats, count: int, voices: int = 60) -> Floats:
    return draw.multinomial(voices, np.broadcast_to(shares, (count, 3))).astype(np.float64)


# --- the gap -------------------------------------------------------------------------------------


def test_words_beside_life_by_hand() -> None:
    found = standing(WORDS, {"price": 60, "quality": 35, "convenience": 5})
    assert isinstance(found, Standing)
    assert found.names == ("price", "convenience", "quality")
    assert found.words == pytest.approx([0.2, 0.3, 0.5])
    assert found.life == pytest.approx([0.6, 0.05, 0.35])
    assert (found.leads_by_words, found.leads, found.voices) == ("quality", "price", 100)
    assert found.distance == pytest.approx(0.4)
    assert [(r.code, r.params["name"]) for r in found.reasons] == [
        ("disciplines.more_lived", "price"),
        ("disciplines.less_lived", "convenience"),
        ("disciplines.less_lived", "quality"),
    ]
    assert found.reasons[0].params == pytest.approx({"name": "price", "words": 0.2, "life": 0.6})


def test_too_few_voices_and_none_that_leads() -> None:
    assert standing(WORDS, {"price": 29}) == Withheld(
        "disciplines.few_voices", {"voices": 29, "needed": 30}
    )
    close = standing(WORDS, {"price": 52, "quality": 48})
    assert isinstance(close, Standing)
    assert close.leads is None
    one = standing({"price": 1}, {"price": 30})
    assert isinstance(one, Standing)
    assert (one.leads, one.distance, one.reasons) == ("price", 0, ())


@given(st.lists(st.integers(0, 500), min_size=3, max_size=3))
def test_the_distance_is_none_to_all(counts: list[int]) -> None:
    found = standing(WORDS, dict(zip(WORDS, counts, strict=True)))
    if isinstance(found, Withheld):
        assert sum(counts) < 30
        return
    assert 0 <= found.distance <= 1
    assert found.life.sum() == pytest.approx(1)


def test_weights_that_weigh_nothing_are_errors() -> None:
    for wrong in ({}, {"price": 0}, {"price": -1, "quality": 2}):
        with pytest.raises(ValueError, match="weights"):
            standing(wrong, {})
    with pytest.raises(ValueError, match="every discipline"):
        standing(WORDS, {"colour": 40})


# --- the alarm -----------------------------------------------------------------------------------


def test_no_drift_keeps_the_budget_over_simulated_years() -> None:
    """With a budget of 52 weeks, 200 companies, a year each: false alarms are one in a year or
    fewer on the average, so in their first year fewer than those of a fixed rate, 1 - 1/e.
    """
    draw = np.random.default_rng(0)
    rang = sum(watch(WORDS, weeks(draw, RIGHT, 52), budget=52).rang is not None for _ in range(200))
    assert rang <= 200 * (1 - np.exp(-1))
    # With the default, ten years, shares that just may be as they are, and move from week to week.
    worst = np.clip(RIGHT + draw.uniform(-1, 1, (40, 520, 1)) * [0.05, 0, -0.05], 0, 1)
    first = [watch(WORDS, weeks(draw, shares, 520)).rang for shares in worst]
    until = [520 if rang is None else rang + 1 for rang in first]
    # Cut off at 520 weeks the mean must come near to them.
    assert np.mean(until) > 480


def test_at_the_edge_of_what_is_allowed_the_budget_holds() -> None:
    """Shares as far off as is allowed, all the time: on the average 50 weeks or more."""
    draw = np.random.default_rng(1)
    edge = RIGHT + np.array([0.05, 0, -0.05])
    until = []
    for _ in range(120):
        rang = watch(WORDS, weeks(draw, edge, 2000), budget=50).rang
        until.append(2000 if rang is None else rang + 1)
    assert np.mean(until) > 50


def test_a_planted_drift_is_heard_and_named() -> None:
    """After a year, quality gives 20 points to price: heard within six weeks, of 60 voices each."""
    draw = np.random.default_rng(2)
    drifted = RIGHT + np.array([0.2, 0, -0.2])
    for _ in range(40):
        heard = watch(
            WORDS, np.concatenate([weeks(draw, RIGHT, 52), weeks(draw, drifted, 12)]), budget=520
        )
        assert heard.rang is not None
        assert 52 <= heard.rang < 58
        assert heard.since is not None
        assert 48 <= heard.since <= heard.rang
        assert heard.reason is not None
        name, code = heard.reason.params["name"], heard.reason.code
        assert (name, code) in {
            ("price", "disciplines.drifted_up"),
            ("quality", "disciplines.drifted_down"),
        }
        assert heard.evidence[-1] >= 520 > heard.evidence[:-1].max()
        assert len(heard.evidence) == heard.rang + 1


def test_one_week_by_hand() -> None:
    """One name of two, 10 of 10: each bet up on it wins (bet / nearest)^10."""
    heard = watch({"a": 1, "b": 1}, [[10, 0]], allowed=0.1, budget=1e9)
    up = np.array([0.63, 0.66, 0.72, 0.84]) / 0.6
    down = np.array([0.37, 0.34, 0.28, 0.16]) / 0.4
    # Going down for b is the same as going up for a, and so the other way round.
    assert heard.evidence == pytest.approx([np.mean(np.concatenate([up, down]) ** 10)])
    assert (heard.rang, heard.since, heard.reason) == (None, None, None)
    rung = watch({"a": 1, "b": 1}, [[5, 5], [10, 0]], allowed=0.1, budget=2)
    assert rung.rang == 1
    assert rung.since == 1
    assert rung.reason == Reason(
        "disciplines.drifted_up", {"name": "a", "agreed": 0.5, "life": 1.0, "voices": 10}
    )


def test_weeks_in_which_nobody_spoke_say_nothing() -> None:
    heard = watch(WORDS, np.zeros((20, 3)))
    assert heard.rang is None
    # Every week one more bet is open, and none has won.
    assert heard.evidence == pytest.approx(np.arange(1, 21))
    assert np.isnan(heard.shares).all()
    assert watch(WORDS, np.zeros((0, 3))).rang is None


def test_more_voices_are_heard_sooner() -> None:
    drifted = RIGHT + np.array([0.15, 0, -0.15])
    few, many = (watch(WORDS, np.tile(drifted * voices, (200, 1))).rang for voices in (20, 200))
    assert few is not None
    assert many is not None
    assert many < few


def test_weeks_that_do_not_fit_are_errors() -> None:
    for wrong in ([1, 2, 3], [[1, 2]], [[1, 2, -1]]):
        with pytest.raises(ValueError, match="one row of counts"):
            watch(WORDS, wrong)
    with pytest.raises(ValueError, match="everything is allowed"):
        watch(WORDS, [[1, 2, 3]], allowed=1)
