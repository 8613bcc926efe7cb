"""Who may be asked how it was, who was, and what they said."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from kfar.ground.lasting import lasting
from kfar.rooms.customers import queries as people
from kfar.rooms.village.meetings import queries as meetings
from kfar.rooms.voice.follow_up import rules
from kfar.rooms.voice.follow_up.rules import Due, Figures, Kind
from kfar.rooms.voice.models import FollowUp, FollowUpTerm, Invitation, Voice


@dataclass(frozen=True)
class FollowedUp:
    """A question how it was, as others may read it."""

    id: UUID
    customer_id: UUID
    kind: Kind
    about: UUID
    name: str
    about_at: datetime
    at: datetime
    good: bool | None
    answered_at: datetime | None


def terms() -> dict[str, int]:
    """Return after how many days one asks, by category; "" is for all others."""
    rows = FollowUpTerm.objects.order_by("category")
    return {"": rules.DAYS} | dict(rows.values_list("category", "days"))


def one(follow_up_id: UUID) -> FollowedUp | None:
    """Return one, or None."""
    return next(iter(_told(FollowUp.objects.filter(pk=follow_up_id))), None)


def by_id(ids: Iterable[UUID]) -> list[FollowedUp]:
    """Return some by their ids; unknown ids are left out."""
    return list(_told(FollowUp.objects.filter(pk__in=set(ids))))


def of_customer(customer_id: UUID) -> list[FollowedUp]:
    """Return what a customer was asked, newest first."""
    rows = FollowUp.objects.filter(customer__in=people.selves(customer_id))
    return list(_told(rows.order_by("-at", "pk")))


def free(kind: Kind | None = None, *, texting: bool = False) -> list[UUID]:
    """Return who agreed to be asked and was not asked lately, nor (of a `kind`) in vain.

    `texting`: a phone number is an address, too.
    """
    found = people.agreed(people.ASK, by_phone=texting)
    resting = asked_lately(found, kind)
    return [one for one in found if one not in resting]


def asked_lately(of: Collection[UUID], kind: Kind | None) -> set[UUID]:
    """Return those people who are not to be asked now: by the limit, or by their silence."""
    now, every = timezone.now(), settings.KFAR_ASK_EVERY
    lately = Invitation.objects.filter(at__gt=now - every)
    rows = FollowUp.objects.filter(at__gt=now - 4 * max(every, rules.PURCHASES))
    own = None
    if len(of) <= people.CHUNK:
        own = list(people.owners(of))
        lately, rows = lately.filter(customer__in=own), rows.filter(customer__in=own)
    met = meetings.asked_since(now - every, own)
    found_lately = [*lately.values_list("customer_id", flat=True), *met]
    resting = set(people.person_of(found_lately).values())
    if kind is None:
        return resting
    asked: dict[UUID, list[tuple[Kind, datetime, bool]]] = {}
    said = list(rows.order_by("-at", "-pk").values_list("customer_id", "kind", "at", "answered_at"))
    whose = people.person_of(own for own, *_said in said)
    for own_id, of_kind, at, answered in said:
        theirs = asked.setdefault(whose[own_id], [])
        theirs.append((Kind(of_kind), at, answered is not None))
    for person, found in asked.items():
        times = rules.silences(answered for _kind, _at, answered in found)
        if now - found[0][1] < rules.pause(Kind.CASE, times, every):
            resting.add(person)
        same = [at for of_kind, at, _answered in found if of_kind is kind]
        if same and now - same[0] < rules.pause(kind, times, every):
            resting.add(person)
    return resting


def closed_cases() -> list[Due]:
    """Return the voices whose customers said a while ago that it is good, and were not asked."""
    until = timezone.now() - rules.CASE
    rows = Voice.objects.filter(closed_at__lte=until, closed_at__gt=until - rules.WINDOW)
    asked = FollowUp.objects.filter(kind=Kind.CASE).values("about")
    return [
        Due(row.customer_id, Kind.CASE, row.pk, row.about_name, row.closed_at)
        for row in rows.exclude(pk__in=asked).order_by("closed_at", "pk")
        if row.closed_at
    ]


def closed_between(since: datetime, until: datetime) -> list[UUID]:
    """Return whose voices were closed then, oldest first."""
    rows = Voice.objects.filter(closed_at__gt=since, closed_at__lte=until)
    return list(dict.fromkeys(rows.order_by("closed_at").values_list("customer_id", flat=True)))


@lasting
def figures() -> dict[Kind, Figures]:
    """Return what came of asking, by what was asked; who may still answer is not counted."""
    silent = Q(answered_at=None, at__lte=timezone.now() - rules.SILENT)
    counted = (
        FollowUp.objects.order_by()
        .values_list("kind")
        .annotate(
            yes=Count("pk", filter=Q(good=True)),
            no=Count("pk", filter=Q(good=False)),
            silent=Count("pk", filter=silent),
        )
    )
    return dict.fromkeys(Kind, Figures(0, 0, 0)) | {
        Kind(kind): Figures(*of) for kind, *of in counted
    }


def _told(rows: QuerySet[FollowUp]) -> Iterable[FollowedUp]:
    for row in rows:
        yield FollowedUp(
            id=row.pk,
            customer_id=row.customer_id,
            kind=Kind(row.kind),
            about=row.about,
            name=row.about_name,
            about_at=row.about_at,
            at=row.at,
            good=row.good,
            answered_at=row.answered_at,
        )
