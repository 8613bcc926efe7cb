"""Who is asked for what is above one's authority, until when, and what they say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from kfar.ground.errors import Refused
from kfar.ground.money import Money
from kfar.lake import audit
from kfar.lake.outbox import announce
from kfar.rooms.service import commands as service
from kfar.rooms.service import queries as given
from kfar.rooms.service import rules as remedies
from kfar.rooms.service import together
from kfar.rooms.service.approving import rules
from kfar.rooms.service.approving.rules import Outcome
from kfar.rooms.service.assigning import presence
from kfar.rooms.service.clocks import queries as clocks
from kfar.rooms.service.facts import ApprovalAsked, CaseGiven
from kfar.rooms.service.models import Approval, Case
from kfar.rooms.village import queries as village
from kfar.rooms.village.rules import NOTHING, About

REMEDY = "service.remedy"


@transaction.atomic
def ask(
    *,
    by: UUID,
    case_id: UUID,
    kind: str,
    amount: Money,
    words: str = "",
    fault: str = remedies.Fault.OURS,
    worth: int | None = None,
    about: About = NOTHING,
    once: UUID,
) -> UUID:
    """Ask the nearest authority whether a remedy may be given; return who is asked.

    Who is here comes first, and never is it who asks. The case waits for them by name, until the
    time of `KFAR_APPROVE_WITHIN` is over; then the next in line is asked. `worth` and `about` as
    in `remedy`. Sent twice (`once`), it is asked once. Refuses with `village.may_not`, with what a
    remedy is refused with, `service.within_authority` where nobody has to be asked,
    `service.asked_already`, and `service.nobody_may`.
    """
    person = village.require(by, REMEDY)
    checked, words = remedies.check_remedy(kind, amount, words)
    whose = remedies.check_fault(fault)
    cases = together.held(case_id)
    before = Approval.objects.filter(request=once).order_by("asked_at").last()
    if before is not None:
        return before.approver_id
    share = remedies.FAULTS[whose]
    gone = given.given_before(one.voice_id for one in cases)
    if given.may(person, checked, amount, gone, worth=worth, fault=share, about=about):
        raise Refused("service.within_authority")
    if Approval.objects.filter(case__in=[c.pk for c in cases], ended_at=None).exists():
        raise Refused("service.asked_already")
    now = timezone.now()
    asked = Approval(
        request=once,
        case=cases[0],
        kind=checked,
        minor=amount.minor,
        currency=amount.currency,
        words=words,
        fault=whose,
        worth=worth,
        about=remedies.kept(about),
        under=person.held(checked, about, worth=worth, fault=share).theme,
        asked_by_id=by,
    )
    approver = _next(asked, cases, but=[by])
    if approver is None:
        raise Refused("service.nobody_may")
    _name(asked, approver, cases, now)
    audit.note(act="service.asked", customer_id=cases[0].customer_id, employee_id=by)
    return approver


@transaction.atomic
def say(*, by: UUID, approval_id: UUID, yes: bool, why: str = "") -> None:
    """Say whether it may be given. Yes gives it at once, by who says so.

    The same word twice is one. Refuses with `service.not_found`, `village.may_not` where somebody
    else is asked, `service.not_asked_any_more` where it was answered otherwise or has gone on to
    the next, and `service.no_without_why`.
    """
    village.require(by, REMEDY)
    why = remedies.check_why(why)
    found = Approval.objects.filter(pk=approval_id).first()
    if found is None:
        raise Refused("service.not_found")
    cases = together.held(found.case_id)
    asked = Approval.objects.select_for_update().get(pk=approval_id)
    if asked.approver_id != by:
        raise Refused("village.may_not", act=REMEDY)
    said = Outcome.YES if yes else Outcome.NO
    if asked.outcome == said:
        return
    if asked.ended_at is not None:
        raise Refused("service.not_asked_any_more")
    if not yes and not why:
        raise Refused("service.no_without_why")
    now = timezone.now()
    asked.ended_at, asked.outcome, asked.why = now, said, why
    asked.save(update_fields=["ended_at", "outcome", "why"])
    if yes:
        service.remedy(
            by=by,
            case_id=asked.case_id,
            kind=asked.kind,
            amount=Money(asked.minor, asked.currency),
            words=asked.words,
            fault=asked.fault,
            worth=asked.worth,
            about=remedies.about(asked.about),
            once=asked.request,
        )
        return
    Case.objects.filter(pk__in=[c.pk for c in cases]).update(
        handed_to=None, taken_by=asked.asked_by_id, taken_at=now
    )
    announce(CaseGiven(case_id=cases[0].pk, employee_id=asked.asked_by_id, at=now))
    audit.note(act="service.declined", customer_id=cases[0].customer_id, employee_id=by)


def remind_due() -> int:
    """Announce, once, of whom half of the time is gone, that it still waits; return how many."""
    now = timezone.now()
    due = Approval.objects.filter(ended_at=None, reminded_at=None, remind_at__lte=now)
    return sum(_remind(own, now) for own in list(due.values_list("pk", flat=True)[:100]))


@transaction.atomic
def _remind(approval_id: UUID, now: datetime) -> bool:
    rows = Approval.objects.filter(pk=approval_id, ended_at=None, reminded_at=None)
    # Whose time is over is not reminded: the next in line is asked at this very moment.
    if not rows.filter(due_at__gt=now).update(reminded_at=now):
        return False
    announce(ApprovalAsked(approval_id=approval_id, again=True, at=now))
    return True


def pass_due() -> int:
    """Ask the next in line where somebody's time is over; return how many.

    Where nobody is left, the last who was asked stays asked.
    """
    now = timezone.now()
    due = Approval.objects.filter(ended_at=None, due_at__lte=now).order_by("due_at")[:100]
    return sum(_pass(own, now) for own in list(due.values_list("pk", flat=True)))


@transaction.atomic
def _pass(approval_id: UUID, now: datetime) -> bool:
    case_id = Approval.objects.values_list("case_id", flat=True).get(pk=approval_id)
    cases = together.held(case_id)
    late = Approval.objects.select_for_update().get(pk=approval_id)
    if late.ended_at is not None or late.due_at > now:
        return False
    before = Approval.objects.filter(request=late.request).values_list("approver_id", flat=True)
    approver = _next(late, cases, but=[late.asked_by_id, *before])
    if approver is None:
        late.due_at = _until(now)
        late.save(update_fields=["due_at"])
        return False
    late.ended_at, late.outcome = now, Outcome.PASSED
    late.save(update_fields=["ended_at", "outcome"])
    again = Approval(
        request=late.request,
        case_id=late.case_id,
        kind=late.kind,
        minor=late.minor,
        currency=late.currency,
        words=late.words,
        fault=late.fault,
        worth=late.worth,
        about=late.about,
        under=late.under,
        asked_by_id=late.asked_by_id,
    )
    _name(again, approver, cases, now)
    audit.note(act="service.passed", customer_id=cases[0].customer_id)
    return True


def _next(asked: Approval, cases: Sequence[Case], *, but: Sequence[UUID]) -> UUID | None:
    share = remedies.FAULTS[remedies.Fault(asked.fault)]
    gone = given.given_before(one.voice_id for one in cases)
    kind, amount = remedies.Kind(asked.kind), Money(asked.minor, asked.currency)
    of = remedies.about(asked.about)
    able = given.who_may(kind, amount, gone, worth=asked.worth, fault=share, about=of)
    away = presence.away()
    return rules.next_in_line([(one.id, one.id not in away) for one in able], but=but)


def _name(asked: Approval, approver: UUID, cases: Sequence[Case], now: datetime) -> None:
    asked.approver_id, asked.asked_at, asked.due_at = approver, now, _until(now)
    asked.remind_at = _until(now, parts=2)
    asked.save()
    announce(ApprovalAsked(approval_id=asked.pk, again=False, at=now))
    service.handed(cases=cases, to=approver, now=now)


def _until(now: datetime, *, parts: int = 1) -> datetime:
    span = settings.KFAR_APPROVE_WITHIN / parts
    return clocks.later(now, span) or now + span
