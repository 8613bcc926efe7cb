"""What is said, read, told and judged."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from kfar.ground.errors import Refused
from kfar.ground.gone import Gone
from kfar.lake import audit
from kfar.lake.outbox import announce
from kfar.rooms.customers import commands as customers
from kfar.rooms.customers import queries as people
from kfar.rooms.village import queries as village
from kfar.rooms.voice import rules
from kfar.rooms.voice.facts import ClosedUntold, Heard, Judged, SaidMore
from kfar.rooms.voice.models import Judgement, Owed, Voice
from kfar.rooms.voice.rules import Stands, Untold
from kfar.rooms.voice.searching import commands as searching

#: The right to close a voice without telling, and what the audit says of it.
CLOSED = "voice.closed"
#: What an open voice says of why its customer was not told: nothing.
AGAIN: dict[str, Any] = {"untold": "", "untold_words": "", "untold_by": None}

#: Whether a promise is still to be kept for a voice.
STILL_OWED = Exists(Owed.objects.filter(voice=OuterRef("pk")))


@transaction.atomic
def say(
    *, by: UUID, text: str, language: str, about: UUID | None = None, about_name: str = ""
) -> UUID:
    """Take in what a customer says; return the voice's id.

    The same words about the same thing within ten minutes are the same voice: a second
    click or a reloaded page says nothing twice. Refuses with `voice.nothing_said` or
    `voice.too_long`.
    """
    said = rules.check_text(text)
    customers.hold(customer_id=by)
    now = timezone.now()
    same = Voice.objects.filter(
        customer__in=people.selves(by),
        text=said,
        about=about,
        heard_at__gt=now - timedelta(minutes=10),
    ).first()
    if same is not None:
        return same.pk
    voice = Voice.objects.create(
        customer_id=by,
        text=said,
        language=language,
        about=about,
        about_name=about_name[:200],
        heard_at=now,
    )
    searching.index(voices=[voice.pk])
    announce(Heard(voice_id=voice.pk, customer_id=by, at=now))
    return voice.pk


@transaction.atomic
def read(*, by: UUID, voice_id: UUID) -> None:
    """Note that an employee reads a voice and sees the person behind it."""
    village.require(by, "voice.read")
    voice = _one(voice_id)
    if voice.read_at is None:
        voice.read_at = timezone.now()
        voice.save(update_fields=["read_at"])
    audit.note(act="voice.read", customer_id=voice.customer_id, employee_id=by)


@transaction.atomic
def tell(*, voice_id: UUID) -> None:
    """Note that the customer was told what we did; from now on we wait for their word."""
    voice = _one(voice_id)
    now = timezone.now()
    voice.told_at = voice.told_at or now
    voice.answered_at = voice.answered_at or now
    voice.save(update_fields=["told_at", "answered_at"])


@transaction.atomic
def close(*, by: UUID, voice_id: UUID, why: str, words: str) -> None:
    """Close a voice without its customer having been told, for a reason that is public.

    `why` is one of `rules.GIVEN`; `words` say more, to who works here and to the customer.
    Twice is once. Refuses with `village.may_not`, `voice.not_found` and what
    `rules.check_untold` says.
    """
    village.require(by, "voice.close")
    voice = _one(voice_id)
    where = _stands(voice)
    if where is Stands.CLOSED:
        return
    reason, said = rules.check_untold(why, words, where)
    _leave(voice, reason, words=said, by=by)
    audit.note(act=CLOSED, customer_id=voice.customer_id, employee_id=by)


@transaction.atomic
def leave(*, voice_id: UUID, why: Untold) -> None:
    """Close a voice as its customer wishes, without telling them; once told, it is theirs."""
    voice = _one(voice_id)
    if _stands(voice) in {Stands.UNREAD, Stands.READ}:
        _leave(voice, why)


def _leave(voice: Voice, why: Untold, *, words: str = "", by: UUID | None = None) -> None:
    voice.closed_at, voice.untold = timezone.now(), why
    voice.untold_words, voice.untold_by_id = words, by
    voice.save(update_fields=["closed_at", "untold", "untold_words", "untold_by"])
    announce(ClosedUntold(voice_id=voice.pk, customer_id=voice.customer_id, at=voice.closed_at))


@transaction.atomic
def tell_many(*, voice_ids: Collection[UUID]) -> None:
    """Note of many voices at once that their customers were told, as `tell`."""
    now = timezone.now()
    for some in people.chunks(voice_ids):
        rows = Voice.objects.filter(pk__in=some)
        rows.filter(told_at=None).update(told_at=now)
        rows.filter(answered_at=None).update(answered_at=now)


@transaction.atomic
def owe_many(*, voice_ids: Collection[UUID], promise_id: UUID) -> None:
    """Note of many voices that a promise must be kept before they can close, as `owe`."""
    for some in people.chunks(voice_ids):
        there = _some(some)
        Owed.objects.bulk_create(
            [Owed(voice_id=own, promise_id=promise_id) for own in there], ignore_conflicts=True
        )
        Voice.objects.filter(pk__in=there).update(owed=True)


@transaction.atomic
def settle_many(*, voice_ids: Collection[UUID], promise_id: UUID, told: bool) -> None:
    """Note of many voices that what was owed is done; `told`: and that the customers know."""
    for some in people.chunks(voice_ids):
        rows = Owed.objects.filter(promise_id=promise_id, voice__in=_some(some))
        owed = list(rows.values_list("voice_id", flat=True))
        rows.delete()
        Voice.objects.filter(pk__in=owed).update(owed=STILL_OWED)
        if told:
            tell_many(voice_ids=owed)


@transaction.atomic
def owe(*, voice_id: UUID, promise_id: UUID) -> None:
    """Note that a promise must be kept before this voice can close."""
    owe_many(voice_ids=[_one(voice_id).pk], promise_id=promise_id)


@transaction.atomic
def owe_no_more(*, voice_id: UUID, promise_id: UUID, released: bool) -> None:
    """Note that a promise for this voice is not to be kept any more.

    Broken, the voice waits for a decision again. `released` by the customer, and with nothing
    else open, it is closed by their word.
    """
    voice = _one(voice_id)
    if not Owed.objects.filter(promise_id=promise_id, voice_id=voice_id).delete()[0]:
        return
    voice.owed = Owed.objects.filter(voice=voice).exists()
    voice.save(update_fields=["owed"])
    if released and _stands(voice) in {Stands.UNREAD, Stands.READ}:
        _leave(voice, Untold.RELEASED)
    elif not released:
        reopen(voice_id=voice_id)


@transaction.atomic
def reopen(*, voice_id: UUID) -> None:
    """Note that what was done for this voice was taken back: it waits for a decision again."""
    Voice.objects.filter(pk=voice_id).update(told_at=None, closed_at=None, **AGAIN)


@transaction.atomic
def go_on(*, voice_id: UUID, by: UUID, at: datetime) -> None:
    """Note that a customer said more on a voice: it waits as if it were new, to be read again."""
    unread = {"read_at": None, "told_at": None, "closed_at": None, "understood_at": None}
    Voice.objects.filter(pk=voice_id).update(**unread, **AGAIN)
    announce(SaidMore(voice_id=voice_id, customer_id=by, at=at))


@transaction.atomic
def judge(*, by: UUID, voice_id: UUID, good: bool) -> None:
    """Take the customer's word whether it is good now: yes closes the voice, no reopens it.

    Refuses with `voice.not_found` where the voice is not theirs, and with
    `voice.not_told_yet` while they have not been told anything or a promise is still open.
    The same word twice is one.
    """
    voice = _one(voice_id)
    if voice.customer_id not in people.selves(by):
        raise Refused("voice.not_found")
    now = timezone.now()
    where = _stands(voice)
    last = voice.judgements.order_by("-pk").values_list("good", flat=True).first()
    open_again = last is False and where in {Stands.UNREAD, Stands.READ}
    if (where is Stands.CLOSED) if good else open_again:
        return
    if where not in {Stands.TOLD, Stands.CLOSED}:
        raise Refused("voice.not_told_yet")
    Judgement.objects.create(voice=voice, good=good, at=now)
    voice.closed_at = now if good else None
    voice.told_at = voice.told_at if good else None
    if not good:
        voice.untold, voice.untold_words, voice.untold_by = "", "", None
    voice.save(update_fields=["closed_at", "told_at", *AGAIN])
    announce(Judged(voice_id=voice.pk, customer_id=by, good=good, at=now))


@transaction.atomic
def forget(*, customers: Collection[UUID]) -> Gone:
    """Erase all that these customers said, with their word on what came of it."""
    rows = Voice.objects.filter(customer__in=customers)
    ids = list(rows.values_list("pk", flat=True))
    searching.clear(voices=ids)
    return Gone.of(rows.delete()[1], ids)


def _stands(voice: Voice) -> Stands:
    return rules.stands(
        read_at=voice.read_at,
        told_at=voice.told_at,
        closed_at=voice.closed_at,
        owed=voice.owed,
    )


def _some(voice_ids: Collection[UUID]) -> list[UUID]:
    """Return which of these voices there are, locked until the act is done."""
    rows = Voice.objects.select_for_update().filter(pk__in=voice_ids).order_by("pk")
    return list(rows.values_list("pk", flat=True))


def _one(voice_id: UUID) -> Voice:
    """Return the voice, locked until the act is done."""
    voice = Voice.objects.select_for_update().filter(pk=voice_id).first()
    if voice is None:
        raise Refused("voice.not_found")
    return voice
