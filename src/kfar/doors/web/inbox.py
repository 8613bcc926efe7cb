"""The list of voices before an employee: what is due next first, and what waits for them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from kfar.rooms.customers import queries as customers
from kfar.rooms.service import queries as cases
from kfar.rooms.service.approving import queries as approving
from kfar.rooms.service.assigning import presence
from kfar.rooms.service.clocks import queries as clocks
from kfar.rooms.service.clocks.queries import Due
from kfar.rooms.service.commands import REMEDY
from kfar.rooms.service.queries import Beside
from kfar.rooms.service.returns import queries as returns
from kfar.rooms.service.returns.commands import RETURN
from kfar.rooms.village.queries import Staff
from kfar.rooms.voice import mailing
from kfar.rooms.voice import queries as voices
from kfar.rooms.voice.channels import queries as channels
from kfar.rooms.voice.channels.queries import Wrote
from kfar.rooms.voice.queries import Said
from kfar.rooms.voice.rules import Stands
from kfar.rooms.voice.understanding import queries as understanding
from kfar.rooms.voice.understanding.queries import Understood


def sort(shown: dict[Stands, list[Said]], most: int, *, whole: bool) -> None:
    """Let those that wait for a decision stand by when it is due; what is not due at all last.

    At most so many. `whole`: all voices are looked at, so that what is due next is among them,
    however new.
    """
    ids = clocks.next_due(2 * most)
    near = {voice.id: voice for group in shown.values() for voice in group}
    found = near | voices.by_id(own for own in ids if own not in near)
    for stands in (Stands.UNREAD, Stands.READ):
        there = {voice.id for voice in shown[stands]}
        first = [
            found[own]
            for own in ids
            if own in found and found[own].stands is stands and (whole or own in there)
        ]
        rest = [voice for voice in shown[stands] if voice not in first]
        shown[stands] = (first + rest)[:most]


@dataclass(frozen=True)
class Line:
    """A voice in a list, and what is to be read beside it.

    `who` is the customer's name or address; `post` what it came by, where that is a channel.
    """

    voice: Said
    who: str
    reading: Understood | None
    post: Wrote | None
    mailed: bool
    due: Due | None
    case: Beside | None


def lines(said: Iterable[Said]) -> dict[UUID, Line]:
    """Return these voices as they stand in a list, in their order."""
    shown = {voice.id: voice for voice in said}
    people = customers.people(voice.customer_id for voice in shown.values())
    readings, posts, mailed = (
        understanding.readings(shown),
        channels.posts(shown),
        mailing.mailed(shown),
    )
    told = cases.beside(shown)
    due = clocks.left((own, case.due_at) for own, case in told.items())
    found = {}
    for own, voice in shown.items():
        person, post = people.get(voice.customer_id), posts[own][0] if own in posts else None
        found[own] = Line(
            voice=voice,
            who=(person and (person.name or person.email)) or (post.address if post else ""),
            reading=readings.get(own),
            post=post,
            mailed=own in mailed,
            due=due.get(own),
            case=told.get(own),
        )
    return found


def mine(staff: Staff) -> dict[str, Any]:
    """Return what waits for one employee by name, and until when they are away."""
    asked, passed_on = approving.waiting_for(staff.id) if REMEDY in staff.acts else ([], [])
    return {
        "may": staff.acts,
        "asked_of_me": asked,
        "passed_on": passed_on,
        "away_until": presence.away().get(staff.id),
    }


def returned(staff: Staff, most: int) -> dict[str, Any]:
    """Return the returns that wait for a person's decision, what is due first the first."""
    if RETURN not in staff.acts:
        return {"returns": []}
    waiting = returns.waiting(most)
    return {
        "returns": waiting,
        "returns_count": len(waiting) if len(waiting) < most else returns.waiting_count(),
        "returns_due": clocks.left((one.id, one.due_at) for one in waiting),
        "returners": customers.people(one.customer_id for one in waiting),
    }
