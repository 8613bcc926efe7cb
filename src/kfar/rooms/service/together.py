"""Several voices of one person in one case: put together, taken apart, nothing lost."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID, uuid4

from django.db import transaction

from kfar.ground.errors import Refused
from kfar.lake import audit
from kfar.rooms.customers import queries as customers
from kfar.rooms.service.models import Approval, Case
from kfar.rooms.village import queries as village

#: What one has to be allowed to put cases together: what is decided in them.
REMEDY = "service.remedy"
#: So many voices are one case at most.
MANY = 50


@transaction.atomic
def merge(*, by: UUID, case_id: UUID, other_id: UUID) -> None:
    """Decide two cases of one person together from now on, with all that are together with them.

    Nothing of either changes but this: each voice keeps its words and its standing. What waits for
    somebody by name waits for them as one. Twice is once. Refuses with `village.may_not`,
    `service.not_found`, `service.two_people`, `service.same_case`, `service.too_many_together`,
    and with `service.two_approvers` where somebody is asked about each of them.
    """
    village.require(by, REMEDY)
    if case_id == other_id:
        raise Refused("service.same_case")
    # Held in one order, so that two who do this at once do not wait for each other for ever.
    rows = {one.pk: one for one in _rows([case_id, other_id])}
    if len(rows) < 2:
        raise Refused("service.not_found")
    if len(set(customers.person_of(one.customer_id for one in rows.values()).values())) > 1:
        raise Refused("service.two_people")
    one, other = rows[case_id], rows[other_id]
    if one.together is not None and one.together == other.together:
        return
    groups = [row.together for row in (one, other) if row.together is not None]
    both = {row.pk: row for row in Case.objects.select_for_update().filter(together__in=groups)}
    both |= rows
    if len(both) > MANY:
        raise Refused("service.too_many_together", most=MANY)
    if Approval.objects.filter(case__in=list(both), ended_at=None).count() > 1:
        raise Refused("service.two_approvers")
    waits_for = next((row.handed_to_id for row in both.values() if row.handed_to_id), None)
    own = groups[0] if groups else uuid4()
    Case.objects.filter(pk__in=list(both)).update(together=own)
    if waits_for is not None:
        Case.objects.filter(pk__in=list(both), decided_at=None).update(handed_to=waits_for)
    audit.note(act="service.merged", customer_id=one.customer_id, employee_id=by)


@transaction.atomic
def split(*, by: UUID, case_id: UUID) -> None:
    """Take a case out of those it is together with: it is decided by itself again. Twice is once.

    What was given for it while they were together stays with it, and with the others. Refuses with
    `village.may_not` and `service.not_found`.
    """
    village.require(by, REMEDY)
    cases = held(case_id, strangers=True)
    if len(cases) == 1:
        return
    apart(cases[:1], cases[1:])
    audit.note(act="service.split", customer_id=cases[0].customer_id, employee_id=by)


@transaction.atomic
def separate(*, one: UUID, other: UUID) -> None:
    """Take cases apart that turned out to be of two people. Twice is once."""
    persons = customers.owners([one, other])
    groups = (
        Case.objects.filter(customer__in=list(persons))
        .exclude(together=None)
        .order_by("together")
        .values_list("together", flat=True)
        .distinct()
    )
    for own in list(groups):
        rows = list(Case.objects.select_for_update().filter(together=own).order_by("pk"))
        whose = customers.person_of(row.customer_id for row in rows)
        first = whose[rows[0].customer_id]
        theirs = [row for row in rows if whose[row.customer_id] == first]
        if len(theirs) < len(rows):
            apart(theirs, [row for row in rows if row not in theirs])


def apart(cases: Sequence[Case], rest: Sequence[Case]) -> None:
    """Let `cases` and `rest`, which are held and were together, be two."""
    for part in (cases, rest):
        own = uuid4() if len(part) > 1 else None
        Case.objects.filter(pk__in=[case.pk for case in part]).update(together=own)


def held(case_id: UUID, *, strangers: bool = False) -> list[Case]:
    """Return a case and those of the same person together with it, locked until the act is done.

    The case itself is first. `strangers`: also those of other people, which are there only until
    it is known that one person was two. Refuses with `service.not_found`.
    """
    case = Case.objects.filter(pk=case_id).first()
    if case is None:
        raise Refused("service.not_found")
    rows = _rows([case_id], together=case.together)
    case = next((row for row in rows if row.pk == case_id), None)
    if case is None:
        raise Refused("service.not_found")
    others = [row for row in rows if row.pk != case_id and row.together == case.together]
    if case.together is None:
        others = []
    if others and not strangers:
        whose = customers.person_of(row.customer_id for row in rows)
        others = [one for one in others if whose[one.customer_id] == whose[case.customer_id]]
    return [case, *others]


def _rows(ids: Sequence[UUID], together: UUID | None = None) -> list[Case]:
    rows = Case.objects.select_for_update()
    found = rows.filter(pk__in=ids) | (rows.filter(together=together) if together else rows.none())
    return list(found.order_by("pk"))
