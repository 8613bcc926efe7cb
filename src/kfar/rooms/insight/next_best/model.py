"""What a person will want next: a probability for each category, and why.

Two logistic regressions (Cox 1958), one for what the person has bought before and one for what
is new to them, each on a dozen things that can be said in words (`history`). They are fitted
on months that are over, each seen from its own first day, lightly held back (ridge). What is
uncertain about the weights is uncertain about people, not about cells, so the cells of one
person are a cluster (`regression`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from kfar.rooms.insight import regression
from kfar.rooms.insight.figures import LEVEL, Figure, Floats, Reason, Withheld
from kfar.rooms.insight.next_best.history import Bools, Common, History, Ints, Seen, common, see
from kfar.rooms.insight.regression import Fit

#: Visits below which nothing is said of a person.
FEWEST = 3
RIDGE = 1.0
#: How many categories are named that something goes with.
NAMED = 2


@dataclass(frozen=True, eq=False)
class Weights:
    """What each thing weighs, by name."""

    names: tuple[str, ...]
    fit: Fit

    def chance(self, rows: Floats) -> Floats:
        """Return the probability for each row of `_rows`."""
        return self.fit.chance(rows)

    def between(self, rows: Floats, level: float) -> tuple[Floats, Floats]:
        """Return between which probabilities each lies in `level` of the cases."""
        middle, error = self.fit.predictor(rows)
        spread = ndtri((1 + level) / 2) * error
        return self.fit.probability(middle - spread), self.fit.probability(middle + spread)


@dataclass(frozen=True, eq=False)
class NextBest:
    """What people will want in the `horizon` days to come; arrays (people, categories).

    `baseline` is the plain guess: of a category bought before 1 - exp(-own rate · horizon), of
    another the share of all people who bought it lately. `before` is what was bought before.
    """

    chance: Floats
    baseline: Floats
    before: Bools
    seen: Seen
    everybody: Common
    model: Model

    def top(self, person: int, most: int = 10, new: bool | None = None) -> list[int]:
        """Return a person's likeliest categories; of the new alone, or of the others alone."""
        fits = np.ones(self.chance.shape[1], bool) if new is None else self.before[person] != new
        order = np.lexsort((-self.everybody.buying, -self.chance[person]))
        return [int(c) for c in order if fits[c]][:most]

    def figure(self, person: int, category: int, level: float = LEVEL) -> Figure | Withheld:
        """Return the probability that a person buys a category, with its reasons.

        The reason is `insight.bought_before` (times, days ago, and where it was more than once,
        every how many days); of what would be new, `insight.goes_with` (category) for up to two
        that the person buys, and `insight.many_buy` (share of all people). Withheld as
        `insight.few_visits` (visits, fewest).
        """
        visits = int(self.seen.visits[person])
        if visits < FEWEST:
            return Withheld("insight.few_visits", {"visits": visits, "fewest": FEWEST})
        before = bool(self.before[person, category])
        given = self.seen.repeat if before else self.seen.new
        weights = self.model.repeat if before else self.model.new
        cell = np.zeros(self.before.shape, bool)
        cell[person, category] = True
        low, high = weights.between(_rows(given, weights.names, cell), level)
        return Figure(
            value=float(self.chance[person, category]),
            low=float(low[0]),
            high=float(high[0]),
            horizon=self.model.horizon,
            baseline=float(self.baseline[person, category]),
            reasons=self._reasons(person, category),
            level=level,
        )

    def _reasons(self, person: int, category: int) -> tuple[Reason, ...]:
        times = self.seen.times[person]
        if self.before[person, category]:
            ago, every = self.seen.since[person, category], self.seen.every[person, category]
            told: dict[str, object] = {"times": int(times[category]), "ago": int(ago)}
            if times[category] > 1:
                told["every"] = float(every)
            return (Reason("insight.bought_before", told),)
        adds = (times > 0) * self.everybody.goes[:, category]
        named = [int(c) for c in np.argsort(-adds, kind="stable")[:NAMED] if adds[c] > 0]
        share = float(self.everybody.buying[category])
        return (
            *(Reason("insight.goes_with", {"category": c}) for c in named),
            Reason("insight.many_buy", {"share": share}),
        )


@dataclass(frozen=True, eq=False)
class Model:
    """What weighs how much, for what was bought before and for what is new."""

    repeat: Weights
    new: Weights
    horizon: int

    def predict(self, history: History, everybody: Common) -> NextBest:
        """Return what the people of `history` will want from the day of `everybody` on.

        They may be all, or one (`History.of`). Who never bought anything is told what the
        others are, and that it is nobody's figure: `NextBest.figure` withholds it.
        """
        seen = see(history, everybody)
        before = seen.times > 0
        chance = np.empty(before.shape)
        for weights, given, cells in (
            (self.repeat, seen.repeat, before),
            (self.new, seen.new, ~before),
        ):
            chance[cells] = weights.chance(_rows(given, weights.names, cells))
        own = 1 - np.exp(-seen.times * self.horizon / np.maximum(seen.known, 1)[:, None])
        baseline = np.where(before, own, everybody.lately)
        return NextBest(chance, baseline, before, seen, everybody, self)


def fit_next(history: History, days: Sequence[int], horizon: int = 30) -> Model:
    """Fit on what was bought in the `horizon` days from each of `days` on.

    Give some months: one has its own holidays. Each is seen from before that day alone, so
    whatever shall stay unknown begins `horizon` days after the last. People count from their first
    visit on. Raises `ValueError` where there was no purchase before a day, and where no weights
    are found.
    """
    parts: dict[str, list[tuple[Floats, Floats, Ints]]] = {"repeat": [], "new": []}
    names: dict[str, tuple[str, ...]] = {}
    for day in days:
        seen = see(history, common(history, day))
        came = history.between(day, day + horizon).counts() > 0
        there, before = (seen.visits > 0)[:, None], seen.times > 0
        for kind, given, cells in (
            ("repeat", seen.repeat, before),
            ("new", seen.new, there & ~before),
        ):
            names[kind] = tuple(given)
            rows = _rows(given, names[kind], cells)
            parts[kind].append((rows, came[cells].astype(float), np.nonzero(cells)[0]))
    found = {}
    for kind, told in parts.items():
        rows, came_too, people = (np.concatenate(x) for x in zip(*told, strict=True))
        fit = regression.fit(rows, came_too, ridge=RIDGE, cluster=people)
        found[kind] = Weights(names[kind], fit)
    return Model(found["repeat"], found["new"], horizon)


def _rows(given: dict[str, Floats], names: Sequence[str], cells: Bools) -> Floats:
    """Return a row for each of the cells: what is given by name."""
    columns = [np.broadcast_to(given[name], cells.shape)[cells] for name in names]
    return np.stack(columns, axis=1)
