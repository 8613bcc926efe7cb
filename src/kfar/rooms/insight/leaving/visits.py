"""Who came when, and each person's own rhythm as it stood at the beginning of a day.

What foretells that somebody stays away is less how long they have been away than how long that
is for them: the recency and frequency of Fader, Hardie and Lee (Marketing Science 24, 2005),
and the conditional spread of a person's own gaps, as in Platzer and Reutterer, "Ticking Away the
Moments" (Marketing Science 35, 2016).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kfar.rooms.insight.figures import Floats

Ints = NDArray[np.int64]

#: Days after which a visit counts half, for what is lately and what is usual.
LATELY, USUALLY = 28, 91
#: What each column of `Rhythm.features` is of; those of one family make one reason.
FAMILIES = (
    *("away", "away", "away", "away", "away"),
    *("visits", "visits", "visits"),
    *("spend", "spend", "breadth", "tenure"),
)
#: What one gap of everybody's counts beside a person's own, in days.
PRIOR_GAP = 30.0


@dataclass(frozen=True, eq=False)
class Visits:
    """Purchases, one row a person and day, ordered by both; all have shape (visits,).

    `person` is any number of a person, `day` one of a day, `spend` in minor units or any unit,
    `categories` how many were bought from. Make it with `Visits.of`.
    """

    person: Ints
    day: Ints
    spend: Floats
    categories: Floats

    @classmethod
    def of(
        cls, person: ArrayLike, day: ArrayLike, spend: ArrayLike, categories: ArrayLike
    ) -> Visits:
        """Return visits in order; of several on a day spend adds up, and the most categories count.

        All have shape (visits,). Raises `ValueError` where they have not.
        """
        who, when = np.asarray(person, np.int64), np.asarray(day, np.int64)
        paid, kinds = np.asarray(spend, np.float64), np.asarray(categories, np.float64)
        if not who.shape == when.shape == paid.shape == kinds.shape or who.ndim != 1:
            raise ValueError("a person, a day, a spend and categories for each visit")
        order = np.lexsort((kinds, paid, when, who))  # a sum's last digit does not hang on order
        who, when, paid, kinds = who[order], when[order], paid[order], kinds[order]
        new = np.ones(len(who), bool)
        new[1:] = (np.diff(who) != 0) | (np.diff(when) != 0)
        starts = np.flatnonzero(new)
        if not len(starts):
            return cls(who, when, paid, kinds)
        return cls(
            who[starts],
            when[starts],
            np.add.reduceat(paid, starts),
            np.maximum.reduceat(kinds, starts),
        )

    def before(self, day: int) -> Visits:
        """Return those before a day."""
        past = self.day < day
        return Visits(self.person[past], self.day[past], self.spend[past], self.categories[past])

    def silent(self, person: Ints, day: int, horizon: int) -> NDArray[np.bool_]:
        """Return who of `person` (people,) buys nothing in the `horizon` days from `day` on."""
        came = (self.day >= day) & (self.day < day + horizon)
        return ~np.isin(person, self.person[came])


@dataclass(frozen=True, eq=False)
class Rhythm:
    """How each person who had come before a day used to come; all have shape (people,).

    `away` days since the last visit, `gap` the mean of days between visits and `longest` the
    longest such (both 0 with one visit), `visits` how many, `lately` how many in the last 56
    days and `earlier` in the 56 before those, `spend` and `spend_lately` the mean of a visit,
    `categories` likewise, `tenure` days since the first visit. `features` (people, columns) is
    what the regression sees, in the order of `FAMILIES`.
    """

    person: Ints
    away: Ints
    gap: Floats
    longest: Ints
    visits: Ints
    lately: Ints
    earlier: Ints
    spend: Floats
    spend_lately: Floats
    categories: Floats
    tenure: Ints
    features: Floats


def rhythm(visits: Visits, day: int, horizon: int) -> Rhythm:
    """Return the rhythm of everybody who came before `day`, ascending by person.

    Nothing from `day` on is looked at. Of a person's past gaps as long as they are away now, the
    share that lasted `horizon` days more is among the features.
    """
    past = visits.before(day)
    person, start, of, count = np.unique(
        past.person, return_index=True, return_inverse=True, return_counts=True
    )
    people, age = len(person), day - past.day
    end = start + count - 1
    away, tenure = age[end], age[start]
    gaps = np.diff(past.day, prepend=0)
    gaps[start] = 0

    def summed(what: Floats | NDArray[np.bool_]) -> Floats:
        return np.bincount(of, what, people).astype(np.float64)

    longest = np.maximum.reduceat(gaps, start) if people else gaps
    gap = (tenure - away) / np.maximum(count - 1, 1)
    smooth = (tenure - away + PRIOR_GAP) / count
    as_long, longer = gaps >= away[of], gaps >= away[of] + horizon
    again = (summed(longer & (gaps > 0)) + 0.3) / (summed(as_long & (gaps > 0)) + 1)
    fresh = [np.log(summed(0.5 ** (age / half)) + 0.05) for half in (LATELY, USUALLY)]
    money = np.maximum(past.spend, 0)
    mean_spend, mean_kinds = summed(money) / count, summed(past.categories) / count
    weights = 0.5 ** (age / (2 * LATELY))
    lately = summed(weights * money) / summed(weights)
    unit = max(float(np.median(mean_spend)), 1e-9) if people else 1.0
    level = np.log(mean_spend / unit + 0.1)
    features = np.column_stack(
        [
            np.log(away),
            np.log(away / smooth),
            np.log(longest + 7),
            again,
            np.log((away + 7) / (longest + 7)),
            fresh[1],
            fresh[0] - fresh[1],
            np.log(count),
            level,
            np.log(lately / unit + 0.1) - level,
            np.log(mean_kinds + 1),
            np.log(tenure),
        ]
    )
    return Rhythm(
        person=person,
        away=away,
        gap=gap,
        longest=longest,
        visits=count,
        lately=summed(age <= 56).astype(np.int64),
        earlier=summed((age > 56) & (age <= 112)).astype(np.int64),
        spend=mean_spend,
        spend_lately=lately,
        categories=mean_kinds,
        tenure=tenure,
        features=features,
    )
