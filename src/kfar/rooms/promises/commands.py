"""What is promised, kept and told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from uuid import UUID, uuid4

import structlog
from django.db import transaction
from django.utils import timezone

from kfar.ground.errors import Refused
from kfar.lake import audit
from kfar.lake.outbox import announce
from kfar.rooms.promises import rules
from kfar.rooms.promises.facts import PromiseKept, PromiseMade
from kfar.rooms.promises.models import Letter, Promise
from kfar.rooms.village import queries as village

log = structlog.get_logger(__name__)

PROMISE = "promises.promise"


@transaction.atomic
def promise(
    *,
    by: UUID,
    text: str,
    owner: UUID,
    due: date,
    to: Sequence[UUID],
    voice_id: UUID | None = None,
    question_id: UUID | None = None,
    once: UUID | None = None,
) -> UUID:
    """Promise something to customers, with who sees to it and by when; return its id.

    `once` is the promise's id where it is given: sent twice, promised once. Refuses with
    `village.may_not`, `promises.no_such_owner` and what `rules.check_promise` says.
    """
    village.require(by, PROMISE)
    today = timezone.localdate()
    text = rules.check_promise(text, due, today)
    if village.staff(owner) is None:
        raise Refused("promises.no_such_owner")
    promise_id = once or uuid4()
    now = timezone.now()
    row, new = Promise.objects.get_or_create(
        pk=promise_id,
        defaults={
            "text": text,
            "owner_id": owner,
            "due": due,
            "made_at": now,
            "voice_id": voice_id,
            "question_id": question_id,
        },
    )
    if not new:
        return row.pk
    given = Promise.customers.through
    given.objects.bulk_create(
        [given(promise_id=row.pk, customer_id=c) for c in dict.fromkeys(to)], batch_size=1000
    )
    if voice_id is not None:
        for customer_id in to:
            audit.note(act="promises.promised", customer_id=customer_id, employee_id=by)
    announce(PromiseMade(promise_id=row.pk, voice_id=voice_id, question_id=question_id, at=now))
    return row.pk


@transaction.atomic
def keep(*, by: UUID, promise_id: UUID, how: str) -> None:
    """Say that a promise was kept, and how; those it was given to are told. Twice is once.

    Refuses with `village.may_not`, `promises.not_found`, `promises.how_missing`,
    `promises.too_long`.
    """
    village.require(by, PROMISE)
    how = rules.check_words(how)
    if not how:
        raise Refused("promises.how_missing")
    row = Promise.objects.select_for_update().filter(pk=promise_id).first()
    if row is None:
        raise Refused("promises.not_found")
    if row.kept_at is not None:
        return
    row.kept_at, row.how = timezone.now(), how
    row.save(update_fields=["kept_at", "how"])
    if row.voice_id is not None:
        for customer_id in row.customers.values_list("pk", flat=True):
            audit.note(act="promises.kept", customer_id=customer_id, employee_id=by)
    announce(
        PromiseKept(
            promise_id=row.pk, voice_id=row.voice_id, question_id=row.question_id, at=row.kept_at
        )
    )


def tell(*, customers: Iterable[UUID], what: str, about: UUID) -> None:
    """Tell customers something, each once: a letter per person waits for the post.

    `what` is the letter's code, `about` the id of what it tells of (a remedy, a promise, a
    question).
    """
    Letter.objects.bulk_create(
        [
            Letter(customer_id=c, what=what, about=about, key=f"{what}:{about}:{c}")
            for c in dict.fromkeys(customers)
        ],
        batch_size=1000,
        ignore_conflicts=True,
    )


def send_waiting(send: Callable[[Letter], None], most: int = 500) -> int:
    """Hand each waiting letter to `send`, at most `most`; return how many went out.

    A letter is marked as sent once `send` returns, so a crash in between can send one
    letter again and loses none. One that fails is tried again after 1, 2, 4 … minutes, at
    most six hours apart; after three failures in a row the rest wait for the next round, as
    the mail server is likely away.
    """
    sent = failed = 0
    for letter in Letter.objects.waiting()[:most]:
        # Claimed for five minutes: of two workers only one sends it.
        claim = Letter.objects.filter(pk=letter.pk, sent_at=None, due_at=letter.due_at)
        if not claim.update(due_at=timezone.now() + timedelta(minutes=5)):
            continue
        row = Letter.objects.filter(pk=letter.pk)
        try:
            send(letter)
        except Exception as error:
            # The class alone: a message may carry an address.
            log.error("letter.failed", letter=str(letter.pk), error=type(error).__name__)
            wait = timedelta(minutes=min(2**letter.tries, 360))
            row.update(tries=letter.tries + 1, due_at=timezone.now() + wait)
            failed += 1
            if failed == 3:
                break
            continue
        row.update(sent_at=timezone.now())
        sent, failed = sent + 1, 0
    return sent
