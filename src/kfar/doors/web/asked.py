"""What a reader of a journey asks for: read from the address, and written back into it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import QueryDict
from django.utils import timezone

from kfar.rooms.touchpoints.queries import Only

#: What stands in the address, and which field of `Only` it fills.
FIELDS = {
    "channel": "channels",
    "kind": "kinds",
    "department": "departments",
    "category": "categories",
    "who": "people",
}
#: How much one may ask for at once.
MOST, LONGEST = 50, 100


@dataclass(frozen=True)
class Asked:
    """A reader's wish: values by name in the address, a period of whole days, a text."""

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    since: date | None = None
    until: date | None = None
    text: str = ""

    def __bool__(self) -> bool:
        """Whether anything is asked for at all."""
        return bool(self.pairs())

    def pairs(self, *without: str) -> list[tuple[str, str]]:
        """Return names and values as they stand in the address, some names left out."""
        said = [
            *((name, value) for name in FIELDS for value in self.values.get(name, ())),
            *(("from", self.since.isoformat()) for _ in [0] if self.since),
            *(("to", self.until.isoformat()) for _ in [0] if self.until),
            *(("q", self.text) for _ in [0] if self.text),
        ]
        return [(name, value) for name, value in said if name not in without]

    def address(self, *more: tuple[str, str]) -> str:
        """Return what follows the path: "?channel=web&q=tea"; "" for no wish at all."""
        said = urlencode([*self.pairs(), *more])
        return f"?{said}" if said else ""

    def turned(self, name: str, value: str) -> Asked:
        """Return the wish with this value added, or taken out where it was in."""
        now = self.values.get(name, ())
        then = tuple(v for v in now if v != value) if value in now else (*now, value)
        return replace(self, values={**self.values, name: then})

    def within(self, since: date | None, until: date | None) -> Asked:
        """Return the wish for this period; for all time where it asks for this one already."""
        if (self.since, self.until) == (since, until):
            since = until = None
        return replace(self, since=since, until=until)

    def only(self) -> Only:
        """Return the wish as the journey takes it."""
        given: dict[str, Any] = {FIELDS[name]: values for name, values in self.values.items()}
        return Only(
            **{**given, "people": [UUID(who) for who in self.values.get("who", ())]},
            since=_start(self.since) if self.since else None,
            until=_start(self.until + timedelta(days=1)) if self.until else None,
            text=self.text,
        )


def read(query: QueryDict, people: Iterable[UUID]) -> Asked:
    """Return what an address asks for, without what it cannot mean and who is not of `people`."""
    known = {str(person) for person in people}
    values = {
        name: tuple(dict.fromkeys(v for v in query.getlist(name)[:MOST] if _sound(v)))
        for name in FIELDS
    }
    return Asked(
        values={**values, "who": tuple(who for who in values["who"] if who in known)},
        since=_day(query.get("from", "")),
        until=_day(query.get("to", "")),
        text=" ".join(query.get("q", "").replace("\x00", " ").split())[:LONGEST],
    )


def _sound(value: str) -> bool:
    return 0 < len(value) <= 300 and "\x00" not in value


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1900 <= day.year <= 2200 else None


def _start(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))
