"""Readings and themes as others may read them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Coalesce, TruncMonth
from django.utils import timezone

from kfar.ground.shares import CROWD
from kfar.rooms.voice.models import ROOT, Reading, Theme, Themed
from kfar.rooms.voice.understanding.models import Further, Learned

#: How a themed voice is asked for whose it is.
_PERSON = Coalesce("voice__customer__person_id", "voice__customer_id")
#: So many months are told.
MONTHS = 12


@dataclass(frozen=True)
class Understood:
    """How a voice was read. `sentiment` is likeliest ("": nothing reads it).

    `mark` is what holds: an employee's word where it was `corrected`, else the sentiment where
    one is sure, else "unsure". All are of what was said last, at `later` where that is not what
    the voice began with, of which the mark is `first`.
    """

    mark: str
    sentiment: str
    probability: float
    corrected: bool
    later: datetime | None = None
    first: str = ""


@dataclass(frozen=True)
class Named:
    """A theme by what it is called: by an employee, else by its most telling words."""

    id: UUID
    name: str
    language: str
    own: bool


@dataclass(frozen=True)
class Told:
    """A theme of which five people or more speak, in all and in the last months, newest first.

    `people` is None where there were fewer than five; `unhappy` counts the people among all who
    were read so, None likewise. `merged` are the themes held for one with it.
    """

    theme: Named
    people: int
    unhappy: int | None
    months: tuple[tuple[date, int | None], ...]
    merged: tuple[Named, ...]


@dataclass(frozen=True)
class Lesson:
    """What corrections and stars in one language taught: the shares of later ones read right."""

    language: str
    corrections: int
    stars: int
    before: float
    after: float
    used: bool

    @property
    def tried(self) -> bool:
        """Whether there was enough to learn from."""
        return self.used or self.before > 0


def readings(voice_ids: Iterable[UUID]) -> dict[UUID, Understood]:
    """Return how these voices were read; those not read yet are left out."""
    ids = list(voice_ids)
    last: dict[UUID, Further] = {}
    for more in Further.objects.filter(voice__in=ids).order_by("at", "mail", "post"):
        last[more.voice_id] = more
    found = {}
    rows = Reading.objects.filter(pk__in=ids)
    for row in rows.annotate(now=F("voice__mark"), said=F("voice__correction__at")):
        after = last.get(row.pk)
        at = after.at if after else None
        found[row.pk] = Understood(
            mark=row.now,
            sentiment=(after or row).sentiment,
            probability=(after or row).probability,
            corrected=bool(row.said and (at is None or row.said >= at)),
            later=at,
            first=row.mark,
        )
    return found


def themes_of(voice_ids: Iterable[UUID]) -> dict[UUID, list[Named]]:
    """Return what these voices speak of; voices that speak of none are left out."""
    rows = Themed.objects.holding().filter(voice__in=list(voice_ids))
    pairs = list(rows.order_by("pk").values_list("voice_id", ROOT))
    told = {one.theme.id: one.theme for one in themes({root for _voice, root in pairs})}
    found: dict[UUID, list[Named]] = {}
    for voice_id, root in pairs:
        if root in told and told[root] not in found.setdefault(voice_id, []):
            found[voice_id].append(told[root])
    return {voice_id: own for voice_id, own in found.items() if own}


def about(voice_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """Return the themes these voices speak of, each with the one it is held for one with."""
    rows = Themed.objects.holding().filter(voice__in=list(voice_ids))
    return dict(rows.values_list("theme_id", ROOT))


def roots() -> dict[UUID, UUID]:
    """Return every theme nobody dropped with the one it is held for one with, itself if none."""
    rows = Theme.objects.filter(Q(into=None) | Q(into__dropped=False), dropped=False)
    return dict(rows.values_list("pk", Coalesce("into_id", "pk")))


def called(theme_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return what themes are called, also those that are none any more; unknown: left out."""
    return {row.pk: _named(row).name for row in Theme.objects.filter(pk__in=set(theme_ids))}


def themes(among: Iterable[UUID] | None = None) -> list[Told]:
    """Return the themes of five people or more, those of most people first."""
    roots = Theme.objects.filter(into=None, dropped=False)
    if among is not None:
        roots = roots.filter(pk__in=list(among))
    rows = {row.pk: row for row in roots}
    themed = Themed.objects.of(list(rows))
    people = _people(themed)
    unhappy = _people(themed.filter(voice__reading__unhappy=True))
    first = _months()[0]
    lately = themed.filter(voice__heard_at__date__gte=first)
    monthly = {
        (root, month.date()): people
        for root, month, people in lately.order_by()
        .annotate(month=TruncMonth("voice__heard_at"))
        .values_list(ROOT, "month")
        .annotate(people=Count(_PERSON, distinct=True))
    }
    merged: dict[UUID | None, list[Named]] = {}
    for row in Theme.objects.filter(into__in=list(rows)).order_by("pk"):
        merged.setdefault(row.into_id, []).append(_named(row))
    found = [
        Told(
            theme=_named(row),
            people=people[pk],
            unhappy=_told(unhappy.get(pk, 0)),
            months=tuple((month, _told(monthly.get((pk, month), 0))) for month in _months()[::-1]),
            merged=tuple(merged.get(pk, [])),
        )
        for pk, row in rows.items()
        if people.get(pk, 0) >= CROWD
    ]
    return sorted(found, key=lambda told: (-told.people, told.theme.name))


def named() -> list[Named]:
    """Return what themes are called, to choose from."""
    rows = Theme.objects.filter(into=None, dropped=False)
    return sorted((_named(row) for row in rows), key=lambda one: one.name)


def dropped() -> list[Named]:
    """Return the themes of which somebody said that they are none."""
    return [_named(row) for row in Theme.objects.filter(into=None, dropped=True).order_by("pk")]


def theme(theme_id: UUID) -> Named | None:
    """Return what a theme is called, or None."""
    row = Theme.objects.filter(pk=theme_id).first()
    return _named(row) if row else None


def lessons() -> list[Lesson]:
    """Return what corrections taught, by language."""
    return [
        Lesson(row.language, row.corrections, row.stars, row.before, row.after, bool(row.model))
        for row in Learned.objects.order_by("language")
    ]


def _people(rows: QuerySet[Themed]) -> dict[UUID, int]:
    counted = rows.order_by().values_list(ROOT).annotate(people=Count(_PERSON, distinct=True))
    return dict(counted)


def _named(row: Theme) -> Named:
    return Named(row.pk, row.name or " · ".join(row.words), row.language, bool(row.name))


def _told(people: int) -> int | None:
    return people if people >= CROWD or not people else None


def _months() -> list[date]:
    """Return the first days of the last months, oldest first."""
    today = timezone.localdate()
    number = today.year * 12 + today.month - 1
    return [date(n // 12, n % 12 + 1, 1) for n in range(number - MONTHS + 1, number + 1)]
