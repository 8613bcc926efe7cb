"""What customers say on a channel: a voice, or more on one they have."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from kfar.ground.errors import Refused
from kfar.ground.text import LANGUAGES
from kfar.rooms.customers import commands as customers
from kfar.rooms.customers import queries as people
from kfar.rooms.customers.joining import OURSELVES
from kfar.rooms.customers.rules import Claim
from kfar.rooms.voice import commands
from kfar.rooms.voice.channels import rules, sealing
from kfar.rooms.voice.channels.rules import PROVEN, TALK, TEXTS, Kind, Message
from kfar.rooms.voice.mail.reading import language
from kfar.rooms.voice.models import Channel, Post, Posted, Seen, Voice
from kfar.rooms.voice.rules import MOST
from kfar.rooms.voice.searching import commands as searching


@transaction.atomic
def take(*, channel_id: UUID, message: Message, delivery: str = "") -> UUID | None:
    """Take in what somebody said; return the voice it belongs to, None where it is no news.

    A message is heard once, by its id and by that of its `delivery`, and never where we wrote it
    ourselves. Who wrote is who the channel says: by a number they are proven, by anything else
    they are met as a page is told (decision 0008). More on a voice of the same person opens
    that again. Words too long for a voice end there with "…" and stand whole beside it.
    Refuses with `voice.no_such_channel`, `voice.nothing_said`, `voice.no_message_id`, and with
    `voice.too_many_posts` where that person has said `KFAR_POSTS` things within a day.
    """
    channel = Channel.objects.filter(pk=channel_id, removed_at=None).first()
    if channel is None:
        raise Refused("voice.no_such_channel", name="")
    said = rules.sound(message)
    if not _first(channel, said, delivery):
        return None
    now = timezone.now()
    [by] = customers.resolve(claims=[_claim(channel, said)])
    if by is None:
        raise Refused("customers.not_found")
    customers.hold(customer_id=by)
    selves = people.selves(by)
    lately = Post.objects.filter(voice__customer__in=selves, at__gt=now - timedelta(days=1))
    if lately.count() >= settings.KFAR_POSTS:
        raise Refused("voice.too_many_posts", most=settings.KFAR_POSTS)
    text = said.text if len(said.text) <= MOST else said.text[: MOST - 1] + "…"
    voice = _before(channel, selves, said)
    if voice is None:
        spoken = said.language.partition("-")[0].lower()
        spoken = language(text) or (spoken if spoken in LANGUAGES else people.spoken(by))
        voice_id = commands.say(by=by, text=text, language=spoken or settings.LANGUAGE_CODE)
    else:
        voice_id = voice.pk
        commands.go_on(voice_id=voice_id, by=by, at=now)
    Post.objects.create(
        voice_id=voice_id,
        channel=channel,
        began=voice is None,
        ref=said.id,
        thread=said.thread,
        address=said.address,
        ours=said.ours,
        url=said.url,
        text=said.text if voice or len(said.text) > MOST else "",
        program=said.program,
        private=said.private,
        said_at=min(said.at, now),
        at=now,
    )
    searching.index(voices=[voice_id])
    return voice_id


def by_text(kind: Kind) -> UUID | None:
    """Return the channel that texts of a kind come by; None where the operator removed it."""
    rows = Channel.objects.filter(name=kind)
    found = rows.order_by("-made_at").first()
    if found is None:
        found, _new = Channel.objects.get_or_create(
            name=kind, removed_at=None, defaults={"kind": kind}
        )
    return None if found.removed_at else found.pk


def _first(channel: Channel, said: Message, delivery: str) -> bool:
    """Note that a message was heard; return whether it is the first time, and not our own."""
    keys = [sealing.mark("seen", str(channel.pk), said.id)]
    if delivery:
        keys.append(sealing.mark("delivery", str(channel.pk), delivery))
    # What somebody wrote there by hand is known by its address.
    ours = {said.id, said.url[: rules.LINE]} - {""}
    if Posted.objects.filter(channel=channel, ref__in=ours).exists():
        return False
    if Seen.objects.filter(pk__in=keys).exists():
        return False
    # In one order, so that of two who come at once nobody waits in a ring.
    new = [Seen.objects.get_or_create(key=key)[1] for key in sorted(keys)]
    return all(new)


def _claim(channel: Channel, said: Message) -> Claim:
    """Return what a message says of who wrote it."""
    proven = channel.kind in PROVEN
    source = Kind.MASTODON if channel.kind == Kind.MASTODON else channel.name
    return Claim(
        source=OURSELVES if proven else source,
        at=timezone.now(),
        trusted=proven,
        user_id="" if proven else said.author or said.id,
        email=said.email,
        phone=said.phone,
        name=said.name,
        language=said.language,
    )


def _before(channel: Channel, selves: list[UUID], said: Message) -> Voice | None:
    """Return the voice a message goes on with, held: one of the same person alone."""
    posts = Post.objects.filter(channel=channel, voice__customer__in=selves).order_by("-at", "-pk")
    before: list[QuerySet[Post] | QuerySet[Posted]] = []
    if said.answers:
        ours = Posted.objects.filter(channel=channel, ref__in=said.answers).exclude(ref="")
        before += [ours, posts.filter(ref__in=said.answers)]
    if said.thread:
        before.append(posts.filter(thread=said.thread))
    if channel.kind in TEXTS:
        since = timezone.now() - timedelta(days=TALK)
        before.append(posts.filter(address=said.address, voice__closed_at=None, at__gt=since))
    for rows in before:
        voice_id = rows.values_list("voice_id", flat=True).first()
        theirs = Voice.objects.select_for_update().filter(customer__in=selves)
        if voice_id and (found := theirs.filter(pk=voice_id).first()):
            return found
    return None
