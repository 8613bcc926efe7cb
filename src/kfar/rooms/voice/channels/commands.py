"""Channels the operator adds, renews and removes; how far each was heard, and what we said."""

from __future__ import annotations

import secrets
from base64 import b64encode
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from kfar.ground.errors import Refused
from kfar.lake import audit
from kfar.lake.outbox import announce
from kfar.rooms.village import queries as village
from kfar.rooms.voice.channels import rules, sealing
from kfar.rooms.voice.channels.rules import Kind
from kfar.rooms.voice.facts import Undelivered
from kfar.rooms.voice.models import Channel, Post, Posted, Secret, Seen, Voice

#: So many polls of a channel are kept in view.
POLLS = 20
#: The right to answer where everybody may read it, and what the audit says of it.
ANSWER, THERE = "voice.answer", "voice.answered_there"

#: For how long a secret is good beside the one that replaces it.
BOTH = timedelta(hours=24)
#: The longest time until a channel that fails is asked again, in minutes.
SLOWEST = 360


@transaction.atomic
def add(
    *,
    kind: str,
    name: str,
    url: str = "",
    about: Mapping[str, Any] | None = None,
    state: Mapping[str, Any] | None = None,
    secret: str = "",
) -> UUID:
    """Listen to a channel from now on; return its id.

    Refuses with `voice.bad_channel_kind`, `voice.bad_channel_name` and `voice.channel_there`.
    """
    if kind not in rules.ADDED:
        raise Refused("voice.bad_channel_kind", kinds=", ".join(rules.ADDED))
    rules.check_name(name)
    if Channel.objects.filter(name=name, removed_at=None).exists():
        raise Refused("voice.channel_there", name=name)
    made = Channel.objects.create(
        kind=kind, name=name, url=url, about=dict(about or {}), state=dict(state or {})
    )
    if secret:
        Secret.objects.create(channel=made, sealed=sealing.seal(secret))
    return made.pk


@transaction.atomic
def renew(*, name: str) -> str:
    """Return a new secret for who tells us by a hook; those before are good for a day more.

    It is shown this once. Refuses with `voice.no_such_channel`.
    """
    channel = _named(name)
    if channel.kind != Kind.HOOK:
        raise Refused("voice.no_such_channel", name=name[:60])
    now = timezone.now()
    channel.secrets.filter(until=None).update(until=now + BOTH)
    secret = f"whsec_{b64encode(secrets.token_bytes(32)).decode()}"
    Secret.objects.create(channel=channel, sealed=sealing.seal(secret))
    return secret


@transaction.atomic
def remove(*, name: str) -> None:
    """Listen to a channel no more; what was heard stays. Refuses with `voice.no_such_channel`."""
    channel = _named(name)
    channel.removed_at = timezone.now()
    channel.save(update_fields=["removed_at"])
    channel.secrets.all().delete()


@transaction.atomic
def know(*, channel_id: UUID, ids: Iterable[str]) -> int:
    """Note that these messages are there and are not to be heard; return how many are new."""
    keys = {sealing.mark("seen", str(channel_id), rules.line(one)) for one in ids}
    there = set(Seen.objects.filter(pk__in=keys).values_list("pk", flat=True))
    Seen.objects.bulk_create([Seen(key=key) for key in keys - there], ignore_conflicts=True)
    return len(keys - there)


def claim(*, channel_id: UUID, due_at: datetime, hold: timedelta) -> bool:
    """Return whether it is ours to ask a channel that was due at `due_at`; of two, only one."""
    rows = Channel.objects.filter(pk=channel_id, due_at=due_at, removed_at=None)
    return bool(rows.update(due_at=timezone.now() + hold))


def heard(
    *, channel_id: UUID, wait: timedelta = timedelta(), state: Mapping[str, Any] | None = None
) -> None:
    """Note that a channel answered, how far we have heard it, and when it is asked again."""
    now = timezone.now()
    said = {} if state is None else {"state": dict(state)}
    Channel.objects.filter(pk=channel_id).update(
        heard_at=now, due_at=now + wait, tries=0, failing="", failed_at=None, **said
    )


@transaction.atomic
def failed(*, channel_id: UUID, why: str, wait: timedelta = timedelta()) -> None:
    """Note that a channel failed: it is asked again after 1, 2, 4 … minutes, or after `wait`."""
    row = Channel.objects.select_for_update().filter(pk=channel_id).first()
    if row is None:
        return
    now = timezone.now()
    slow = timedelta(minutes=min(2 ** min(row.tries, 10), SLOWEST))
    row.tries, row.failing, row.failed_at = row.tries + 1, why[:60], row.failed_at or now
    row.due_at = now + max(slow, min(wait, timedelta(minutes=SLOWEST)))
    row.save(update_fields=["tries", "failing", "failed_at", "due_at"])


@transaction.atomic
def posted(
    *,
    voice_id: UUID,
    channel_id: UUID,
    letter_id: UUID,
    part: int = 0,
    ref: str = "",
    url: str = "",
    why: str = "",
) -> None:
    """Note where a part of our answer stands; without `ref`, why it could not be delivered."""
    if not Voice.objects.select_for_update().filter(pk=voice_id).exists():
        return  # erased meanwhile: nobody is left who was answered
    Posted.objects.get_or_create(
        letter_id=letter_id,
        part=part,
        defaults={
            "voice_id": voice_id,
            "channel_id": channel_id,
            "ref": ref[: rules.LINE],
            "url": rules.link(url),
            "why": why[:60],
        },
    )


@transaction.atomic
def polled(
    *, channel_id: UUID, ref: str, url: str, text: str, options: Sequence[str], until: datetime
) -> None:
    """Note a poll that was asked on a channel, by what that calls it; the last `POLLS` are kept."""
    row = Channel.objects.select_for_update().filter(pk=channel_id).first()
    if row is None:
        return
    before = [one for one in row.about.get("polls", ()) if one["ref"] != ref]
    asked = {"ref": ref, "url": rules.link(url), "text": text, "options": list(options)}
    asked["until"] = until.isoformat()
    row.about = {**row.about, "polls": [asked, *before][:POLLS]}
    row.save(update_fields=["about"])


@transaction.atomic
def undelivered(*, voice_ids: Collection[UUID]) -> None:
    """Note that what was to tell of these voices does not arrive: they wait for a decision again.

    Unless they are closed, or another answer of ours got there since. Twice is once.
    """
    now = timezone.now()
    rows = Voice.objects.select_for_update().filter(pk__in=voice_ids, closed_at=None)
    for voice in rows.exclude(told_at=None).order_by("pk"):
        failed = voice.answers.filter(ref="").values("letter_id")
        there = voice.answers.exclude(letter_id__in=failed)
        if there.filter(at__gte=voice.told_at).exists():
            continue
        voice.told_at = None
        if not there.exists() and not voice.judgements.exists():
            voice.answered_at = None
        voice.save(update_fields=["told_at", "answered_at"])
        announce(Undelivered(voice_id=voice.pk, customer_id=voice.customer_id, at=now))


@transaction.atomic
def wrote_there(*, by: UUID, voice_id: UUID, answer_id: UUID, url: str = "") -> None:
    """Note that an employee answered by hand where a voice was said, where we cannot.

    `answer_id` is the answer's with its words, `url` where it stands, if they say so: at the host
    of what was said, or of its channel. Twice is once. Refuses with `village.may_not`,
    `voice.said_nowhere` and what `rules.answer_link` says.
    """
    village.require(by, ANSWER)
    posts = Post.objects.filter(voice=voice_id, began=True)
    post = posts.select_related("channel", "voice").order_by("at", "pk").first()
    if post is None:
        raise Refused("voice.said_nowhere")
    there = rules.answer_link(url, [post.url, post.channel.url])
    _row, new = Posted.objects.get_or_create(
        letter_id=answer_id,
        part=0,
        defaults={
            "voice_id": voice_id,
            "channel_id": post.channel_id,
            # By its address it is known again as ours where the channel tells of it.
            "ref": there[: rules.LINE] or str(answer_id),
            "url": there,
        },
    )
    if new:
        audit.note(act=THERE, customer_id=post.voice.customer_id, employee_id=by)


def _named(name: str) -> Channel:
    found = Channel.objects.select_for_update().filter(name=name, removed_at=None).first()
    if found is None:
        raise Refused("voice.no_such_channel", name=name[:60])
    return found
