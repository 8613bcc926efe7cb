"""What was said and where it stands."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, DateTimeField, Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import TruncMonth
from django.utils import timezone

from kfar.rooms.customers import queries as customers
from kfar.rooms.voice import rules
from kfar.rooms.voice.models import Judgement, Owed, Voice, Voices
from kfar.rooms.voice.rules import Stands, Untold


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
    ids: Collection[UUID] | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    most: int = 10_000,
) -> list[Spoke]:
    """Return who spoke about a product, with these words in it, or by these voices; oldest first.

    What was closed without telling, for a reason, is left out: spam speaks for nothing.
    """
    rows = Voice.objects.exclude(~Q(untold=""), closed_at__isnull=False)
    if product:
        rows = rows.filter(about_name=product)
    if words:
        rows = rows.filter(text__icontains=words)
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
    mark: str = "",
    theme: UUID | None = None,
) -> list[Said]:
    """Return the voices that stand there: the longest waiting first, of closed ones the latest.

    Of those with a mark (`understanding.rules.MARKS`) or of a theme, where they are given; and of
    those alone that come `after` one of them.
    """
    rows = Voice.objects.standing(stands).marked(mark, theme)
    at, way, on = ("closed_at", "-", "lt") if stands is Stands.CLOSED else ("heard_at", "", "gt")
    last = Voice.objects.filter(pk=after).values_list(at, flat=True).first() if after else None
    if last is not None:
        later = Q(**{f"{at}__{on}": last}) | Q(**{at: last, f"pk__{on}": after})
        rows = rows.filter(later, **{f"{at}__{on}e": last})  # the second is what the index knows
    return list(_said(rows.order_by(f"{way}{at}", f"{way}pk")[:most], stands))


def count(
    stands: Stands,
    among: Iterable[UUID] | None = None,
    *,
    since: datetime | None = None,
    mark: str = "",
    theme: UUID | None = None,
) -> int:
    """Return how many voices stand there, of all, of the ids `among`, or as `standing` says.

    `since`: of those closed since then.
    """
    rows = Voice.objects.standing(stands).marked(mark, theme)
    if since is not None:
        rows = rows.filter(closed_at__gte=since)
    return (rows if among is None else rows.filter(pk__in=list(among))).count()


def figures() -> Figures:
    """Return the figures of the whole loop."""
    total = Voice.objects.aggregate(
        heard=Count("pk"),
        answered=Count("pk", filter=Q(answered_at__isnull=False)),
        closed=Count("pk", filter=Q(closed_at__isnull=False)),
    )
    return Figures(median=_median(total["closed"]), **total)


def telling() -> Telling:
    """Return how many were told of all that was ever said, and how soon."""
    rows = Voice.objects.annotate(month=Value(None, DateTimeField(null=True)))
    return next(iter(_telling(rows)), Telling(None, 0, 0, None, {}, 0, 0))


def telling_by_month(months: int = 12) -> list[Telling]:
    """Return the same for the voices heard in each of the last months, the latest first.

    Months are the company's. One in which nothing was heard is left out.
    """
    first = timezone.localdate().replace(day=1)
    for _month in range(months - 1):
        first = (first - timedelta(days=1)).replace(day=1)
    since = datetime(first.year, first.month, 1, tzinfo=timezone.get_current_timezone())
    rows = Voice.objects.filter(heard_at__gte=since).annotate(month=TruncMonth("heard_at"))
    return sorted(_telling(rows), key=lambda one: one.first or first, reverse=True)


def _telling(rows: QuerySet[Any]) -> Iterable[Telling]:
    """Count voices by `month`; the middle of each is found by sorting in the database."""
    untold = Q(answered_at=None) & ~Q(closed_at=None)
    last = Judgement.objects.filter(voice=OuterRef("pk")).order_by("-pk").values("good")[:1]
    counted = (
        rows.order_by()
        .values("month")
        .annotate(
            heard=Count("pk"),
            told=Count("pk", filter=Q(answered_at__isnull=False)),
            **{why: Count("pk", filter=untold & Q(untold=why)) for why in Untold},
        )
    )
    judged = rows.filter(Exists(Judgement.objects.filter(voice=OuterRef("pk"))))
    words = judged.annotate(last=Subquery(last)).order_by().values("month")
    helped = {
        one["month"]: (one["judged"], one["good"])
        for one in words.annotate(judged=Count("pk"), good=Count("pk", filter=Q(last=True)))
    }
    for one in list(counted):
        month = one["month"]
        took = rows.filter(answered_at__isnull=False).annotate(
            took=F("answered_at") - F("heard_at")
        )
        if month is not None:
            after = (month + timedelta(days=32)).replace(day=1)
            took = took.filter(heard_at__gte=month, heard_at__lt=after)
        yield Telling(
            month.date() if month else None,
            one["heard"],
            one["told"],
            _middle(took, one["told"]),
            {why: one[why] for why in Untold if one[why]},
            *helped.get(month, (0, 0)),
        )


def _median(closed: int) -> timedelta | None:
    """Return the middle time from heard to closed."""
    rows = Voice.objects.exclude(closed_at=None)
    return _middle(rows.annotate(took=F("closed_at") - F("heard_at")), closed)


def _middle(rows: QuerySet[Any], many: int) -> timedelta | None:
    """Return the middle `took` of many (or the mean of the two), sorted in the database."""
    if not many:
        return None
    took = rows.order_by("took").values_list("took", flat=True)
    middle: list[timedelta] = list(took[(many - 1) // 2 : many // 2 + 1])
    return sum(middle, timedelta()) / len(middle)


def _said(rows: Voices, stand: Stands | None = None) -> Iterable[Said]:
    """Yield voices as others read them; all of them `stand` there, where it is given."""
    found = list(rows)
    owed = Owed.objects.filter(voice__in=() if stand else found)
    owing = set(owed.values_list("voice_id", flat=True))
    for row in found:
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
            stands=stand
            or rules.stands(
                read_at=row.read_at,
                told_at=row.told_at,
                closed_at=row.closed_at,
                owed=row.pk in owing,
            ),
            untold=row.untold,
            untold_words=row.untold_words,
        )
