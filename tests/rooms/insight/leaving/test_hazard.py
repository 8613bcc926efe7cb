from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from kfar.rooms.insight.figures import Figure, Withheld
from kfar.rooms.insight.leaving import hazard
from kfar.rooms.insight.leaving.hazard import Learned, learn
from kfar.rooms.insight.leaving.visits import Visits

TODAY = 330


@cache
def a_shop(people: int = 400, leaving: float = 0.04, seed: int = 2) -> Visits:
    """Each with a rhythm of their own; each month some leave for good, the 80 last join late."""
    draw = np.random.default_rng(seed)
    rows = []
    for person in range(people):
        pace = float(np.exp(draw.uniform(np.log(2), np.log(40))))
        spread = draw.gamma(3, pace / 3, 400) if leaving else np.full(400, min(pace, 20))
        start = draw.uniform(0, 200 if person >= 320 else 30)
        days = (start + np.cumsum(spread)).astype(int)
        gone = TODAY if leaving == 0 else start + draw.exponential(30 / leaving)
        rows += [(person, day) for day in days[(days < gone) & (days < TODAY)]]
    person, day = np.array(rows).T
    return Visits.of(person, day, np.full(len(day), 500), np.full(len(day), 4))


@cache
def learned(horizon: int = 30) -> Learned:
    found = learn(a_shop(), TODAY, horizon)
    assert isinstance(found, Learned)
    return found


@pytest.mark.parametrize("horizon", [30, 60])
def test_a_rhythm_of_ones_own_tells_more_than_recency(horizon: int) -> None:
    trial = learned(horizon).trial
    assert trial.auc > trial.baseline_auc + 0.005
    assert trial.brier < trial.baseline_brier
    assert trial.calibration.people.sum() == trial.people
    assert trial.calibration.error < 0.06


def test_a_chance_comes_with_its_interval_and_reasons() -> None:
    """Who comes every 6 days and has not for 24 may be leaving; who comes each 25 is not."""
    often, seldom = np.arange(0, TODAY - 23, 6), np.arange(6, TODAY - 23, 25)
    shop = a_shop()
    day = np.concatenate([shop.day, often + (TODAY - 24 - often[-1]), seldom])
    person = np.concatenate([shop.person, np.full(len(often), 900), np.full(len(seldom), 901)])
    ones = np.ones(len(day))
    chances = learned().model.chances(Visits.of(person, day, 500 * ones, 4 * ones), TODAY)
    one, other = chances.figure(900), chances.figure(901)
    assert isinstance(one, Figure)
    assert isinstance(other, Figure)
    assert one.horizon == 30
    assert 0 < one.low < one.value < one.high < 1
    assert one.value > 2 * other.value
    away = one.reasons[0]
    assert away.code == "leaving.away"
    assert away.params == {"days": 24, "usual": 6.0, "longest": 6, "raises": True}


def test_who_came_seldom_or_never_is_told_nothing() -> None:
    new = Visits.of([1, 1, 2, 2, 2], [9, 20, 3, 8, 9], np.ones(5), np.ones(5))
    chances = learned().model.chances(new, 30)
    assert chances.figure(1) == Withheld("leaving.few_visits", {"visits": 2, "least": 3})
    assert isinstance(chances.figure(2), Figure)
    assert chances.figure(3) == Withheld("leaving.unknown")


def test_too_little_is_refused() -> None:
    shop = a_shop()
    assert learn(shop, 120) == Withheld(
        "leaving.short", {"days": 120 - 30 - int(shop.day.min()), "least": 121}
    )
    few = Visits(*(c[shop.person < 80] for c in vars(shop).values()))
    people = len(np.unique(few.person))
    assert people < 100
    assert learn(few, TODAY) == Withheld("leaving.few_people", {"people": people, "least": 100})
    nobody = Visits.of([], [], [], [])
    assert learn(nobody, TODAY) == Withheld("leaving.short", {"days": 0, "least": 121})


def test_a_panel_in_which_nobody_leaves_is_refused() -> None:
    found = learn(a_shop(leaving=0), TODAY)
    assert found == Withheld("leaving.few_left", {"people": 0, "least": 30})


def test_what_comes_later_changes_no_chance() -> None:
    shop = a_shop()
    then = TODAY - 30
    past = learned().model.chances(shop.before(then), then)
    assert np.array_equal(past.value, learned().model.chances(shop, then).value)
    early, late = hazard.fitted(shop.before(then), then, 30), hazard.fitted(shop, then, 30)
    assert isinstance(early, hazard.Model)
    assert isinstance(late, hazard.Model)
    assert np.array_equal(early.own.beta, late.own.beta)


def test_neither_when_time_begins_nor_who_has_which_number_matters() -> None:
    shop = a_shop()
    moved = replace(shop, day=shop.day + 736_000)
    names = np.random.default_rng(0).permutation(400)
    named = Visits.of(names[shop.person], shop.day, shop.spend, shop.categories)
    plain = learned().model.chances(shop, TODAY)
    later, renamed = learn(moved, TODAY + 736_000), learn(named, TODAY)
    assert isinstance(later, Learned)
    assert isinstance(renamed, Learned)
    after = later.model.chances(moved, TODAY + 736_000)
    assert after.value == pytest.approx(plain.value, abs=1e-9)
    order = np.argsort(names[plain.rhythm.person])
    assert renamed.model.chances(named, TODAY).value == pytest.approx(plain.value[order], abs=1e-6)
