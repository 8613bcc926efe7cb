"""The list of voices before an employee: what is due next first, and what waits for them."""

from __future__ import annotations

from typing import Any

from kfar.rooms.service.approving import queries as approving
from kfar.rooms.service.assigning import presence
from kfar.rooms.service.clocks import queries as clocks
from kfar.rooms.service.commands import REMEDY
from kfar.rooms.village.queries import Staff
from kfar.rooms.voice import queries as voices
from kfar.rooms.voice.queries import Said
from kfar.rooms.voice.rules import Stands

#: So many are in sight where they stand, of so many that are due next; others are found by what
#: was said.
SHOWN, AHEAD = 40, 120


def sort(shown: dict[Stands, list[Said]], *, whole: bool) -> None:
    """Let those that wait for a decision stand by when it is due; what is not due at all last.

    `whole`: all voices are looked at, so that what is due next is among them, however new.
    """
    ids = clocks.next_due(AHEAD)
    found = voices.by_id(ids)
    for stands in (Stands.UNREAD, Stands.READ):
        there = {voice.id for voice in shown[stands]}
        first = [
            found[own]
            for own in ids
            if own in found and found[own].stands is stands and (whole or own in there)
        ]
        rest = [voice for voice in shown[stands] if voice.id not in found]
        shown[stands] = (first + rest)[:SHOWN]


def mine(staff: Staff) -> dict[str, Any]:
    """Return what waits for one employee by name, and until when they are away."""
    decides = REMEDY in staff.acts
    return {
        "may": staff.acts,
        "asked_of_me": approving.waiting_for(staff.id) if decides else [],
        "passed_on": approving.passed_on(staff.id) if decides else [],
        "away_until": presence.away().get(staff.id),
    }
