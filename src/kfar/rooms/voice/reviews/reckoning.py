"""Prominence reckoned: of one product when something is said, of all of them once a day."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from django.db import transaction
from django.utils import timezone
from numpy.typing import NDArray

from kfar.rooms.customers.queries import OWN
from kfar.rooms.voice.prominence.scoring import Scores, after, score, weights
from kfar.rooms.voice.prominence.weighing import Reviews
from kfar.rooms.voice.reviews.models import Product, Review, Shelf

#: Priors are learned, and reviews grow older, once in that time.
AFRESH = timedelta(hours=20)
#: Day 0 of the science.
FIRST = date(1970, 1, 1)
FIGURES = (
    *("stars", "reviews", "verified", "shares", "mean", "low", "high"),
    *("changed_on", "reckoned_at"),
)


def reckon_due() -> int:
    """Reckon all products anew where that was done before yesterday; return how many."""
    last = Shelf.objects.order_by("-at").values_list("at", flat=True).first()
    if not Review.objects.exists() or (last and timezone.now() - last < AFRESH):
        return 0
    return reckon_all()


def reckon_all() -> int:
    """Learn the priors of all categories and reckon every product; return how many."""
    now = timezone.now()
    products = list(Product.objects.order_by("pk"))
    place = {product.pk: i for i, product in enumerate(products)}
    names = sorted({product.category for product in products})
    number = {name: i for i, name in enumerate(names)}
    category = np.array([number[product.category] for product in products], np.int64)
    reviews = _reviews(place)
    scores, priors = score(reviews, category, max(len(names), 1), today(now))
    with transaction.atomic():
        _write(products, reviews, scores, scores.weights + priors[category], now)
        Shelf.objects.bulk_create(
            [
                Shelf(category=name, prior=prior.tolist(), at=now)
                for name, prior in zip(names, priors, strict=True)
            ],
            update_conflicts=True,
            unique_fields=["category"],
            update_fields=["prior", "at"],
        )
        Shelf.objects.filter(at__lt=now).delete()
    return len(products)


def reckon(codes: Collection[str]) -> None:
    """Reckon some products now, with the priors that were learned last; the first time, all."""
    if not codes:
        return
    if not Shelf.objects.exists():
        reckon_all()
        return
    now = timezone.now()
    products = list(Product.objects.filter(pk__in=codes).order_by("pk"))
    if not products:
        return
    reviews = _reviews({product.pk: i for i, product in enumerate(products)}, codes)
    counted, changed = weights(reviews, today(now))
    prior = np.array([_prior(product.category) for product in products])
    scores = Scores(*after(counted, prior), changed, counted)
    _write(products, reviews, scores, counted + prior, now)


def _prior(category: str) -> Any:
    """Return the prior of a category; of one that is new, the mean of the others'."""
    known = Shelf.objects.filter(pk=category).values_list("prior", flat=True).first()
    return known or np.mean(list(Shelf.objects.values_list("prior", flat=True)), axis=0)


def _reviews(place: dict[str, int], codes: Collection[str] | None = None) -> Reviews:
    """Return what stands; of somebody who turned out to be another, the latest of the two."""
    rows = Review.objects.filter(taken_back_at=None).order_by("at", "pk")
    if codes is not None:
        rows = rows.filter(product__in=codes)
    said = rows.values_list("product_id", "at", "stars", "verified_at", OWN, "pk")
    latest: dict[tuple[str, UUID], tuple[int, int, int, bool]] = {}
    for code, at, stars, verified_at, person, own in said.iterator(10_000):
        latest[code, person or own] = place[code], today(at), stars, verified_at is not None
    table = np.array(list(latest.values()), np.int64).reshape(-1, 4)
    product, day, stars, verified = table.T
    return Reviews.of(product, day, stars, verified.astype(bool), len(place))


def today(at: datetime) -> int:
    """Return the day of an instant, as the science counts them."""
    return (timezone.localdate(at) - FIRST).days


def _write(
    products: Iterable[Product],
    reviews: Reviews,
    scores: Scores,
    shares: NDArray[np.float64],
    now: datetime,
) -> None:
    products = list(products)
    cell = reviews.product * 5 + reviews.stars - 1
    stars = np.bincount(cell, minlength=len(products) * 5).reshape(-1, 5)
    verified = np.bincount(reviews.product[reviews.verified], minlength=len(products))
    for i, product in enumerate(products):
        there = int(stars[i].sum())
        product.stars, product.reviews = stars[i].tolist(), there
        product.verified = int(verified[i])
        product.shares = shares[i].tolist() if there else []
        product.mean = float(scores.mean[i]) if there else None
        product.low = float(scores.low[i]) if there else None
        product.high = float(scores.high[i]) if there else None
        day = int(scores.changed[i])
        product.changed_on = FIRST + timedelta(days=day) if day >= 0 else None
        product.reckoned_at = now
    Product.objects.bulk_update(products, FIGURES, batch_size=500)
