"""What is decided for a customer, at once."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Coalesce
from django.utils import timezone

from kfar.ground.errors import Refused
from kfar.ground.gone import Gone
from kfar.ground.money import Money
from kfar.lake import audit
from kfar.lake.outbox import announce
from kfar.rooms.service import rules
from kfar.rooms.service.facts import RemedyGiven, RemedyUndone
from kfar.rooms.service.models import Case, Remedy
from kfar.rooms.village import queries as village

REMEDY = "service.remedy"


@transaction.atomic
def open_case(*, voice_id: UUID, customer_id: UUID) -> UUID:
    """Open the case for a voice; return its id. There is one case a voice."""
    case, _ = Case.objects.get_or_create(voice_id=voice_id, defaults={"customer_id": customer_id})
    return case.pk


@transaction.atomic
def remedy(
    *,
    by: UUID,
    case_id: UUID,
    kind: str,
    amount: Money,
    words: str = "",
    fault: str = rules.Fault.OURS,
    worth: int | None = None,
    once: UUID,
) -> UUID:
    """Give a customer a remedy, now; return its id, which is `once`: sent twice, given once.

    `worth` is what the customer is likely to spend, in minor units of the company's money, None
    where that is not known. Refuses with `village.may_not`, with what `rules.check_remedy` and
    `rules.check_fault` say, and with `service.above_authority` where the role's limit for that
    remedy is lower than `amount`; the refusal names the limit and who may.
    """
    person = village.require(by, REMEDY)
    checked, words = rules.check_remedy(kind, amount, words)
    whose = rules.check_fault(fault)
    case = _case(case_id)
    given = Remedy.objects.filter(pk=once).first()
    if given is not None:
        if given.case_id != case.pk:
            raise Refused("service.not_found")
        return once
    share = rules.FAULTS[whose]
    limits = {name: one.limit(worth, share) for name, one in person.authority.items()}
    if not rules.within(limits, checked, amount):
        able = village.who_may(REMEDY, checked, amount.minor, worth=worth, fault=share)
        limit = Money(limits.get(checked, 0), amount.currency)
        raise Refused("service.above_authority", limit=limit, who=[p.name for p in able])
    now = timezone.now()
    Remedy.objects.create(
        pk=once,
        case=case,
        kind=checked,
        minor=amount.minor,
        currency=amount.currency,
        words=words,
        fault=whose,
        by_id=by,
        at=now,
    )
    case.decided_at, case.handed_to = now, None
    case.first_decided_at = case.first_decided_at or now
    case.save(update_fields=["decided_at", "first_decided_at", "handed_to"])
    audit.note(act="service.remedied", customer_id=case.customer_id, employee_id=by)
    announce(
        RemedyGiven(remedy_id=once, voice_id=case.voice_id, customer_id=case.customer_id, at=now)
    )
    return once


@transaction.atomic
def undo(*, by: UUID, remedy_id: UUID, why: str) -> None:
    """Take a remedy back, with a reason the customer is told. Twice is once.

    Who gave it may, and who could have given it to anybody. Refuses with `village.may_not`,
    `service.not_found`, `service.why_missing`, `service.words_too_long`.
    """
    person = village.require(by, REMEDY)
    why = why.replace("\r\n", "\n").replace("\x00", "").strip()
    if not why:
        raise Refused("service.why_missing")
    if len(why) > rules.MOST:
        raise Refused("service.words_too_long", most=rules.MOST, length=len(why))
    given = Remedy.objects.select_related("case").filter(pk=remedy_id).first()
    if given is None:
        raise Refused("service.not_found")
    case = _case(given.case_id)
    given.refresh_from_db()
    if given.undone_at is not None:
        return
    amount = Money(given.minor, given.currency)
    limits = {name: one.floor for name, one in person.authority.items()}
    if given.by_id != by and not rules.within(limits, rules.Kind(given.kind), amount):
        raise Refused("village.may_not", act=REMEDY)
    now = timezone.now()
    given.undone_at, given.undone_by_id, given.undone_why = now, by, why
    given.save(update_fields=["undone_at", "undone_by", "undone_why"])
    if not case.remedies.filter(undone_at=None).exists():
        case.decided_at = None
        case.save(update_fields=["decided_at"])
    audit.note(act="service.undone", customer_id=case.customer_id, employee_id=by)
    announce(
        RemedyUndone(
            remedy_id=given.pk, voice_id=case.voice_id, customer_id=case.customer_id, at=now
        )
    )


@transaction.atomic
def hand_on(*, by: UUID, case_id: UUID, to: UUID) -> None:
    """Hand a case to somebody who may decide more; it waits for them by name. Twice is once.

    Refuses with `village.may_not`, also where `to` may decide nothing, and `service.not_found`.
    """
    village.require(by, REMEDY)
    village.require(to, REMEDY)
    case = _case(case_id)
    if case.handed_to_id == to and case.decided_at is None:
        return
    case.handed_to_id, case.decided_at = to, None
    case.asked_at = case.asked_at or timezone.now()
    case.save(update_fields=["handed_to", "decided_at", "asked_at"])
    audit.note(act="service.handed_on", customer_id=case.customer_id, employee_id=by)


def decide(*, voice_id: UUID) -> None:
    """Note that something was decided for this voice elsewhere (a promise was made)."""
    now = timezone.now()
    Case.objects.filter(voice_id=voice_id).update(
        decided_at=now, first_decided_at=Coalesce("first_decided_at", now), handed_to=None
    )


def reopen(*, voice_id: UUID, at: datetime) -> None:
    """Note that at `at` it was not good: the case waits again, unless decided since."""
    Case.objects.filter(voice_id=voice_id, decided_at__lte=at).update(decided_at=None)


@transaction.atomic
def forget(*, customers: Collection[UUID]) -> Gone:
    """Erase the cases of these customers, with what was given in them."""
    cases = Case.objects.filter(customer__in=customers)
    ids = [
        *cases.values_list("pk", flat=True),
        *Remedy.objects.filter(case__in=cases).values_list("pk", flat=True),
    ]
    return Gone.of(cases.delete()[1], ids)


def _case(case_id: UUID) -> Case:
    """Return the case, locked until the act is done."""
    case = Case.objects.select_for_update().filter(pk=case_id).first()
    if case is None:
        raise Refused("service.not_found")
    return case
