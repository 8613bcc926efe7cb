"""What the company leads with, laid out: its words beside what customers live through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from kfar.doors.reasons import why
from kfar.doors.reasons.brand import crowd, discipline
from kfar.doors.web.charts import Bar, Bars, Curve, Line, Point, bars, curve
from kfar.doors.words import day, share
from kfar.ground.shares import CROWD, wilson
from kfar.rooms.insight.brand.queries import Standpoint
from kfar.rooms.insight.disciplines.company import Standing
from kfar.rooms.insight.disciplines.leading import DISCIPLINES
from kfar.rooms.insight.figures import LEVEL, Withheld
from kfar.rooms.insight.studies.discipline import Quarter
from kfar.rooms.village import queries as village


@dataclass(frozen=True)
class Word:
    """What was said, since when, by whom: (discipline, parts of a hundred)."""

    parts: Sequence[tuple[str, int]]
    since: str
    by: str


@dataclass(frozen=True)
class Stands:
    """What the page shows; "" and None where there is nothing to show."""

    words: Sequence[Word]
    refused: str
    alarm: str
    since: str
    leads: str
    lived: str
    reasons: Sequence[str]
    customers: int
    undecided: str
    latest: str
    chart: Bars | None
    course: Curve | None


@dataclass(frozen=True)
class Part:
    """One field of the form."""

    code: str
    name: str
    value: str


def parts(at: Standpoint, given: dict[str, str] | None = None) -> list[Part]:
    """Return the form's fields, with what was `given` or else said last."""
    said = {name: str(part) for name, part in at.said[0].weights.items()} if at.said else {}
    return [Part(name, discipline(name), (given or said).get(name, "")) for name in DISCIPLINES]


def weights(given: dict[str, str]) -> dict[str, int]:
    """Return what was given as numbers; what is none counts nothing."""
    return {name: int(part) if part.isdecimal() else 0 for name, part in given.items()}


def stands(at: Standpoint) -> Stands:
    """Lay out where the company stands."""
    names = village.names(said.by for said in at.said)
    words = [
        Word(
            [(discipline(name), part) for name, part in said.weights.items()],
            day(said.at),
            names.get(said.by, ""),
        )
        for said in at.said
    ]
    standing = at.standing if isinstance(at.standing, Standing) else None
    refusal = at.standing if isinstance(at.standing, Withheld) else at.withheld
    alarm = since = ""
    if at.watched is not None and at.watched.reason is not None and at.watched.since is not None:
        alarm, since = why(at.watched.reason), day(at.quarters[at.watched.since].first)
    latest = at.quarters[-1] if at.quarters else None
    return Stands(
        words=words,
        refused=why(refusal) if refusal else "",
        alarm=alarm,
        since=since,
        leads=discipline(standing.leads_by_words) if standing else "",
        lived=discipline(standing.leads) if standing and standing.leads else "",
        reasons=[why(reason) for reason in standing.reasons] if standing else [],
        customers=sum(latest.counts.values()) if latest else 0,
        undecided=crowd(latest.undecided) if latest else "",
        latest=_from_to(latest) if latest else "",
        chart=_chart(at, latest) if latest else None,
        course=_course(at.quarters),
    )


def _from_to(quarter: Quarter) -> str:
    return f"{day(quarter.first)} – {day(quarter.last)}"


def _chart(at: Standpoint, latest: Quarter) -> Bars | None:
    """Draw the shares of the latest quarter, beside the company's words where there are any."""
    count = sum(latest.counts.values())
    if min(latest.counts.values()) < CROWD:
        return None
    words = at.said[0].weights if at.said else {}
    rows = []
    for name, times in latest.counts.items():
        low, high = wilson(times, count, LEVEL)
        beside = words[name] / 100 if words else None
        rows.append(Bar(discipline(name), times / count, low, high, beside))
    return bars(rows, share, most=1)


def _course(quarters: Sequence[Quarter]) -> Curve | None:
    """Draw the shares quarter by quarter; the end of a quarter is its place."""
    if len(quarters) < 2:
        return None
    lines = []
    for name in DISCIPLINES:
        points = []
        for place, quarter in enumerate(quarters):
            count, times = sum(quarter.counts.values()), quarter.counts[name]
            low, high = wilson(times, count, LEVEL) if times >= CROWD else (None, None)
            points.append(Point(place, times / count if times >= CROWD else None, low, high))
        lines.append(Line(discipline(name), points))
    return curve(lines, lambda place: _quarter(quarters, place), share)


def _quarter(quarters: Sequence[Quarter], place: float) -> str:
    first = quarters[min(round(place), len(quarters) - 1)].first
    return _("%(quarter)s. quarter %(year)s") % {
        "quarter": (first.month + 2) // 3,
        "year": first.year,
    }
