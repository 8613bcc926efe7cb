"""Who is away: they are given nothing and asked for nothing until they are back."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from kfar.ground.errors import Refused
from kfar.rooms.service.models import Away
from kfar.rooms.village import queries as village

REMEDY = "service.remedy"


@transaction.atomic
def leave(*, by: UUID, until: datetime | None) -> None:
    """Say that one is away until then; None: back again. Refuses `service.back_in_past`."""
    village.require(by, REMEDY)
    if until is None:
        Away.objects.filter(employee=by).delete()
        return
    if until <= timezone.now():
        raise Refused("service.back_in_past")
    Away.objects.update_or_create(employee_id=by, defaults={"until": until})


def away() -> dict[UUID, datetime]:
    """Return who is away, and until when."""
    rows = Away.objects.filter(until__gt=timezone.now())
    return dict(rows.values_list("employee_id", "until"))
