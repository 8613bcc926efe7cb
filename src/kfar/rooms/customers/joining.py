"""Who is one person: found, decided by a human, and taken back. No row of another room changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from kfar.ground.errors import Refused
from kfar.lake import audit
from kfar.lake.outbox import announce
from kfar.rooms.customers.facts import Merged, Unmerged
from kfar.rooms.customers.match import LIKELY, Record
from kfar.rooms.customers.match import match as find
from kfar.rooms.customers.models import Customer, Handle, Merge, Proposal
from kfar.rooms.customers.names import ADDRESSES, TOLD
from kfar.rooms.customers.queries import chunks, people, person_of, under
from kfar.rooms.customers.rules import MATCH, STAFF, Known, Pair, leads
from kfar.rooms.village import queries as village

MERGE = "customers.merge"
OURSELVES = "kfar"


@transaction.atomic
def merge(*, by: UUID, one: UUID, other: UUID) -> UUID | None:
    """Hold two customers for one person from now on; return the merge's id.

    None where they are one already. Refuses with `village.may_not` and `customers.not_found`.
    """
    village.require(by, MERGE)
    return _merge(one, other, by)


@transaction.atomic
def unmerge(*, by: UUID, merge_id: UUID) -> None:
    """Take a merge back: both are themselves again, with all that was merged into each before.

    They are not joined again unless a human does. Twice is once. Refuses with
    `village.may_not` and `customers.not_found`.
    """
    village.require(by, MERGE)
    row = Merge.objects.filter(pk=merge_id).first()
    if row is None:
        raise Refused("customers.not_found")
    held(row.loser_id, row.winner_id)
    row = Merge.objects.select_for_update().get(pk=merge_id)
    if row.undone_at is not None:
        return
    row.undone_at, row.undone_by_id = timezone.now(), by
    row.save(update_fields=["undone_at", "undone_by"])
    ids = under(row.loser_id)
    for some in chunks(ids[1:]):
        Customer.objects.filter(pk__in=some).update(person=row.loser_id)
    Customer.objects.filter(pk=row.loser_id).update(person=None)
    for customer_id in (row.loser_id, person_of([row.winner_id])[row.winner_id]):
        audit.note(act="customers.unmerged", customer_id=customer_id, employee_id=by)
    announce(Unmerged(merge_id=row.pk, loser=row.loser_id, winner=row.winner_id, at=row.undone_at))


@transaction.atomic
def propose(
    *,
    one: UUID,
    other: UUID,
    ground: str,
    source: str = OURSELVES,
    score: float | None = None,
    evidence: Sequence[str] = (),
) -> UUID | None:
    """Ask a human whether two customers are one person; return the proposal's id.

    None where they are one already, or where it was asked before, however it was decided.
    `score` is how likely it is (0 to 1), `evidence` the kinds of names that agree.
    """
    a, b = person_of([one, other]).values() if one != other else (one, one)
    if a == b or _asked(a, b):
        return None
    first, second = sorted((a, b))
    row, new = Proposal.objects.get_or_create(
        one_id=first,
        other_id=second,
        defaults={
            "ground": ground,
            "source": source,
            "score": score,
            "evidence": sorted(evidence),
        },
    )
    return row.pk if new else None


def match(*, likely: float = LIKELY) -> int:
    """Compare all people who have a name or an address; return how many pairs are new proposals.

    Proposed is who is one person with a probability of at least `likely`. Takes minutes where
    there are millions. Refuses with `customers.no_splink` where splink is not installed.
    """
    if find_spec("splink") is None:
        raise Refused("customers.no_splink")
    records: list[Record] = []
    for some in chunks(Customer.objects.people().values_list("pk", flat=True)):
        records += [
            Record(str(person.id), person.name, person.names, person.about)
            for person in people(some).values()
            if person.name or any(kind.removeprefix(TOLD) in ADDRESSES for kind, _ in person.names)
        ]
    made = [
        propose(
            one=UUID(pair.one),
            other=UUID(pair.other),
            ground=MATCH,
            score=pair.score,
            evidence=pair.evidence,
        )
        for pair in find(records, likely=likely)
    ]
    return len(made) - made.count(None)


@transaction.atomic
def compare(*, by: UUID, proposal_id: UUID) -> None:
    """Note that an employee looks at two customers side by side.

    Refuses with `village.may_not` and `customers.not_found`.
    """
    village.require(by, MERGE)
    row = _proposal(proposal_id)
    for customer_id in (row.one_id, row.other_id):
        audit.note(act="customers.compared", customer_id=customer_id, employee_id=by)


@transaction.atomic
def look(*, by: UUID, customer_id: UUID) -> None:
    """Note that an employee looks at the names a customer is known by.

    Refuses with `village.may_not` and `customers.not_found`.
    """
    village.require(by, MERGE)
    if not Customer.objects.filter(pk=customer_id).exists():
        raise Refused("customers.not_found")
    audit.note(act="customers.read", customer_id=customer_id, employee_id=by)


@transaction.atomic
def accept(*, by: UUID, proposal_id: UUID) -> None:
    """Decide that two customers are one person: they are merged, or stay so. Twice is once.

    Refuses with `village.may_not`, `customers.not_found` and `customers.decided`, where it was
    decided otherwise.
    """
    village.require(by, MERGE)
    row = _decide(proposal_id, by, same=True)
    if row is not None:
        _merge(row.one_id, row.other_id, by)


@transaction.atomic
def dismiss(*, by: UUID, proposal_id: UUID) -> None:
    """Decide that two customers are two people; where the two were merged, that is taken back.

    They are not proposed again. Twice is once. Refuses as `accept` does.
    """
    village.require(by, MERGE)
    row = _decide(proposal_id, by, same=False)
    if row is not None:
        pair = [row.one_id, row.other_id]
        for made in Merge.objects.filter(loser__in=pair, winner__in=pair, undone_at=None):
            unmerge(by=by, merge_id=made.pk)


def held(*ids: UUID) -> list[UUID]:
    """Return the people with these ids; other merges of them wait until the transaction ends."""
    while True:
        roots = person_of(ids)
        rows = Customer.objects.held(roots.values()).values_list("person_id", flat=True)
        if not any(rows):
            return [roots[own] for own in ids]


def keep(pairs: Sequence[Pair], *, by: UUID | None = None) -> None:
    """Write merges, in their order, of people who are held; `one` into `other` of each."""
    if not pairs:
        return
    rows = [
        Merge(
            loser_id=pair.one,
            winner_id=pair.other,
            ground=pair.ground,
            source=pair.source,
            by_id=by,
            at=pair.at,
        )
        for pair in pairs
    ]
    Merge.objects.bulk_create(rows, batch_size=1000)
    for row, pair in zip(rows, pairs, strict=True):
        if not pair.news:
            continue
        for customer_id in (pair.one, pair.other):
            audit.note(act="customers.merged", customer_id=customer_id, employee_id=by)
        announce(Merged(merge_id=row.pk, loser=pair.one, winner=pair.other, at=pair.at))


def point(ends: Mapping[UUID, UUID]) -> None:
    """Let people who are held, and all who pointed to them, point to whom they are in the end."""
    for some in chunks(ends):
        after = Customer.objects.filter(person__in=some).values_list("pk", "person_id")
        found = {own: ends[own] for own in some} | {pk: ends[was] for pk, was in after}
        rows = [Customer(pk=own, person_id=end) for own, end in found.items()]
        Customer.objects.bulk_update(rows, ["person"], batch_size=500)


def _merge(one: UUID, other: UUID, by: UUID) -> UUID | None:
    a, b = held(one, other)
    if a == b:
        return None
    rows = {row.pk: row for row in Customer.objects.filter(pk__in=[a, b])}
    if len(rows) < 2:
        raise Refused("customers.not_found")
    first, second = ((pk, _known(rows[pk])) for pk in (a, b))
    if leads(first, second):
        a, b = b, a
    now = timezone.now()
    keep([Pair(a, b, STAFF, OURSELVES, now, news=True)], by=by)
    point({a: b})
    return Merge.objects.values_list("pk", flat=True).get(loser_id=a, undone_at=None)


def _known(row: Customer) -> Known:
    """Return what decides who keeps their id."""
    ids = [row.pk, *row.selves.values_list("pk", flat=True)]
    logins = Customer.objects.filter(pk__in=ids).exclude(login=None)
    found = Known(row.met_at, proven=logins.exists())
    for kind in Handle.objects.filter(customer__in=ids).values_list("kind", flat=True):
        found.note(kind)
    return found


def _decide(proposal_id: UUID, by: UUID, *, same: bool) -> Proposal | None:
    """Note the decision; return None where it was decided so before."""
    row = _proposal(proposal_id)
    if row.decided_at is not None:
        if row.same is not same:
            raise Refused("customers.decided")
        return None
    row.decided_at, row.same, row.by_id = timezone.now(), same, by
    row.save(update_fields=["decided_at", "same", "by"])
    return row


def _proposal(proposal_id: UUID) -> Proposal:
    row = Proposal.objects.select_for_update().filter(pk=proposal_id).first()
    if row is None:
        raise Refused("customers.not_found")
    return row


def _asked(a: UUID, b: UUID) -> bool:
    """Return whether it was asked, or a merge undone, between any ids of two people."""
    ones, others = under(a), under(b)
    return any(
        model.objects.filter(**{f"{x}__in": p, f"{y}__in": q}).exists()
        for model, x, y in ((Proposal, "one", "other"), (Merge, "loser", "winner"))
        for p, q in ((ones, others), (others, ones))
    )
