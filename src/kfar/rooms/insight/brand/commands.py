"""What who leads a brand believes moves customers, and what they say it leads with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db import transaction

from kfar.ground.errors import Refused
from kfar.rooms.insight import keeping
from kfar.rooms.insight.brand import rules
from kfar.rooms.insight.drivers.ranking import Drivers
from kfar.rooms.insight.models import Belief, Lead
from kfar.rooms.insight.studies import drivers
from kfar.rooms.insight.studies.drivers import Moving
from kfar.rooms.village import queries as village

RANK = "insight.rank"
LEAD = "insight.lead"


@transaction.atomic
def believe(*, by: UUID, outcome: str, order: Sequence[str]) -> None:
    """Take down what an employee believes moves an outcome, the strongest driver first.

    What they believed before stays on record; the latest counts. Refuses `village.may_not`,
    `insight.nothing_to_rank` where nothing was learned of the outcome, and as
    `rules.check_order`.
    """
    village.require(by, RANK)
    kept = keeping.kept(drivers.KIND, Moving)
    learned = kept.content.outcomes.get(outcome) if kept else None
    if learned is None or not isinstance(learned.found, Drivers):
        raise Refused("insight.nothing_to_rank")
    rules.check_order(order, learned.found.names)
    Belief.objects.create(employee_id=by, outcome=outcome, order=list(order))


@transaction.atomic
def lead(*, by: UUID, weights: Mapping[str, int]) -> None:
    """Say how much the company leads with each discipline, in parts of a hundred.

    What was said before stays on record; the latest counts. Refuses `village.may_not`, and as
    `rules.check_weights`.
    """
    village.require(by, LEAD)
    rules.check_weights(weights)
    Lead.objects.create(employee_id=by, weights=dict(weights))
