"""Who sees to a case: who knows the customer, who may decide it, who is free."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from kfar.loop import limiting
from kfar.rooms.service.assigning import commands as assigning
from kfar.rooms.service.assigning import presence
from kfar.rooms.service.assigning import queries as busy
from kfar.rooms.service.assigning.rules import Candidate, Suggested, rank
from kfar.rooms.service.commands import REMEDY
from kfar.rooms.service.rules import Kind
from kfar.rooms.village import queries as village
from kfar.rooms.village.queries import Staff
from kfar.rooms.village.rules import NOTHING, About


@dataclass(frozen=True)
class Here:
    """Who decides here, who of them is away, for whom how much waits, what is usually needed."""

    staff: list[Staff]
    away: Collection[UUID]
    waiting: dict[UUID, int]
    need: int


def suggest(
    customer_id: UUID,
    *,
    worth: int | None = None,
    about: About = NOTHING,
    here: Here | None = None,
) -> list[Suggested]:
    """Return who suits a customer's case best, the best first, each with their reasons.

    `worth` is what the customer is likely to spend, in minor units, None where it is not known;
    `about` what the case is about.
    """
    here = here or _here()
    served = busy.served(customer_id)
    candidates = [
        Candidate(
            id=one.id,
            name=one.name,
            served=served.get(one.id, 0),
            waiting=here.waiting.get(one.id, 0),
            limit=one.held(Kind.REFUND, about, worth=worth).most,
            here=one.id not in here.away,
        )
        for one in here.staff
    ]
    return rank(candidates, here.need)


def assign_due() -> int:
    """Give the cases nobody took in time to who suits best; return how many."""
    here: list[Here] = []

    def best(customer_id: UUID, voice_ids: Sequence[UUID]) -> UUID | None:
        if not here:
            here.append(_here())  # once a round: what is given out is counted on
        own = any(one.own for one in here[0].staff)
        about = limiting.about(voice_ids) if own else NOTHING
        found = next((one.id for one in suggest(customer_id, about=about, here=here[0])), None)
        if found is not None:
            here[0].waiting[found] = here[0].waiting.get(found, 0) + 1
        return found

    return assigning.assign_due(to=best)


def _here() -> Here:
    staff = [one for one in village.everyone() if REMEDY in one.acts]
    return Here(staff, presence.away(), busy.waiting(), busy.usual())
