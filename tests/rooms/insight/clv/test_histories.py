"""Dates to frequency, recency and age; and equal histories once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfar.rooms.insight.clv.histories import grouped, places, summary
from tests.rooms.insight.clv.cdnow import FITTED, LAST, Purchases, master

DAYS = ["2026-01-01", "2026-01-08", "2026-01-08", "2026-02-05", "2026-01-10", "2026-01-10"]
WHO = ["anna", "anna", "anna", "anna", "ewa", "ewa"]


def test_purchases_of_one_day_are_one_and_the_first_is_none() -> None:
    told = summary(WHO, DAYS, "2026-01-15", [9, 2, 4, 100, 7, 8])
    assert told.customer.tolist() == ["anna", "ewa"]
    assert told.frequency.tolist() == [1, 0]
    assert told.recency.tolist() == [1, 0]
    assert told.age.tolist() == [2, 5 / 7]
    assert told.mean_value.tolist() == [6, 0]


def test_days_are_a_unit_too_and_who_comes_later_is_not_there_yet() -> None:
    told = summary(WHO, DAYS, "2026-01-09", unit=1)
    assert (told.customer.tolist(), told.frequency.tolist()) == (["anna"], [1])
    assert (told.recency.tolist(), told.age.tolist()) == ([7], [8])


def test_cdnow_is_what_the_papers_say_it_is(cdnow: Purchases) -> None:
    """2,357 customers, 946 of whom came again: 2,457 times until week 39, 1,882 after."""
    fitted, last = cdnow.until(FITTED), cdnow.until(LAST)
    assert len(fitted.customer) == 2357
    assert (fitted.frequency > 0).sum() == 946
    assert fitted.frequency.sum() == 2457
    assert (last.frequency - fitted.frequency).sum() == 1882
    assert fitted.recency[:2].round(2).tolist() == [30.43, 1.71]
    assert fitted.age[:2].round(2).tolist() == [38.86, 38.86]
    assert fitted.mean_value[:2].round(3).tolist() == [22.345, 11.77]
    assert len(master().until(FITTED).customer) == 23_570


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(1, 3), st.integers(0, 2), st.integers(1, 9)),
        min_size=1,
    )
)
def test_equal_histories_are_grouped_and_none_is_lost(
    rows: list[tuple[int, int, int, int]],
) -> None:
    x, last, more, weights = (np.array(column, float) for column in zip(*rows, strict=True))
    last = np.where(x > 0, last, 0)
    told: dict[tuple[float, ...], float] = {}
    for *row, weight in zip(x, last, last + more, weights, strict=True):
        told[tuple(row)] = told.get(tuple(row), 0) + weight
    found = grouped(x, last, last + more, weights)
    same = zip(found.frequency, found.recency, found.age, strict=True)
    assert dict(zip(same, found.weight, strict=True)) == told
    alone = grouped(x, last, last + more)
    assert alone.weight.sum() == len(rows)
    each, place = places([x, last, last + more])
    assert [of[place].tolist() for of in each] == [
        x.tolist(),
        last.tolist(),
        (last + more).tolist(),
    ]


@pytest.mark.parametrize(
    ("columns", "why"),
    [
        (([], [], []), "one or more"),
        (([1, 2], [1], [2]), "one number in every column"),
        (([1], [np.nan], [2]), "missing"),
        (([-1], [1], [2]), "below 0"),
        (([1.5], [1], [2]), "whole"),
        (([1], [3], [2]), "recency <= age"),
        (([0], [1], [2]), "recency is 0"),
        (([2], [0], [2]), "recency is 0"),
        (([1], [1], [2], [0]), "weight above 0"),
        (([1], [1], [2], [1, 1]), "weight above 0"),
    ],
)
def test_what_is_no_history_is_refused(columns: tuple[Any, ...], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        grouped(*columns)


def test_a_purchase_without_a_day_is_refused() -> None:
    with pytest.raises(ValueError, match="each purchase"):
        summary([1, 2], ["2026-01-01"], "2026-02-01")
