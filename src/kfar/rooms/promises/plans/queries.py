"""Plans, what speaks for them, and where they were handed to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from kfar.rooms.customers import queries as customers
from kfar.rooms.promises.models import Handover, Plan, PlanVoice, Target
from kfar.rooms.promises.plans.rules import Shape, Source, Stage


@dataclass(frozen=True)
class Planned:
    """A plan as others may read it. `voices` and `people` spoke for it when it was made.

    `told` says that those who spoke were told what was done.
    """

    id: UUID
    title: str
    needs: str
    owner: str
    owner_id: UUID
    due: date
    state: Stage
    why: str
    state_at: datetime
    source: Source
    ref: str
    label: str
    voices: int
    people: int
    made_by: str
    made_at: datetime
    promised: bool
    told: bool

    @property
    def open(self) -> bool:
        """Whether something is still to be done."""
        return self.state in {Stage.OPEN, Stage.DOING}

    @property
    def late(self) -> bool:
        """Whether the day has passed."""
        return self.open and self.due < timezone.localdate()

    @property
    def heard(self) -> bool:
        """Whether there is somebody to tell: voices, or those who decided or took part."""
        return self.voices > 0 or self.source in {Source.QUESTION, Source.CONSULTATION}

    @property
    def to_tell(self) -> bool:
        """Whether it is done and those who spoke have not been told."""
        return self.state is Stage.DONE and not self.told and self.heard


@dataclass(frozen=True)
class Tracker:
    """Where plans are handed to."""

    id: UUID
    name: str
    shape: Shape
    url: str


@dataclass(frozen=True)
class Handed:
    """That a plan goes, or went, to a target, and what they call it there."""

    id: UUID
    plan: Planned
    target: Tracker
    at: datetime
    tries: int
    sent_at: datetime | None
    given_up_at: datetime | None
    ref: str
    link: str
    heard_at: datetime | None


def plan(plan_id: UUID) -> Planned | None:
    """Return one plan, or None."""
    return next(iter(_planned(Plan.objects.filter(pk=plan_id))), None)


def open_plans(most: int = 100) -> list[Planned]:
    """Return the plans that are to be done, the most urgent first."""
    rows = Plan.objects.filter(state__in=[Stage.OPEN, Stage.DOING])
    return list(_planned(rows.order_by("due", "made_at")[:most]))


def ended(most: int = 50) -> list[Planned]:
    """Return the plans that were done or dropped last."""
    rows = Plan.objects.filter(state__in=[Stage.DONE, Stage.DROPPED])
    return list(_planned(rows.order_by("-state_at")[:most]))


def of(source: Source, ref: str) -> list[Planned]:
    """Return the plans that came of one thing, the latest first."""
    return list(_planned(Plan.objects.filter(source=source, ref=ref).order_by("-made_at")))


def spoke(plan_id: UUID) -> list[tuple[UUID, UUID]]:
    """Return the voices that speak for a plan, and whose they are."""
    rows = PlanVoice.objects.filter(plan=plan_id).order_by("pk")
    return list(rows.values_list("voice_id", "customer_id"))


def said_by(plan_id: UUID, customer_id: UUID) -> list[UUID]:
    """Return the voices by which one person speaks for a plan."""
    rows = PlanVoice.objects.filter(plan=plan_id, customer__in=customers.selves(customer_id))
    return list(rows.order_by("pk").values_list("voice_id", flat=True))


def targets() -> list[Tracker]:
    """Return where plans may be handed to, by name."""
    return [_tracker(row) for row in Target.objects.order_by("name")]


def target(name: str) -> Tracker | None:
    """Return one target, or None."""
    row = Target.objects.filter(name=name).first()
    return _tracker(row) if row else None


def handovers(plan_id: UUID) -> list[Handed]:
    """Return where a plan was handed to, the first first."""
    rows = Handover.objects.filter(plan=plan_id).select_related("target").order_by("at", "pk")
    found = plan(plan_id)
    return [_handed(row, found) for row in rows] if found else []


def handed(handover_id: UUID) -> Handed | None:
    """Return one handover, or None."""
    row = Handover.objects.filter(pk=handover_id).select_related("target").first()
    found = plan(row.plan_id) if row else None
    return _handed(row, found) if row and found else None


def _handed(row: Handover, found: Planned) -> Handed:
    return Handed(
        id=row.pk,
        plan=found,
        target=_tracker(row.target),
        at=row.at,
        tries=row.tries,
        sent_at=row.sent_at,
        given_up_at=row.given_up_at,
        ref=row.ref,
        link=row.link,
        heard_at=row.heard_at,
    )


def _tracker(row: Target) -> Tracker:
    return Tracker(row.pk, row.name, Shape(row.shape), row.url)


def _planned(rows: QuerySet[Plan]) -> Iterable[Planned]:
    found = rows.select_related("owner", "made_by").prefetch_related("promises", "tellings")
    for row in found:
        promises = row.promises.all()
        yield Planned(
            id=row.pk,
            title=row.title,
            needs=row.needs,
            owner=row.owner.name,
            owner_id=row.owner_id,
            due=row.due,
            state=Stage(row.state),
            why=row.why,
            state_at=row.state_at,
            source=Source(row.source),
            ref=row.ref,
            label=row.label,
            voices=row.voices,
            people=row.people,
            made_by=row.made_by.name,
            made_at=row.made_at,
            promised=bool(promises),
            told=bool(row.tellings.all()) or any(one.kept_at for one in promises),
        )
