"""Weeks of voices: one person an hour on workdays from 8 to 20, nobody on weekends."""

from __future__ import annotations

import pickle
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import cycle
from unittest import mock
from uuid import UUID

from kfar.rooms.customers import commands as customers
from kfar.rooms.customers.commands import Newcomer
from kfar.rooms.voice.alarms import learning, watching
from kfar.rooms.voice.models import Reading, Voice
from kfar.rooms.voice.warning import budget
from kfar.rooms.voice.warning.pattern import Pattern
from tests.clock import Clock

#: A Monday at midnight: when the watch begins, after eight such weeks.
START = datetime(2026, 3, 2, tzinfo=UTC)


#: What `calibrated` found before.
THRESHOLDS: dict[tuple[int, bytes, float], float] = {}
_CALIBRATED = budget.calibrated


def people(many: int, name: str = "p") -> list[UUID]:
    """So many customers, the same ones for the same name."""
    new = [Newcomer(key=f"{name}{n}", name=f"{name}{n}") for n in range(many)]
    met = customers.meet_many(source="test", newcomers=new)
    return [met[one.key] for one in new]


def heard(who: Iterable[UUID], at: datetime, about: str = "") -> None:
    """Each of them says something, a second after the other."""
    _said(((one, at + timedelta(seconds=n)) for n, one in enumerate(who)), about)


def usual(since: datetime, days: int, about: str = "") -> None:
    """So many days as they usually are; whoever speaks speaks once in five workdays."""
    hours = [
        since + timedelta(days=day, hours=hour) for day in range(days) for hour in range(8, 20)
    ]
    workdays = [at + timedelta(minutes=20) for at in hours if at.weekday() < 5]
    _said(zip(cycle(people(60)), workdays, strict=False), about)


def _said(voices: Iterable[tuple[UUID, datetime]], about: str) -> None:
    rows = Voice.objects.bulk_create(
        Voice(
            customer_id=one,
            text="Sour",
            language="en",
            about_name=about,
            heard_at=at,
            understood_at=at,
        )
        for one, at in voices
    )
    Reading.objects.bulk_create(
        Reading(
            voice=row,
            language="en",
            sentiment="negative",
            probability=0.9,
            mark="negative",
            unhappy=True,
            version="test",
        )
        for row in rows
    )


def pass_by(clock: Clock, until: datetime) -> int:
    """Let the watch look once an hour until then; return how many alarms were raised."""
    raised = 0
    while clock.now < until:
        clock.forward(hours=1)
        raised += watching.watch_due()
    return raised


def settled(clock: Clock, weeks: int = 8, about: str = "") -> None:
    """Begin to watch at `START`, after so many usual weeks."""
    usual(START - timedelta(weeks=weeks), weeks * 7, about)
    clock.to(START + timedelta(minutes=6))
    watching.watch_due()
    with mock.patch.object(budget, "calibrated", calibrated):
        learning.learn_due()


def calibrated(pattern: Pattern, share: float) -> float:
    """Return the threshold of a pattern; the same one is followed through its quarters once."""
    of = (budget.WORLDS, pickle.dumps(pattern), share)
    if of not in THRESHOLDS:
        THRESHOLDS[of] = _CALIBRATED(pattern, share)
    return THRESHOLDS[of]
