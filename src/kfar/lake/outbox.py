"""The outbox: what rooms announce is kept with what they wrote, and delivered at least once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.utils import timezone
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from kfar.ground.facts import Fact
from kfar.ground.gone import Gone
from kfar.lake.models import Announcement

log = structlog.get_logger(__name__)
F = TypeVar("F", bound=Fact)
Listener = Callable[[Any], None]

_listeners: dict[type[Fact], list[Listener]] = defaultdict(list)


def when(kind: type[F]) -> Callable[[Callable[[F], None]], Callable[[F], None]]:
    """Register a listener for `kind`. It must be idempotent: a fact may come twice."""

    def register(listener: Callable[[F], None]) -> Callable[[F], None]:
        _listeners[kind].append(listener)
        return listener

    return register


def announce(fact: Fact) -> None:
    """Keep `fact` in the outbox, in the transaction of what it tells of.

    Without that transaction a crash could keep the act and lose the fact, so calling this
    outside one is a fault in the program.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("announce() belongs into the transaction of the act it tells of")
    Announcement.objects.create(fact=fact.name, payload=fact.to_json())
    transaction.on_commit(deliver_soon, robust=True)


def deliver_soon() -> None:
    """Ask a worker to deliver what waits."""
    deliver_waiting.enqueue()


@task()
def deliver_waiting() -> int:
    """Deliver what waits in the outbox, oldest first; return how many were delivered."""
    return deliver()


def deliver() -> int:
    """Deliver every announcement that is due; return how many were delivered.

    Each is delivered in one transaction with what its listeners write, so a process that
    dies in between leaves it waiting with nothing half done. One that fails is tried again
    after 2, 4, 8 … seconds, at most an hour apart, and holds up no other.
    """
    delivered = last = 0
    while True:
        due = Announcement.objects.due().filter(pk__gt=last).values_list("pk", flat=True)[:100]
        batch = list(due)
        if not batch:
            return delivered
        delivered += sum(_deliver_one(pk) for pk in batch)
        last = batch[-1]


def forget(*, before: datetime) -> int:
    """Remove what was delivered before then; return how many. What waits is never removed."""
    return Announcement.objects.filter(delivered_at__lt=before).delete()[0]


@transaction.atomic
def erase(ids: Collection[UUID]) -> Gone:
    """Remove every announcement that names one of these, delivered or not.

    One that lists many stays, without them. What was said of tasks that failed goes too: it
    may quote anything.
    """
    names = {str(own) for own in ids}
    gone, fewer = [], []
    for row in Announcement.objects.only("payload").iterator():
        values = list(row.payload.values())
        if any(isinstance(value, str) and value in names for value in values):
            gone.append(row.pk)
        elif any(isinstance(value, list) and not names.isdisjoint(value) for value in values):
            fewer.append(row)
    for row in fewer:
        row.payload = {
            key: [one for one in value if one not in names] if isinstance(value, list) else value
            for key, value in row.payload.items()
        }
        row.save(update_fields=["payload"])
    removed = sum(Announcement.objects.filter(pk__in=some).delete()[0] for some in _parts(gone))
    DBTaskResult.objects.failed().delete()
    return Gone.of({Announcement._meta.label: removed + len(fewer)})


def _parts(items: Sequence[int]) -> Iterator[Sequence[int]]:
    return (items[start : start + 1000] for start in range(0, len(items), 1000))


def _deliver_one(pk: int) -> bool:
    try:
        with transaction.atomic():
            row = Announcement.objects.due().claim(pk)
            if row is None:  # another worker has it, or had it
                return False
            kind = Fact.kinds[row.fact]
            fact = kind.from_json(row.payload)
            for listener in _listeners[kind]:
                listener(fact)
            row.delivered_at = timezone.now()
            row.save(update_fields=["delivered_at"])
    except Exception as error:
        # The class alone: a message may carry what a customer wrote.
        log.exception("outbox.failed", announcement=pk, error=type(error).__name__, exc_info=None)
        _try_later(pk, error)
        return False
    return True


def _try_later(pk: int, error: Exception) -> None:
    with transaction.atomic():
        row = Announcement.objects.due().claim(pk)
        if row is None:
            return
        row.tries += 1
        row.error = type(error).__name__
        row.due_at = timezone.now() + timedelta(seconds=min(2**row.tries, 3600))
        row.save(update_fields=["tries", "error", "due_at"])
