"""Reviews as they are read and written: stars drawn and said, forms, and what programs read."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.conf import settings
from django.urls import reverse
from django.utils.functional import Promise as StrPromise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from kfar.doors.web import charts
from kfar.doors.web.charts import Bar, Bars
from kfar.doors.web.forms import FIELDS, Once
from kfar.doors.words import number
from kfar.rooms.insight import shelves
from kfar.rooms.voice.reviews import queries
from kfar.rooms.voice.reviews.commands import Ware
from kfar.rooms.voice.reviews.queries import Prominent, Sort, Told
from kfar.rooms.voice.reviews.rules import MOST_STARS

FIELDS |= {"reviews.no_stars": "stars"}

STARS: dict[int, StrPromise] = {
    5: gettext_lazy("Very good"),
    4: gettext_lazy("Good"),
    3: gettext_lazy("So-so"),
    2: gettext_lazy("Bad"),
    1: gettext_lazy("Very bad"),
}
SORTS = {
    Sort.TELLING: gettext_lazy("Most telling first"),
    Sort.NEWEST: gettext_lazy("Newest first"),
}
#: What would end the script, or begin another, where a page holds data.
ESCAPES = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


class ReviewForm(Once):
    """Stars, words if one likes, and whether the name may stand beside them."""

    stars = forms.TypedChoiceField(
        choices=list(STARS.items()),
        coerce=int,
        error_messages={
            "required": gettext_lazy("Choose one to five stars."),
            "invalid_choice": gettext_lazy("Choose one to five stars."),
        },
    )
    text = forms.CharField(required=False, strip=False)
    named = forms.BooleanField(required=False)


class AnswerForm(Once):
    """What the company says to a review."""

    text = forms.CharField(required=False)


def ware(code: str) -> Ware | None:
    """Return what a product is called, by what was reviewed, or bought by enough people."""
    known = queries.product(code)
    if known is not None:
        return Ware(known.code, known.name, known.category)
    good = shelves.good("product", code)
    return Ware(code, good.ware.name or code, good.ware.category) if good else None


def drawn(stars: int) -> str:
    """Return stars as they are drawn; beside them stands how many, in words."""
    return "★" * stars + "☆" * (MOST_STARS - stars)


def said(stars: int) -> str:
    """Return how many stars, in words."""
    return ngettext("%(n)s star of 5", "%(n)s stars of 5", stars) % {"n": number(stars)}


def shared(product: Prominent) -> Bars:
    """Draw how many gave five stars, four and so on."""
    rows = [Bar(said(n), product.stars[n - 1]) for n in range(MOST_STARS, 0, -1)]
    return charts.bars(rows, number)


def ranked(products: list[Prominent]) -> Bars:
    """Draw the prominence of products, with its interval."""
    rows = [
        Bar(one.name, one.mean, one.low, one.high, link=reverse("web:reviews", args=[one.code]))
        for one in products
    ]
    return charts.bars(rows, lambda value: number(value, 2), most=MOST_STARS)


def json_ld(product: Prominent, reviews: tuple[Told, ...]) -> SafeString:
    """Return a product with its rating and the reviews on the page, in schema.org's words.

    It stands in a `<script>` that is data and is never run; whatever could end that script is
    written so that it cannot. The rating is the plain mean: what those words stand for.
    """
    given = sum(n * stars for n, stars in enumerate(product.stars, 1))
    about: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": product.name,
        "sku": product.code,
        "url": f"{settings.KFAR_URL}{reverse('web:reviews', args=[product.code])}",
    }
    if product.category:
        about["category"] = product.category
    if product.reviews:
        about["aggregateRating"] = {
            "@type": "AggregateRating",
            "ratingValue": round(given / product.reviews, 2),
            "reviewCount": product.reviews,
            "bestRating": MOST_STARS,
            "worstRating": 1,
        }
        about["review"] = [_review(one) for one in reviews]
    text = json.dumps(about, ensure_ascii=False)
    return mark_safe(text.translate(ESCAPES))


def _review(one: Told) -> dict[str, Any]:
    told: dict[str, Any] = {
        "@type": "Review",
        "identifier": str(one.id),
        "author": {"@type": "Person", "name": one.name or _("A customer")},
        "datePublished": one.at.date().isoformat(),
        "reviewRating": {"@type": "Rating", "ratingValue": one.stars, "bestRating": MOST_STARS},
    }
    if one.text:
        told |= {"reviewBody": one.text, "inLanguage": one.language}
    return told
