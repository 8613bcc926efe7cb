"""What is watched by itself: all unhappy voices, and those about one product or theme."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain
from uuid import UUID

import numpy as np
from django.db import transaction
from django.db.models import Min, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from kfar.lake.positions import advance, mark, position
from kfar.rooms.customers.queries import OWN
from kfar.rooms.voice.alarms.models import Hour
from kfar.rooms.voice.models import ROOT, Themed, Voice, Voices
from kfar.rooms.voice.understanding import later
from kfar.rooms.voice.understanding.models import Further
from kfar.rooms.voice.understanding.themes import FOUND
from kfar.rooms.voice.warning import people
from kfar.rooms.voice.warning.pattern import WEEK

#: All voices together; kinds of parts, by the field of a voice that names the part; and themes.
WHOLE = "all"
PARTS = {"product": "about_name"}
THEME = "theme"
#: How what was said later is asked for whose it is, and for the parts of its voice.
_PERSON = Coalesce("voice__customer__person_id", "voice__customer_id")
_OF_VOICE = [f"voice__{field}" for field in PARTS.values()]

#: How far we have counted: hours since 1970. And which themes, by the day they were found.
COUNTED, THEMES = "voice.hours", "voice.theme_hours"
#: So many weeks are looked back at.
BACK = timedelta(weeks=8)
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Stream:
    """All voices (`kind` "all"), or those about one thing: a "product" by its name, a "theme"."""

    kind: str = WHOLE
    name: str = ""

    def __str__(self) -> str:
        """Return what it is called in rows."""
        return f"{self.kind}:{self.name}"

    @classmethod
    def read(cls, text: str) -> Stream:
        """Return the stream that rows call so."""
        return cls(*text.split(":", 1))

    def voices(self, since: datetime, until: datetime) -> Voices:
        """Return the voices on which something unhappy was said from `since` to `until`."""
        heard = Voice.objects.unhappy_between(since, until)
        if self.kind == THEME:
            return heard.marked(theme=UUID(self.name))
        return heard.filter(**{PARTS[self.kind]: self.name}) if self.kind in PARTS else heard


def number(at: datetime) -> int:
    """Return which hour a moment is in, counted from 1970."""
    return int(at.timestamp()) // 3600


def start(hour: int) -> datetime:
    """Return when an hour began."""
    return datetime.fromtimestamp(hour * 3600, UTC)


def of_week(hours: np.ndarray) -> np.ndarray:
    """Return which hours of the week these are here, 0 … 167 from Monday on, (hours,)."""
    local = [timezone.localtime(start(int(hour))) for hour in hours]
    return np.array([at.weekday() * 24 + at.hour for at in local], int) % WEEK


def read_until(until: int) -> int:
    """Return up to which hour, at most `until`, all that was heard since we counted was read."""
    since = start(max(position(COUNTED), until - BACK // HOUR))
    when = (since, start(until) - timedelta(microseconds=1))
    unread = [
        Voice.objects.filter(reading=None, heard_at__range=when).aggregate(at=Min("heard_at")),
        *(
            rows.filter(reading=None, at__range=when).aggregate(at=Min("at"))
            for rows in (later.mails(), later.posts())
        ),
    ]
    return min([until, *(number(one["at"]) for one in unread if one["at"])])


@transaction.atomic
def count(until: int) -> None:
    """Count the people in all hours before the hour `until` that were not counted yet.

    Reads the voices of these hours and of the day before them. A voice that comes later than
    its hour was counted (from a file, say) is history, and counts nowhere.
    """
    before = position(COUNTED)
    first = max(before, until - BACK // HOUR)
    Hour.objects.bulk_create(_hours(first, until))
    Hour.objects.filter(at__lt=start(until) - 2 * BACK).delete()
    advance(COUNTED, before=before, after=until)


def count_themes_due() -> int:
    """Count the hours of themes anew where they were looked for since; return how many.

    So a theme that was just found is as old as the voices that speak of it.
    """
    found = position(FOUND)
    if position(THEMES) >= found:
        return 0
    return _count_themes(found)


@transaction.atomic
def _count_themes(found: int) -> int:
    until = position(COUNTED)
    mark(THEMES, found)
    Hour.objects.filter(stream__startswith=f"{THEME}:").delete()
    hours = [h for h in _hours(until - BACK // HOUR, until) if h.stream.startswith(f"{THEME}:")]
    return len(Hour.objects.bulk_create(hours))


def _hours(first: int, until: int) -> list[Hour]:
    """Return how many people there were in each stream from hour `first` to `until`."""
    since = start(first) - timedelta(seconds=people.WINDOW)
    when = (since, start(until) - timedelta(microseconds=1))
    rows = Voice.objects.unhappy().filter(heard_at__range=when)
    more = Further.objects.filter(unhappy=True, at__range=when)
    themes: dict[object, list[Stream]] = {}
    both = Q(voice__in=rows.values("pk")) | Q(voice__in=more.values("voice"))
    about = Themed.objects.holding().filter(both)
    for voice_id, root in about.values_list("voice_id", ROOT).distinct().iterator():
        themes.setdefault(voice_id, []).append(Stream(THEME, str(root)))
    streams: dict[str, int] = {}
    persons: dict[object, int] = {}
    found = [
        (
            streams.setdefault(str(stream), len(streams)),
            persons.setdefault(person, len(persons)),
            at,
        )
        for voice_id, person, moment, *parts in chain(
            rows.values_list("pk", OWN, "heard_at", *PARTS.values()).iterator(),
            more.values_list("voice", _PERSON, "at", *_OF_VOICE).iterator(),
        )
        for at in [int(moment.timestamp())]
        for stream in (*_streams(parts), *themes.get(voice_id, ()))
    ]
    table = np.array(found, int).reshape(-1, 3)
    stream, person, at = table.T
    counts = people.counted(stream, person, at) & (at >= first * 3600)
    cells, many = np.unique(
        np.column_stack([stream, at // 3600])[counts], axis=0, return_counts=True
    )
    names = list(streams)
    return [
        Hour(stream=names[one], at=start(int(hour)), people=int(n))
        for (one, hour), n in zip(cells, many, strict=True)
    ]


def _streams(parts: list[str]) -> list[Stream]:
    return [Stream(), *(Stream(k, name) for k, name in zip(PARTS, parts, strict=True) if name)]


def hourly(names: list[str], first: int, until: int) -> np.ndarray:
    """Return people in these streams by hour, (streams, hours), from hour `first` to `until`."""
    found = np.zeros((len(names), max(until - first, 0)))
    row = {name: n for n, name in enumerate(names)}
    rows = Hour.objects.filter(at__gte=start(first), at__lt=start(until), stream__in=names)
    for name, at, many in rows.values_list("stream", "at", "people"):
        found[row[name], number(at) - first] = many
    return found
