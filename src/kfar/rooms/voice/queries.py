"""What was said and where it stands."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, Value
from django.utils import timezone

from kfar.ground.lasting import lasting
from kfar.lake.took import middle
from kfar.rooms.customers import queries as customers
from kfar.rooms.voice import rules
from kfar.rooms.voice.models import Judgement, Voice, Voices
from kfar.rooms.voice.rules import Stands, Untold
from kfar.rooms.voice.searching import queries as searching

#: What `counts` calls those that are new.
NEW = "new"


@dataclass(frozen=True)
class Said:
    """A voice as others may read it. `untold` is why it was closed without telling, or ""."""

    id: UUID
    customer_id: UUID
    text: str
    language: str
    about: UUID | None
    about_name: str
    heard_at: datetime
    told_at: datetime | None
    closed_at: datetime | None
    stands: Stands
    untold: str = ""
    untold_words: str = ""


@dataclass(frozen=True)
class Figures:
    """Counted over all voices: heard, answered (told at least once), closed.

    `median` is the median time from heard to closed, None before the first is closed.
    """

    heard: int
    answered: int
    closed: int
    median: timedelta | None


@dataclass(frozen=True)
class Telling:
    """Of the voices heard in a month (`first` its day; None: ever): how many people were told.

    `median` is from heard to told, of those told; `untold` counts why voices were closed without
    telling; of `judged` people said whether it helped, and of `good` that it did.
    """

    first: date | None
    heard: int
    told: int
    median: timedelta | None
    untold: Mapping[str, int]
    judged: int
    good: int

    @property
    def share(self) -> float:
        """The share of those told, of all that was heard: no reason makes it larger."""
        return self.told / self.heard if self.heard else 0.0

    @property
    def helped(self) -> float:
        """The share that says it helped, of those who say anything."""
        return self.good / self.judged if self.judged else 0.0

    @property
    def untold_all(self) -> int:
        """How many were closed without telling, for whichever reason."""
        return sum(self.untold.values())

    @property
    def waiting(self) -> int:
        """How many wait: neither told, nor closed for a reason."""
        return self.heard - self.told - self.untold_all


@dataclass(frozen=True)
class Spoke:
    """That somebody spoke: which voice, and whose."""

    voice_id: UUID
    customer_id: UUID


def spoke(
    *,
    product: str = "",
    words: str = "",
    theme: UUID | None = None,
    ids: Collection[UUID] | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    most: int = 10_000,
) -> list[Spoke]:
    """Return who spoke about a product, of a theme, or by these voices; oldest first.

    `words` narrows to those in which each of them stands, in one form or another, as in `search`.
    What was closed without telling, for a reason, is left out: spam speaks for nothing.
    """
    rows = Voice.objects.exclude(~Q(untold=""), closed_at__isnull=False)
    if product:
        rows = rows.filter(about_name=product)
    if theme is not None:
        rows = rows.marked(theme=theme)
    if words:
        having = searching.having(words)
        rows = rows.filter(pk__in=having) if having else rows.none()
    if ids is not None:
        rows = rows.filter(pk__in=list(ids)[:most])
    if since is not None:
        rows = rows.filter(heard_at__gte=since)
    if until is not None:
        rows = rows.filter(heard_at__lt=until)
    found = rows.order_by("heard_at", "pk").values_list("pk", "customer_id")[:most]
    return [Spoke(*one) for one in found]


def voice(voice_id: UUID) -> Said | None:
    """Return one voice, or None."""
    return next(iter(_said(Voice.objects.filter(pk=voice_id))), None)


def of_customer(customer_id: UUID) -> list[Said]:
    """Return all that a customer said, newest first."""
    rows = Voice.objects.filter(customer__in=customers.selves(customer_id))
    return list(_said(rows.order_by("-heard_at")))


def by_id(ids: Iterable[UUID]) -> dict[UUID, Said]:
    """Return voices by id; unknown ids are left out."""
    return {said.id: said for said in _said(Voice.objects.filter(pk__in=set(ids)))}


def spoke_since(since: datetime) -> set[UUID]:
    """Return the people who said something since then."""
    rows = Voice.objects.filter(heard_at__gte=since).values_list("customer_id", flat=True)
    return set(customers.person_of(rows.distinct()).values())


def judgements(voice_ids: Iterable[UUID]) -> dict[UUID, list[tuple[datetime, bool]]]:
    """Return what customers said of what came of their voices: when, and whether it was good."""
    found: dict[UUID, list[tuple[datetime, bool]]] = {}
    rows = Judgement.objects.filter(voice__in=list(voice_ids)).order_by("at", "pk")
    for voice_id, at, good in rows.values_list("voice_id", "at", "good"):
        found.setdefault(voice_id, []).append((at, good))
    return found


def standing(
    stands: Stands,
    most: int = 100,
    *,
    after: UUID | None = None,
    since: datetime | None = None,
    newest: bool = False,
    mark: str = "",
    theme: UUID | None = None,
) -> list[Said]:
    """Return the voices that stand there: the longest waiting first, of closed ones the latest.

    Or the `newest` first. Of those with a mark (`understanding.rules.MARKS`), of a theme or closed
    `since` then, where they are given; and of those alone that come `after` one of them.
    """
    rows = Voice.objects.standing(stands).marked(mark, theme)
    if since is not None:
        rows = rows.filter(closed_at__gte=since)
    at = "closed_at" if stands is Stands.CLOSED else "heard_at"
    way, on = ("-", "lt") if newest or stands is Stands.CLOSED else ("", "gt")
    last = Voice.objects.filter(pk=after).values_list(at, flat=True).first() if after else None
    if last is not None:
        later = Q(**{f"{at}__{on}": last}) | Q(**{at: last, f"pk__{on}": after})
        rows = rows.filter(later, **{f"{at}__{on}e": last})  # the second is what the index knows
    return list(_said(rows.order_by(f"{way}{at}", f"{way}pk")[:most]))


def counts(
    of: Iterable[Stands] = Stands,
    among: Iterable[UUID] | None = None,
    *,
    since: datetime | None = None,
    new: datetime | None = None,
    mark: str = "",
    theme: UUID | None = None,
) -> dict[str, int]:
    """Return how many voices stand where, in one query.

    Of all or of the ids `among`, with a mark and of a theme as `standing`; of closed ones those
    closed `since` then. With `new`, under `NEW`, those that are unread and were heard since then.
    """
    rows = Voice.objects.marked(mark, theme).order_by()
    if among is not None:
        rows = rows.filter(pk__in=list(among))
    lately = {Stands.CLOSED: Q(closed_at__gte=since)} if since else {}
    parts = {str(stands): rows.standing(stands).filter(lately.get(stands, Q())) for stands in of}
    if new is not None:
        parts[NEW] = rows.standing(Stands.UNREAD).filter(heard_at__gte=new)
    one, *others = (
        part.values(where=Value(where)).annotate(n=Count("*")).values_list("where", "n")
        for where, part in parts.items()
    )
    return dict.fromkeys(parts, 0) | dict(one.union(*others, all=True))


@lasting
def figures() -> Figures:
    """Return the figures of the whole loop."""
    closed = Voice.objects.exclude(closed_at=None)
    many = closed.count()
    return Figures(
        heard=Voice.objects.count(),
        answered=Voice.objects.exclude(answered_at=None).count(),
        closed=many,
        median=middle(closed, "heard_at", "closed_at", many),
    )


@lasting
def telling() -> Telling:
    """Return how many were told of all that was ever said, and how soon."""
    return _telling(Voice.objects.all(), None)


@lasting
def telling_by_month(months: int = 12) -> list[Telling]:
    """Return the same for the voices heard in each of the last months, the latest first.

    Months are the company's. One in which nothing was heard is left out.
    """
    first, found = timezone.localdate().replace(day=1), []
    for _month in range(months):
        after = _midnight((first + timedelta(days=31)).replace(day=1))
        rows = Voice.objects.filter(heard_at__gte=_midnight(first), heard_at__lt=after)
        found.append(_telling(rows, first))
        first = (first - timedelta(days=1)).replace(day=1)
    return [one for one in found if one.heard]


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=timezone.get_current_timezone())


def _telling(rows: Voices, first: date | None) -> Telling:
    """Count voices heard in the month whose first day this is, or ever."""
    untold = Q(answered_at=None) & ~Q(closed_at=None)
    counted = rows.aggregate(
        heard=Count("pk"),
        told=Count("pk", filter=~Q(answered_at=None)),
        **{why: Count("pk", filter=untold & Q(untold=why)) for why in Untold},
    )
    said = Judgement.objects.all() if first is None else Judgement.objects.filter(voice__in=rows)
    # Few say it twice, so only of those is looked for the last word.
    twice = said.values("voice").annotate(n=Count("pk")).filter(n__gt=1).values("voice")
    later = Judgement.objects.filter(voice=OuterRef("voice"), pk__gt=OuterRef("pk"))
    good = said.filter(good=True)
    overruled = good.filter(Exists(later), voice__in=twice)
    told = rows.exclude(answered_at=None)
    return Telling(
        first,
        counted["heard"],
        counted["told"],
        middle(told, "heard_at", "answered_at", counted["told"]),
        {why: counted[why] for why in Untold if counted[why]},
        judged=said.values("voice").distinct().count(),
        good=good.count() - overruled.count(),
    )


def _said(rows: Voices) -> Iterable[Said]:
    """Yield voices as others read them."""
    for row in rows:
        yield Said(
            id=row.pk,
            customer_id=row.customer_id,
            text=row.text,
            language=row.language,
            about=row.about,
            about_name=row.about_name,
            heard_at=row.heard_at,
            told_at=row.told_at,
            closed_at=row.closed_at,
            stands=rules.stands(
                read_at=row.read_at, told_at=row.told_at, closed_at=row.closed_at, owed=row.owed
            ),
            untold=row.untold,
            untold_words=row.untold_words,
        )
