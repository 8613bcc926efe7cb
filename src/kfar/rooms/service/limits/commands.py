"""A limit is changed as its outcomes propose, by a person, and back again."""

from __future__ import annotations

from dataclasses import asdict
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from kfar.ground.errors import Refused
from kfar.rooms.service.limits import queries
from kfar.rooms.service.models import LimitChange
from kfar.rooms.village import commands as roles
from kfar.rooms.village import queries as village
from kfar.rooms.village.rules import Authority

#: What one has to be allowed to change limits as outcomes propose.
LIMITS = "service.limits"


@transaction.atomic
def accept(*, by: UUID, role: str, remedy: str, once: UUID) -> UUID:
    """Change a limit as is proposed now; return the id of the change, which is `once`.

    From then on outcomes are counted anew. Refuses with `village.may_not`, and with
    `service.no_such_proposal` where nothing is proposed (any more).
    """
    village.require(by, LIMITS)
    if LimitChange.objects.filter(pk=once).exists():
        return once
    seen = queries.one(role, remedy)
    if seen is None or seen.proposal is None:
        raise Refused("service.no_such_proposal")
    roles.set_limit(role=role, remedy=remedy, limit=seen.proposal.limit)
    LimitChange.objects.create(
        pk=once,
        role_id=role,
        remedy=remedy,
        before=asdict(seen.held),
        after=asdict(seen.proposal.limit),
        evidence=asdict(seen.evidence),
        by_id=by,
        at=timezone.now(),
    )
    return once


@transaction.atomic
def undo(*, by: UUID, change_id: UUID) -> None:
    """Set a limit back to what it was before it was accepted. Twice is once.

    Refuses with `village.may_not`, `service.no_such_proposal`, and `service.limit_moved_on` where
    it was changed again meanwhile.
    """
    village.require(by, LIMITS)
    change = LimitChange.objects.select_for_update().filter(pk=change_id).first()
    if change is None:
        raise Refused("service.no_such_proposal")
    if change.undone_at is not None:
        return
    seen = queries.one(change.role_id, change.remedy)
    if seen is None or seen.held != Authority(**change.after):
        raise Refused("service.limit_moved_on")
    roles.set_limit(role=change.role_id, remedy=change.remedy, limit=Authority(**change.before))
    change.undone_at, change.undone_by_id = timezone.now(), by
    change.save(update_fields=["undone_at", "undone_by"])
