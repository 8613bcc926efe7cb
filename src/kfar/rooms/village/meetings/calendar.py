"""Meetings as calendars understand them: iCalendar (RFC 5545), asked for and taken back (RFC 5546).

Times are in UTC, so that no table of time zones has to come along.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

#: The longest line, in octets, its end not counted.
FOLD = 75


@dataclass(frozen=True)
class Attendee:
    """Who is invited: `comes` is None until they say."""

    email: str
    name: str
    comes: bool | None


@dataclass(frozen=True)
class Entry:
    """A meeting in a calendar. `version` grows with what is told of it."""

    id: UUID
    version: int
    stamped_at: datetime
    at: datetime
    minutes: int
    title: str
    place: str
    about: str
    organiser: Attendee
    attendees: Sequence[Attendee]
    cancelled: bool


def calendar(entry: Entry, host: str) -> bytes:
    """Return a file that asks programs to write the meeting down, or to take it out again."""
    return "".join(f"{_folded(line)}\r\n" for line in _lines(entry, host)).encode()


def _lines(entry: Entry, host: str) -> Iterator[str]:
    yield "BEGIN:VCALENDAR"
    yield "VERSION:2.0"
    yield "PRODID:-//Kfar//Kfar//EN"
    yield "CALSCALE:GREGORIAN"
    yield f"METHOD:{'CANCEL' if entry.cancelled else 'REQUEST'}"
    yield "BEGIN:VEVENT"
    yield f"UID:{entry.id}@{host}"
    yield f"SEQUENCE:{entry.version}"
    yield f"DTSTAMP:{_at(entry.stamped_at)}"
    yield f"DTSTART:{_at(entry.at)}"
    yield f"DTEND:{_at(entry.at + timedelta(minutes=entry.minutes))}"
    yield f"SUMMARY:{_text(entry.title)}"
    if entry.place:
        yield f"LOCATION:{_text(entry.place)}"
    if entry.about:
        yield f"DESCRIPTION:{_text(entry.about)}"
    yield f"ORGANIZER;CN={_parameter(entry.organiser.name)}:mailto:{_address(entry.organiser)}"
    for one in entry.attendees:
        says = {None: "NEEDS-ACTION", True: "ACCEPTED", False: "DECLINED"}[one.comes]
        yield (
            f"ATTENDEE;CN={_parameter(one.name)};ROLE=REQ-PARTICIPANT;PARTSTAT={says}"
            f":mailto:{_address(one)}"
        )
    yield f"STATUS:{'CANCELLED' if entry.cancelled else 'CONFIRMED'}"
    yield "TRANSP:OPAQUE"
    yield "END:VEVENT"
    yield "END:VCALENDAR"


def _at(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(text: str) -> str:
    """Escape a text (3.3.11); what no text may hold is left out."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(sign for sign in text if sign in "\n\t" or _plain(sign))
    for sign in ("\\", ";", ","):
        text = text.replace(sign, "\\" + sign)
    return text.replace("\n", "\\n")


def _parameter(text: str) -> str:
    """Quote a parameter's value (3.2), in which there is no quotation mark."""
    return '"' + "".join(sign for sign in text if _plain(sign)).replace('"', "'") + '"'


def _address(one: Attendee) -> str:
    return "".join(sign for sign in one.email if _plain(sign) and not sign.isspace())


def _plain(sign: str) -> bool:
    return ord(sign) >= 0x20 and ord(sign) != 0x7F


def _folded(line: str) -> str:
    """Fold a line (3.1): no piece is longer than `FOLD` octets, and no letter is split."""
    pieces, piece, size = [], "", 0
    for sign in line:
        octets = len(sign.encode())
        if size + octets > FOLD:
            pieces.append(piece)
            piece, size = " ", 1
        piece, size = piece + sign, size + octets
    return "\r\n".join([*pieces, piece])
