"""On real people, half a year ahead: never behind the category's mean."""

from __future__ import annotations

import numpy as np
import pytest

from kfar.rooms.insight.disciplines.judging import held, judge, matched
from kfar.rooms.insight.disciplines.shrinking import shrink
from kfar.rooms.insight.figures import rmse
from tests.rooms.insight.disciplines.journey import MEASURES, Journey


@pytest.fixture(scope="module")
def journey() -> Journey:
    return Journey()


def test_the_year_is_whole(journey: Journey) -> None:
    assert (journey.people, journey.categories) == (2467, 300)
    assert journey.rows[:, 3].sum() == 1_440_883


#: RMSE of households × categories with five lines in both halves, and with eight: ours and that
#: of the category's mean, as computed.
ERRORS = {
    "off": ((0.0797, 0.0877), (0.0717, 0.0819)),
    "deal": ((0.2257, 0.2474), (0.2044, 0.2324)),
    "private": ((0.1756, 0.2481), (0.1560, 0.2389)),
}


@pytest.mark.parametrize("measure", MEASURES)
def test_the_second_half_year_is_nearer_than_the_categorys_mean(
    journey: Journey, measure: str
) -> None:
    """What to show and how wide intervals are is learned from the first two quarters alone."""
    learned = judge(journey.cells(measure, [0]), journey.cells(measure, [1]))
    said = shrink(journey.cells(measure, [0, 1]))
    later = journey.cells(measure, [2, 3])
    for fewest, errors in zip((5, 8), ERRORS[measure], strict=True):
        here, there = matched(said.cells, later, fewest)
        came = later.value[there]
        ours, plain = rmse(said.value[here], came), rmse(said.expected[here], came)
        assert (ours, plain) == pytest.approx(errors, abs=2e-3)
        assert ours < 0.93 * plain
    assert held(said, learned, later) == pytest.approx(0.8, abs=0.03)
    # Where it is shown it was right to be: in most categories, and on the whole by more.
    judged = judge(said, later)
    shown = learned.shown & (judged.people >= 20)
    assert (judged.error < judged.plain)[shown].mean() > 0.8
    assert 40 < np.count_nonzero(learned.shown) < 70
