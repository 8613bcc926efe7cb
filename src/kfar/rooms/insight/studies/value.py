"""Value: how often a customer will come, whether they still do, and what they will spend.

Days with a purchase, as in the papers of `clv`. Where nobody leaves, the models of leaving hold
nothing (`clv.withholding`); then visits go on at each one's own rate (`clv.nbd`), and no chance of
being there is said.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import numpy as np
from django.conf import settings

from kfar.lake.engines import Session
from kfar.rooms.insight import reading
from kfar.rooms.insight.clv import outlooks, tables, withholding
from kfar.rooms.insight.clv.bgnbd import BGNBD, fit_bgnbd
from kfar.rooms.insight.clv.fitting import NoMaximum
from kfar.rooms.insight.clv.gamma_gamma import GammaGamma, fit_gamma_gamma
from kfar.rooms.insight.clv.nbd import NBD, fit_nbd
from kfar.rooms.insight.figures import (
    Calibration,
    Figure,
    Floats,
    Reason,
    Withheld,
    calibrated,
    rmse,
)

KIND = "value"
#: No figure is about more days than this, nor about more than was tried.
LONGEST = 365
#: A year's discount of what comes later.
DISCOUNT = 0.1
#: People with a repeat purchase below which nothing is said of money.
SPENDERS = 30
#: How large a rank correlation of how often with how much may be, for Gamma-Gamma.
ALIKE = 0.3


@dataclass(frozen=True, eq=False)
class Trial:
    """How what was said of `horizon` days went with what came, of people who had come before.

    `correlation` is of days with a purchase; `held` the share of people in their interval;
    errors are RMSE in such days, the baseline's of who goes on as before.
    """

    people: int
    horizon: int
    calibration: Calibration
    correlation: float
    held: float
    error: float
    baseline: float


@dataclass(frozen=True, eq=False)
class Value:
    """The models, or why there is none; `trial` is None where the past is too short for one.

    Histories are in days. `leaves` says who is still there; `comes` how often, and is the same
    where that is.
    """

    currency: str
    horizon: int
    leaves: BGNBD | Withheld
    comes: BGNBD | NBD | Withheld
    money: GammaGamma | Withheld
    trial: Trial | None


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


def past(session: Session, until: date, currency: str) -> Past:
    """Return the histories of all in `known`, ascending by person."""
    rows = sorted(session.ask(tables.summary(reading.known(), until, currency)))
    numbers = np.array([row[1:5] for row in rows], np.float64).reshape(-1, 4)
    return Past([row[0] for row in rows], *numbers.T)


def learn(session: Session, until: date) -> tuple[Value, int] | None:
    """Learn from everybody who bought anything; the last part of the time tries it first."""
    currency = _currency(session)
    now = past(session, until, currency)
    if not len(now.customer):
        return None
    horizon = max(min(LONGEST, int(now.age.max()) // 2), 1)
    trial = _trial(past(session, until - timedelta(days=horizon), currency), now, horizon)
    leaves, comes = _models(now)
    study = Value(currency, horizon, leaves, comes, _money(now), trial)
    return study, len(now.customer)


def outlook(study: Value, session: Session, until: date) -> Outlook | None:
    """Return what is said of the one person in `known`; None of who never bought."""
    mine = past(session, until, study.currency)
    return outlooks_of(study, mine)[0] if mine.customer else None


def outlooks_of(study: Value, of: Past) -> list[Outlook]:
    """Return what is said of each."""
    x, last, known = of.frequency, of.recency, of.age
    alive = visits = worth = None
    if isinstance(study.leaves, BGNBD):
        alive = study.leaves.alive(x, last, known)
    if not isinstance(study.comes, Withheld):
        visits = outlooks.purchases(study.comes, x, last, known, study.horizon)
        if isinstance(study.money, GammaGamma):
            worth = outlooks.lifetime_value(
                study.comes,
                study.money,
                x,
                last,
                known,
                mean_value=of.mean_value,
                horizon=study.horizon,
                discount=(1 + DISCOUNT) ** (1 / 365) - 1,
            )
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


def _models(of: Past) -> tuple[BGNBD | Withheld, BGNBD | NBD | Withheld]:
    leaves = withholding.fitted(fit_bgnbd, of.frequency, of.recency, of.age)
    if isinstance(leaves, BGNBD) or leaves.code != "nobody_leaves":
        return leaves, leaves
    return leaves, fit_nbd(of.frequency, np.maximum(of.age, 1))


def _money(of: Past) -> GammaGamma | Withheld:
    """Fit what is spent, where how much does not go with how often."""
    from scipy.stats import spearmanr  # noqa: PLC0415 - takes long to import

    spent = (of.frequency > 0) & (of.spent > 0)
    people = int(spent.sum())
    if people < SPENDERS:
        return Withheld("value.few_spenders", {"people": people, "least": SPENDERS})
    x, mean = of.frequency[spent], of.mean_value[spent]
    together = float(spearmanr(x, mean).statistic)
    if abs(together) > ALIKE:
        return Withheld("value.not_independent", {"correlation": round(together, 2)})
    try:
        money = fit_gamma_gamma(x, mean)
    except NoMaximum as failed:
        return Withheld("no_maximum", {"runaways": failed.runaways})
    return money if money.q > 1 else Withheld("value.no_mean", {"q": round(money.q, 2)})


def _trial(before: Past, now: Past, horizon: int) -> Trial | None:
    """Learn from what was known `horizon` days ago, and see what came."""
    if len(before.customer) < withholding.REPEATERS:
        return None
    comes = _models(before)[1]
    if isinstance(comes, Withheld):
        return None
    place = {customer: n for n, customer in enumerate(now.customer)}
    came = now.frequency[[place[c] for c in before.customer]] - before.frequency
    said = outlooks.purchases(comes, before.frequency, before.recency, before.age, horizon)
    return Trial(
        people=len(came),
        horizon=horizon,
        calibration=calibrated(said.value, came),
        correlation=float(np.corrcoef(said.value, came)[0, 1]),
        held=float(np.mean((said.low <= came) & (came <= said.high))),
        error=rmse(said.value, came),
        baseline=rmse(said.baseline, came),
    )


def _currency(session: Session) -> str:
    rows = session.rows(
        """SELECT currency FROM known WHERE currency IS NOT NULL AND kind = 'purchase'
        GROUP BY currency ORDER BY count(*) DESC, currency LIMIT 1"""
    )
    return rows[0][0] if rows else settings.KFAR_CURRENCY
