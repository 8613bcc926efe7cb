"""Which channels there are and how they do; what was said on them, and answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from kfar.rooms.voice.channels import sealing
from kfar.rooms.voice.channels.rules import Kind, line
from kfar.rooms.voice.models import Channel, Post, Posted, Secret, Seen


@dataclass(frozen=True)
class Line:
    """A channel as it may be shown: no secret is in it.

    `about` is what to listen to there, `state` how far it was heard. `failing` is the code of
    what went wrong last, "" while all is well, `failed_at` since when.
    """

    id: UUID
    kind: Kind
    name: str
    url: str
    about: Mapping[str, Any]
    state: Mapping[str, Any]
    made_at: datetime
    heard_at: datetime | None
    due_at: datetime
    removed_at: datetime | None
    failing: str
    failed_at: datetime | None

    @property
    def answers(self) -> bool:
        """Whether what we say gets back there: a feed only tells."""
        match self.kind:
            case Kind.RSS:
                return False
            case Kind.HOOK:
                return bool(self.about.get("answers"))
        return True


@dataclass(frozen=True)
class Poll:
    """A poll that was asked on a channel: its options, with their votes once it is known.

    `gone`: it is not there any more.
    """

    channel: str
    ref: str
    url: str
    text: str
    options: tuple[tuple[str, int | None], ...]
    until: datetime
    gone: bool

    @property
    def over(self) -> bool:
        """Whether nobody can vote in it any more."""
        return self.gone or self.until <= timezone.now()

    @property
    def votes(self) -> int:
        """How many votes there are in all."""
        return sum(count or 0 for _option, count in self.options)


@dataclass(frozen=True)
class Wrote:
    """What a customer said on a channel as others may read it.

    `text` is empty where the voice has all of it, `url` where it stands nowhere in the web.
    """

    channel: Line
    began: bool
    ref: str
    thread: str
    address: str
    ours: str
    url: str
    text: str
    program: bool
    private: bool
    at: datetime

    @property
    def answers(self) -> bool:
        """Whether an answer gets to who wrote it: over the channel, or by e-mail."""
        return self.channel.removed_at is None and (
            self.channel.answers or (self.channel.kind == Kind.HOOK and "@" in self.address)
        )


@dataclass(frozen=True)
class Said:
    """A part of an answer of ours: where it stands, or `why` it could not be delivered."""

    channel: Line
    letter_id: UUID
    part: int
    ref: str
    url: str
    why: str
    at: datetime


def everyone() -> list[Line]:
    """Return the channels we listen to, by name."""
    return [_line(row) for row in Channel.objects.filter(removed_at=None).order_by("name")]


def named(name: str, *, gone: bool = False) -> Line | None:
    """Return the channel of that name, or None; with `gone` also one that was removed."""
    rows = Channel.objects.filter(name=name).order_by("-made_at")
    row = (rows if gone else rows.filter(removed_at=None)).first()
    return _line(row) if row else None


def polls(lines: Iterable[Line]) -> list[Poll]:
    """Return the polls that were asked on these channels, the one that ends last first."""
    found = []
    for one in lines:
        told = one.state.get("polls", {})
        for asked in one.about.get("polls", ()):
            votes = told.get(asked["ref"], {})
            counts: list[int | None] = votes.get("votes") or [None] * len(asked["options"])
            poll = Poll(
                channel=one.name,
                ref=asked["ref"],
                url=asked["url"],
                text=asked["text"],
                options=tuple(zip(asked["options"], counts, strict=False)),
                until=datetime.fromisoformat(asked["until"]),
                gone=bool(votes.get("gone")),
            )
            found.append(poll)
    return sorted(found, key=lambda one: one.until, reverse=True)


def due() -> list[Line]:
    """Return the channels that are to be asked now, the longest due first."""
    asked = [Kind.RSS, Kind.MASTODON]
    rows = Channel.objects.filter(removed_at=None, kind__in=asked, due_at__lte=timezone.now())
    return [_line(row) for row in rows.order_by("due_at", "pk")]


def secrets(channel_id: UUID) -> list[str]:
    """Return the secrets that are good now, the newest first."""
    good = Q(until=None) | Q(until__gt=timezone.now())
    rows = Secret.objects.filter(good, channel=channel_id).order_by("-made_at", "-pk")
    return [sealing.unseal(sealed) for sealed in rows.values_list("sealed", flat=True)]


def unheard(channel_id: UUID, ids: Iterable[str]) -> set[str]:
    """Return which of these messages were not heard yet."""
    marks = {sealing.mark("seen", str(channel_id), line(one)): one for one in ids}
    there = set(Seen.objects.filter(pk__in=marks).values_list("pk", flat=True))
    return {one for key, one in marks.items() if key not in there}


def posts(voice_ids: Iterable[UUID]) -> dict[UUID, list[Wrote]]:
    """Return what was said for these voices on channels, oldest first; others are left out."""
    found: dict[UUID, list[Wrote]] = {}
    rows = Post.objects.filter(voice__in=set(voice_ids)).select_related("channel")
    for row in rows.order_by("at", "pk"):
        wrote = Wrote(
            channel=_line(row.channel),
            began=row.began,
            ref=row.ref,
            thread=row.thread,
            address=row.address,
            ours=row.ours,
            url=row.url,
            text=row.text,
            program=row.program,
            private=row.private,
            at=row.at,
        )
        found.setdefault(row.voice_id, []).append(wrote)
    return found


def answers(voice_ids: Iterable[UUID]) -> dict[UUID, list[Said]]:
    """Return what we answered for these voices on channels, oldest first."""
    found: dict[UUID, list[Said]] = {}
    rows = Posted.objects.filter(voice__in=set(voice_ids)).select_related("channel")
    for row in rows.order_by("at", "pk"):
        said = Said(
            channel=_line(row.channel),
            letter_id=row.letter_id,
            part=row.part,
            ref=row.ref,
            url=row.url,
            why=row.why,
            at=row.at,
        )
        found.setdefault(row.voice_id, []).append(said)
    return found


def by_hand(answer_id: UUID) -> bool:
    """Return whether an employee wrote this answer where the voice was said."""
    return Posted.objects.filter(letter_id=answer_id).exclude(ref="").exists()


def met(voice_id: UUID) -> str:
    """Return by which channel a voice came, as journeys call it; "" where by none."""
    row = Post.objects.filter(voice=voice_id).select_related("channel").order_by("pk").first()
    if row is None:
        return ""
    called = {Kind.RSS: "forum", Kind.MASTODON: "mastodon", Kind.HOOK: row.channel.name}
    return called.get(Kind(row.channel.kind), row.channel.kind)


def _line(row: Channel) -> Line:
    return Line(
        id=row.pk,
        kind=Kind(row.kind),
        name=row.name,
        url=row.url,
        about=row.about,
        state=row.state,
        made_at=row.made_at,
        heard_at=row.heard_at,
        due_at=row.due_at,
        removed_at=row.removed_at,
        failing=row.failing,
        failed_at=row.failed_at,
    )
