"""Meetings told to employees: a mail with the meeting for their calendar, anew when it changes."""

from __future__ import annotations

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import translation
from django.utils.translation import gettext as _

from kfar.doors import calendars, links, words
from kfar.rooms.village.meetings import commands, queries
from kfar.rooms.village.meetings.queries import Met
from kfar.rooms.village.meetings.rules import Stands

log = structlog.get_logger(__name__)


def send_unsent() -> int:
    """Mail employees what is new of their meetings; return how many mails went out."""
    done = 0
    for meeting in queries.unsent():
        if meeting.stands in {Stands.PLANNED, Stands.CANCELLED}:
            try:
                _send(meeting)
            except Exception as error:
                # The class alone: a message may carry an address. The next round tries again.
                log.error("calendar.failed", error=type(error).__name__)
                return done
            done += 1
        commands.sent(meeting_id=meeting.id, version=meeting.version)
    return done


def _send(meeting: Met) -> None:
    with translation.override(settings.LANGUAGE_CODE):
        comes = [guest.comes for guest in meeting.guests]
        said = [
            _("Cancelled.") if meeting.cancelled_at else words.moment(meeting.at),
            meeting.place,
            _("Come: %(yes)s. Do not come: %(no)s. Have not said: %(open)s.")
            % {"yes": comes.count(True), "no": comes.count(False), "open": comes.count(None)},
            links.page("web:meeting", meeting.id),
        ]
        name = f"<{meeting.id}.{meeting.version}@kfar>"
        message = EmailMessage(
            subject=calendars.title(meeting),
            body="\n\n".join(said) + "\n",
            to=[meeting.email],
            headers={"Message-ID": name, "Auto-Submitted": "auto-generated"},
        )
        message.attach(calendars.attached(calendars.for_employee(meeting)))
        message.send()
