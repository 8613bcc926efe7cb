"""Shown is what beat the category's mean on a time not seen, with intervals that hold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from kfar.rooms.insight.disciplines.judging import held, interval, judge, matched
from kfar.rooms.insight.disciplines.shrinking import Cells, shrink
from tests.rooms.insight.disciplines.planted import CATEGORIES, PEOPLE, Planted

HALF = CATEGORIES // 2


def test_categories_in_which_people_differ_are_shown_and_hardly_any_other() -> None:
    shown = np.zeros(CATEGORIES, int)
    for seed in range(12):
        planted = Planted(seed)
        judged = judge(planted.time(), planted.time())
        shown += judged.shown
        assert (judged.people > 300).all()
        assert (judged.error < judged.plain)[:HALF].all()
        assert judged.total_error < judged.total_plain
    assert shown[:HALF].tolist() == [12] * HALF
    # Nothing is to be gained in the others: one in ten is shown by chance, of 72.
    assert shown[HALF:].sum() <= 14


def test_of_ten_eight_lie_in_the_interval_in_a_third_time() -> None:
    planted = Planted(3)
    first, second, third = planted.time(), planted.time(), planted.time()
    judged = judge(first, second)
    now = shrink(second)
    assert judged.level == 0.8
    assert held(now, judged, third) == pytest.approx(0.8, abs=0.03)
    low, high = interval(now, judged)
    assert ((low >= 0) & (low <= now.value) & (now.value <= high) & (high <= 1)).all()


def test_what_is_said_is_what_comes() -> None:
    planted = Planted(6)
    judged = judge(planted.time(), planted.time())
    assert judged.calibration.error < 0.02
    assert judged.calibration.people.sum() == judged.people.sum()


def test_people_with_few_lines_in_either_time_are_not_compared() -> None:
    def of(*lines: float) -> Cells:
        count, none = len(lines), np.zeros(len(lines))
        places = np.arange(count)
        return Cells(places, places * 0, np.array(lines), none, none, 4, 1)

    here, there = matched(of(5, 4, 9, 5), of(4, 7, 5, 5))
    assert here.tolist() == there.tolist() == [2, 3]
    judged = judge(of(5, 4, 9, 5), of(4, 7, 5, 5))
    assert judged.people.tolist() == [2]
    assert not judged.shown.any()  # two people are too few to judge by
    with pytest.raises(ValueError, match="nobody"):
        judge(of(4, 4, 4, 4), of(9, 9, 9, 9))
    with pytest.raises(ValueError, match="same people"):
        judge(of(5, 5), replace(of(5, 5), people=5))


def test_a_category_nobody_could_be_compared_in_is_not_shown() -> None:
    planted = Planted(8)
    first, second = planted.time(), planted.time()
    here = second.category != 3
    names = ("person", "category", "lines", "total", "squares")
    without = replace(second, **{name: getattr(second, name)[here] for name in names})
    judged = judge(first, without)
    assert judged.people[3] == 0
    assert np.isnan(judged.error[3])
    assert not judged.shown[3]
    assert PEOPLE >= judged.people.max() > 300
