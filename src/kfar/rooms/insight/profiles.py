"""Profiles: all figures about one person, computed when they are asked for, and never kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from threadpoolctl import threadpool_limits

from kfar.ground.money import Money
from kfar.rooms.customers import queries as customers
from kfar.rooms.customers.queries import UNDERSTAND
from kfar.rooms.insight import keeping, reading
from kfar.rooms.insight.figures import Figure, Withheld
from kfar.rooms.insight.keeping import Kept
from kfar.rooms.insight.studies import habits, leaving, tastes, value, wants
from kfar.rooms.insight.studies.habits import Habit, Habits
from kfar.rooms.insight.studies.leaving import Leaving
from kfar.rooms.insight.studies.tastes import Taste, Tastes
from kfar.rooms.insight.studies.value import Outlook, Value
from kfar.rooms.insight.studies.wants import Want, Wants


@dataclass(frozen=True)
class Profile:
    """What is known of one person, each part with the last day it knows of.

    Without consent to be understood `agreed` is False, and nothing was computed. A part is None
    where nothing was learned yet, or the person never bought anything. `leaving` is by horizon.
    """

    person: UUID
    agreed: bool
    until: date | None = None
    currency: str = ""
    value: Outlook | None = None
    leaving: Mapping[int, Figure | Withheld] = field(default_factory=dict)
    habits: Sequence[Habit] = ()
    wants: Sequence[Want] | Withheld = ()
    tastes: Sequence[Taste] = ()


@dataclass(frozen=True)
class Learned:
    """What was learned of everybody for profiles; None where nothing was yet."""

    value: Kept[Value] | None
    leaving: Kept[Leaving] | None
    habits: Kept[Habits] | None
    wants: Kept[Wants] | None
    tastes: Kept[Tastes] | None


def worth(person_id: UUID) -> Money | None:
    """Return what a person will likely spend; None without consent, or where nothing is said.

    Raises `Refused("lake.damaged")`.
    """
    ids = customers.selves(person_id)
    study = keeping.kept(value.KIND, Value)
    if study is None or UNDERSTAND not in customers.purposes(ids):
        return None
    with reading.one(ids) as session, threadpool_limits(1, "blas"):
        said = value.outlook(study.content, session, study.until)
    if said is None or isinstance(said.worth, Withheld):
        return None
    return Money(round(said.worth.value), study.content.currency)


def learned() -> Learned:
    """Return what was learned of everybody."""
    of = keeping.heads(value.KIND, leaving.KIND, habits.KIND, wants.KIND, tastes.KIND)
    return Learned(
        value=keeping.kept(value.KIND, Value, of),
        leaving=keeping.kept(leaving.KIND, Leaving, of),
        habits=keeping.kept(habits.KIND, Habits, of),
        wants=keeping.kept(wants.KIND, Wants, of),
        tastes=keeping.kept(tastes.KIND, Tastes, of),
    )


def profile(person_id: UUID) -> Profile:
    """Return the profile of the person with that id, under all their ids.

    Raises `Refused("lake.damaged")`.
    """
    ids = customers.selves(person_id)
    if UNDERSTAND not in customers.purposes(ids):
        return Profile(person=ids[0], agreed=False)
    of = learned()
    worth, goes, buys, next_, on = of.value, of.leaving, of.habits, of.wants, of.tastes
    days = [study.until for study in (worth, goes, buys, next_, on) if study]
    with reading.one(ids) as session, threadpool_limits(1, "blas"):
        return Profile(
            person=ids[0],
            agreed=True,
            until=max(days, default=None),
            currency=worth.content.currency if worth else "",
            value=value.outlook(worth.content, session, worth.until) if worth else None,
            leaving=leaving.chances(goes.content, session, goes.until) if goes else {},
            habits=habits.habits(buys.content, session, buys.until) if buys else (),
            wants=wants.wants(next_.content, session) if next_ else (),
            tastes=tastes.tastes(on.content, session, on.until) if on else (),
        )
