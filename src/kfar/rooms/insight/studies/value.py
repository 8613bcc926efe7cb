"""Value: how often a customer will come, whether they still do, and what they will spend.

Days with a purchase, as in the papers of `clv`. Where nobody leaves, the models of leaving hold
nothing (`clv.withholding`); then visits go on at each one's own rate (`clv.nbd`), and no chance of
being there is said.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from uuid import UUID

import numpy as np

from kfar.lake.engines import Session
from kfar.rooms.insight import reading
from kfar.rooms.insight.clv import outlooks, tables, withholding
from kfar.rooms.insight.clv.bgnbd import BGNBD, fit_bgnbd
from kfar.rooms.insight.clv.fitting import NoMaximum
from kfar.rooms.insight.clv.gamma_gamma import GammaGamma, fit_gamma_gamma
from kfar.rooms.insight.clv.nbd import NBD, fit_nbd
from kfar.rooms.insight.clv.outlooks import Outlooks, Purchases
from kfar.rooms.insight.clv.pareto_nbd import ParetoNBD, fit_pareto_nbd
from kfar.rooms.insight.figures import (
    Calibration,
    Figure,
    Floats,
    Reason,
    Withheld,
    calibrated,
    rmse,
)

if TYPE_CHECKING:
    from ibis.expr.types import Table

KIND = "value"
#: Models in which customers leave.
Leaves = BGNBD | ParetoNBD
#: No figure is about more days than this, nor about more than was tried.
LONGEST = 365
#: A year's discount of what comes later.
DISCOUNT = 0.1
#: People with a repeat purchase below which nothing is said of money.
SPENDERS = 30
#: How large a rank correlation of how often with how much may be, for Gamma-Gamma.
ALIKE = 0.3
#: How many people spending is tried on, and how narrow an interval may be, of the mean.
TRIED, NARROW = 2_000, 0.01


@dataclass(frozen=True, eq=False)
class Trial:
    """How what was said of `horizon` days went with what came, of people who had come before.

    Errors are RMSE, the baseline's that of who goes on as before. `held` is the share of people in
    their interval as the model has it, and `wide` how much wider it had to be to hold `LEVEL`:
    people change, which no model here knows of (split conformal prediction, with time as the
    split: Vovk, Gammerman and Shafer, *Algorithmic Learning in a Random World*, 2005).
    """

    people: int
    horizon: int
    calibration: Calibration
    correlation: float
    held: float
    wide: float
    error: float
    baseline: float


@dataclass(frozen=True, eq=False)
class Value:
    """The models, or why there is none.

    Histories are in days. `leaves` says who is still there; `comes` how often, and is the same
    where that is. The trials, of days with a purchase and of what was spent (minor units), are
    None where the past is too short for them.
    """

    currency: str
    horizon: int
    leaves: Leaves | Withheld
    comes: Leaves | NBD | Withheld
    money: GammaGamma | Withheld
    trial: Trial | None
    spending: Trial | None


@dataclass(frozen=True)
class Outlook:
    """What is said of one person: is there still, comes so often, spends so much (minor units)."""

    alive: Figure | Withheld
    visits: Figure | Withheld
    worth: Figure | Withheld


@dataclass(frozen=True, eq=False)
class Past:
    """Everybody's histories, in days; (people,)."""

    customer: list[UUID]
    frequency: Floats
    recency: Floats
    age: Floats
    spent: Floats

    @property
    def mean_value(self) -> Floats:
        """What a repeat visit came to."""
        return self.spent / np.maximum(self.frequency, 1)

    def first(self, most: int) -> Past:
        """Return the first ones alone."""
        some = (self.frequency, self.recency, self.age, self.spent)
        return Past(self.customer[:most], *(column[:most] for column in some))


def past(session: Session, until: date, currency: str) -> Past:
    """Return the histories of all in `known`, ascending by person."""
    rows = sorted(session.ask(_summary(until, currency)))
    numbers = np.array([row[1:5] for row in rows], np.float64).reshape(-1, 4)
    return Past([row[0] for row in rows], *numbers.T)


@lru_cache(maxsize=8)
def _summary(until: date, currency: str) -> Table:
    return tables.summary(reading.known(), until, currency)


def learn(session: Session, until: date) -> tuple[Value, int] | None:
    """Learn from everybody who bought anything; the last part of the time tries it first."""
    currency = reading.currency(session)
    now = past(session, until, currency)
    if not len(now.customer):
        return None
    horizon = max(min(LONGEST, int(now.age.max()) // 2), 1)
    before = past(session, until - timedelta(days=horizon), currency)
    leaves, comes = _models(now)
    trials = _trials(before, now, horizon)
    return Value(currency, horizon, leaves, comes, _money(now), *trials), len(now.customer)


def outlook(study: Value, session: Session, until: date) -> Outlook | None:
    """Return what is said of the one person in `known`; None of who never bought."""
    mine = past(session, until, study.currency)
    return outlooks_of(study, mine)[0] if mine.customer else None


def outlooks_of(study: Value, of: Past) -> list[Outlook]:
    """Return what is said of each."""
    x, last, known = of.frequency, of.recency, of.age
    alive = visits = worth = None
    if not isinstance(study.leaves, Withheld):
        alive = study.leaves.alive(x, last, known)
    if not isinstance(study.comes, Withheld):
        visits = outlooks.purchases(study.comes, x, last, known, study.horizon)
        visits = _widened(visits, study.trial)
        if isinstance(study.money, GammaGamma):
            worth = _spending(study.comes, study.money, of, study.horizon, DISCOUNT)
            worth = _widened(worth, study.spending)
    found = []
    for n in range(len(of.customer)):
        reasons = _reasons(of, n)
        told: list[Figure | Withheld] = []
        if alive is None:
            told.append(_why(study.leaves))
        else:
            chance = float(alive[n])
            told.append(Figure(chance, chance, chance, 0, 1.0, reasons))
        for said, why in ((visits, study.comes), (worth, study.money)):
            if said is None:
                told.append(_why(why, study.comes))
            else:
                told.append(
                    Figure(
                        value=float(said.value[n]),
                        low=float(said.low[n]),
                        high=float(said.high[n]),
                        horizon=study.horizon,
                        baseline=float(said.baseline[n]),
                        reasons=reasons,
                        level=said.level,
                    )
                )
        found.append(Outlook(*told))
    return found


def _why(*models: object) -> Withheld:
    return next(model for model in models if isinstance(model, Withheld))


def _reasons(of: Past, n: int) -> tuple[Reason, ...]:
    x = int(of.frequency[n])
    known = int(of.age[n])
    if not x:
        return (Reason("value.once", {"ago": known}),)
    told = {"times": x + 1, "days": known, "ago": known - int(of.recency[n])}
    return (Reason("value.came", told),)


def _models(of: Past) -> tuple[Leaves | Withheld, Leaves | NBD | Withheld]:
    """Return who leaves and how often people come; the second paper's where the first's fails."""
    rows = (of.frequency, of.recency, of.age)
    leaves: Leaves | Withheld = withholding.fitted(fit_bgnbd, *rows)
    if isinstance(leaves, Withheld) and leaves.code == "no_maximum":
        leaves = withholding.fitted(fit_pareto_nbd, *rows)
    if isinstance(leaves, Withheld) and leaves.code == "nobody_leaves":
        return leaves, fit_nbd(of.frequency, np.maximum(of.age, 1))
    return leaves, leaves


def _money(of: Past) -> GammaGamma | Withheld:
    """Fit what is spent, where how much does not go with how often."""
    from scipy.stats import spearmanr  # noqa: PLC0415 - takes long to import

    spent = (of.frequency > 0) & (of.spent > 0)
    people = int(spent.sum())
    if people < SPENDERS:
        return Withheld("value.few_spenders", {"people": people, "least": SPENDERS})
    x, mean = of.frequency[spent], of.mean_value[spent]
    differ = np.ptp(x) > 0 and np.ptp(mean) > 0
    together = float(spearmanr(x, mean).statistic) if differ else 0.0
    if abs(together) > ALIKE:
        return Withheld("value.not_independent", {"correlation": round(together, 2)})
    try:
        money = fit_gamma_gamma(x, mean)
    except NoMaximum as failed:
        return Withheld("no_maximum", {"runaways": failed.runaways})
    return money if money.q > 1 else Withheld("value.no_mean", {"q": round(money.q, 2)})


def _spending(
    comes: Purchases, money: GammaGamma, of: Past, horizon: int, discount: float
) -> Outlooks:
    """Return what each spends in the `horizon`, less `discount` a year."""
    return outlooks.lifetime_value(
        comes,
        money,
        of.frequency,
        of.recency,
        of.age,
        mean_value=of.mean_value,
        horizon=horizon,
        discount=(1 + discount) ** (1 / 365) - 1,
    )


def _widened(said: Outlooks, trial: Trial | None) -> Outlooks:
    """Return intervals as wide as they had to be when they were tried."""
    if trial is None:
        return said
    low = np.maximum(said.value - trial.wide * (said.value - said.low), 0)
    return replace(said, low=low, high=said.value + trial.wide * (said.high - said.value))


def _trials(before: Past, now: Past, horizon: int) -> tuple[Trial | None, Trial | None]:
    """Learn from what was known `horizon` days ago, and see what came: visits, and spending."""
    if len(before.customer) < withholding.REPEATERS:
        return None, None
    comes, money = _models(before)[1], _money(before)
    if isinstance(comes, Withheld):
        return None, None
    place = {customer: n for n, customer in enumerate(now.customer)}
    then = np.array([place[customer] for customer in before.customer])
    said = outlooks.purchases(comes, before.frequency, before.recency, before.age, horizon)
    trial = _trial(said, now.frequency[then] - before.frequency)
    if isinstance(money, Withheld):
        return trial, None
    # A millisecond each; people stand in the order of their ids, which are random.
    some = slice(TRIED)
    told = _spending(comes, money, before.first(TRIED), horizon, 0.0)
    return trial, _trial(told, (now.spent[then] - before.spent)[some])


def _trial(said: Outlooks, came: Floats) -> Trial:
    above = np.maximum(said.high - said.value, NARROW * said.value.mean())
    below = np.maximum(said.value - said.low, NARROW * said.value.mean())
    needed = np.where(came > said.value, (came - said.value) / above, (said.value - came) / below)
    return Trial(
        people=len(came),
        horizon=round(said.horizon),
        calibration=calibrated(said.value, came),
        correlation=float(np.corrcoef(said.value, came)[0, 1]),
        held=float(np.mean((said.low <= came) & (came <= said.high))),
        wide=max(float(np.quantile(needed, said.level)), 1.0),
        error=rmse(said.value, came),
        baseline=rmse(said.baseline, came),
    )
