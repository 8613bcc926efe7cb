"""So often and no oftener, counted under names that nobody can read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kfar.ground.limits import windows
from kfar.rooms.decisions import limiting
from kfar.rooms.decisions.limiting import Spend
from kfar.rooms.decisions.models import Spent
from tests.at_once import at_once
from tests.clock import Clock
from tests.people import refuses

pytestmark = pytest.mark.django_db

ANNA = Spend("codes", "anna@village.example", windows("2/minute 3/hour"))


def test_the_burst_is_over_with_the_minute_and_the_hour_with_the_hour(clock: Clock) -> None:
    noon = clock.now
    for _ in range(2):
        limiting.spend(spends=[ANNA])
    with refuses("decisions.too_often", again=noon + timedelta(minutes=1)):
        limiting.spend(spends=[ANNA])
    clock.forward(minutes=1)
    limiting.spend(spends=[ANNA])
    with refuses("decisions.too_often", again=datetime(2026, 3, 2, 13, tzinfo=UTC)):
        limiting.spend(spends=[ANNA])
    clock.forward(hours=1)
    limiting.spend(spends=[ANNA])


def test_refused_is_not_counted_not_even_what_was_free(clock: Clock) -> None:
    one, other = Spend("a", "x", windows("1/hour")), Spend("a", "y", windows("2/hour"))
    limiting.spend(spends=[one, other])
    with refuses("decisions.too_often", again=clock.now + timedelta(hours=1)):
        limiting.spend(spends=[one, other])
    limiting.spend(spends=[other])
    with refuses("decisions.too_often", again=clock.now + timedelta(hours=1)):
        limiting.spend(spends=[other])


def test_without_windows_there_is_no_limit() -> None:
    for _ in range(3):
        limiting.spend(spends=[Spend("a", "x", windows("none"))])
    assert Spent.objects.count() == 0


def test_whom_it_counts_does_not_stand_there(clock: Clock) -> None:
    limiting.spend(spends=[ANNA])
    kept = list(Spent.objects.order_by("until").values_list("key", "times", "until"))
    assert [(len(key), times, until - clock.now) for key, times, until in kept] == [
        (32, 1, timedelta(minutes=1)),
        (32, 1, timedelta(hours=1)),
    ]
    assert limiting.sealed("a", "bc") != limiting.sealed("ab", "c")


def test_the_first_time_is_once(clock: Clock) -> None:
    said = [limiting.first(what="m", whom=w, lasts=timedelta(days=1)) for w in ("a", "a", "b")]
    assert said == [True, False, True]


def test_what_is_over_is_removed(clock: Clock) -> None:
    limiting.spend(spends=[ANNA])
    clock.forward(minutes=2)
    assert limiting.tidy() == 1
    clock.forward(hours=1)
    assert limiting.tidy() == 1
    assert Spent.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_so_many_come_through() -> None:
    only = Spend("a", "x", windows("3/day"))
    found = at_once(*[lambda: limiting.spend(spends=[only])] * 6)
    assert sorted(type(one).__name__ for one in found) == ["NoneType"] * 3 + ["Refused"] * 3
