"""A profile on a page: each figure in words, with its interval drawn beside what is usual."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kfar.doors.reasons import why
from kfar.doors.words import money, number, share
from kfar.ground.money import Money
from kfar.rooms.insight.figures import Figure, Withheld
from kfar.rooms.insight.queries import Profile, Want

#: How many habits are shown before all are asked for.
FIRST = 8


@dataclass(frozen=True)
class Marks:
    """Where interval, value and baseline stand on a line from 0 to 1000."""

    low: int
    width: int
    value: int
    beside: int


@dataclass(frozen=True)
class Shown:
    """A figure: its label, the value, in how many of ten cases between what, and what is usual.

    `refused` says why there is none, and all else is empty then.
    """

    label: str
    value: str = ""
    low: str = ""
    high: str = ""
    beside: str = ""
    sure: int = 0
    why: tuple[str, ...] = ()
    refused: str = ""
    marks: Marks | None = None


@dataclass(frozen=True)
class Habit:
    """A category that was bought so often, the last time on that day."""

    category: str
    times: int
    last: date
    shown: Shown


@dataclass(frozen=True)
class Wish:
    """What may be wanted next; `width` is how likely, from 0 to 1000."""

    category: str
    shown: Shown
    width: int


@dataclass(frozen=True)
class Known:
    """All that a profile says, ready to be read; so many habits more than are shown."""

    until: date | None
    worth: Sequence[Shown]
    leaving: Sequence[Shown]
    known: Sequence[Wish]
    new: Sequence[Wish]
    refused: str
    habits: Sequence[Habit]
    more: int


def known(profile: Profile, *, whole: bool = False) -> Known:
    """Return a profile as it is read in the reader's language, with the first habits, or whole."""
    wants = () if isinstance(profile.wants, Withheld) else profile.wants
    wishes = [(want.new, _wish(want)) for want in wants]
    habits = [
        Habit(h.category, h.times, h.last, shown(h.category, h.figure, times))
        for h in (profile.habits if whole else profile.habits[:FIRST])
    ]
    return Known(
        until=profile.until,
        worth=_worth(profile),
        leaving=[shown(_within(days), of, chance) for days, of in profile.leaving.items()],
        known=[wish for new, wish in wishes if not new],
        new=[wish for new, wish in wishes if new],
        refused=why(profile.wants) if isinstance(profile.wants, Withheld) else "",
        habits=habits,
        more=len(profile.habits) - len(habits),
    )


def _wish(want: Want) -> Wish:
    figure = want.figure
    return Wish(want.category, shown("", figure, chance), round(1000 * figure.value))


def shown(label: str, of: Figure | Withheld, said: Callable[[float], str]) -> Shown:
    """Return a figure in words, its numbers as `said` says them; a chance is drawn out of all."""
    if isinstance(of, Withheld):
        return Shown(label, refused=why(of))
    most = 1.0 if said is chance else max(of.high, of.baseline, of.value) or 1.0
    low_said, high_said = said(of.low), said(of.high)
    between = low_said != high_said
    low, high, value, beside = (
        round(1000 * x / most) for x in (of.low, of.high, of.value, of.baseline)
    )
    return Shown(
        label,
        value=said(of.value),
        low=low_said if between else "",
        high=high_said if between else "",
        beside=said(of.baseline),
        sure=round(10 * of.level),
        why=tuple(why(reason) for reason in of.reasons),
        marks=Marks(low, high - low, value, beside),
    )


def chance(of: float) -> str:
    """Return a probability as people say it: "14 %", "under 1 %"."""
    if 0 < of < 0.01:
        return _("under 1%")
    if 0.99 < of < 1:
        return _("over 99%")
    return share(of)


def times(count: float) -> str:
    """Return an expected number of times, with a decimal where it is small."""
    return number(count, 0 if count >= 10 else 1)


def _worth(profile: Profile) -> list[Shown]:
    if profile.value is None:
        return []
    of = profile.value
    days = of.visits.horizon if isinstance(of.visits, Figure) else 0
    ahead = ngettext("in the next %(n)s day", "in the next %(n)s days", days) % {"n": number(days)}

    def paid(minor: float) -> str:
        return money(Money(round(minor), profile.currency))

    return [
        shown(_("Is still a customer"), of.alive, chance),
        shown(_("Days with a purchase, %(ahead)s") % {"ahead": ahead}, of.visits, times),
        shown(_("Will spend, %(ahead)s") % {"ahead": ahead}, of.worth, paid),
    ]


def _within(days: int) -> str:
    return ngettext("Buys nothing for %(n)s day", "Buys nothing for %(n)s days", days) % {
        "n": number(days)
    }
