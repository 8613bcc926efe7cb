"""Meetings for calendars: with the letter to a guest, with a mail to the employee, as a file.

A guest's names nobody but them and whom they meet. The employee's says how many come, not who:
calendars stand on other people's servers, and customers did not agree to those.
"""

from __future__ import annotations

from email.mime.text import MIMEText
from email.utils import parseaddr
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kfar.doors import links
from kfar.rooms.customers import queries as customers
from kfar.rooms.customers.queries import Person
from kfar.rooms.village.meetings.calendar import Attendee, Entry, calendar
from kfar.rooms.village.meetings.queries import Met


def for_guest(meeting: Met, person: Person, link: str) -> bytes:
    """Return a meeting as a guest writes it down, in the language that is spoken now."""
    own = customers.selves(person.id)  # invited under whichever of their ids
    comes = next((g.comes for g in meeting.guests if g.customer_id in own), None)
    names = {"name": meeting.employee, "company": settings.KFAR_COMPANY}
    guest = Attendee(person.email, person.name or person.email, comes)
    return _calendar(
        meeting,
        called=_("%(name)s, %(company)s") % names,
        about=link,
        organiser=Attendee(meeting.email, meeting.employee, comes=True),
        attendee=guest,
    )


def for_employee(meeting: Met) -> bytes:
    """Return a meeting as the employee writes it down, in the language that is spoken now."""
    sender, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return _calendar(
        meeting,
        called=title(meeting),
        about=links.page("web:meeting", meeting.id),
        organiser=Attendee(address, sender or settings.KFAR_COMPANY, comes=True),
        attendee=Attendee(meeting.email, meeting.employee, comes=True),
    )


def attached(file: bytes) -> MIMEText:
    """Return a calendar's file as mail programs know it (RFC 6047)."""
    part = MIMEText(file.decode(), "calendar", "utf-8")
    cancelled = b"\r\nMETHOD:CANCEL\r\n" in file
    part.set_param("method", "CANCEL" if cancelled else "REQUEST")
    part.add_header("Content-Disposition", "attachment", filename="meeting.ics")
    return part


def title(meeting: Met) -> str:
    """Return what the employee's calendar and mail call a meeting."""
    many = len(meeting.guests)
    return ngettext("A meeting with %(n)s customer", "A meeting with %(n)s customers", many) % {
        "n": many
    }


def _calendar(
    meeting: Met, *, called: str, about: str, organiser: Attendee, attendee: Attendee
) -> bytes:
    return calendar(
        Entry(
            id=meeting.id,
            version=meeting.version,
            stamped_at=meeting.cancelled_at or meeting.planned_at,
            at=meeting.at,
            minutes=meeting.minutes,
            title=called,
            place=meeting.place,
            about=about,
            organiser=organiser,
            attendees=[attendee],
            cancelled=meeting.cancelled_at is not None,
        ),
        urlsplit(settings.KFAR_URL).hostname or "kfar",
    )
