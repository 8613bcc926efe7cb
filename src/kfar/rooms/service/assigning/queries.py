"""Who serves whom, and for whom how much waits."""

from __future__ import annotations

from statistics import median_high
from uuid import UUID

from django.db.models import Count, Q

from kfar.rooms.customers import queries as customers
from kfar.rooms.service.models import Case, Remedy

#: The likely need is the middle one of so many remedies given last.
LATELY = 100


def served(customer_id: UUID) -> dict[UUID, int]:
    """Return who decided something for a customer, and in how many cases."""
    rows = Remedy.objects.filter(case__customer__in=customers.selves(customer_id), undone_at=None)
    counted = rows.values_list("by").annotate(n=Count("case", distinct=True)).order_by()
    return dict(counted)


def waiting() -> dict[UUID, int]:
    """Return for whom how many cases wait: that they see to, or that were handed to them."""
    rows = Case.objects.filter(decided_at=None)
    found: dict[UUID, int] = {}
    for field, others in (("handed_to", Q()), ("taken_by", Q(handed_to=None))):
        counted = rows.filter(others, **{f"{field}__isnull": False}).values_list(field)
        for own, n in counted.annotate(n=Count("pk")).order_by():
            found[own] = found.get(own, 0) + n
    return found


def usual() -> int:
    """Return what a remedy is usually worth, in minor units; 0 before the first."""
    rows = Remedy.objects.filter(undone_at=None, minor__gt=0).order_by("-at")
    return median_high(list(rows.values_list("minor", flat=True)[:LATELY]) or [0])
