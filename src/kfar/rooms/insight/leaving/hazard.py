"""Who is about to leave: the weekly chance that a customer stays away from now on.

*Leaving* is a state at the beginning of a week: to buy nothing in the `horizon` days from then on
(30, 60 or 90). Everybody who ever bought is asked about, each week anew, by what was known then:
person-weeks as in Allison (1982), landmarks as in van Houwelingen, "Dynamic Prediction by
Landmarking" (Scandinavian Journal of Statistics 34, 2007). One year cannot tell a season from a
trend, so the time of year is not among what is known.

Whoever has left may come back and is then asked about like everybody: this is a chance, no verdict.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from kfar.rooms.insight import figures, regression
from kfar.rooms.insight.figures import LEVEL, Calibration, Figure, Floats, Reason, Withheld
from kfar.rooms.insight.leaving.visits import FAMILIES, Ints, Rhythm, Visits, rhythm
from kfar.rooms.insight.regression import Fit

#: Days of history before the first week that is learned from, and the most weeks learned from.
WARM, WEEKS = 91, 52
#: How many people, people who left, and who stayed, a model needs; how many visits a person.
PEOPLE, LEFT, VISITS = 100, 30, 3
#: Each feature may bend at these quantiles. How strongly coefficients are held towards 0.
BENDS, RIDGE = (0.25, 0.5, 0.75), 20.0
#: A reason pushes at least this much, in log odds; there are so many at most.
PUSH, REASONS = 0.1, 3


@dataclass(frozen=True, eq=False)
class Basis:
    """Features as the regression sees them: bent at `knots` (columns, bends), scaled."""

    knots: Floats
    middle: Floats
    scale: Floats

    def of(self, features: Floats) -> Floats:
        """Return shape (people, columns * (1 + bends)); all of one feature stand together."""
        return (_bent(features, self.knots) - self.middle) / self.scale


@dataclass(frozen=True, eq=False)
class Trial:
    """How good the chances were on a time that the model had not seen, beside recency alone.

    The area under the curve and the Brier score, each of the model and of the baseline, a
    logistic regression on the days since the last visit.
    """

    people: int
    left: int
    calibration: Calibration
    auc: float
    brier: float
    baseline_auc: float
    baseline_brier: float


@dataclass(frozen=True, eq=False)
class Model:
    """What a customer's rhythm says of the `horizon` days to come."""

    horizon: int
    basis: Basis
    own: Fit
    recency: Fit

    def chances(self, visits: Visits, day: int, level: float = LEVEL) -> Chances:
        """Return everybody's chance to buy nothing from `day` on, by what was before it."""
        now = rhythm(visits, day, self.horizon)
        x = self.basis.of(now.features)
        middle, error = self.own.predictor(x)
        wide = NormalDist().inv_cdf(0.5 + level / 2) * error
        push = (x * self.own.beta[1:]).reshape(len(x), len(FAMILIES), -1).sum(axis=2)
        families = list(dict.fromkeys(FAMILIES))
        pushes = [push[:, [f == family for f in FAMILIES]].sum(axis=1) for family in families]
        alone = self.recency.predictor(now.features[:, :1])[0]
        return Chances(
            horizon=self.horizon,
            level=level,
            rhythm=now,
            value=self.own.probability(middle),
            low=self.own.probability(middle - wide),
            high=self.own.probability(middle + wide),
            baseline=self.recency.probability(alone),
            pushes=np.stack(pushes, axis=1),
        )


@dataclass(frozen=True, eq=False)
class Chances:
    """Everybody's chance to buy nothing in the `horizon` days, with its interval: (people,).

    The interval is that of the chance, clustered by person. `baseline` knows the days since the
    last visit alone. `pushes` (people, families) is how far away, visits, spend, breadth and
    tenure move the log odds from those of the average person-week.
    """

    horizon: int
    level: float
    rhythm: Rhythm
    value: Floats
    low: Floats
    high: Floats
    baseline: Floats
    pushes: Floats

    def figure(self, person: int) -> Figure | Withheld:
        """Return one person's chance with its reasons.

        `Withheld("leaving.unknown")` for who never came, `Withheld("leaving.few_visits")` for who
        came fewer than `VISITS` times.
        """
        row = int(np.searchsorted(self.rhythm.person, person))
        if row == len(self.rhythm.person) or self.rhythm.person[row] != person:
            return Withheld("leaving.unknown")
        visits = int(self.rhythm.visits[row])
        if visits < VISITS:
            return Withheld("leaving.few_visits", {"visits": visits, "least": VISITS})
        return Figure(
            value=float(self.value[row]),
            low=float(self.low[row]),
            high=float(self.high[row]),
            horizon=self.horizon,
            baseline=float(self.baseline[row]),
            reasons=self._reasons(row),
            level=self.level,
        )

    def _reasons(self, row: int) -> tuple[Reason, ...]:
        of = self.rhythm
        told: dict[str, dict[str, object]] = {
            "away": {
                "days": int(of.away[row]),
                "usual": float(of.gap[row]),
                "longest": int(of.longest[row]),
            },
            "visits": {"lately": int(of.lately[row]), "earlier": int(of.earlier[row]), "days": 56},
            "spend": {"lately": float(of.spend_lately[row]), "usual": float(of.spend[row])},
            "breadth": {"categories": float(of.categories[row])},
            "tenure": {"days": int(of.tenure[row])},
        }
        pushes = dict(zip(told, self.pushes[row].tolist(), strict=True))
        strong = sorted((f for f in told if abs(pushes[f]) >= PUSH), key=lambda f: -abs(pushes[f]))
        return tuple(
            Reason(f"leaving.{f}", {**told[f], "raises": pushes[f] > 0}) for f in strong[:REASONS]
        )


@dataclass(frozen=True, eq=False)
class Learned:
    """A model of all that is known, and how the same did on the last `horizon` days."""

    model: Model
    trial: Trial


def learn(visits: Visits, today: int, horizon: int = 30) -> Learned | Withheld:
    """Learn who leaves, from visits before `today`, and try it on the `horizon` days before.

    The trial's model has seen only weeks whose outcome was known when those days began. Withheld:
    `leaving.short` (history), `leaving.few_people`, `leaving.few_left`, `leaving.few_stayed`.
    """
    then = today - horizon
    earlier = fitted(visits, then, horizon)
    if isinstance(earlier, Withheld):
        return earlier
    result = tried(earlier, visits, then)
    if isinstance(result, Withheld):
        return result
    model = fitted(visits, today, horizon)
    return model if isinstance(model, Withheld) else Learned(model, result)


def fitted(visits: Visits, today: int, horizon: int) -> Model | Withheld:
    """Fit the model on weeks whose outcome was known before `today`; withheld as `learn`."""
    known = visits.before(today)
    first = int(known.day.min()) if len(known.day) else today
    days = range(today - horizon, first + WARM - 1, -7)[:WEEKS]
    if not days:
        return Withheld("leaving.short", {"days": today - first, "least": WARM + horizon})
    people = len(np.unique(known.person))
    if people < PEOPLE:
        return Withheld("leaving.few_people", {"people": people, "least": PEOPLE})
    weeks = [rhythm(known, day, horizon) for day in days]
    left = [known.silent(w.person, day, horizon) for w, day in zip(weeks, days, strict=True)]
    y, person = np.concatenate(left), np.concatenate([week.person for week in weeks])
    if lacking := _lacking(person, y):
        return lacking
    features = np.concatenate([week.features for week in weeks])
    basis = _basis(features)
    ones = y.astype(np.float64)
    return Model(
        horizon,
        basis,
        regression.fit(basis.of(features), ones, ridge=RIDGE, cluster=person),
        regression.fit(features[:, :1], ones, ridge=1.0, cluster=person),
    )


def tried(model: Model, visits: Visits, day: int) -> Trial | Withheld:
    """Try a model on the `horizon` days from `day` on, which it must not have seen."""
    said = model.chances(visits, day)
    left = visits.silent(said.rhythm.person, day, model.horizon)
    if lacking := _lacking(said.rhythm.person, left):
        return lacking
    return Trial(
        people=len(left),
        left=int(left.sum()),
        calibration=figures.calibrated(said.value, left),
        auc=figures.auc(said.value, left),
        brier=figures.brier(said.value, left),
        baseline_auc=figures.auc(said.baseline, left),
        baseline_brier=figures.brier(said.baseline, left),
    )


def _lacking(person: Ints, left: NDArray[np.bool_]) -> Withheld | None:
    """Say what there is too little of: people who left, or who stayed."""
    for code, some in (("few_left", left), ("few_stayed", ~left)):
        people = len(np.unique(person[some]))
        if people < LEFT:
            return Withheld(f"leaving.{code}", {"people": people, "least": LEFT})
    return None


def _basis(features: Floats) -> Basis:
    knots = np.quantile(features, BENDS, axis=0).T
    bent = _bent(features, knots)
    spread = bent.std(axis=0)
    return Basis(knots, bent.mean(axis=0), np.where(spread > 1e-9, spread, 1.0))


def _bent(features: Floats, knots: Floats) -> Floats:
    """Return each feature and how far it is beyond each of its knots, (people, columns * …)."""
    bends = np.maximum(features[:, :, np.newaxis] - knots, 0)
    return np.concatenate([features[:, :, np.newaxis], bends], axis=2).reshape(len(features), -1)
