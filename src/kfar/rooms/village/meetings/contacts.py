"""Where employees met customers: what they did for them here, meetings, and what was told us.

Three tables know it. The audit: a remedy, a promise made or kept reaches the customer under an
employee's name; that a page was opened is no contact. Meetings that were held. And touches from
elsewhere (calls, visits) whose properties name the employee by their address, and how many
`minutes` it took where the source knows.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kfar.lake import table
from kfar.lake.models import AuditLine
from kfar.rooms.village.models import Employee, Guest

#: The acts by which an employee reaches a customer.
REACHING = (
    *("promises.kept", "promises.promised"),
    *("service.remedied", "service.undone"),
)
#: The longest contact that is believed, in minutes.
LONGEST = 24 * 60

TOLD = """
SELECT customer, "at", lower(properties ->> '$.employee'),
    coalesce(try_cast(properties ->> '$.minutes' AS DOUBLE), 0)
FROM touches
WHERE properties LIKE '%"employee"%' AND "at" >= $since
    AND NOT list_contains($doubtful, source) AND json_valid(properties)
"""


@dataclass(frozen=True, slots=True)
class Contact:
    """One contact of an employee with a customer; `minutes` is 0 where nobody said."""

    employee_id: UUID
    customer_id: UUID
    at: datetime
    minutes: int
    how: str


def contacts(since: datetime, doubtful: Collection[str] = ()) -> list[Contact]:
    """Return every contact since then, in no order; none of what `doubtful` sources tell.

    Raises `Refused("lake.damaged")`.
    """
    found = [
        Contact(employee, customer, at, 0, act)
        for employee, customer, at, act in AuditLine.objects.filter(
            act__in=REACHING, at__gte=since, employee_id__isnull=False
        ).values_list("employee_id", "customer_id", "at", "act")
        if employee is not None
    ]
    held = Guest.objects.filter(came=True, meeting__at__gte=since)
    found += [
        Contact(employee, customer, at, minutes or 0, "meeting")
        for employee, customer, at, minutes in held.values_list(
            "meeting__employee_id", "customer_id", "meeting__at", "meeting__held_minutes"
        )
    ]
    people = dict(Employee.objects.values_list("login__email", "pk"))
    with table.reading() as session:
        told = session.rows(TOLD, since=since, doubtful=list(doubtful))
    found += [
        Contact(people[email], customer, at, round(min(max(minutes, 0), LONGEST)), "told")
        for customer, at, email, minutes in told
        if email in people
    ]
    return found
