"""What is decided for a customer, at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import BooleanField, ExpressionWrapper, F, Q, QuerySet, When
from django.db.models import Case as Either
from django.db.models.functions import Coalesce
from django.utils import timezone

from kfar.ground.errors import Refused
from kfar.ground.gone import Gone
from kfar.ground.money import Money
from kfar.lake import audit
from kfar.lake.outbox import announce
from kfar.rooms.service import queries, rules, together
from kfar.rooms.service.approving.rules import Outcome
from kfar.rooms.service.clocks import queries as clocks
from kfar.rooms.service.facts import CaseGiven, RemedyGiven, RemedyUndone
from kfar.rooms.service.models import Approval, Case, Reached, Remedy
from kfar.rooms.village import queries as village
from kfar.rooms.village.rules import NOTHING, About

REMEDY = rules.REMEDY


@transaction.atomic
def open_case(*, voice_id: UUID, customer_id: UUID, kind: str = "web") -> UUID:
    """Open the case for a voice that came by that channel; return its id. There is one a voice."""
    now = timezone.now()
    case, _ = Case.objects.get_or_create(
        voice_id=voice_id,
        defaults={
            "customer_id": customer_id,
            "kind": kind,
            "opened_at": now,
            "due_at": clocks.due(now, kind),
            "assign_at": clocks.later(now, settings.KFAR_ASSIGN_AFTER),
        },
    )
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
    about: About = NOTHING,
    once: UUID,
) -> UUID:
    """Give a customer a remedy, now; return its id, which is `once`: sent twice, given once.

    It is for the voice of that case, and for those together with it that wait. `worth` is what
    the customer is likely to spend, in minor units of the company's money, None where that is not
    known; `about` the themes of those voices, for which there may be limits of their own. Refuses
    with `village.may_not`, with what `rules.check_remedy` and `rules.check_fault`
    say, and with `service.above_authority` where less than `amount` is left of the role's limit
    for that remedy in this case, or `service.other_money`; the refusal names what is left and who
    may.
    """
    person = village.require(by, REMEDY)
    checked, words = rules.check_remedy(kind, amount, words)
    whose = rules.check_fault(fault)
    cases = together.held(case_id)
    case = cases[0]
    given = Remedy.objects.filter(pk=once).first()
    if given is not None:
        if given.case_id not in {one.pk for one in cases}:
            raise Refused("service.not_found")
        return once
    share = rules.FAULTS[whose]
    before = queries.given_before(one.voice_id for one in cases)
    queries.allow(person, checked, amount, before, worth=worth, fault=share, about=about)
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
        about=rules.kept(about),
        under=person.held(checked, about, worth=worth, fault=share).theme,
    )
    reached = [one for one in cases[1:] if one.decided_at is None]
    Reached.objects.bulk_create(Reached(remedy_id=once, case=one) for one in reached)
    _decided([case, *reached], now)
    _moot(cases, now)
    audit.note(act="service.remedied", customer_id=case.customer_id, employee_id=by)
    announce(
        RemedyGiven(remedy_id=once, voice_id=case.voice_id, customer_id=case.customer_id, at=now)
    )
    return once


@transaction.atomic
def undo(*, by: UUID, remedy_id: UUID, why: str, abused: bool = False) -> None:
    """Take a remedy back, with a reason the customer is told. Twice is once.

    Who gave it may, and who could have given it to anybody. `abused` says that it was given to
    somebody who abused it. Refuses with `village.may_not`, `service.not_found`,
    `service.why_missing`, `service.words_too_long`.
    """
    person = village.require(by, REMEDY)
    why = rules.check_why(why)
    if not why:
        raise Refused("service.why_missing")
    given = Remedy.objects.filter(pk=remedy_id).first()
    if given is None:
        raise Refused("service.not_found")
    ids = [given.case_id, *given.reached.values_list("case_id", flat=True)]
    cases = list(Case.objects.select_for_update().filter(pk__in=ids).order_by("pk"))
    given.refresh_from_db()
    if given.undone_at is not None:
        return
    amount = Money(given.minor, given.currency)
    kind, of = rules.Kind(given.kind), rules.about(given.about)
    if given.by_id != by and not queries.may(person, kind, amount, {}, about=of):
        raise Refused("village.may_not", act=REMEDY)
    now = timezone.now()
    given.undone_at, given.undone_by_id, given.undone_why = now, by, why
    given.abused = abused
    given.save(update_fields=["undone_at", "undone_by", "undone_why", "abused"])
    for case in cases:
        theirs = Q(case=case) | Q(reached__case=case)
        if not Remedy.objects.filter(theirs, undone_at=None).exists():
            _waits_again(case, now)
    case = next(one for one in cases if one.pk == given.case_id)
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
    cases = together.held(case_id)
    if all(case.handed_to_id == to and case.decided_at is None for case in cases):
        return
    now = timezone.now()
    _moot(cases, now)
    handed(cases=cases, to=to, now=now)
    if to != by:
        announce(CaseGiven(case_id=case_id, employee_id=to, at=now))
    audit.note(act="service.handed_on", customer_id=cases[0].customer_id, employee_id=by)


def handed(*, cases: Sequence[Case], to: UUID, now: datetime) -> None:
    """Let these cases, which the caller holds, wait for somebody by name."""
    for case in cases:
        if case.decided_at is not None:
            _waits_again(case, now)
        case.handed_to_id = to
        case.asked_at = case.asked_at or now
        case.save(update_fields=["handed_to", "asked_at"])


def decide(*, voice_id: UUID) -> None:
    """Note that something was decided for this voice elsewhere (a promise was made)."""
    now = timezone.now()
    kept = ExpressionWrapper(Q(due_at__gte=now), output_field=BooleanField())
    first = Q(first_decided_at=None, due_at__isnull=False)
    case = Case.objects.filter(voice_id=voice_id)
    case.update(
        in_time=Either(When(first, then=kept), default=F("in_time")),
        decided_at=now,
        first_decided_at=Coalesce("first_decided_at", now),
        handed_to=None,
    )
    _void(Approval.objects.filter(case__voice_id=voice_id), now)


def reopen(*, voice_id: UUID, at: datetime) -> None:
    """Note that at `at` it was not good: the case waits again, unless decided since."""
    with transaction.atomic():
        case = Case.objects.select_for_update().filter(voice_id=voice_id, decided_at__lte=at)
        for row in case:
            _waits_again(row, timezone.now())


def judged(*, voice_id: UUID, good: bool) -> None:
    """Note the customer's last word on what was decided."""
    Case.objects.filter(voice_id=voice_id).update(good=good)


@transaction.atomic
def forget(*, customers: Collection[UUID]) -> Gone:
    """Erase the cases of these customers, with what was given in them and who was asked."""
    cases = Case.objects.filter(customer__in=customers)
    ids = [
        *cases.values_list("pk", flat=True),
        *Remedy.objects.filter(case__in=cases).values_list("pk", flat=True),
        *Reached.objects.filter(case__in=cases).values_list("pk", flat=True),
        *Approval.objects.filter(case__in=cases).values_list("pk", flat=True),
    ]
    return Gone.of(cases.delete()[1], ids)


def _decided(cases: Sequence[Case], now: datetime) -> None:
    """Note that something was decided for these cases, which are held."""
    for case in cases:
        if case.first_decided_at is None and case.due_at is not None:
            case.in_time = now <= case.due_at
        case.decided_at, case.handed_to = now, None
        case.first_decided_at = case.first_decided_at or now
        case.save(update_fields=["decided_at", "first_decided_at", "handed_to", "in_time"])


def _waits_again(case: Case, now: datetime) -> None:
    """Let a decided case wait again, sooner than the first time: they have waited before."""
    case.decided_at = None
    case.due_at = clocks.due(now, case.kind, urgent=True)
    case.save(update_fields=["decided_at", "due_at"])


def _moot(cases: Sequence[Case], now: datetime) -> None:
    """Ask nobody any more about these cases: they were decided otherwise."""
    _void(Approval.objects.filter(case__in=[case.pk for case in cases]), now)


def _void(approvals: QuerySet[Approval], now: datetime) -> None:
    approvals.filter(ended_at=None).update(ended_at=now, outcome=Outcome.VOID)
