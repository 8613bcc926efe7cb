"""Answers by hand, where a customer spoke and nothing we send gets there; what gets lost."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from django.conf import settings
from django.db import transaction

from kfar.ground.errors import Refused
from kfar.ground.money import Money
from kfar.loop import deciding, reaching
from kfar.rooms.service.rules import Fault, Kind
from kfar.rooms.voice import queries as voices
from kfar.rooms.voice.channels import commands
from kfar.rooms.voice.channels import queries as channels
from kfar.rooms.voice.channels.queries import Wrote
from kfar.rooms.voice.channels.rules import TEXTS
from kfar.rooms.voice.queries import Said

#: The letters by which somebody is told what came of what they said.
TELLING = frozenset({"changed", "promise-kept", "remedy-given"})


def by_hand(voice: Said, posts: Sequence[Wrote], answers: Sequence[channels.Said]) -> Wrote | None:
    """Return what somebody has to answer by hand where it was said; None where we can, or nobody.

    `posts` and `answers` are what was said for it on channels. By hand is answered, too, where
    what we sent there does not arrive. Nobody can below a text message.
    """
    first = posts[0] if posts and posts[0].began else None
    if first is None or first.channel.kind in TEXTS:
        return None
    arrives = reaching.reaches(voice.id, voice.customer_id) and not lost(voice, answers)
    return None if arrives else first


def lost(voice: Said, answers: Sequence[channels.Said]) -> channels.Said | None:
    """Return what was said there last, where it does not arrive and the voice waits for that."""
    last = answers[-1] if answers and voice.told_at is None else None
    return last if last and not last.ref else None


def undelivered(what: str, voice_ids: Collection[UUID]) -> None:
    """Let voices wait again of which a letter does not tell: nobody gets it, for good."""
    if what in TELLING:
        commands.undelivered(voice_ids=voice_ids)


@transaction.atomic
def answered_there(*, by: UUID, voice_id: UUID, words: str, url: str, once: UUID) -> UUID:
    """Note what an employee wrote where a voice was said: it is answered, and its customer told.

    The words stand as an answer of theirs, decided as any other; `url` is where they stand, if it
    is said. Returns the answer's id, which is `once`: sent twice, noted once. Refuses as
    `deciding.remedy` and `commands.wrote_there`, and with `voice.not_found`, and
    `voice.answered_here` where what is decided gets to the customer anyway.
    """
    found = voices.voice(voice_id)
    if found is None:
        raise Refused("voice.not_found")
    posts = channels.posts([voice_id]).get(voice_id, [])
    answers = channels.answers([voice_id]).get(voice_id, [])
    if by_hand(found, posts, answers) is None and not channels.by_hand(once):
        raise Refused("voice.answered_here")
    given = deciding.remedy(
        by=by,
        voice_id=voice_id,
        kind=Kind.ANSWER,
        amount=Money(0, settings.KFAR_CURRENCY),
        words=words,
        fault=Fault.OURS,
        once=once,
    )
    commands.wrote_there(by=by, voice_id=voice_id, answer_id=given, url=url)
    return given
