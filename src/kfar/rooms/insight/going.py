"""Going: which regular customers may leave, of all at once; computed when asked for, not kept."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import numpy as np

from kfar.rooms.insight import keeping, reading
from kfar.rooms.insight.figures import Figure, Withheld
from kfar.rooms.insight.leaving import tables
from kfar.rooms.insight.leaving.hazard import Learned
from kfar.rooms.insight.studies import leaving
from kfar.rooms.insight.studies.leaving import Leaving

HORIZON, MOST = 30, 50
#: A regular came so often, on the average every so many days, and was here so lately (days).
VISITS, EVERY, LATELY = 6, 21, 56


@dataclass(frozen=True)
class Going:
    """A regular customer, and their chance to buy nothing in the next 30 days, with reasons."""

    person: UUID
    figure: Figure


@dataclass(frozen=True)
class Regulars:
    """How many customers are regulars, and those of them who may leave, likeliest first."""

    people: int
    going: tuple[Going, ...]


def regulars(most: int = MOST) -> Regulars | Withheld | None:
    """Return the regulars likeliest to buy nothing in 30 days, of those who agreed.

    Withheld as `leaving.hazard.learn`; None where nothing was learned yet. Raises
    `Refused("lake.damaged")`, `Refused("lake.no_spark")`.
    """
    kept = keeping.kept(leaving.KIND, Leaving)
    if kept is None:
        return None
    learned = kept.content.models[HORIZON]
    if not isinstance(learned, Learned):
        return learned
    with reading.everybody() as session:
        people, visits = tables.numbered(session.ask(tables.visits(reading.known())))
    chances = learned.model.chances(visits, kept.until.toordinal() + 1)
    of = chances.rhythm
    regular = (of.visits >= VISITS) & (of.gap <= EVERY) & (of.away <= LATELY)
    likeliest = np.argsort(np.where(regular, -chances.value, np.inf), kind="stable")
    going = []
    for row in likeliest[: min(most, int(regular.sum()))]:
        person = int(of.person[row])
        figure = chances.figure(person)
        if isinstance(figure, Figure):
            going.append(Going(people[person], figure))
    return Regulars(int(regular.sum()), tuple(going))
