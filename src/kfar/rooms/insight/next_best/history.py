"""What people bought and when, and what can be seen in it on a day.

Everything is seen from before that day alone, so that a model fitted on earlier days is tried on
later ones without knowing them. Three things are seen of a person and a category:

- how often: the rate per visit, shrunk towards the category's (`rates.shrinkage`), and the same
  with purchases fading by exp(-days/120) and exp(-days/15);
- how long ago, in units of the person's own interval between purchases of it;
- where it is new, how well it goes with what the person buys: the closed-form linear item model
  of Steck, "Embarrassingly Shallow Autoencoders for Sparse Data" (WWW 2019).

And of everybody: how many buy it, and whether it is bought more of late.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from kfar.rooms.insight.figures import Floats
from kfar.rooms.insight.rates.shrinkage import fit_rates

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
#: Days after which a purchase counts for a third: a season, a month and a half, a fortnight.
SEASON, LATELY, JUST_NOW = 120.0, 45.0, 15.0
#: "Of late" is the last so many days; a rate is held by so many visits of the category's mean.
LATE, HOLD = 30, 20.0
#: How much the item model is held back: λ of Steck 2019, of each person.
HELD_BACK = 0.2


@dataclass(frozen=True, eq=False)
class History:
    """Which category each person bought on which visit: arrays (rows,), a category once a visit.

    `person` and `category` are numbers from 0 to below `people` and `categories`; `day` counts
    from any day; `visit` is the same number for all rows of a visit.
    """

    person: Ints
    category: Ints
    day: Ints
    visit: Ints
    people: int
    categories: int

    def between(self, since: int, until: int) -> History:
        """Return what was bought from the day `since` on and before the day `until`."""
        return self._where((self.day >= since) & (self.day < until))

    def of(self, person: int) -> History:
        """Return one person's, as the only one."""
        some = self._where(self.person == person)
        return replace(some, person=np.zeros_like(some.person), people=1)

    def _where(self, some: Bools) -> History:
        return replace(
            self,
            person=self.person[some],
            category=self.category[some],
            day=self.day[some],
            visit=self.visit[some],
        )

    def counts(self, weights: Floats | None = None) -> Floats:
        """Return on how many visits each person bought each category, (people, categories)."""
        cells = self.people * self.categories
        return np.bincount(self.cell, weights, cells).reshape(self.people, -1).astype(np.float64)

    @property
    def cell(self) -> Ints:
        """The place of each row in an array of people × categories."""
        return self.person * self.categories + self.category

    def visits(self) -> tuple[Ints, Ints]:
        """Return who made each visit, and on which day."""
        _, first = np.unique(self.visit, return_index=True)
        return self.person[first], self.day[first]


@dataclass(frozen=True, eq=False)
class Common:
    """What is known of everybody on a day; arrays (categories,), and `goes` for two of them.

    `buying` is the share of people who ever bought it, `lately` of those who did in the last
    days; `rate` is purchases per visit, `trend` how much above that the last days were.
    `r` and `alpha` are those of `fit_rates`, with visits as exposure. `goes[a, b]` is what
    it adds to b that a person buys a.
    """

    day: int
    buying: Floats
    lately: Floats
    rate: Floats
    trend: Floats
    r: Floats
    alpha: Floats
    goes: Floats


def common(history: History, day: int) -> Common:
    """Return what everybody bought before `day`. Raises `ValueError` where nobody did."""
    past = history.between(int(history.day.min(initial=day)), day)
    if not len(past.day):
        raise ValueError("nothing was bought before that day")
    who, when = past.visits()
    own = np.bincount(who, minlength=past.people)
    there = own > 0
    shape = (past.people, past.categories)
    ones = np.ones(len(past.day))
    table = sparse.coo_array((ones, (past.person, past.category)), shape=shape).tocsr()[there]
    late = past.between(day - LATE, day)
    rate = np.maximum(np.asarray(table.sum(axis=0)), 0.5) / len(who)
    recent = np.bincount(late.category, minlength=past.categories) + HOLD * rate
    buyers = np.diff(table.tocsc().indptr)
    lately = np.bincount(np.unique(late.cell) % past.categories, minlength=past.categories)
    rates = fit_rates(table, own[there])
    weak = np.isnan(rates.r)
    return Common(
        day=day,
        buying=(buyers + 0.5) / (there.sum() + 1),
        lately=lately / there.sum(),
        rate=rate,
        trend=recent / ((when >= day - LATE).sum() + HOLD) / rate,
        r=np.where(weak, rate, rates.r),
        alpha=np.where(weak, 1.0, rates.alpha),
        goes=_goes((table > 0).astype(np.float64)),
    )


def _goes(bought: sparse.csr_array) -> Floats:
    """Return Steck's item weights: the inverse of the Gram matrix, each column by its diagonal."""
    gram = (bought.T @ bought).toarray()
    inverse = np.linalg.inv(gram + HELD_BACK * bought.shape[0] * np.eye(len(gram)))
    weights: Floats = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0)
    return weights


@dataclass(frozen=True, eq=False)
class Seen:
    """What is seen of people on a day; `times` and `since` (people, categories), -1: never.

    `every` is the mean number of days between purchases, NaN below two; `visits` and `known`
    (days since the first visit) are (people,). `repeat` and `new` hold what is said of pairs
    that were bought before and that were not, by name, each to be spread over people ×
    categories.
    """

    times: Floats
    since: Ints
    every: Floats
    visits: Ints
    known: Ints
    repeat: dict[str, Floats]
    new: dict[str, Floats]


def see(history: History, everybody: Common) -> Seen:
    """Return what is seen of the people of `history` before the day of `everybody`."""
    day = everybody.day
    past = history.between(int(history.day.min(initial=day)), day)
    who, when = past.visits()
    ago, times = day - past.day, past.counts()
    last, first = np.full(times.size, -1), np.full(times.size, day)
    np.maximum.at(last, past.cell, past.day)
    np.minimum.at(first, past.cell, past.day)
    since = np.where(last < 0, -1, day - last).reshape(times.shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        every = ((last - first).reshape(times.shape)) / (times - 1)
    every[times < 2] = np.nan
    visits, met = np.bincount(who, minlength=past.people), np.full(past.people, day)
    np.minimum.at(met, who, when)

    def fading(days: float) -> Floats:
        return np.asarray(np.bincount(who, np.exp(-(day - when) / days), past.people), np.float64)

    def fading_rate(days: float, hold: float) -> Floats:
        bought = past.counts(np.exp(-ago / days))
        return np.log((bought + hold * everybody.rate) / (fading(days) + hold)[:, None])

    waiting = since / np.maximum(every, 1)  # of their own intervals, no more than three
    breadth = np.log1p((times > 0).sum(1))[:, None]
    trend = np.log(everybody.trend)[None, :]
    lately = np.log(fading(LATELY) + 0.1)[:, None]
    goes = np.maximum((times > 0) @ everybody.goes, 0)
    return Seen(
        times=times,
        since=since,
        every=every,
        visits=visits,
        known=day - met,
        repeat={
            "rate": np.log((everybody.r + times) / (everybody.alpha + visits[:, None])),
            "season": fading_rate(SEASON, 3.0),
            "just now": fading_rate(JUST_NOW, 2.0),
            "visits": np.log(np.maximum(visits, 0.5))[:, None],
            "visits lately": lately,
            "visits just now": np.log(fading(JUST_NOW) + 0.1)[:, None],
            "waiting": np.where(times > 1, np.minimum(waiting, 3) ** 2, 0),
            "trend": trend,
            "breadth": breadth,
            "known": np.log(np.maximum(day - met, 1))[:, None],
        },
        new={
            "buying": np.log(everybody.buying / (1 - everybody.buying))[None, :],
            "usual": np.log(everybody.rate)[None, :],
            "trend": trend,
            "goes": np.log(goes + 0.02),
            "visits lately": lately,
            "breadth": breadth,
        },
    )
