"""Who sees to a case: whoever takes it, else who suits best."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from kfar.lake.outbox import announce
from kfar.rooms.service import together
from kfar.rooms.service.clocks import queries as clocks
from kfar.rooms.service.facts import CaseGiven
from kfar.rooms.service.models import Case
from kfar.rooms.village import queries as village

REMEDY = "service.remedy"
#: So many are given out in one round.
AT_ONCE = 100


@transaction.atomic
def take(*, by: UUID, case_id: UUID) -> None:
    """See to a case oneself, whoever had it; the last who took it has it. Twice is once.

    Refuses with `village.may_not` and `service.not_found`.
    """
    village.require(by, REMEDY)
    _give(together.held(case_id), by)


def assign_due(*, to: Callable[[UUID, Sequence[UUID]], UUID | None]) -> int:
    """Give the cases nobody took in time to who suits best; return how many.

    `to` says who that is for a customer and the voices of their case, None for nobody: then it is
    asked again after the same time. A case is given out once; it goes to somebody else only when
    they take it, or when who had it works here no more.
    """
    now = timezone.now()
    nobody = Q(taken_by=None) | Q(taken_by__left_at__isnull=False)
    due = Case.objects.filter(nobody, decided_at=None, handed_to=None, assign_at__lte=now)
    given = 0
    for own in list(due.order_by("assign_at").values_list("pk", flat=True)[:AT_ONCE]):
        with transaction.atomic():
            cases = together.held(own)
            case = Case.objects.filter(nobody, pk=own, decided_at=None, handed_to=None).first()
            if case is None:
                continue
            best = to(case.customer_id, [one.voice_id for one in cases])
            if best is None:
                case.assign_at = clocks.later(now, settings.KFAR_ASSIGN_AFTER)
                case.save(update_fields=["assign_at"])
                continue
            _give(cases, best)
            announce(CaseGiven(case_id=own, employee_id=best, at=now))
            given += 1
    return given


def _give(cases: list[Case], to: UUID) -> None:
    now = timezone.now()
    for case in cases:
        if case.taken_by_id != to:
            case.taken_by_id, case.taken_at = to, now
            case.save(update_fields=["taken_by", "taken_at"])
