"""Time as a company works: its week, its holidays, its time zone; exact, whatever clocks do."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
#: Minutes from and to, of a day.
Hours = tuple[tuple[int, int], ...]
WHOLE: Hours = ((0, 24 * 60),)
#: So far ahead is looked for the next working minute.
AHEAD = 3 * 366

_PART = re.compile(r"(\w{3})(?:-(\w{3}))? (\d\d):(\d\d)-(\d\d):(\d\d)")
_HOLIDAY = re.compile(r"(?:(\d{4})-)?(\d\d)-(\d\d)")
_WITHIN = re.compile(r"(?:([a-z-]+)=)?(\d+)(m|h|d)")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


@dataclass(frozen=True)
class Calendar:
    """When a company works. `yearly` are holidays of every year, as (month, day)."""

    zone: str = "UTC"
    week: tuple[Hours, ...] = (WHOLE,) * 7
    holidays: frozenset[date] = frozenset()
    yearly: frozenset[tuple[int, int]] = frozenset()

    @classmethod
    def read(cls, zone: str, hours: str = "", holidays: str = "") -> Calendar:
        """Return the one that texts say: "Mon-Fri 09:00-17:00, Sun 10:00-14:00", "2026-12-24".

        No hours are all hours. Raises `ValueError`.
        """
        week = _week(hours) if hours.strip() else (WHOLE,) * 7
        days: set[date] = set()
        yearly: set[tuple[int, int]] = set()
        for text in holidays.split():
            found = _HOLIDAY.fullmatch(text)
            if found is None:
                raise ValueError(f"not a day: {text}")
            year, month, day = int(found[1] or 2000), int(found[2]), int(found[3])
            one = date(year, month, day)
            if found[1]:
                days.add(one)
            else:
                yearly.add((month, day))
        return cls(zone, week, frozenset(days), frozenset(yearly))

    def hours(self, day: date) -> Hours:
        """Return from when until when is worked on a day of the company's."""
        if day in self.holidays or (day.month, day.day) in self.yearly:
            return ()
        return self.week[day.weekday()]


def working_time(start: datetime, end: datetime, calendar: Calendar) -> timedelta:
    """Return how much of the time from `start` to `end` the company works; less than 0: backwards.

    Both know their time zone. An hour that a clock shows twice is two, one it leaves out none.
    """
    if end < start:
        return -working_time(end, start, calendar)
    first, last = start.astimezone(UTC), end.astimezone(UTC)
    whole = (_year(calendar, year).worked for year in range(first.year, last.year))
    return (
        sum(whole, timedelta())
        + _year(calendar, last.year).until(last)
        - _year(calendar, first.year).until(first)
    )


def after(start: datetime, span: timedelta, calendar: Calendar) -> datetime | None:
    """Return the first moment by which the company has worked `span` since `start`.

    None where it does not work so much in the next three years.
    """
    first = start.astimezone(UTC)
    for begin, until in _spans(first, calendar):
        here = max(begin, first)
        if until <= here:
            continue
        if until - here >= span:
            return here + span if span else first
        span -= until - here
    return None


def works(at: datetime, calendar: Calendar) -> bool:
    """Return whether the company works at that moment."""
    return working_time(at, at + timedelta(seconds=1), calendar) > timedelta()


def read_within(text: str) -> dict[str, timedelta]:
    """Return how soon is promised what: "24h urgent=4h email=90m"; "" is for all others.

    Raises `ValueError`.
    """
    found: dict[str, timedelta] = {}
    for part in text.split():
        said = _WITHIN.fullmatch(part)
        if said is None:
            raise ValueError(f"not a span of time: {part}")
        found[said[1] or ""] = int(said[2]) * _UNITS[said[3]]
    return found


def target(within: Mapping[str, timedelta], kind: str, *, urgent: bool) -> timedelta | None:
    """Return how soon a case of that kind is to be decided, the shortest that holds, or None."""
    names = [kind if kind in within else "", *(["urgent"] if urgent else [])]
    return min((within[name] for name in names if name in within), default=None)


def _week(text: str) -> tuple[Hours, ...]:
    week: list[list[tuple[int, int]]] = [[] for _day in DAYS]
    for part in text.split(","):
        found = _PART.fullmatch(part.strip())
        if found is None or found[1] not in DAYS or (found[2] or found[1]) not in DAYS:
            raise ValueError(f"not working hours: {part.strip()}")
        begin, end = (int(found[n]) * 60 + int(found[n + 1]) for n in (3, 5))
        if not begin < end <= 24 * 60 or max(int(found[4]), int(found[6])) > 59:
            raise ValueError(f"not working hours: {part.strip()}")
        here, last = DAYS.index(found[1]), DAYS.index(found[2] or found[1])
        while True:
            week[here].append((begin, end))
            if here == last:
                break
            here = (here + 1) % 7
    for hours in week:
        hours.sort()
        if any(one[1] > other[0] for one, other in pairwise(hours)):
            raise ValueError(f"hours that overlap: {text}")
    return tuple(tuple(hours) for hours in week)


def _spans(first: datetime, calendar: Calendar) -> Iterator[tuple[datetime, datetime]]:
    """Yield when is worked, from the day before `first` on, in order."""
    day = first.date() - timedelta(days=1)
    for _ahead in range(AHEAD):
        yield from _worked(calendar, day)
        day += timedelta(days=1)


@dataclass(frozen=True)
class _Year:
    """When is worked in a year, in order, and how much was worked before each of these times."""

    begins: list[datetime]
    ends: list[datetime]
    before: list[timedelta]

    @property
    def worked(self) -> timedelta:
        """How much of the year is worked."""
        return self.before[-1]

    def until(self, at: datetime) -> timedelta:
        """Return how much of the year is worked before a moment of it."""
        own = bisect_right(self.begins, at) - 1
        if own < 0:
            return timedelta()
        return self.before[own] + min(at, self.ends[own]) - self.begins[own]


@lru_cache(maxsize=100)
def _year(calendar: Calendar, year: int) -> _Year:
    """Return a year in UTC, as it is worked. It is kept, so that years take no longer than days."""
    first, last = (datetime(when, 1, 1, tzinfo=UTC) for when in (year, year + 1))
    begins: list[datetime] = []
    ends: list[datetime] = []
    before = [timedelta()]
    for begin, until in _spans(first, calendar):
        if begin >= last:
            break
        if until > first:
            begins.append(max(begin, first))
            ends.append(min(until, last))
            before.append(before[-1] + ends[-1] - begins[-1])
    return _Year(begins, ends, before)


@lru_cache(maxsize=10_000)
def _worked(calendar: Calendar, day: date) -> tuple[tuple[datetime, datetime], ...]:
    """Return when is worked on a day of the company's, in UTC."""
    hours = calendar.hours(day)
    if not hours:
        return ()
    midnight = datetime.combine(day, time(), UTC)
    found = []
    for begin, end, offset in _pieces(calendar.zone, day):
        for opens, closes in hours:
            here = max(midnight + timedelta(minutes=opens) - offset, begin)
            until = min(midnight + timedelta(minutes=closes) - offset, end)
            if here < until:
                found.append((here, until))
    return tuple(sorted(found))


def _pieces(zone: str, day: date) -> list[tuple[datetime, datetime, timedelta]]:
    """Return the hours around a day in UTC, cut where the zone's distance from UTC changes."""
    here = datetime.combine(day, time(), UTC) - timedelta(hours=27)
    end = here + timedelta(hours=78)
    own = ZoneInfo(zone)

    def offset(at: datetime) -> timedelta:
        return at.astimezone(own).utcoffset() or timedelta()

    found = []
    while here < end:
        low, high = here, end
        if offset(high) != offset(here):
            while high - low > timedelta(seconds=1):
                middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
                low, high = (middle, high) if offset(middle) == offset(here) else (low, middle)
        found.append((here, high, offset(here)))
        here = high
    return found
