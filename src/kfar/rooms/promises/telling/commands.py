"""Everyone who spoke is told what changed because of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from kfar.ground.errors import Refused
from kfar.ground.text import Texts, in_language
from kfar.lake import audit
from kfar.lake.outbox import announce
from kfar.rooms.customers import queries as people
from kfar.rooms.promises import commands as promises
from kfar.rooms.promises.facts import Changed
from kfar.rooms.promises.models import Plan, Spoke, Telling
from kfar.rooms.promises.plans.rules import Source, Stage
from kfar.rooms.promises.telling import rules
from kfar.rooms.promises.telling.queries import untold
from kfar.rooms.village import queries as village

#: What one has to be allowed to tell many at once.
TELL = "promises.tell"


@transaction.atomic
def tell_all(
    *,
    by: UUID,
    did: Texts,
    source: Source,
    ref: str,
    label: str,
    spoke: Sequence[tuple[UUID, UUID]],
    took_part: Sequence[UUID] = (),
    once: UUID,
    plan_id: UUID | None = None,
) -> int:
    """Say what was done because of these voices; who spoke is told, each person once.

    `took_part` are those who spoke without a voice of their own. A voice for which a change was
    told before is left out. `did` has to be there in the language
    of everybody who is told. A plan that is told of is done, and its promise is kept. Returns how
    many people are told; sent twice it is told once. Refuses with `village.may_not`,
    `tellings.nobody_spoke`, `plans.not_found` and what `rules.check_did` says.
    """
    village.require(by, TELL)
    before = Telling.objects.filter(pk=once).first()
    if before is not None:
        return before.people
    plan = Plan.objects.select_for_update().filter(pk=plan_id).first() if plan_id else None
    if plan_id and plan is None:
        raise Refused("plans.not_found")
    new = untold(spoke)
    persons = set(people.person_of([*(own for _voice, own in new), *took_part]).values())
    if not persons:
        raise Refused("tellings.nobody_spoke")
    wishes = people.ways(people.OUTCOMES, persons)
    known = people.people(own for own in persons if wishes.get(own) != people.NO_WAY)
    said = rules.check_did(did, Counter(one.language for one in known.values()))
    row = Telling.objects.create(
        pk=once,
        did=said,
        source=source,
        ref=ref[:200],
        label=label[:200],
        plan=plan,
        voices=len(new),
        people=len(persons),
        by_id=by,
    )
    Spoke.objects.bulk_create(
        [Spoke(telling=row, voice_id=voice, customer_id=own) for voice, own in new],
        batch_size=1000,
    )
    audit.note_all(act="promises.told_all", customers=sorted(persons), employee_id=by)
    announce(Changed(telling_id=row.pk, at=row.at))
    if plan is not None:
        _done(plan, by, in_language(said, "en"))
    return row.people


def _done(plan: Plan, by: UUID, how: str) -> None:
    if plan.state != Stage.DONE:
        plan.state, plan.why = Stage.DONE, ""
        plan.save(update_fields=["state", "why"])
    for owed in plan.promises.filter(kept_at=None, released_at=None):
        promises.keep(by=by, promise_id=owed.pk, how=how)
