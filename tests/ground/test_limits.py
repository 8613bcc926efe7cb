"""Limits: so many times in each window, and the window's end is when to come again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfar.ground.limits import Window, wider, windows


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("none", ()),
        ("", ()),
        ("30/minute", (Window(30, 60),)),
        ("60/minute 600/hour", (Window(60, 60), Window(600, 3600))),
        ("3/10minutes 10/day", (Window(3, 600), Window(10, 86400))),
        ("1/2seconds", (Window(1, 2),)),
    ],
)
def test_what_a_setting_says(text: str, found: tuple[Window, ...]) -> None:
    assert windows(text) == found


@pytest.mark.parametrize("text", ["0/minute", "3", "3/0minutes", "-1/hour", "3/week", "3 /minute"])
def test_what_no_setting_may_say(text: str) -> None:
    with pytest.raises(ValueError, match="not a limit"):
        windows(text)


def test_a_network_has_more() -> None:
    assert wider(windows("60/minute 600/hour"), 20) == windows("1200/minute 12000/hour")


def test_a_window_is_the_clocks() -> None:
    at = datetime(2026, 3, 2, 12, 34, 56, tzinfo=UTC)
    assert Window(1, 3600).ends(at) == datetime(2026, 3, 2, 13, tzinfo=UTC)
    assert Window(1, 600).ends(at) == datetime(2026, 3, 2, 12, 40, tzinfo=UTC)


#: From 1970 to 2096, to the microsecond.
INSTANTS = st.integers(0, 4 * 10**15).map(
    lambda since: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=since)
)


@given(INSTANTS, st.integers(1, 100_000))
def test_at_its_end_and_never_before_the_next_begins(at: datetime, seconds: int) -> None:
    window = Window(1, seconds)
    end = window.ends(at)
    assert at < end <= at + timedelta(seconds=seconds)
    assert window.number(end) == window.number(at) + 1
    assert window.number(end - timedelta(microseconds=1)) == window.number(at)
