"""When one is asked, and how often at most."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfar.ground.errors import Refused
from kfar.rooms.voice.follow_up import rules
from kfar.rooms.voice.follow_up.rules import Figures, Kind

NOW = datetime(2026, 3, 1, tzinfo=UTC)
MONTH = timedelta(days=30)


@pytest.mark.parametrize(
    ("days", "ago", "expected"),
    [(14, 13.99, False), (14, 14, True), (14, 20.99, True), (14, 21, False), (0, 3, False)],
)
def test_its_time_comes_and_goes(days: int, ago: float, expected: bool) -> None:
    assert rules.due(NOW - timedelta(days=ago), days, NOW) is expected


@given(
    days=st.dictionaries(st.sampled_from(["", "a", "b"]), st.integers(0, 365)),
    category=st.sampled_from(["a", "b", "c"]),
    ago=st.floats(0, 400),
)
def test_what_is_due_lies_in_the_span_that_is_read(
    days: dict[str, int], category: str, ago: float
) -> None:
    at = NOW - timedelta(days=ago)
    if rules.due(at, rules.days_after(days, category), NOW):
        span = rules.span(days, NOW)
        assert span is not None
        assert span[0] <= at <= span[1]


def test_nobody_is_ever_asked_where_all_days_are_none() -> None:
    assert rules.span({"": 0}, NOW) is None
    assert rules.span({}, NOW) == (NOW - timedelta(days=21), NOW - timedelta(days=14))
    assert rules.days_after({"": 7, "Milk": 3}, "Milk") == 3
    assert rules.days_after({"": 7}, "Milk") == 7
    assert rules.check_days(365) == 365
    with pytest.raises(Refused, match=r"^follow_up\.bad_days$"):
        rules.check_days(366)


def test_two_silences_in_a_row_halve_it() -> None:
    assert rules.silences([False, False, True, False]) == 2
    assert rules.silences([True, False, False]) == 0
    assert rules.silences([]) == 0
    for silent, days in ((0, 30), (1, 30), (2, 60), (9, 60)):
        assert rules.pause(Kind.CASE, silent, MONTH) == timedelta(days=days)
        assert rules.pause(Kind.PURCHASE, silent, MONTH) == timedelta(days=90 * days / 30)
    assert rules.pause(Kind.PURCHASE, 0, timedelta(days=365)) == timedelta(days=365)


def test_shares_are_told_of_enough_answers() -> None:
    few = Figures(yes=3, no=1, silent=1)
    assert (few.asked, few.share, few.silence) == (5, None, 0.2)
    assert Figures(yes=1, no=0, silent=3).silence is None
    found = Figures(yes=8, no=2, silent=30).share
    assert found is not None
    assert [round(each, 2) for each in found] == [0.8, 0.49, 0.94]
