"""Keeping what voices are found by."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from itertools import count
from uuid import UUID

from django.db import connection, transaction

from kfar.rooms.voice.models import Mail, Post, Sought, Voice
from kfar.rooms.voice.searching.rules import number
from kfar.rooms.voice.searching.words import words


@transaction.atomic
def index(*, voices: Collection[UUID]) -> int:
    """Keep what these voices are found by, anew where it was kept; return how many there are.

    That is what was said, what it is about, and the mails and posts that came after. The id of a
    row is when the voice was heard, so that the newest are found first without sorting.
    """
    rows = Voice.objects.filter(pk__in=voices)
    more: dict[UUID, list[str]] = {}
    mails = Mail.objects.filter(voice__in=rows).values_list("voice_id", "subject", "text")
    for voice_id, subject, text in mails:
        more.setdefault(voice_id, []).extend((subject, text))
    posts = Post.objects.filter(voice__in=rows).exclude(text="").values_list("voice_id", "text")
    for voice_id, text in posts:
        more.setdefault(voice_id, []).append(text)
    found = {
        row.pk: (row.heard_at, " ".join((row.text, row.about_name, *more.get(row.pk, ()))))
        for row in rows.only("text", "about_name", "heard_at")
    }
    Sought.objects.filter(voice__in=found).delete()
    ids = _ids({voice_id: heard_at for voice_id, (heard_at, _) in found.items()})
    Sought.objects.bulk_create(
        [
            Sought(id=ids[voice_id], voice_id=voice_id, words=" ".join(sorted(words(text))))
            for voice_id, (_, text) in found.items()
        ],
        batch_size=1000,
    )
    return len(found)


def clear(*, voices: Collection[UUID]) -> None:
    """Leave nothing of what these voices are found by: they are being erased.

    SQLite's full text index only notes what was deleted, until its parts are joined.
    """
    gone, _ = Sought.objects.filter(voice__in=voices).delete()
    if gone and connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO voice_sought_words(voice_sought_words) VALUES ('optimize')")


def _ids(heard: dict[UUID, datetime]) -> dict[UUID, int]:
    """Return an id for each voice by when it was heard, each another and none that is taken."""
    wanted = {one: number(one, at) for one, at in heard.items()}
    taken = set(Sought.objects.filter(pk__in=wanted.values()).values_list("pk", flat=True))
    given: dict[UUID, int] = {}
    for voice_id, want in wanted.items():
        free = (n for n in count(want) if n not in taken)
        # One beside it is looked up where the first is taken, which hardly ever happens.
        own = next(n for n in free if n == want or not Sought.objects.filter(pk=n).exists())
        taken.add(own)
        given[voice_id] = own
    return given
