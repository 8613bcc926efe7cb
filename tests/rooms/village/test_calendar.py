"""What we write for calendars is read by somebody else's reader as it was meant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import icalendar
from hypothesis import given
from hypothesis import strategies as st

from kfar.rooms.village.meetings.calendar import Attendee, Entry, calendar

ID = UUID("0192b3c4-0000-7000-8000-000000000001")
AT = datetime(2026, 12, 1, 9, 30, tzinfo=UTC)


def entry(**said: object) -> Entry:
    given: dict[str, object] = {
        "id": ID,
        "version": 0,
        "stamped_at": datetime(2026, 11, 22, 20, 0, tzinfo=UTC),
        "at": AT,
        "minutes": 30,
        "title": "Noa, Orchard",
        "place": "Mill Lane 3; 2nd floor, left\nring twice",
        "about": "https://orchard.example/meet/x/",
        "organiser": Attendee("noa@orchard.example", "Noa", comes=True),
        "attendees": [Attendee("anna@example.pl", 'Anna "Ania" Żółć', comes=None)],
        "cancelled": False,
    }
    return Entry(**(given | said))  # type: ignore[arg-type]


def test_it_is_what_the_standard_says_to_the_byte() -> None:
    assert calendar(entry(), "orchard.example").decode().split("\r\n") == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Kfar//Kfar//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:REQUEST",
        "BEGIN:VEVENT",
        f"UID:{ID}@orchard.example",
        "SEQUENCE:0",
        "DTSTAMP:20261122T200000Z",
        "DTSTART:20261201T093000Z",
        "DTEND:20261201T100000Z",
        "SUMMARY:Noa\\, Orchard",
        "LOCATION:Mill Lane 3\\; 2nd floor\\, left\\nring twice",
        "DESCRIPTION:https://orchard.example/meet/x/",
        'ORGANIZER;CN="Noa":mailto:noa@orchard.example',
        "ATTENDEE;CN=\"Anna 'Ania' Żółć\";ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTI",
        " ON:mailto:anna@example.pl",
        "STATUS:CONFIRMED",
        "TRANSP:OPAQUE",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]


def test_a_cancelled_one_is_taken_out_by_the_same_name() -> None:
    read = icalendar.Calendar.from_ical(calendar(entry(version=2, cancelled=True), "a.example"))
    event: Any
    [event] = read.walk("VEVENT")
    assert (read["METHOD"], event["STATUS"]) == ("CANCEL", "CANCELLED")
    assert (event["UID"], event["SEQUENCE"]) == (f"{ID}@a.example", 2)


#: What people write, with what a calendar must not take for its own signs.
WORDS = st.text(
    st.one_of(st.characters(exclude_categories=["Cs", "Cc"]), st.sampled_from(";,:\\\n\t\"'"))
)


@given(title=WORDS, place=WORDS, about=WORDS, name=WORDS, minutes=st.integers(5, 480))
def test_other_people_s_reader_reads_what_was_written(
    title: str, place: str, about: str, name: str, minutes: int
) -> None:
    file = calendar(
        entry(
            title=title,
            place=place,
            about=about,
            minutes=minutes,
            attendees=[Attendee("anna@example.pl", name, comes=True)],
        ),
        "orchard.example",
    )
    assert all(len(line) <= 75 for line in file.split(b"\r\n"))
    assert file.replace(b"\r\n", b"").count(b"\n") == 0
    read = icalendar.Calendar.from_ical(file)
    event: Any
    [event] = read.walk("VEVENT")
    assert str(event["SUMMARY"]) == title
    assert str(event.get("LOCATION", "")) == place
    assert str(event.get("DESCRIPTION", "")) == about
    assert event["DTSTART"].dt == AT
    assert event["DTEND"].dt == AT + timedelta(minutes=minutes)
    assert event["ATTENDEE"] == "mailto:anna@example.pl"
    assert event["ATTENDEE"].params["PARTSTAT"] == "ACCEPTED"


@given(st.text(max_size=50))
def test_no_name_or_address_adds_a_line(text: str) -> None:
    file = calendar(
        entry(attendees=[Attendee(f"a{text}@example.pl", text, comes=False)], title=text), "a.b"
    )
    lines = file.decode().replace("\r\n ", "").split("\r\n")
    assert len(lines) == 22 - 1
    assert [line.partition(":")[0] for line in lines][-5:-1] == [
        "STATUS", "TRANSP", "END", "END",
    ]  # fmt: skip
