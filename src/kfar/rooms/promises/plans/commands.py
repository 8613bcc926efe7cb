"""Plans are made, handed over, and move as the makers say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

import structlog
from django.db import transaction
from django.utils import timezone

from kfar.ground.errors import Refused
from kfar.lake import audit
from kfar.rooms.customers import queries as people
from kfar.rooms.promises.models import Handover, Plan, PlanVoice, Target
from kfar.rooms.promises.plans import rules
from kfar.rooms.promises.plans.queries import Handed, handed
from kfar.rooms.promises.plans.rules import Shape, Source, Stage
from kfar.rooms.village import queries as village

log = structlog.get_logger(__name__)

#: What one has to be allowed to make a plan, move it and hand it over.
PLANS = "promises.plan"
#: After so many failures nobody tries any more by itself: more than two days.
TRIES = 18

#: What a target answered: what it calls the plan, and where it stands there.
Answered = tuple[str, str]


@transaction.atomic
def make(
    *,
    by: UUID,
    title: str,
    needs: str,
    owner: UUID,
    due: date,
    source: Source,
    ref: str,
    label: str,
    spoke: Sequence[tuple[UUID, UUID]],
    people_behind: int | None = None,
    once: UUID,
) -> UUID:
    """Make a plan of what was heard; return its id, which is `once`: sent twice, made once.

    `spoke` are the voices that speak for it, with whose they are, `people_behind` how many people
    do where that is known otherwise. Refuses with `village.may_not`, `promises.no_such_owner`,
    `plans.nothing_heard` and what `rules.check_plan` says.
    """
    village.require(by, PLANS)
    if Plan.objects.filter(pk=once).exists():
        return once
    title, needs = rules.check_plan(title, needs, due, timezone.localdate())
    if village.staff(owner) is None:
        raise Refused("promises.no_such_owner")
    if not spoke and source not in {Source.QUESTION, Source.CONSULTATION}:
        raise Refused("plans.nothing_heard")
    persons = set(people.person_of(own for _voice, own in spoke).values())
    Plan.objects.create(
        pk=once,
        title=title,
        needs=needs,
        owner_id=owner,
        due=due,
        source=source,
        ref=ref[:200],
        label=label[:200],
        voices=len(spoke),
        people=len(persons) if people_behind is None else people_behind,
        made_by_id=by,
    )
    PlanVoice.objects.bulk_create(
        [PlanVoice(plan_id=once, voice_id=voice, customer_id=own) for voice, own in spoke],
        batch_size=1000,
    )
    audit.note_all(act="promises.planned", customers=sorted(persons), employee_id=by)
    return once


@transaction.atomic
def set_state(*, by: UUID, plan_id: UUID, state: str, why: str = "") -> None:
    """Say where a plan stands. The same state is no news.

    Refuses with `village.may_not`, `plans.not_found` and what `rules.check_state` says.
    """
    village.require(by, PLANS)
    _move(_held(plan_id), *rules.check_state(state, why))


@transaction.atomic
def hand_over(*, by: UUID, plan_id: UUID, target: str) -> None:
    """Hand a plan to a target; it goes out soon, once, and again where it was given up.

    Refuses with `village.may_not`, `plans.not_found`, `plans.no_such_target`.
    """
    village.require(by, PLANS)
    plan = _held(plan_id)
    to = Target.objects.filter(name=target).first()
    if to is None:
        raise Refused("plans.no_such_target", target=target[:60])
    row, _new = Handover.objects.get_or_create(plan=plan, target=to)
    if row.given_up_at is not None:
        row.given_up_at, row.tries, row.due_at = None, 0, timezone.now()
        row.save(update_fields=["given_up_at", "tries", "due_at"])


@transaction.atomic
def add_target(*, name: str, url: str, shape: str) -> UUID:
    """Let plans be handed to a target; the same name again changes where it is.

    Asked by the operator. Refuses with what `rules.check_target` says.
    """
    kind = rules.check_target(name, shape)
    row, _new = Target.objects.update_or_create(name=name, defaults={"url": url, "shape": kind})
    return row.pk


@transaction.atomic
def remove_target(*, name: str) -> None:
    """Hand nothing to a target any more, and believe nothing it says; its secret is void.

    Refuses with `plans.no_such_target`.
    """
    if not Target.objects.filter(name=name).delete()[0]:
        raise Refused("plans.no_such_target", target=name[:60])


def hand_over_waiting(*, send: Callable[[Handed], Answered], most: int = 20) -> int:
    """Hand what waits to `send`, at most `most`; return how many plans arrived.

    `send` returns what they call it there. It may be called again for one that arrived, when we
    are killed in between: `Handed.id` is then the same. One that fails is tried again after 1, 2,
    4 … minutes, at most six hours apart, and given up after `TRIES`.
    """
    done = 0
    waiting = Handover.objects.filter(sent_at=None, given_up_at=None, due_at__lte=timezone.now())
    for row in waiting.order_by("at", "pk")[:most]:
        # Claimed for five minutes: of two workers only one sends it.
        claim = Handover.objects.filter(pk=row.pk, sent_at=None, due_at=row.due_at)
        if not claim.update(due_at=timezone.now() + timedelta(minutes=5)):
            continue
        found = handed(row.pk)
        if found is None:
            continue
        mine = Handover.objects.filter(pk=row.pk)
        try:
            ref, link = send(found)
        except Exception as error:
            # The class alone: a message may quote what was planned.
            log.error("handover.failed", handover=str(row.pk), error=type(error).__name__)
            now, wait = timezone.now(), timedelta(minutes=min(2**row.tries, 360))
            over = row.tries + 1 >= TRIES
            mine.update(tries=row.tries + 1, due_at=now + wait, given_up_at=now if over else None)
            continue
        mine.update(sent_at=timezone.now(), ref=ref[:200], link=link[:2_000])
        done += 1
    return done


@transaction.atomic
def come_back(
    *,
    target: str,
    state: Stage | None,
    plan_id: UUID | None = None,
    ref: str = "",
    why: str = "",
    said_at: datetime | None = None,
) -> bool:
    """Take what a target says of a plan that was handed to it; return whether it is news.

    The plan is named by its id or by what they call it. The same again, and what is older than
    what they said last, changes nothing. Refuses with `plans.not_found`.
    """
    rows = Handover.objects.select_for_update().filter(target__name=target)
    row = rows.filter(plan=plan_id).first() if plan_id else None
    if row is None and ref:
        row = rows.filter(ref=ref).order_by("-at").first()
    if row is None:
        raise Refused("plans.not_found")
    if state is None or not rules.newer(said_at, row.heard_at):
        return False
    row.heard_at, row.ref = said_at or timezone.now(), row.ref or ref[:200]
    row.sent_at = row.sent_at or row.heard_at
    row.save(update_fields=["heard_at", "ref", "sent_at"])
    said = " ".join(why.split())[: rules.WHY] or row.target.name
    return _move(_held(row.plan_id), state, said if state is Stage.DROPPED else "")


def _move(plan: Plan, state: Stage, why: str) -> bool:
    if plan.state == state:
        return False
    plan.state, plan.why, plan.state_at = state, why, timezone.now()
    plan.save(update_fields=["state", "why", "state_at"])
    return True


def _held(plan_id: UUID) -> Plan:
    plan = Plan.objects.select_for_update().filter(pk=plan_id).first()
    if plan is None:
        raise Refused("plans.not_found")
    return plan


__all__ = [
    "PLANS",
    "Shape",
    "add_target",
    "come_back",
    "hand_over",
    "hand_over_waiting",
    "make",
    "remove_target",
    "set_state",
]
