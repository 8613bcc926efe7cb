"""What becomes of a promise that is not simply kept: moved, broken, or released."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from kfar.ground.errors import Refused
from kfar.lake import audit
from kfar.lake.outbox import announce
from kfar.rooms.customers import queries as people
from kfar.rooms.promises import rules
from kfar.rooms.promises.commands import PROMISE
from kfar.rooms.promises.facts import PromiseBroken, PromiseMoved, PromiseReleased
from kfar.rooms.promises.models import Moved, MovedFor, Promise, Release
from kfar.rooms.village import queries as village


@transaction.atomic
def move(*, by: UUID, promise_id: UUID, due: date, why: str) -> None:
    """Promise the same for another day; both days stay on record, and everyone is told why.

    The same day is no news. Refuses with `village.may_not`, `promises.not_found`,
    `promises.over`, `promises.why_missing`, `promises.too_long`, `promises.due_in_past`.
    """
    village.require(by, PROMISE)
    row = _open(promise_id)
    if not rules.check_due(due, row.due, timezone.localdate()):
        return
    said = _why(why)
    moved = Moved.objects.create(promise=row, before=row.due, after=due, why=said, by_id=by)
    MovedFor.objects.bulk_create(
        MovedFor(move=moved, also=also) for also in row.also_for.order_by("pk")
    )
    row.first_due, row.due = row.first_due or row.due, due
    row.save(update_fields=["first_due", "due"])
    _note(row, "promises.moved", by)
    announce(PromiseMoved(promise_id=row.pk, move_id=moved.pk, at=moved.at))


@transaction.atomic
def break_promise(*, by: UUID, promise_id: UUID, why: str) -> None:
    """Say that a promise is not kept, and why; those it was given to are told. Twice is once.

    Refuses with `village.may_not`, `promises.not_found`, `promises.over`,
    `promises.why_missing` and `promises.too_long`.
    """
    village.require(by, PROMISE)
    row = _held(promise_id)
    if row.broken_at is not None:
        return
    _break(_open(promise_id), by=by, why=_why(why))


def break_due() -> int:
    """Note of every promise that is so long overdue that it is broken; return how many."""
    last = timezone.localdate() - settings.KFAR_BROKEN_AFTER
    due = Promise.objects.ours().filter(
        kept_at=None, broken_at=None, released_at=None, due__lt=last
    )
    return sum(_break_by_rule(promise_id) for promise_id in list(due.values_list("pk", flat=True)))


@transaction.atomic
def _break_by_rule(promise_id: UUID) -> int:
    row = _held(promise_id)
    last = timezone.localdate() - settings.KFAR_BROKEN_AFTER
    if row.due >= last or {row.kept_at, row.broken_at, row.released_at} != {None}:
        return 0  # somebody was quicker
    _break(row, by=None, why="")
    return 1


def _break(row: Promise, *, by: UUID | None, why: str) -> None:
    row.broken_at, row.broken_by_id, row.why = timezone.now(), by, why
    row.save(update_fields=["broken_at", "broken_by", "why"])
    _note(row, "promises.broken", by)
    announce(
        PromiseBroken(
            promise_id=row.pk,
            voice_id=row.voice_id,
            question_id=row.question_id,
            at=row.broken_at,
        )
    )


@transaction.atomic
def release(*, by: UUID, promise_id: UUID) -> None:
    """Take a customer's word that they need no more what was promised to them. Twice is once.

    Of a promise to many each releases their part; when all have, it is released. Refuses with
    `promises.not_found` where it was not promised to them, and `promises.over`.
    """
    row = _held(promise_id)
    given = dict.fromkeys(row.customers.values_list("pk", flat=True))
    mine = [own for own in people.selves(by) if own in given]
    if not mine:
        raise Refused("promises.not_found")
    if row.releases.filter(customer__in=mine).exists():
        return
    if {row.kept_at, row.broken_at, row.released_at} != {None}:
        raise Refused("promises.over")
    now = timezone.now()
    Release.objects.bulk_create(Release(promise=row, customer_id=own, at=now) for own in mine)
    audit.note(act="promises.released", customer_id=by)
    persons = people.person_of(given)
    released = row.releases.values_list("customer_id", flat=True)
    whole = set(persons.values()) == {persons[own] for own in released}
    if whole:
        row.released_at = now
        row.save(update_fields=["released_at"])
    announce(PromiseReleased(promise_id=row.pk, customer_id=by, all=whole, at=now))


def _note(row: Promise, act: str, by: UUID | None) -> None:
    if row.voice_id is not None:
        for customer_id in row.customers.values_list("pk", flat=True):
            audit.note(act=act, customer_id=customer_id, employee_id=by)


def _why(words: str) -> str:
    said = rules.check_words(words)
    if not said:
        raise Refused("promises.why_missing")
    return said


def _open(promise_id: UUID) -> Promise:
    """Return a promise that is still to be kept, held."""
    row = _held(promise_id)
    if {row.kept_at, row.broken_at, row.released_at} != {None}:
        raise Refused("promises.over")
    return row


def _held(promise_id: UUID) -> Promise:
    row = Promise.objects.ours().select_for_update().filter(pk=promise_id).first()
    if row is None:
        raise Refused("promises.not_found")
    return row
