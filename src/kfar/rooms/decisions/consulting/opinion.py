"""One refresh of a consultation: votes in, opinion out.

>>> from kfar.rooms.decisions.consulting.opinion import refresh
>>> from kfar.rooms.decisions.consulting.votes import gather
>>> said = [(person, s, 1 if person < 3 else -1) for person in range(5) for s in "abc"]
>>> opinion = refresh(gather(said))
>>> opinion.groups.tolist(), opinion.sizes.tolist()
([0, 0, 0, 1, 1], [3, 2])

After Small et al. 2021; the parts say which formula is whose.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kfar.rooms.decisions.consulting.chart import ENOUGH, Chart, priorities
from kfar.rooms.decisions.consulting.common import (
    Common,
    Divisive,
    across,
    common_ground,
    divisive,
)
from kfar.rooms.decisions.consulting.groups import Groups, group
from kfar.rooms.decisions.consulting.representing import Representative, representative
from kfar.rooms.decisions.consulting.space import SHOWN, explore
from kfar.rooms.decisions.consulting.votes import Floats, Ints, Person, Statement, Votes

#: So many people at least are grouped, where so many voted at all.
FEWEST = 15


@dataclass(frozen=True)
class Dot:
    """Some people who stand together on the map: where, how many, and of which group."""

    place: tuple[float, ...]
    people: int
    group: int


@dataclass(frozen=True, eq=False)
class Opinion:
    """What a consultation says now.

    Of each of `people`: `places` on the map, shape (people, 2), and `groups`, the number of
    their group from 0, or -1 where it is too early to say, shape (people,). Of each group:
    `sizes`, and what it is `representative` of. Of each of `statements`: `everybody`
    (3, statements) and `tally` (groups, 3, statements) count votes to disagree, pass, agree;
    `across` (2, statements) is the group-aware consensus to disagree and to agree. `agreed`
    and `rejected` are the common ground of all, `divisive` what divides the groups. `dots`
    draw the map without telling of single people where there are many; `silhouettes` say how
    well each number of groups fits. `chart` is what to keep.
    """

    people: tuple[Person, ...]
    statements: tuple[Statement, ...]
    places: Floats
    groups: NDArray[np.int8]
    sizes: Ints
    dots: tuple[Dot, ...]
    silhouettes: dict[int, float]
    everybody: Ints
    tally: Ints
    across: Floats
    representative: tuple[tuple[Representative, ...], ...]
    agreed: tuple[Common, ...]
    rejected: tuple[Common, ...]
    divisive: tuple[Divisive, ...]
    chart: Chart


def refresh(votes: Votes, previous: Chart | None = None) -> Opinion:
    """Say what `votes` say, going on from the `previous` chart, or anew.

    Grouped are those with seven votes, or with as many as there are statements; where these
    are fewer than fifteen, those who voted as much as the fifteenth. Deterministic: the same
    votes and the same previous chart give the same opinion.
    """
    space = explore(votes, previous.space if previous else None)
    places = space.places(votes)
    counted = _grouped(votes, len(space.column))
    kept = previous.kept.carried(space.carried(previous.space)) if previous else None
    found = group(places[counted], kept)
    groups = np.full(len(votes.people), -1, np.int8)
    groups[counted] = found.of
    many = len(found.centres)
    sizes = np.bincount(found.of[found.of >= 0], minlength=many)
    everybody = votes.tally(np.zeros(len(groups), np.int8), 1)[0]
    tally = votes.tally(groups, many)
    agreed, rejected = common_ground(everybody, tally, votes.statements)
    priority = priorities(everybody, space.extremity)
    return Opinion(
        people=votes.people,
        statements=votes.statements,
        places=places[:, :SHOWN],
        groups=groups,
        sizes=sizes,
        dots=_dots(found),
        silhouettes=dict(found.silhouettes),
        everybody=everybody,
        tally=tally,
        across=across(tally),
        representative=representative(tally, votes.statements),
        agreed=agreed,
        rejected=rejected,
        divisive=divisive(tally, votes.statements),
        chart=Chart(space, priority, tally, sizes, found.kept),
    )


def _grouped(votes: Votes, statements: int) -> NDArray[np.bool_]:
    """Return who voted enough to be grouped, shape (people,)."""
    least = min(ENOUGH, statements)
    if len(votes.people) and (votes.cast >= least).sum() < FEWEST:
        least = min(least, int(np.sort(votes.cast)[-FEWEST:][0]))
    enough: NDArray[np.bool_] = votes.cast >= least
    return enough


def _dots(found: Groups) -> tuple[Dot, ...]:
    base = zip(
        found.base.places.tolist(), found.base.people.tolist(), found.base_of.tolist(), strict=True
    )
    return tuple(Dot(tuple(place[:SHOWN]), people, of) for place, people, of in base)
