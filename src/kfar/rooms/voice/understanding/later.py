"""What was said on a voice after it began: mails and posts with words of their own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from kfar.rooms.voice.models import Mail, Post


@dataclass(frozen=True)
class Word:
    """A mail or a post that came after, by its key."""

    text: str
    at: datetime
    mail: str | None = None
    post: int | None = None


def mails() -> QuerySet[Mail]:
    """Return the mails that came after."""
    return Mail.objects.exclude(text="")


def posts() -> QuerySet[Post]:
    """Return the posts that came after."""
    return Post.objects.filter(began=False).exclude(text="")


def words(voice_ids: Iterable[UUID]) -> dict[UUID, list[Word]]:
    """Return what was said later on these voices, oldest first; voices without are left out."""
    ids = list(voice_ids)
    found: dict[UUID, list[Word]] = {}
    for mail in mails().filter(voice__in=ids).only("voice_id", "text", "at"):
        found.setdefault(mail.voice_id, []).append(Word(mail.text, mail.at, mail=mail.pk))
    for post in posts().filter(voice__in=ids).only("voice_id", "text", "at"):
        found.setdefault(post.voice_id, []).append(Word(post.text, post.at, post=post.pk))
    for own in found.values():
        own.sort(key=lambda word: (word.at, word.mail or "", word.post or 0))
    return found


def whole(texts: Mapping[UUID, str]) -> dict[UUID, str]:
    """Return these voices with all that was said later on them."""
    after = words(texts)
    return {
        own: "\n\n".join([text, *(word.text for word in after.get(own, ()))])
        for own, text in texts.items()
    }


def meant(said: Sequence[Word], at: datetime) -> int:
    """Return which of these words somebody spoke of at a moment; -1: what the voice began with."""
    return sum(word.at <= at for word in said) - 1
