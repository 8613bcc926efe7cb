"""Whether what is decided for a voice gets to who wrote on a channel, and how."""

from __future__ import annotations

from collections.abc import Sequence

from kfar.doors.channels import replying
from kfar.rooms.customers.queries import Person
from kfar.rooms.decisions import limiting
from kfar.rooms.voice.channels.queries import Wrote
from kfar.rooms.voice.channels.rules import TEXTS


def reaches(posts: Sequence[Wrote], person: Person | None) -> str:
    """Return how an answer gets there: "open", "private", "mail"; else "" or "stopped".

    In the open stands an answer in words; what somebody gets is told to them alone.
    """
    to = replying.back(posts)
    if to is None:
        known = replying.mailed(posts) or (person.email if person else "")
        return "mail" if known else ""
    if to.channel.kind in TEXTS and limiting.stopped(to.address):
        return "stopped"
    return "private" if to.private else "open"
