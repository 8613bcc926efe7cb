"""The watch: hour by hour, how much speaks for a change; from the threshold on, an alarm."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
from django.db import transaction
from django.utils import timezone

from kfar.lake.positions import position
from kfar.rooms.customers.queries import OWN
from kfar.rooms.voice.alarms import streams
from kfar.rooms.voice.alarms.models import Alarm, Watch
from kfar.rooms.voice.alarms.streams import COUNTED, Stream
from kfar.rooms.voice.warning import budget, detector

#: An hour is counted so long after it ended, so that what was heard last in it has been read.
GRACE = timedelta(minutes=5)
#: The fewest people that are a burst.
LEAST = 3
#: An alarm is over when so much of the threshold was not reached for so long.
CALM, REST = 0.1, timedelta(days=1)
#: A change is looked for in so many hours back.
LOOK = 14 * 24
#: Judgements of so long ago count no more.
REMEMBERED = timedelta(days=180)


def watch_due() -> int:
    """Count the hours that are over, and watch them; return how many alarms were raised."""
    over = streams.number(timezone.now() - GRACE)
    if position(COUNTED) >= over or position(COUNTED) >= (until := streams.read_until(over)):
        return 0
    streams.count(until)
    due = Watch.objects.filter(until__lt=streams.start(until)).values_list("stream", flat=True)
    return sum(_watch(name, until) for name in list(due))


def threshold(watch: Watch) -> float:
    """Return what the evidence has to reach: the calibrated threshold, times what was judged."""
    since = timezone.now() - REMEMBERED
    judged = Alarm.objects.filter(stream=watch.stream, judged_at__gt=since)
    false, true = (judged.filter(real=real).count() for real in (False, True))
    return watch.calibrated * budget.strictness(false=false, true=true)


@transaction.atomic
def _watch(name: str, until: int) -> int:
    """Follow one stream up to an hour; return how many alarms were raised."""
    watch = Watch.objects.select_for_update().get(pk=name)
    first = streams.number(watch.until)
    early = first - LOOK
    people = streams.hourly([name], early, until)[0]
    expected = np.array(watch.expected)[streams.of_week(np.arange(early, until))]
    ratios = detector.log_ratios(people, expected, watch.spread)
    state, enough, raised = np.array(watch.evidence), threshold(watch), 0
    alarm = Alarm.objects.filter(stream=name, calmed_at=None).first()
    for hour in range(LOOK, until - early):
        state = detector.step(state, ratios[hour])
        said = float(detector.evidence(state))
        if alarm is None and said >= enough:
            past = slice(hour - LOOK + 1, hour + 1)
            start = early + past.start + detector.since(people[past], expected[past], watch.spread)
            alarm = _raise(name, start, early + hour + 1, expected[start - early : hour + 1].sum())
            raised += alarm is not None
        elif alarm is not None:
            now = streams.start(early + hour + 1)
            if said >= CALM * enough:
                alarm.loud_at = now
            elif now - alarm.loud_at >= REST:
                alarm.calmed_at = now
            alarm.save(update_fields=["loud_at", "calmed_at"])
            if alarm.calmed_at:
                alarm, state = None, detector.begin()
        if said > enough:  # what is beyond would only keep an alarm from ending
            state = state * enough / said
    watch.evidence, watch.until = state.tolist(), streams.start(until)
    watch.save(update_fields=["evidence", "until"])
    return raised


def _raise(name: str, since: int, until: int, expected: float) -> Alarm | None:
    """Raise the alarm, unless too few people are behind it (several hours may count one twice)."""
    start, end = streams.start(since), streams.start(until)
    behind = Stream.read(name).voices(start, end)
    people = behind.values_list(OWN).distinct().count()
    if people < LEAST:
        return None
    return Alarm.objects.create(
        stream=name, since=start, raised_at=end, loud_at=end, people=people, expected=expected
    )
