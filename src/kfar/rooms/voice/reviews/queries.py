"""Reviews and the prominence of products, as others may read them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce, Least, Length
from django.utils import timezone

from kfar.ground.text import LANGUAGES
from kfar.rooms.customers import queries as people
from kfar.rooms.customers.queries import OWN
from kfar.rooms.voice.reviews.models import Product, Review

#: So many reviews, or products, stand on a page.
PAGE = 20
#: More letters than that tell no more.
TELLING = 400


class Sort(StrEnum):
    """How reviews are sorted."""

    TELLING = "telling"
    NEWEST = "newest"


@dataclass(frozen=True)
class Prominent:
    """A product that was reviewed: `stars` are how many gave one, two … five.

    `mean`, `low` and `high` are its prominence in stars, 0 without reviews.
    """

    code: str
    name: str
    category: str
    stars: tuple[int, ...]
    reviews: int
    verified: int
    mean: float
    low: float
    high: float
    changed_on: date | None
    reckoned_at: datetime | None


@dataclass(frozen=True)
class Answered:
    """What the company said to a review."""

    text: str
    language: str
    at: datetime


@dataclass(frozen=True)
class Told:
    """A review as everybody reads it: `name` is "" unless its writer wants it there."""

    id: UUID
    code: str
    stars: int
    text: str
    language: str
    name: str
    source: str
    at: datetime
    changed_at: datetime | None
    verified: bool
    answer: Answered | None


@dataclass(frozen=True)
class Mine:
    """A review as who wrote it reads it: with what it said before, oldest first."""

    told: Told
    product: str
    named: bool
    taken_back_at: datetime | None
    before: tuple[tuple[datetime, int, str], ...]


@dataclass(frozen=True)
class Page:
    """Some reviews of a product, of `total` there are in that language."""

    reviews: tuple[Told, ...]
    number: int
    pages: int
    total: int


def product(code: str) -> Prominent | None:
    """Return a product that was reviewed, or None."""
    row = Product.objects.filter(pk=code).first()
    return as_prominent(row) if row else None


def categories() -> list[tuple[str, int]]:
    """Return the categories in which there are reviewed products, and how many, by name."""
    rows = Product.objects.filter(reviews__gt=0).order_by("category").values_list("category")
    return [(category, products) for category, products in rows.annotate(Count("pk"))]


def shelf(category: str | None, *, after: int = 0, most: int = PAGE) -> list[Prominent]:
    """Return the products of a category (None: of all), the most prominent first."""
    rows = Product.objects.filter(reviews__gt=0)
    if category is not None:
        rows = rows.filter(category=category)
    return [
        as_prominent(row) for row in rows.order_by("-mean", "-reviews", "pk")[after : after + most]
    ]


def count(category: str | None) -> int:
    """Return how many reviewed products there are in a category (None: in all)."""
    rows = Product.objects.filter(reviews__gt=0)
    return (rows if category is None else rows.filter(category=category)).count()


def reviews(
    code: str, *, language: str = "", sort: Sort = Sort.TELLING, number: int = 1, most: int = PAGE
) -> Page:
    """Return a page of what is said of a product, whatever it says; in a language, "" for all.

    The most telling: of who bought it, in more words, lately. None is left out for being bad.
    """
    rows = _standing(Review.objects.filter(product=code))
    if language:
        rows = rows.filter(language=language)
    total = rows.count()
    pages = max(-(-total // most), 1)
    number = min(max(number, 1), pages)
    if sort is Sort.TELLING:
        bought = Case(When(verified_at=None, then=Value(0)), default=Value(1))
        rows = rows.annotate(bought=bought, long=Least(Length("text"), Value(TELLING)))
        rows = rows.order_by("-bought", "-long", "-at", "pk")
    else:
        rows = rows.order_by("-at", "pk")
    found = rows.select_related("answer")[(number - 1) * most : number * most]
    return Page(tuple(as_told(found)), number, pages, total)


def of_people(code: str, names: Mapping[UUID, str], *, most: int = PAGE) -> list[Told]:
    """Return what these people say of a product, each under the name given; the latest first."""
    ids = people.owners(names)
    rows = _standing(Review.objects.filter(product=code, customer__in=ids))
    found = list(rows.select_related("answer").order_by("-at", "pk")[:most])
    called = [names[ids[row.customer_id]] for row in found if row.customer_id]
    return [replace(told, name=name) for told, name in zip(as_told(found), called, strict=True)]


def languages(code: str) -> list[str]:
    """Return in which languages a product was reviewed."""
    rows = Review.objects.filter(product=code, taken_back_at=None)
    found = set(rows.values_list("language", flat=True).distinct())
    return [language for language in LANGUAGES if language in found]


def review(review_id: UUID) -> Told | None:
    """Return one review that stands, or None."""
    rows = Review.objects.filter(pk=review_id, taken_back_at=None).select_related("answer")
    return next(iter(as_told(rows)), None)


def mine(customer_id: UUID) -> list[Mine]:
    """Return all reviews of a customer, with those taken back, newest first."""
    rows = Review.objects.filter(customer__in=people.selves(customer_id))
    found = list(
        rows.select_related("answer", "product").prefetch_related("befores").order_by("-at", "pk")
    )
    return [
        Mine(
            told=told,
            product=row.product.name,
            named=row.named,
            taken_back_at=row.taken_back_at,
            before=tuple(
                (b.until, b.stars, b.text)
                for b in sorted(row.befores.all(), key=lambda one: (one.until, one.pk))
            ),
        )
        for row, told in zip(found, as_told(found), strict=True)
    ]


def own(customer_id: UUID, code: str) -> Mine | None:
    """Return the review a customer has of a product, or None."""
    there = (
        one for one in mine(customer_id) if one.told.code == code and one.taken_back_at is None
    )
    return next(there, None)


def to_verify(
    most: int = 500, every: timedelta = timedelta(hours=1)
) -> list[tuple[UUID, UUID, str]]:
    """Return reviews for which no purchase was found: (id, customer, product), those due first."""
    rows = Review.objects.filter(verified_at=None, taken_back_at=None, customer__isnull=False)
    due = rows.filter(Q(looked_at=None) | Q(looked_at__lt=timezone.now() - every))
    found = due.order_by(F("looked_at").asc(nulls_first=True), "pk")[:most]
    return [(row.pk, row.customer_id, row.product_id) for row in found if row.customer_id]


def of_what(review_id: UUID) -> tuple[str, ...]:
    """Return what the product is called that a review is of: its code, and its name."""
    row = Review.objects.filter(pk=review_id).select_related("product").first()
    return (row.product.code, row.product.name) if row else ()


def to_look_up(review_id: UUID) -> tuple[UUID, str] | None:
    """Return whose a review is and of which product, while no purchase is known of it."""
    rows = Review.objects.filter(pk=review_id, verified_at=None, customer__isnull=False)
    row = rows.first()
    return (row.customer_id, row.product_id) if row and row.customer_id else None


def _standing(rows: QuerySet[Review]) -> QuerySet[Review]:
    """Leave out what was taken back, and what one person says again under another of their ids."""
    rows = rows.filter(taken_back_at=None).annotate(person=OWN)
    again = Review.objects.filter(
        product=OuterRef("product"), taken_back_at=None, at__gt=OuterRef("at")
    ).annotate(person=Coalesce("customer__person_id", "customer_id"))
    return rows.exclude(Exists(again.filter(person=OuterRef("person"))))


def as_told(rows: Iterable[Review]) -> list[Told]:
    """Return reviews as everybody reads them; `rows` with their answers."""
    found = list(rows)
    named = people.people(row.customer_id for row in found if row.named and row.customer_id)
    names = {own: person.name for own, person in named.items()}
    return [
        Told(
            id=row.pk,
            code=row.product_id,
            stars=row.stars,
            text=row.text,
            language=row.language,
            name=names.get(row.customer_id, "") if row.customer_id else "",
            source=row.source,
            at=row.at,
            changed_at=row.changed_at,
            verified=row.verified_at is not None,
            answer=_answer(row),
        )
        for row in found
    ]


def _answer(row: Review) -> Answered | None:
    said = getattr(row, "answer", None)  # none is an AttributeError of Django's
    return Answered(said.text, said.language, said.at) if said else None


def as_prominent(row: Product) -> Prominent:
    """Return a product as everybody sees it."""
    return Prominent(
        code=row.pk,
        name=row.name,
        category=row.category,
        stars=tuple(row.stars) or (0,) * 5,
        reviews=row.reviews,
        verified=row.verified,
        mean=row.mean or 0.0,
        low=row.low or 0.0,
        high=row.high or 0.0,
        changed_on=row.changed_on,
        reckoned_at=row.reckoned_at,
    )
