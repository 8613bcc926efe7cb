"""Working time: exact to the second, whatever clocks do on the nights they are changed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kfar.rooms.service.clocks.rules import (
    WHOLE,
    Calendar,
    after,
    read_within,
    target,
    working_time,
    works,
)

MINUTE = timedelta(minutes=1)
ZONES = ["UTC", "Asia/Jerusalem", "Europe/Warsaw", "America/New_York", "Australia/Lord_Howe"]
OFFICE = "Sun-Thu 09:00-17:00, Fri 09:00-12:00"


def in_zone(zone: str, *at: int) -> datetime:
    return datetime(*at, tzinfo=ZoneInfo(zone))  # type: ignore[arg-type,misc]


def counted(start: datetime, end: datetime, calendar: Calendar) -> timedelta:
    """The same, minute by minute, as a clock on the wall says."""
    own, at, found = ZoneInfo(calendar.zone), start, timedelta()
    while at < end:
        wall = at.astimezone(own)
        minute = wall.hour * 60 + wall.minute
        if any(begin <= minute < until for begin, until in calendar.hours(wall.date())):
            found += MINUTE
        at += MINUTE
    return found


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    week = []
    for _day in range(7):
        cuts = draw(st.lists(st.integers(0, 24 * 60), max_size=4, unique=True).map(sorted))
        if len(cuts) % 2:
            cuts.pop()
        week.append(tuple(zip(cuts[::2], cuts[1::2], strict=True)))
    days = st.dates(date(2026, 3, 20), date(2026, 4, 10))
    return Calendar(
        draw(st.sampled_from(ZONES)), tuple(week), frozenset(draw(st.lists(days, max_size=2)))
    )


#: Nights of 2026 in which clocks are changed somewhere, and days in between.
NIGHTS = [
    datetime(2026, 3, 27, tzinfo=UTC),
    datetime(2026, 3, 29, tzinfo=UTC),
    datetime(2026, 4, 4, 15, tzinfo=UTC),
    datetime(2026, 10, 25, tzinfo=UTC),
    datetime(2026, 11, 1, 6, tzinfo=UTC),
]


@st.composite
def any_moment(draw: st.DrawFn) -> datetime:
    return draw(st.sampled_from(NIGHTS)) + draw(st.integers(-2 * 1440, 2 * 1440)) * MINUTE


moments = any_moment()


@given(calendar=calendars(), start=moments, minutes=st.integers(0, 3 * 1440))
@settings(max_examples=60, deadline=None)
def test_it_is_what_a_clock_on_the_wall_says(
    calendar: Calendar, start: datetime, minutes: int
) -> None:
    end = start + minutes * MINUTE
    assert working_time(start, end, calendar) == counted(start, end, calendar)


@given(
    calendar=calendars(),
    at=st.lists(moments, min_size=3, max_size=3).map(sorted),
    seconds=st.integers(0, 59),
)
@settings(max_examples=100, deadline=None)
def test_parts_make_the_whole_and_backwards_is_less(
    calendar: Calendar, at: list[datetime], seconds: int
) -> None:
    start, middle, end = at[0], at[1] + timedelta(seconds=seconds), at[2] + MINUTE
    parts = working_time(start, middle, calendar) + working_time(middle, end, calendar)
    assert parts == working_time(start, end, calendar)
    assert working_time(end, start, calendar) == -working_time(start, end, calendar)
    assert timedelta() <= working_time(start, end, calendar) <= end - start


@given(calendar=calendars(), start=moments, days=st.integers(0, 900))
@settings(max_examples=10, deadline=None)
def test_years_are_as_many_days(calendar: Calendar, start: datetime, days: int) -> None:
    each = [start + timedelta(days=n) for n in range(days + 1)]
    whole = sum((working_time(a, b, calendar) for a, b in pairwise(each)), timedelta())
    assert working_time(start, each[-1], calendar) == whole


@given(calendar=calendars(), start=moments, minutes=st.integers(0, 5_000))
@example(Calendar(), datetime(2026, 3, 27, tzinfo=UTC), 0)
@settings(max_examples=100, deadline=None)
def test_what_is_due_is_due_when_so_much_was_worked_and_not_before(
    calendar: Calendar, start: datetime, minutes: int
) -> None:
    span = minutes * MINUTE
    end = after(start, span, calendar)
    if end is None:
        assert not any(calendar.week)
        return
    assert working_time(start, end, calendar) == span
    if span:
        assert working_time(start, end - timedelta(seconds=1), calendar) < span


def test_a_case_of_friday_noon_is_due_on_sunday() -> None:
    zone = "Asia/Jerusalem"
    office = Calendar.read(zone, OFFICE, "2026-11-23 05-14")
    friday = in_zone(zone, 2026, 11, 20, 11)
    assert after(friday, timedelta(hours=3), office) == in_zone(zone, 2026, 11, 22, 11)
    assert after(friday, timedelta(hours=10), office) == in_zone(zone, 2026, 11, 24, 10)
    assert working_time(friday, in_zone(zone, 2026, 11, 22, 9), office) == timedelta(hours=1)
    assert works(friday, office)
    assert not works(in_zone(zone, 2026, 11, 23, 11), office)
    for year in (2026, 2031):
        assert office.hours(date(year, 5, 14)) == ()
    never = Calendar(week=((),) * 7)
    assert after(friday, timedelta(hours=1), never) is None


def test_an_hour_shown_twice_is_two_and_one_left_out_is_none() -> None:
    night = Calendar.read("Europe/Warsaw", "Sun 01:00-04:00")
    for day, hours in ((29, 2), (22, 3)):  # in March
        start = in_zone("Europe/Warsaw", 2026, 3, day, 0)
        assert working_time(start, start + timedelta(days=1), night) == timedelta(hours=hours)
    start = in_zone("Europe/Warsaw", 2026, 10, 25, 0)
    assert working_time(start, start + timedelta(days=1), night) == timedelta(hours=4)
    half = Calendar.read("Europe/Warsaw", "Sun 02:30-02:45")
    assert working_time(start, start + timedelta(days=1), half) == timedelta(minutes=30)


def test_hours_are_read_as_they_are_written() -> None:
    read = Calendar.read(
        "UTC", "Fri-Sun 10:00-24:00, Mon 08:30-12:00, Mon 13:00-17:00", "2026-12-24"
    )
    assert read.week == (
        ((510, 720), (780, 1020)), (), (), (), ((600, 1440),), ((600, 1440),), ((600, 1440),),
    )  # fmt: skip
    assert read.holidays == {date(2026, 12, 24)}
    assert Calendar.read("UTC").week == (WHOLE,) * 7


@pytest.mark.parametrize(
    "wrong",
    [
        *("Mon", "Mon 9-17", "Mon 09:00-09:00", "Mon 17:00-09:00", "Mon 09:00-24:01", "Moo 09:00-"),
        *("Xyz 09:00-17:00", "Mon 09:60-17:00", "Mon 09:00-12:00, Mon 11:00-13:00"),
    ],
)
def test_hours_that_are_none_are_not_taken(wrong: str) -> None:
    with pytest.raises(ValueError, match="hours"):
        Calendar.read("UTC", wrong)


@pytest.mark.parametrize("wrong", ["24.12.", "2026-13-01", "02-30", "today"])
def test_days_that_are_none_are_not_taken(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"not a day|out of range|in range|must be in"):
        Calendar.read("UTC", "", wrong)


def test_how_soon_is_said_by_channel_and_the_shortest_holds() -> None:
    within = read_within("24h urgent=4h email=90m")
    assert target(within, "web", urgent=False) == timedelta(hours=24)
    assert target(within, "email", urgent=False) == timedelta(minutes=90)
    assert target(within, "email", urgent=True) == timedelta(minutes=90)
    assert target(within, "web", urgent=True) == timedelta(hours=4)
    assert target(read_within("email=1d"), "web", urgent=False) is None
    assert target({}, "web", urgent=True) is None
    with pytest.raises(ValueError, match="not a span of time: soon"):
        read_within("soon")
