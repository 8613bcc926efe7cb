"""Alarms, what is behind them, and whether enough is known to raise any."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy as np
from django.utils import timezone

from kfar.lake.positions import position
from kfar.rooms.customers.queries import OWN
from kfar.rooms.village import queries as village
from kfar.rooms.village.queries import Staff
from kfar.rooms.voice import queries as voices
from kfar.rooms.voice.alarms import streams
from kfar.rooms.voice.alarms.commands import ALARM
from kfar.rooms.voice.alarms.models import Alarm, Watch
from kfar.rooms.voice.alarms.streams import COUNTED, THEME, Stream
from kfar.rooms.voice.alarms.watching import threshold
from kfar.rooms.voice.queries import Said, Spoke
from kfar.rooms.voice.understanding import queries as understanding
from kfar.rooms.voice.warning.pattern import PEOPLE, WEEKS

#: The course of an alarm begins so many hours before it, goes on so long, and is told in steps.
BEFORE, LONGEST, STEP, DAY = 7 * 24, 14 * 24, 6, 24
#: So many voices behind an alarm speak for a plan.
MOST_SPOKE = 10_000


@dataclass(frozen=True)
class Raised:
    """An alarm `about` one thing, or ("") all.

    `people` were heard from `since` until `raised_at`, `expected` were to be expected. `real` is
    what `judged_by` said at `judged_at`, None before.
    """

    id: UUID
    stream: Stream
    about: str
    since: datetime
    raised_at: datetime
    calmed_at: datetime | None
    people: int
    expected: float
    real: bool | None
    judged_at: datetime | None
    judged_by: str

    @property
    def open(self) -> bool:
        """Whether it goes on."""
        return self.calmed_at is None


@dataclass(frozen=True)
class Course:
    """People in the 24 hours up to each moment, and how many were to be expected."""

    at: tuple[datetime, ...]
    people: tuple[int, ...]
    expected: tuple[float, ...]


@dataclass(frozen=True)
class Behind:
    """The voices behind an alarm as they are now: the newest, of how many, by how many people."""

    voices: list[Said]
    all: int
    people: int


@dataclass(frozen=True)
class Watching:
    """What is watched: so many streams, the whole among them; 0: too little is known yet.

    `a_week` people are to be expected in all. The whole's thresholds: `threshold` holds now,
    `guaranteed` keeps the budget by theorem. `weeks` and `people` are what is needed to begin.
    """

    streams: int
    a_week: float = 0.0
    threshold: float = 0.0
    guaranteed: float = 0.0
    weeks: int = WEEKS
    people: int = PEOPLE


def alarms(most: int = 50) -> list[Raised]:
    """Return the latest alarms, open ones first."""
    rows = Alarm.objects.select_related("judged_by").order_by("-raised_at", "stream")
    open_ = list(rows.filter(calmed_at=None))
    return [_raised(row) for row in [*open_, *rows.exclude(calmed_at=None)[:most]]]


def alarm(alarm_id: UUID) -> Raised | None:
    """Return one alarm, or None."""
    row = Alarm.objects.select_related("judged_by").filter(pk=alarm_id).first()
    return _raised(row) if row else None


def open_count() -> int:
    """Return how many alarms go on."""
    return Alarm.objects.filter(calmed_at=None).count()


def behind(found: Raised, most: int = 100) -> Behind:
    """Return the voices behind an alarm, newest first, as they are now."""
    rows = found.stream.voices(found.since, found.calmed_at or timezone.now())
    ids = list(rows.order_by("-heard_at").values_list("pk", flat=True)[:most])
    said = voices.by_id(ids)
    people = rows.values_list(OWN).distinct().count()
    return Behind([said[own] for own in ids if own in said], rows.count(), people)


def spoke(found: Raised) -> list[Spoke]:
    """Return who spoke behind an alarm, oldest first, as it is now."""
    rows = found.stream.voices(found.since, found.calmed_at or timezone.now())
    ids = rows.order_by("heard_at").values_list("pk", flat=True)[:MOST_SPOKE]
    return voices.spoke(ids=list(ids), most=MOST_SPOKE)


def course(found: Raised) -> Course | None:
    """Return how an alarm came and went; None where its stream is not watched any more."""
    watch = Watch.objects.filter(pk=str(found.stream)).first()
    if watch is None:
        return None
    since = streams.number(found.since)
    ends = streams.number(found.calmed_at) if found.calmed_at else position(COUNTED)
    until = min(ends, since + LONGEST)
    first = since - BEFORE
    hours = np.arange(first - DAY, until)
    people = streams.hourly([str(found.stream)], first - DAY, until)[0]
    expected = np.array(watch.expected)[streams.of_week(hours)]
    sums = [np.convolve(of, np.ones(DAY), "valid") for of in (people, expected)]
    told = range(len(sums[0]) - 1, -1, -STEP)[::-1]
    return Course(
        at=tuple(streams.start(first + n) for n in told),
        people=tuple(int(sums[0][n]) for n in told),
        expected=tuple(float(sums[1][n]) for n in told),
    )


def watching() -> Watching:
    """Return what is watched, and what it takes."""
    whole = Watch.objects.filter(pk=str(Stream())).first()
    if whole is None:
        return Watching(streams=0)
    return Watching(
        streams=Watch.objects.count(),
        a_week=float(np.sum(whole.expected)),
        threshold=threshold(whole),
        guaranteed=whole.guaranteed,
    )


def deciders() -> list[Staff]:
    """Return who may decide on an alarm, by name."""
    return [person for person in village.everyone() if ALARM in person.acts]


def _raised(row: Alarm) -> Raised:
    stream = Stream.read(row.stream)
    return Raised(
        id=row.pk,
        stream=stream,
        about=_called(stream),
        since=row.since,
        raised_at=row.raised_at,
        calmed_at=row.calmed_at,
        people=row.people,
        expected=row.expected,
        real=row.real,
        judged_at=row.judged_at,
        judged_by=row.judged_by.name if row.judged_by else "",
    )


def _called(stream: Stream) -> str:
    """Return what a stream is about; a theme that is gone is called "…"."""
    if stream.kind != THEME:
        return stream.name
    theme = understanding.theme(UUID(stream.name))
    return theme.name if theme else "…"
