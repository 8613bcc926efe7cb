"""How often what is said of customers comes true: each study's trial, in words and numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from django.utils.translation import gettext as _

from kfar.doors.reasons import why
from kfar.doors.web.charts import Curve, calibration
from kfar.doors.web.profiles import chance, times
from kfar.doors.words import money, number, share
from kfar.ground.money import Money
from kfar.rooms.insight import queries
from kfar.rooms.insight.figures import Calibration, Withheld
from kfar.rooms.insight.queries import Learned


@dataclass(frozen=True)
class Measure:
    """One number of a trial, ours and what a plain guess reaches; `better` says whose is better."""

    label: str
    ours: str
    plain: str
    better: bool


@dataclass(frozen=True)
class Tried:
    """A trial: what was tried, on whom, how it went; or why there was none."""

    code: str
    title: str
    told: str
    until: date | None = None
    people: int = 0
    measures: Sequence[Measure] = ()
    chart: Curve | None = None
    refused: str = ""


def trials() -> list[Tried]:
    """Return the trials of all that is said of people, in the reader's language."""
    learned = queries.learned()
    return [*_value(learned), *_leaving(learned), *_wants(learned), *_habits(learned)]


def _value(learned: Learned) -> list[Tried]:
    if learned.value is None:
        return []
    study, found = learned.value.content, []

    def paid(minor: float) -> str:
        return money(Money(round(minor), study.currency))

    def whole(minor: float) -> str:  # on an axis, where the currency has no room on a phone
        return number(float(Money(round(minor), study.currency).major))

    often = partial(number, digits=1)
    for code, title, trial, said, marked in (
        ("visits", _("How often customers come"), study.trial, often, often),
        ("spending", _("What customers spend"), study.spending, paid, whole),
    ):
        if trial is None:
            continue
        told = _(
            "Said of %(days)s days, from what was known before them, and then counted. Without "
            "more room %(held)s lay in their interval; intervals are widened until 80%% do."
        ) % {"days": number(trial.horizon), "held": chance(trial.held)}
        measures = (_off(trial.error, trial.baseline, said),)
        chart = drawn(trial.calibration, marked)
        found.append(Tried(code, title, told, learned.value.until, trial.people, measures, chart))
    if isinstance(study.leaves, Withheld):
        title = _("Who is still a customer")
        found.append(Tried("alive", title, "", refused=why(study.leaves)))
    return found


def _leaving(learned: Learned) -> list[Tried]:
    if learned.leaving is None:
        return []
    found = []
    for days, of in learned.leaving.content.models.items():
        title = _("Who buys nothing for %(days)s days") % {"days": days}
        if isinstance(of, Withheld):
            found.append(Tried(f"leaving-{days}", title, "", refused=why(of)))
            continue
        trial = of.trial
        told = _(
            "Said of the last %(days)s days, from what was known before them. The plain guess "
            "knows the days since the last visit alone."
        ) % {"days": days}
        measures = (
            _hits(
                _("Of two, one of whom left: the right one was held likelier"),
                trial.auc,
                trial.baseline_auc,
            ),
            _squared(trial.brier, trial.baseline_brier),
        )
        chart = drawn(trial.calibration, chance)
        until = learned.leaving.until
        found.append(Tried(f"leaving-{days}", title, told, until, trial.people, measures, chart))
    return found


def _wants(learned: Learned) -> list[Tried]:
    if learned.wants is None:
        return []
    title, of = _("What customers want next"), learned.wants.content.learned
    if isinstance(of, Withheld):
        return [Tried("wants", title, "", refused=why(of))]
    trial = of.trial
    told = _(
        "Said of the last 30 days, from what was known before them. Of what somebody then bought, "
        "so much was among the ten named. The plain guess names what that person bought most "
        "often; of what is new to them, what most people buy."
    )
    worth = trial.worth
    if isinstance(worth, Withheld):
        told += " " + _("What suggestions are worth: %(why)s") % {"why": why(worth)}
    else:
        said = _(
            "Of customers to whom it was suggested %(with)s bought one of their ten, of those left "
            "alone %(without)s: a difference of %(low)s to %(high)s percentage points."
        )
        told += " " + said % {
            "with": share(worth.treated, 1),
            "without": share(worth.held, 1),
            "low": number(100 * worth.low, 1),
            "high": number(100 * worth.high, 1),
        }
    measures = (
        _hits(_("Among the ten named"), trial.recall, trial.personal),
        _hits(_("Among the ten named, of what was new to them"), trial.new, trial.new_usual),
        _squared(trial.brier, trial.baseline),
    )
    chart = drawn(trial.calibration, chance)
    return [Tried("wants", title, told, learned.wants.until, trial.people, measures, chart)]


def _habits(learned: Learned) -> list[Tried]:
    if learned.habits is None or learned.habits.content.trial is None:
        return []
    trial = learned.habits.content.trial
    told = _(
        "Said of the last 90 days, of every category somebody had bought before. The plain guess "
        "is that they go on as before."
    )
    measures = (_off(trial.error, trial.baseline, partial(number, digits=2)),)
    chart = drawn(trial.calibration, times)
    kept = learned.habits
    title = _("How often a category is bought")
    return [Tried("habits", title, told, kept.until, kept.people, measures, chart)]


def _hits(label: str, ours: float, plain: float) -> Measure:
    """Return a share of hits beside the plain guess's: more is better."""
    return Measure(label, share(ours, 1), share(plain, 1), ours > plain)


def _off(ours: float, plain: float, said: Callable[[float], str]) -> Measure:
    """Return an error beside the plain guess's: less is better."""
    return Measure(_("Off by (root of the mean square)"), said(ours), said(plain), ours < plain)


def _squared(ours: float, plain: float) -> Measure:
    label = _("Mean squared error of chances")
    return Measure(label, number(ours, 4), number(plain, 4), ours < plain)


def drawn(of: Calibration, said: Callable[[float], str]) -> Curve | None:
    """Draw what came over what was said, group by group."""
    labels = (_("Came"), _("As it was said"), _("Of how many"))
    return calibration(of.said, of.came, of.people, said, labels=labels, say_people=number)
