"""The traffic at the gate: what comes in, what is turned away and why, how far behind we are."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec
from django.conf import settings
from django.db.models import Sum
from django.utils import timezone

from kfar.lake.intake import Broken, open_reader
from kfar.lake.intake.figures import figures_file, read
from kfar.lake.positions import position
from kfar.rooms.touchpoints.models import Rejected

INTAKE = "intake"
#: Seconds that are shown one by one, and over which "now" is taken.
SHOWN, NOW = 120, 10
#: What is counted, other than reasons to refuse.
TAKEN = ("events", "ballots")
#: How far back the reasons go.
DAYS = 7


@dataclass(frozen=True)
class Traffic:
    """The gate at this moment.

    - `events`, `ballots`: taken since the gate was first opened
    - `rate`: taken a second, over the last ten seconds
    - `peak`: the most taken in one of the seconds shown
    - `seconds`: what was taken in each of the last 120 seconds, the oldest first
    - `refused`: reasons to turn something away and how often, since the gate was first
      opened; the most frequent first
    - `sources`: what was turned away within batches these seven days, by source
    - `waiting`: bytes that have not settled yet; `behind`: how long the oldest of them waits
    - `last`: when the gate last counted anything
    """

    events: int
    ballots: int
    rate: float
    peak: int
    seconds: tuple[int, ...]
    refused: tuple[tuple[str, int], ...]
    sources: tuple[tuple[str, int], ...]
    waiting: int
    behind: timedelta
    last: datetime | None


def traffic() -> Traffic:
    """Return what the gate does. Every number is counted by the gate or in the database."""
    figures = read(figures_file(settings.KFAR_DATA_DIR))
    now = int(time.time())
    taken: Counter[int] = Counter()
    for second in figures.seconds:
        taken[second.at] += sum(second.counts.get(name, 0) for name in TAKEN)
    seconds = tuple(taken[at] for at in range(now - SHOWN, now))
    total = Counter(figures.total)
    refused = Counter({k: n for k, n in total.items() if k not in {*TAKEN, "requests"} and n})
    since = timezone.now().date() - timedelta(days=DAYS)
    turned = Rejected.objects.filter(day__gte=since).values_list("source")
    by_source = turned.annotate(turned=Sum("count")).order_by("-turned", "source")
    waiting, behind = _lag()
    return Traffic(
        events=total["events"],
        ballots=total["ballots"],
        rate=sum(seconds[-NOW:]) / NOW,
        peak=max(seconds),
        seconds=seconds,
        refused=tuple(refused.most_common()),
        sources=tuple(by_source),
        waiting=waiting,
        behind=behind,
        last=datetime.fromtimestamp(figures.seconds[-1].at, UTC) if figures.seconds else None,
    )


def _lag() -> tuple[int, timedelta]:
    """Return how many bytes wait to settle, and how long the first of them has waited."""
    reader = open_reader(settings.KFAR_INTAKE_URL, settings.KFAR_DATA_DIR / "intake")
    at = position(INTAKE)
    waiting = reader.waiting(at)
    if not waiting:
        return 0, timedelta(0)
    try:
        first = reader.read(at, 1).records
    except Broken:
        return waiting, timedelta(0)
    received = msgspec.json.decode(first[0], type=dict[str, object])["r"] if first else None
    if not isinstance(received, int):
        return waiting, timedelta(0)
    return waiting, max(timezone.now() - datetime.fromtimestamp(received / 1000, UTC), timedelta(0))
