"""Judging alarms: by who may, noted, and felt by the threshold."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from kfar.rooms.village import commands as village
from kfar.rooms.voice.alarms import commands, queries
from kfar.rooms.voice.alarms.models import Watch
from kfar.rooms.voice.warning import budget
from tests.clock import Clock
from tests.people import an_employee, noted, refuses
from tests.rooms.voice.alarms.world import START, heard, pass_by, people, settled

pytestmark = pytest.mark.django_db

BURST = START + timedelta(days=1, hours=10, minutes=30)


@pytest.fixture
def alarm(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> UUID:
    monkeypatch.setattr(budget, "WORLDS", 200)
    settled(clock)
    heard(people(12, "b"), BURST)
    pass_by(clock, BURST + timedelta(hours=1))
    [found] = queries.alarms()
    return found.id


def test_a_true_one_goes_on_and_who_said_so_is_kept_and_noted(alarm: UUID, clock: Clock) -> None:
    noa = an_employee("Noa")
    commands.judge(by=noa, alarm_id=alarm, real=True)
    found = queries.alarm(alarm)
    assert found is not None
    assert (found.real, found.judged_by, found.judged_at, found.open) == (
        True, "Noa", clock.now, True,
    )  # fmt: skip
    assert [noted(one) for one in people(12, "b")] == [[("voice.alarm_judged", noa)]] * 12


def test_a_false_one_is_over_and_raises_the_threshold_by_half(alarm: UUID) -> None:
    before, noa = queries.watching().threshold, an_employee("Noa")
    for _ in range(2):
        commands.judge(by=noa, alarm_id=alarm, real=False)
    found = queries.alarm(alarm)
    assert found is not None
    assert (found.real, found.open) == (False, False)
    assert queries.watching().threshold == 1.5 * before
    assert Watch.objects.get().evidence == [0] * 5
    assert noted(people(1, "b")[0]) == [("voice.alarm_judged", noa)]
    commands.judge(by=noa, alarm_id=alarm, real=True)
    assert queries.watching().threshold == before


def test_half_a_year_later_it_is_forgotten(alarm: UUID, clock: Clock) -> None:
    before = queries.watching().threshold
    commands.judge(by=an_employee("Noa"), alarm_id=alarm, real=False)
    clock.forward(days=180, seconds=1)
    assert queries.watching().threshold == before


def test_only_who_may_judges_and_only_what_there_is(alarm: UUID) -> None:
    noa = an_employee("Noa")
    with refuses("alarms.not_found"):
        commands.judge(by=noa, alarm_id=uuid4(), real=True)
    assert [person.name for person in queries.deciders()] == ["Noa"]
    village.change_role(code="service", may_not=["voice.alarm"])
    with refuses("village.may_not", act="voice.alarm"):
        commands.judge(by=noa, alarm_id=alarm, real=True)
    assert queries.deciders() == []
