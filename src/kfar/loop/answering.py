"""Answers by hand, where a customer spoke and nothing we send gets there."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.db import transaction

from kfar.ground.errors import Refused
from kfar.ground.money import Money
from kfar.loop import deciding, reaching
from kfar.rooms.service.rules import Fault, Kind
from kfar.rooms.voice import queries as voices
from kfar.rooms.voice.channels import commands as channels
from kfar.rooms.voice.channels import queries as said
from kfar.rooms.voice.channels.queries import Wrote
from kfar.rooms.voice.channels.rules import TEXTS


def by_hand(voice_id: UUID, customer_id: UUID) -> Wrote | None:
    """Return what somebody has to answer by hand where it was said; None where we can, or nobody.

    Nobody can below a text message.
    """
    posts = said.posts([voice_id]).get(voice_id, [])
    first = posts[0] if posts and posts[0].began else None
    if first is None or first.channel.kind in TEXTS:
        return None
    return None if reaching.reaches(voice_id, customer_id) else first


@transaction.atomic
def answered_there(*, by: UUID, voice_id: UUID, words: str, url: str, once: UUID) -> UUID:
    """Note what an employee wrote where a voice was said: it is answered, and its customer told.

    The words stand as an answer of theirs, decided as any other; `url` is where they stand, if it
    is said. Returns the answer's id, which is `once`: sent twice, noted once. Refuses as
    `deciding.remedy` and `channels.wrote_there`, and with `voice.not_found`, and
    `voice.answered_here` where what is decided gets to the customer anyway.
    """
    found = voices.voice(voice_id)
    if found is None:
        raise Refused("voice.not_found")
    if by_hand(voice_id, found.customer_id) is None and not said.by_hand(once):
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
    channels.wrote_there(by=by, voice_id=voice_id, answer_id=given, url=url)
    return given
