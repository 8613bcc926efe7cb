"""What is to be expected of each stream is learned anew once a day, with what it takes to alarm."""

from __future__ import annotations

import numpy as np
from django.db.models import Sum

from kfar.lake.positions import mark, position
from kfar.rooms.voice.alarms import streams
from kfar.rooms.voice.alarms.models import Alarm, Hour, Watch
from kfar.rooms.voice.alarms.streams import BACK, COUNTED, HOUR, Stream
from kfar.rooms.voice.models import Voice
from kfar.rooms.voice.warning import budget, detector
from kfar.rooms.voice.warning.pattern import WEEK, Pattern, enough, learn

#: A part is watched by itself from so many people on; the largest ones, and so many of them.
LEAST, PARTS = 20, 30
#: Up to which hour all was learned; a day later it is again.
LEARNED, EVERY = "voice.learned", 24


def learn_due() -> int:
    """Learn what is to be expected, where that is a day old; return how many streams.

    Learns from the last eight weeks, without hours in which there was an alarm that nobody
    judged false. As long as four weeks are not full, or too few people were heard in them,
    nothing is watched; what was learned before stays where too little is left.
    """
    until = position(COUNTED)
    if until < position(LEARNED) + EVERY:
        return 0
    learned = _learn(str(Stream()), until)
    mark(LEARNED, until)
    return learned


def _learn(whole: str, until: int) -> int:
    first = max(until - BACK // HOUR, _begun(until))
    hours = np.arange(first, until)
    people = streams.hourly([whole], first, until)[0]
    calm = _calm(whole, first, until)
    week = streams.of_week(hours)
    if not enough(int(calm.sum()), people[calm].sum()) or np.unique(week[calm]).size < WEEK:
        return 0
    pattern = learn(people[calm], week[calm])
    parts = _parts(whole, first, until)
    _keep(whole, pattern, budget.share(len(parts), whole=True), until)
    each = budget.share(len(parts), whole=False)
    for name, came in zip(parts, streams.hourly(parts, first, until), strict=True):
        own = _calm(name, first, until)
        weeks = pattern.expected[week[own]].sum() / pattern.expected.sum()
        if came[own].sum() and weeks:
            _keep(name, pattern.part(came[own].sum(), weeks), each, until)
    Watch.objects.exclude(stream__in=[whole, *parts]).delete()
    return 1 + len(parts)


def _begun(until: int) -> int:
    """Return the first hour in which anything was heard at all."""
    first = Voice.objects.order_by("heard_at").values_list("heard_at", flat=True).first()
    return until if first is None else streams.number(first)


def _parts(whole: str, first: int, until: int) -> list[str]:
    """Return the parts that are watched by themselves, the largest first."""
    rows = Hour.objects.filter(at__gte=streams.start(first), at__lt=streams.start(until))
    found = rows.exclude(stream=whole).values("stream").annotate(all=Sum("people"))
    large = found.filter(all__gte=LEAST).order_by("-all", "stream")
    return list(large.values_list("stream", flat=True)[:PARTS])


def _calm(name: str, first: int, until: int) -> np.ndarray:
    """Return in which hours there was no alarm, (hours,)."""
    calm = np.ones(until - first, bool)
    for since, calmed in (
        Alarm.objects.filter(stream=name).exclude(real=False).values_list("since", "calmed_at")
    ):
        end = until if calmed is None else streams.number(calmed)
        calm[max(streams.number(since) - first, 0) : max(end - first, 0)] = False
    return calm


def _keep(name: str, pattern: Pattern, share: float, until: int) -> None:
    """Keep what was learned; who is watched already goes on from where they are."""
    learned = {
        "expected": pattern.expected.tolist(),
        "spread": pattern.spread,
        "calibrated": budget.calibrated(pattern, share),
        "guaranteed": budget.guaranteed(share),
    }
    begun = {"evidence": detector.begin().tolist(), "until": streams.start(until)}
    Watch.objects.update_or_create(stream=name, defaults=learned, create_defaults=learned | begun)
