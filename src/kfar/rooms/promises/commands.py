"""What is promised, kept and told."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date, timedelta
from itertools import takewhile
from uuid import UUID

import structlog
from django.db import transaction
from django.utils import timezone

from kfar.ground.errors import Refused
from kfar.ground.gone import Gone
from kfar.ground.text import Texts
from kfar.lake import audit
from kfar.lake.outbox import announce
from kfar.rooms.customers import queries as people
from kfar.rooms.promises import rules
from kfar.rooms.promises.facts import PromiseKept, PromiseMade
from kfar.rooms.promises.models import (
    AlsoFor,
    Letter,
    Moved,
    Plan,
    PlanVoice,
    Promise,
    Release,
    Spoke,
)
from kfar.rooms.promises.plans.rules import Stage
from kfar.rooms.village import queries as village

log = structlog.get_logger(__name__)

PROMISE = "promises.promise"
#: What one has to be allowed to promise everybody something.
PUBLIC = "promises.public"
#: Seconds of sending letters before other chores have their turn.
TURN = 2.0


@transaction.atomic
def promise(
    *,
    by: UUID,
    text: Texts,
    owner: UUID,
    due: date,
    to: UUID,
    voice_id: UUID,
    also_for: Sequence[tuple[UUID, UUID]] = (),
    once: UUID,
) -> UUID:
    """Promise a customer something for what they said: who sees to it, and by when.

    `also_for` are other voices of theirs that are decided with that one, and whose they are.
    Returns the promise's id, which is `once`: sent twice, promised once. Refuses with
    `village.may_not`, `promises.no_such_owner` and what `rules.check_promise` says.
    """
    village.require(by, PROMISE)
    text = rules.check_promise(text, due, timezone.localdate())
    if village.staff(owner) is None:
        raise Refused("promises.no_such_owner")
    row, new = Promise.objects.get_or_create(
        pk=once,
        defaults={"text": text, "owner_id": owner, "due": due, "voice_id": voice_id},
    )
    if new:
        AlsoFor.objects.bulk_create(
            AlsoFor(promise=row, voice_id=own, customer_id=whose)
            for own, whose in dict(also_for).items()
            if own != voice_id
        )
        _give(row, [to])
        audit.note(act="promises.promised", customer_id=to, employee_id=by)
    return row.pk


@transaction.atomic
def pledge(*, owner: UUID, text: Texts, due: date, to: Sequence[UUID], question_id: UUID) -> UUID:
    """Promise voters what was pledged for a question's outcome; return the promise's id.

    Who asked was allowed to pledge it, so nothing is asked here; a question has one.
    """
    row, new = Promise.objects.get_or_create(
        question_id=question_id, defaults={"text": dict(text), "owner_id": owner, "due": due}
    )
    if new:
        _give(row, to)
    return row.pk


@transaction.atomic
def undertake(*, owner: UUID, text: Texts, due: date, to: Sequence[UUID], reply_id: UUID) -> UUID:
    """Promise an account what it made the condition of a change; return the promise's id.

    Who replied was allowed to, so nothing is asked here; a reply has one.
    """
    row, new = Promise.objects.get_or_create(
        reply_id=reply_id, defaults={"text": dict(text), "owner_id": owner, "due": due}
    )
    if new:
        _give(row, to)
    return row.pk


@transaction.atomic
def promise_all(*, by: UUID, text: Texts, owner: UUID, due: date, once: UUID) -> UUID:
    """Promise something to everybody; its words stand on the public page from then on.

    Returns the promise's id, which is `once`. Refuses as `promise`.
    """
    village.require(by, PUBLIC)
    text = rules.check_promise(text, due, timezone.localdate())
    if village.staff(owner) is None:
        raise Refused("promises.no_such_owner")
    row, new = Promise.objects.get_or_create(
        pk=once, defaults={"text": text, "owner_id": owner, "due": due, "to_all": True}
    )
    if new:
        _give(row, [])
    return row.pk


@transaction.atomic
def promise_many(
    *,
    by: UUID,
    text: Texts,
    due: date,
    plan_id: UUID,
    to_all: bool,
    took_part: Sequence[UUID] = (),
    once: UUID,
) -> UUID:
    """Promise all who spoke for a plan what it will do; `to_all`: everybody may read it.

    `took_part` are those who spoke for it without a voice. A plan has one promise, and who sees
    to the plan sees to it. Returns the promise's id. Refuses as `promise`, and with
    `plans.not_found`, `plans.promised`, `plans.over`.
    """
    village.require(by, PUBLIC if to_all else PROMISE)
    plan = Plan.objects.select_for_update().filter(pk=plan_id).first()
    if plan is None:
        raise Refused("plans.not_found")
    before = plan.promises.first()
    if before is not None:
        if before.pk == once:
            return once
        raise Refused("plans.promised")
    if plan.state not in {Stage.OPEN, Stage.DOING}:
        raise Refused("plans.over")
    text = rules.check_promise(text, due, timezone.localdate())
    row = Promise.objects.create(
        pk=once, text=text, owner_id=plan.owner_id, due=due, plan=plan, to_all=to_all
    )
    to = [*plan.evidence.values_list("customer_id", flat=True), *took_part]
    _give(row, to)
    audit.note_all(act="promises.promised", customers=list(dict.fromkeys(to)), employee_id=by)
    return row.pk


def _give(row: Promise, to: Sequence[UUID]) -> None:
    given = Promise.customers.through
    given.objects.bulk_create(
        [given(promise_id=row.pk, customer_id=c) for c in dict.fromkeys(to)], batch_size=1000
    )
    announce(
        PromiseMade(
            promise_id=row.pk,
            voice_id=row.voice_id,
            question_id=row.question_id,
            at=row.made_at,
        )
    )


@transaction.atomic
def keep(*, by: UUID, promise_id: UUID, how: str) -> None:
    """Say that a promise was kept, and how; those it was given to are told. Twice is once.

    What was broken may be kept after all, and stays broken in the record. Refuses with
    `village.may_not`, `promises.not_found`, `promises.how_missing`, `promises.too_long`, and
    `promises.over` where it was released.
    """
    village.require(by, PROMISE)
    how = rules.check_words(how)
    if not how:
        raise Refused("promises.how_missing")
    row = Promise.objects.ours().select_for_update().filter(pk=promise_id).first()
    if row is None:
        raise Refused("promises.not_found")
    if row.kept_at is not None:
        return
    if row.released_at is not None:
        raise Refused("promises.over")
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
    """Tell customers something, each person once: a letter to each waits for the post.

    `what` is the letter's code, `about` the id of what it tells of (a remedy, a promise, a
    question).
    """
    first: dict[UUID, UUID] = {}
    for customer_id, person in people.person_of(customers).items():
        first.setdefault(person, customer_id)
    before = Letter.objects.filter(what=what, about=about).values_list("customer_id", flat=True)
    told = set(people.person_of(before).values())
    Letter.objects.bulk_create(
        [
            Letter(customer_id=c, what=what, about=about, key=f"{what}:{about}:{c}")
            for person, c in first.items()
            if person not in told
        ],
        batch_size=1000,
        ignore_conflicts=True,
    )


def send_waiting(*, send: Callable[[Letter], str | None], most: int = 500) -> int:
    """Hand each waiting letter to `send`, at most `most`; return how many went out.

    `send` returns how it went out ("email", "sms"), or nothing where nobody could be reached.
    A letter is marked as sent once `send` returns, so a crash in between can send one
    letter again and loses none. One that fails is tried again after 1, 2, 4 … minutes, at
    most six hours apart; after three failures in a row the rest wait for the next round, as
    the mail server is likely away. One that is refused until `again` waits until then. Nor does
    a round last longer than `TURN`.
    """
    sent = failed = 0
    end = time.monotonic() + TURN
    # Other chores wait too; the next round goes on.
    for letter in takewhile(lambda _: time.monotonic() < end, Letter.objects.waiting()[:most]):
        # Claimed for five minutes: of two workers only one sends it.
        claim = Letter.objects.filter(pk=letter.pk, sent_at=None, due_at=letter.due_at)
        if not claim.update(due_at=timezone.now() + timedelta(minutes=5)):
            continue
        row = Letter.objects.filter(pk=letter.pk)
        try:
            way = send(letter)
        except Exception as error:
            if isinstance(error, Refused) and "again" in error.params:
                row.update(due_at=error.params["again"])
                continue
            # The class alone: a message may carry an address.
            log.error("letter.failed", letter=str(letter.pk), error=type(error).__name__)
            wait = timedelta(minutes=min(2**letter.tries, 360))
            row.update(tries=letter.tries + 1, due_at=timezone.now() + wait)
            failed += 1
            if failed == 3:
                break
            continue
        row.update(sent_at=timezone.now(), way=way or "")
        sent, failed = sent + 1, 0
    return sent


@transaction.atomic
def forget(*, customers: Collection[UUID]) -> Gone:
    """Erase what was promised to these customers for their voices, and the letters to them.

    A promise that was kept, broken or released stays in the company's record, by its dates and
    owner alone; one that is open ends, as nobody is left to keep it to. What was pledged to many
    stays, and so do the counts of plans and of who was told. What they promised goes with them.
    """
    own = Promise.objects.filter(giver__in=customers)
    own_ids = list(own.values_list("pk", flat=True))
    given = Promise.customers.through.objects.filter(customer__in=customers)
    theirs = Promise.objects.filter(pk__in=given.values("promise_id")).exclude(voice_id=None)
    ids = list(theirs.values_list("pk", flat=True))
    gone = Gone.of(Letter.objects.filter(customer__in=customers).delete()[1], ids)
    gone += Gone.of(own.delete()[1], own_ids)
    gone += Gone.of(given.delete()[1])
    for rows in (Release, PlanVoice, Spoke, AlsoFor):
        gone += Gone.of(rows.objects.filter(customer__in=customers).delete()[1])
    owed = Promise.objects.filter(pk__in=ids)
    gone += Gone.of(owed.filter(kept_at=None, broken_at=None, released_at=None).delete()[1])
    Moved.objects.filter(promise__in=ids).update(why="")
    emptied = owed.update(text={}, how="", why="", voice_id=None)
    return gone + Gone.of({Promise._meta.label: emptied})
