"""What was said on channels: how what is decided gets there, and what was answered by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kfar.doors.channels import fetching, replying
from kfar.doors.web.forms import ThereForm
from kfar.loop import answering
from kfar.rooms.customers.queries import Person
from kfar.rooms.decisions import limiting
from kfar.rooms.service.commands import REMEDY
from kfar.rooms.service.queries import OpenCase
from kfar.rooms.village.queries import Staff
from kfar.rooms.voice.channels import queries as channels
from kfar.rooms.voice.channels.commands import ANSWER
from kfar.rooms.voice.channels.queries import Wrote
from kfar.rooms.voice.channels.rules import TEXTS
from kfar.rooms.voice.queries import Said
from kfar.rooms.voice.rules import Stands


def about(
    staff: Staff, said: Said, person: Person | None, case: OpenCase | None
) -> tuple[dict[str, Any], list[tuple[str, Any]]]:
    """Return what a page shows of what was said for a voice on channels, and what came after.

    Where one answers by hand, `by_hand` is what is answered, and a form says what was written;
    `hand` is where each such answer stands, by its id. `lost` is what we said there last and does
    not arrive, `lost_why` why such answers do not.
    """
    posts = channels.posts([said.id]).get(said.id, [])
    post = posts[0] if posts and posts[0].began else None
    answers = channels.answers([said.id]).get(said.id, [])
    given = {one.id for one in case.remedies} if case else set()
    hand = {one.letter_id: one for one in answers if one.letter_id in given}
    may = case is not None and {REMEDY, ANSWER} <= set(staff.acts)
    waits = said.stands in {Stands.UNREAD, Stands.READ}
    shown = {
        "post": post,
        "reaches": reaches(posts, person),
        "hand": hand,
        "by_hand": answering.by_hand(said, posts, answers) if post and may else None,
        "lost": answering.lost(said, answers) if waits else None,
        "lost_why": {one.why: fetching.why(one.why, one.channel) for one in answers if one.why},
        "there_form": ThereForm(),
    }
    after: list[tuple[str, Any]] = [("post", more) for more in posts if more is not post]
    after += [("posted", one) for one in answers if one.letter_id not in hand]
    return shown, after


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
