"""What customers say of what is known of them; and that everything is learned again."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from kfar.ground.errors import Refused
from kfar.ground.gone import Gone
from kfar.lake import audit, timeline
from kfar.rooms.customers import queries as customers
from kfar.rooms.insight.models import Correction, Kind, Place, Refresh
from kfar.rooms.village import queries as village

READ = "insight.read"


def correct(*, by: UUID, touch_id: UUID, kind: str) -> None:
    """Take a customer's word on something they are said to have done; the last word counts.

    `kind` is `gift`, `not-me` or `unused`; "" takes it back. Every figure about them follows at
    once, what is learned of everybody at the next refresh. Refuses with `insight.no_such_word`,
    and with `insight.not_yours` for a touch of somebody else.
    """
    ids = customers.selves(by)
    if kind and kind not in Kind.values:
        raise Refused("insight.no_such_word")
    if timeline.touch(ids, touch_id) is None:
        raise Refused("insight.not_yours")
    with transaction.atomic():  # begun here: nobody waits while the lake is read
        Correction.objects.filter(customer__in=ids, touch=touch_id).delete()
        if kind:
            Correction.objects.create(customer_id=ids[0], touch=touch_id, kind=kind)
        audit.note(act="insight.corrected", customer_id=ids[0])


@transaction.atomic
def use(*, by: UUID, category: str, used: bool) -> None:
    """Take a customer's word whether what they buy in a category may be used; as `correct`.

    Refuses with `insight.no_such_category` where it is none.
    """
    category = category.strip()
    if not category or len(category) > 200:
        raise Refused("insight.no_such_category")
    ids = customers.selves(by)
    rows = Correction.objects.filter(customer__in=ids, category=category, touch=None)
    rows.delete()
    if not used:
        Correction.objects.create(customer_id=ids[0], category=category, kind=Kind.UNUSED)
    audit.note(act="insight.corrected", customer_id=ids[0])


@transaction.atomic
def ask_refresh(*, by: UUID) -> None:
    """Let everything be learned again, now. Refuses with `village.may_not`."""
    village.require(by, READ)
    Refresh.objects.update_or_create(pk=1, defaults={"asked_at": timezone.now()})


@transaction.atomic
def name_places(*, places: Iterable[tuple[str, str, str]]) -> int:
    """Take what places are called and in which region they lie: (code, name, region).

    The last word on a place counts; a place not named keeps what it had. Regions are counted at
    the next refresh, which is asked for. Returns how many were given. Refuses with
    `insight.no_place` (line) where a place has no code, or something is too long.
    """
    rows = []
    for line, told in enumerate(places, start=1):
        code, name, region = (word.strip() for word in told)
        if not code or max(map(len, (code, name, region))) > 200:
            raise Refused("insight.no_place", line=line)
        rows.append(Place(code=code, name=name, region=region))
    last = {row.code: row for row in rows}
    Place.objects.bulk_create(
        last.values(),
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["name", "region"],
    )
    Refresh.objects.update_or_create(pk=1, defaults={"asked_at": timezone.now()})
    return len(last)


def look(*, by: UUID, customer_id: UUID) -> None:
    """Note that an employee reads what is known of a customer. Refuses with `village.may_not`."""
    village.require(by, READ)
    audit.note(act="insight.read", customer_id=customer_id, employee_id=by)


def look_at_all(*, by: UUID, people: Collection[UUID]) -> None:
    """Note of each of these customers what `look` notes of one. Refuses with `village.may_not`."""
    village.require(by, READ)
    audit.note_all(act="insight.read", customers=people, employee_id=by)


@transaction.atomic
def forget(*, customers: Collection[UUID]) -> Gone:
    """Let go of what these customers said; return what is gone. What is learned names nobody."""
    rows, _ = Correction.objects.filter(customer__in=customers).delete()
    return Gone.of({"insight.Correction": rows})
