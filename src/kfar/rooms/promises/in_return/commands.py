"""Customers are asked for something in return, say yes or no, do it, or take it back."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from kfar.ground.errors import Refused
from kfar.lake import audit
from kfar.lake.outbox import announce
from kfar.rooms.customers import commands as customers
from kfar.rooms.customers import queries as people
from kfar.rooms.promises.commands import PROMISE
from kfar.rooms.promises.facts import AskedInReturn, KeptInReturn, PromisedInReturn
from kfar.rooms.promises.in_return import rules
from kfar.rooms.promises.in_return.rules import Kind
from kfar.rooms.promises.models import Promise
from kfar.rooms.promises.rules import check_words
from kfar.rooms.village import queries as village


@transaction.atomic
def ask(
    *,
    by: UUID,
    customer_id: UUID,
    voice_id: UUID,
    kind: str,
    words: str,
    language: str,
    due: date,
    once: UUID,
    about: str = "",
) -> bool:
    """Ask a customer, on their case, to do something in return. It binds nobody.

    `about` is the product that is meant, by its code or its name; "" is any.

    Returns whether it is new: sent twice, asked once, and once for a voice. Whether they may be
    asked now says whoever calls. Refuses with `village.may_not`, `promises.asked_already`,
    `promises.too_long` and what `rules.check_kind`, `check_about` and `check_day` say.
    """
    village.require(by, PROMISE)
    customers.hold(customer_id=customer_id)
    if Promise.objects.filter(pk=once).exists():
        return False
    said = check_words(words)
    asked, product = rules.check_kind(kind, said), rules.check_about(about)
    rules.check_day(due, timezone.localdate())
    if Promise.objects.in_return().filter(voice_id=voice_id).exists():
        raise Refused("promises.asked_already")
    row = Promise.objects.create(
        pk=once,
        giver_id=customer_id,
        owner_id=by,
        voice_id=voice_id,
        kind=asked,
        about=product,
        text={language: said} if said else {},
        due=due,
    )
    audit.note(act="promises.asked_in_return", customer_id=customer_id, employee_id=by)
    announce(AskedInReturn(promise_id=row.pk, customer_id=customer_id, at=row.made_at))
    return True


@transaction.atomic
def offer(
    *, by: UUID, kind: str, words: str, language: str, due: date, once: UUID, about: str = ""
) -> UUID:
    """Take a customer's promise that nobody asked for; return its id, which is `once`.

    `about` as in `ask`. Refuses with `promises.too_many`, `promises.too_long` and what
    `rules.check_kind`, `check_about` and `check_day` say.
    """
    customers.hold(customer_id=by)
    if Promise.objects.filter(pk=once).exists():
        return once
    said = check_words(words)
    offered, product = rules.check_kind(kind, said), rules.check_about(about)
    rules.check_day(due, timezone.localdate())
    open_ = Promise.objects.filter(
        giver__in=people.selves(by), kept_at=None, released_at=None, agreed_at__isnull=False
    )
    if open_.count() >= rules.MOST_OPEN:
        raise Refused("promises.too_many", most=rules.MOST_OPEN)
    now = timezone.now()
    row = Promise.objects.create(
        pk=once,
        giver_id=by,
        kind=offered,
        about=product,
        text={language: said} if said else {},
        due=due,
        made_at=now,
        agreed_at=now,
    )
    _promised(row, by, now)
    return row.pk


@transaction.atomic
def agree(*, by: UUID, promise_id: UUID) -> None:
    """Take a customer's own yes to what they are asked for. Twice is once.

    Refuses with `promises.not_found` where it is not theirs, and `promises.over` where they said
    no, or its day has passed.
    """
    row = _mine(by, promise_id)
    if row.agreed_at is not None and row.released_at is None:
        return
    if row.released_at is not None or row.due < timezone.localdate():
        raise Refused("promises.over")
    row.agreed_at = timezone.now()
    row.save(update_fields=["agreed_at"])
    _promised(row, by, row.agreed_at)


@transaction.atomic
def withdraw(*, by: UUID, promise_id: UUID) -> None:
    """Take a customer's no, or their promise back; nothing follows from it. Twice is once.

    Refuses with `promises.not_found` where it is not theirs, and `promises.over` where it was
    done already.
    """
    row = _mine(by, promise_id)
    if row.released_at is not None:
        return
    if row.kept_at is not None:
        raise Refused("promises.over")
    row.released_at = timezone.now()
    row.save(update_fields=["released_at"])
    audit.note(act="promises.withdrew", customer_id=by)


@transaction.atomic
def done(*, by: UUID, promise_id: UUID, how: str = "") -> None:
    """Take a customer's word that they did what they promised. Twice is once.

    Refuses with `promises.not_found` where it is not theirs, `promises.too_long`, and
    `promises.over` where it is not open.
    """
    how = check_words(how)
    row = _mine(by, promise_id)
    if row.kept_at is None:
        _keep(row, timezone.now(), how=how)
        audit.note(act="promises.did", customer_id=by)


@transaction.atomic
def mark(*, by: UUID, promise_id: UUID, how: str = "") -> None:
    """Say, as who works here, that a customer did what they promised. Twice is once.

    Refuses with `village.may_not`, `promises.not_found`, `promises.too_long` and `promises.over`.
    """
    village.require(by, PROMISE)
    how = check_words(how)
    row = Promise.objects.in_return().select_for_update().filter(pk=promise_id).first()
    if row is None or row.giver_id is None:
        raise Refused("promises.not_found")
    if row.kept_at is None:
        _keep(row, timezone.now(), how=how)
        audit.note(act="promises.kept_in_return", customer_id=row.giver_id, employee_id=by)


@transaction.atomic
def fulfil(
    *, customer_id: UUID, kind: Kind, deed_id: UUID, at: datetime, names: Collection[str] = ()
) -> bool:
    """Note that somebody did something; the oldest promise of theirs to do so is kept by it.

    `names` are what the product is called it was done to: a promise about it comes before one
    about any, and one about another is not kept. What they did before they promised keeps
    nothing, and one deed keeps one promise. Returns whether it did.
    """
    rows = Promise.objects.select_for_update().filter(giver__in=people.selves(customer_id))
    if rows.filter(deed_id=deed_id).exists():
        return False
    rows = rows.filter(kind=kind, kept_at=None, released_at=None, agreed_at__lte=at)
    found = [one for one in rows.order_by("agreed_at", "pk") if rules.meant(one.about, names)]
    if not found:
        return False
    _keep(next((one for one in found if one.about), found[0]), at, deed=deed_id)
    return True


@transaction.atomic
def remind(*, promise_id: UUID) -> bool:
    """Note that one comes back to a promise, the one time; return whether that holds.

    Whether they may be asked now says whoever calls.
    """
    row = Promise.objects.in_return().filter(
        pk=promise_id, reminded_at=None, kept_at=None, released_at=None, agreed_at__isnull=False
    )
    return row.update(reminded_at=timezone.now()) == 1


def _promised(row: Promise, by: UUID, at: datetime) -> None:
    audit.note(act="promises.promised_in_return", customer_id=by)
    announce(PromisedInReturn(promise_id=row.pk, customer_id=by, at=at))


def _keep(row: Promise, at: datetime, *, how: str = "", deed: UUID | None = None) -> None:
    if row.released_at is not None or row.agreed_at is None or row.giver_id is None:
        raise Refused("promises.over")
    row.kept_at, row.how, row.deed_id = at, how, deed
    row.save(update_fields=["kept_at", "how", "deed_id"])
    announce(KeptInReturn(promise_id=row.pk, customer_id=row.giver_id, at=at))


def _mine(by: UUID, promise_id: UUID) -> Promise:
    """Return a promise of a customer's own, held; refuse `promises.not_found`."""
    rows = Promise.objects.select_for_update().filter(giver__in=people.selves(by))
    row = rows.filter(pk=promise_id).first()
    if row is None:
        raise Refused("promises.not_found")
    return row
