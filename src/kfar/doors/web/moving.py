"""What moves customers, laid out: what somebody believed beside what the data say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from kfar.doors.reasons import why
from kfar.doors.reasons.brand import driver
from kfar.doors.web.charts import Bar, Bars, bars
from kfar.doors.words import number, percent, small_share
from kfar.rooms.insight.brand.queries import Ranking
from kfar.rooms.insight.drivers.ranking import Drivers, Gap

#: What is asked of each outcome, and what the outcome is.
OUTCOMES: Mapping[str, tuple[str | Promise, str | Promise]] = {
    "spend": (
        gettext_lazy("What they spend"),
        gettext_lazy("What moves how much customers spend?"),
    ),
    "visits": (
        gettext_lazy("How often they come"),
        gettext_lazy("What moves how often customers come?"),
    ),
    "satisfaction": (
        gettext_lazy("Whether it ends well"),
        gettext_lazy("What moves whether a customer’s voice ends well?"),
    ),
}


@dataclass(frozen=True)
class Slip:
    """One driver on the form: its code, its name, and the place it was given ("" for none)."""

    code: str
    name: str
    place: str


@dataclass(frozen=True)
class Row:
    """One driver: the place believed now and at `first`, found, from – to, and what follows.

    `way` says what more of it goes with; `weight` is Johnson's, `together` the mean place others
    gave it, `spread` from – to.
    """

    name: str
    believed: int
    first: int | None
    found: int
    between: str
    gap: str
    sure: bool
    way: str
    weight: str
    together: str
    spread: str


@dataclass(frozen=True)
class Shown:
    """What the data say to somebody who has ranked."""

    rows: Sequence[Row]
    chart: Bars
    told: str
    people: int


def slips(ranking: Ranking, given: Mapping[str, str] | None = None) -> list[Slip]:
    """Return the form's rows, with what was `given` or else believed last."""
    if given is None:
        last = ranking.believed[-1].order if ranking.believed else ()
        given = {name: str(place) for place, name in enumerate(last, 1)}
    ranked = [Slip(name, driver(name), given.get(name, "")) for name in ranking.names]
    return sorted(ranked, key=lambda slip: (int(_number(slip.place) or 99), slip.name))


def _number(place: str) -> str:
    return place if place.isdecimal() else ""


def ordered(given: Mapping[str, str]) -> list[str]:
    """Return what was given a place of its own, in that order; what was not is left out."""
    places = [place for place in given.values() if place]
    alone = {name: int(p) for name, p in given.items() if _number(p) and places.count(p) == 1}
    return sorted(alone, key=lambda name: alone[name])


def unmeasured(names: Sequence[str]) -> list[str]:
    """Return what nothing is said of, by name."""
    return sorted(driver(name) for name in names)


def shown(ranking: Ranking) -> Shown | None:
    """Return what the data say; None to who has not ranked yet."""
    learned = ranking.learned
    if learned is None or not isinstance(learned.found, Drivers):
        return None
    found = learned.found
    first = {name: place for place, name in enumerate(ranking.believed[0].order, 1)}
    again = len(ranking.believed) > 1
    together = {one.name: one for one in ranking.together}
    ways = dict(zip(found.names, learned.way.tolist(), strict=True))
    weights = dict(zip(found.names, found.weights.tolist(), strict=True))
    ranks = zip(found.names, found.rank_low.tolist(), found.rank_high.tolist(), strict=True)
    between = {name: _between(low, high) for name, low, high in ranks}
    rows = [
        Row(
            name=driver(gap.name),
            believed=gap.believed,
            first=first.get(gap.name) if again else None,
            found=gap.found,
            between=between[gap.name],
            gap=_gap(gap),
            sure=gap.sure,
            way=_way(ways[gap.name]),
            weight=small_share(weights[gap.name]),
            together=number(together[gap.name].mean, 1),
            spread=_between(together[gap.name].first, together[gap.name].last),
        )
        for gap in ranking.gaps
    ]
    chart = bars(
        [
            Bar(driver(found.names[n]), share, low, high)
            for n, share, low, high in sorted(
                zip(
                    range(len(found.names)),
                    found.shares.tolist(),
                    found.low.tolist(),
                    found.high.tolist(),
                    strict=True,
                ),
                key=lambda one: -one[1],
            )
        ],
        small_share,
    )
    told = _(
        "%(habit)s%% of how customers differ goes with what they bought before. Of the rest, all "
        "of these together explain %(explained)s."
    ) % {"habit": percent(learned.habit), "explained": small_share(found.explained)}
    people = ranking.together[0].people if ranking.together else 0
    return Shown(rows, chart, told, people)


def _between(low: int, high: int) -> str:
    return number(low) if low == high else f"{number(low)}–{number(high)}"


def _gap(gap: Gap) -> str:
    places = round(abs(gap.places.value))
    if not gap.sure:
        return _("not told apart from what you believed")
    if gap.places.value > 0:
        return ngettext(
            "matters more than you believed, by %(n)s place",
            "matters more than you believed, by %(n)s places",
            places,
        ) % {"n": number(places)}
    return ngettext(
        "matters less than you believed, by %(n)s place",
        "matters less than you believed, by %(n)s places",
        places,
    ) % {"n": number(places)}


def _way(way: int) -> str:
    if way > 0:
        return _("more of it goes with more")
    return _("more of it goes with less") if way < 0 else _("neither for sure")


def refusal(ranking: Ranking) -> str:
    """Return why there is nothing to rank, "" where there is."""
    return why(ranking.withheld) if ranking.withheld else ""
