"""What follows a bad experience, laid out: the plain table, what is found, and who may leave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from django.utils.translation import gettext as _

from kfar.doors.reasons import why
from kfar.doors.reasons.brand import crowd
from kfar.doors.web.charts import Bar, Bars, Curve, Line, Point, bars, curve
from kfar.doors.web.profiles import chance
from kfar.doors.words import called, day, number, share
from kfar.ground.shares import CROWD
from kfar.rooms.customers import queries as customers
from kfar.rooms.customers.queries import Person
from kfar.rooms.insight.figures import Withheld
from kfar.rooms.insight.going import Regulars
from kfar.rooms.insight.leaving.matching import Effect
from kfar.rooms.insight.studies.after import After, Asked, Side

#: Weeks that are told as one.
TOGETHER = 4


@dataclass(frozen=True)
class Plain:
    """One row of the plain table: who, how many, how many of them are gone, as a share."""

    who: str
    people: str
    gone: str
    share: str


@dataclass(frozen=True)
class Found:
    """Effects by horizon in words, and drawn; or why there are none."""

    refused: str
    rows: Sequence[str] = ()
    chart: Bars | None = None
    compared: str = ""
    sure: bool = False


@dataclass(frozen=True)
class Followed:
    """What the page shows of bad experiences and of remedies."""

    kinds: str
    hazard: str
    course: Curve | None
    plain: Sequence[Plain]
    opposite: bool
    excess: Found
    recovery: Found


@dataclass(frozen=True)
class Leaver:
    """A customer who may leave, how likely, and the strongest reason."""

    person: Person
    called: str
    chance: str
    between: str
    why: str


def followed(of: After) -> Followed:
    """Lay out what was learned."""
    plain = [
        _plain(_("A bad experience, at least one"), of.met),
        _plain(_("No bad experience"), of.others),
    ]
    met, others = _gone(of.met), _gone(of.others)
    harms = isinstance(of.excess, tuple) and any(one.low > 0 for one in of.excess)
    return Followed(
        kinds=", ".join(of.kinds),
        hazard=share(of.asked.hazard, 1),
        course=_course(of.asked),
        plain=plain,
        opposite=harms and met is not None and others is not None and met < others,
        excess=found(of.excess),
        recovery=found(of.recovery),
    )


def leavers(of: Regulars) -> list[Leaver]:
    """Return who may leave, as people: the likeliest first; who is gone meanwhile is left out."""
    people = customers.people(one.person for one in of.going)
    return [
        Leaver(
            person=people[one.person],
            called=called(people[one.person]),
            chance=chance(one.figure.value),
            between=f"{chance(one.figure.low)}–{chance(one.figure.high)}",
            why=why(one.figure.reasons[0]) if one.figure.reasons else "",
        )
        for one in of.going
        if one.person in people
    ]


def _plain(who: str, side: Side) -> Plain:
    gone = _gone(side)
    said = "–" if gone is None else share(gone)
    return Plain(who, crowd(side.people), crowd(side.gone), said)


def _gone(side: Side) -> float | None:
    """Return which share is gone; None where it would point to few."""
    return side.gone / side.people if min(side.gone, side.people - side.gone) >= CROWD else None


def found(effects: tuple[Effect, ...] | Withheld) -> Found:
    """Lay out what comparing like with like found, or why it found nothing."""
    if isinstance(effects, Withheld):
        return Found(why(effects))
    first = effects[0]
    rows = [
        Bar(
            _("in %(days)s days") % {"days": number(one.horizon)},
            one.difference,
            one.low,
            one.high,
            one.naive,
        )
        for one in effects
    ]
    compared = _(
        "Compared: %(matched)s of %(trials)s bad experiences had somebody alike; %(people)s "
        "customers in all."
    ) % {
        "matched": number(first.matched),
        "trials": number(first.trials),
        "people": number(first.people),
    }
    return Found(
        refused="",
        rows=[_said(one) for one in effects],
        chart=bars(rows, _points),
        compared=compared,
        sure=first.low > 0 or first.high < 0,
    )


def _said(one: Effect) -> str:
    return _(
        "Within %(days)s days %(risk)s left, and %(without)s of those alike without it: "
        "%(difference)s, in 95 of 100 such cases %(low)s to %(high)s."
    ) % {
        "days": number(one.horizon),
        "risk": share(one.risk, 1),
        "without": share(one.without, 1),
        "difference": _points(one.difference),
        "low": _points(one.low),
        "high": _points(one.high),
    }


def _points(of: float) -> str:
    """Return a difference of shares, with its sign."""
    sign = "+" if round(100 * of, 1) > 0 else ""
    return f"{sign}{share(of, 1)}"


def _course(of: Asked) -> Curve | None:
    """Draw which share of customers left in a week, in means of four weeks."""
    points = []
    for at in range(len(of.days) % TOGETHER, len(of.days), TOGETHER):
        weeks = slice(at, at + TOGETHER)
        people, left = int(of.people[weeks].sum()), int(of.left[weeks].sum())
        left_then = left / people if left >= CROWD else None
        points.append(Point(float(of.days[at]), left_then))
    if len(points) < 2:
        return None
    return curve(
        [Line(_("leave in a week"), points)],
        lambda x: day(date.fromordinal(round(x))),
        partial(share, digits=1),
    )
