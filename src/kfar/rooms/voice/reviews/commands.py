"""Reviews written, changed, taken back, verified, answered."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from kfar.ground.errors import Refused
from kfar.ground.gone import Gone
from kfar.ground.ids import new_id
from kfar.lake import audit
from kfar.lake.outbox import announce
from kfar.rooms.customers import commands as customers
from kfar.rooms.customers import queries as people
from kfar.rooms.village import queries as village
from kfar.rooms.voice import commands as voice
from kfar.rooms.voice.facts import Reviewed
from kfar.rooms.voice.models import Voice
from kfar.rooms.voice.reviews import rules
from kfar.rooms.voice.reviews.models import LONG, Before, Product, Review, ReviewAnswer
from kfar.rooms.voice.reviews.reckoning import reckon
from kfar.rooms.voice.rules import check_text

ANSWER = "voice.answer"
#: The source of what is written here.
OURSELVES = "kfar"


@dataclass(frozen=True)
class Ware:
    """What is reviewed, as its source calls it."""

    code: str
    name: str
    category: str = ""


@transaction.atomic
def write(
    *,
    by: UUID,
    ware: Ware,
    stars: int,
    text: str,
    language: str,
    named: bool = False,
    about: UUID | None = None,
) -> UUID:
    """Take a customer's review of a product, or what they say in its place; return its id.

    A person has one of each product. What it said before is kept for them alone. Words, and few
    stars, are heard as any voice; `about` is the purchase it is about. The same twice is once.
    Refuses with `reviews.no_stars`, `reviews.no_product` and `voice.too_long`.
    """
    stars, said = rules.check_stars(stars), rules.check_words(text)
    customers.hold(customer_id=by)
    product = shelve(ware=ware)
    now, own = timezone.now(), people.selves(by)
    there = Review.objects.select_for_update().filter(
        product=product, customer__in=own, taken_back_at=None
    )
    row = there.order_by("-at", "-pk").first()
    before = None if row is None else (row.stars, row.text)
    if row is None:
        pk = new_id()
        row = Review(pk=pk, key=str(pk), source=OURSELVES, product=product, customer_id=by, at=now)
    elif before == (stars, said) and row.named == named:
        return row.pk
    elif before != (stars, said):
        Before.objects.create(review=row, stars=row.stars, text=row.text, until=now)
        row.changed_at = now
    row.stars, row.text, row.language, row.named = stars, said, language[:5], named
    if heard := rules.to_be_heard(stars, said, before):
        row.voice_id = voice.say(
            by=by, text=heard, language=language, about=about, about_name=product.name
        )
    row.save()
    reckon([product.pk])
    announce(Reviewed(review_id=row.pk, customer_id=by, at=now))
    return row.pk


@transaction.atomic
def take_back(*, by: UUID, review_id: UUID) -> None:
    """Take one's review back: nobody reads it any more but who wrote it. Twice is once.

    Its voice stays: it is answered as any other. Refuses with `reviews.not_found`.
    """
    row = _held(review_id)
    if row.customer_id not in people.selves(by):
        raise Refused("reviews.not_found")
    if row.taken_back_at is None:
        row.taken_back_at = timezone.now()
        row.save(update_fields=["taken_back_at"])
        reckon([row.product_id])


@transaction.atomic
def verify(*, review_id: UUID, bought_at: datetime | None) -> None:
    """Note that a purchase was looked for, and when the product was bought (None: not found)."""
    row = Review.objects.select_for_update().filter(pk=review_id).first()
    if row is None or row.verified_at is not None:
        return
    row.looked_at, row.verified_at = timezone.now(), bought_at
    row.save(update_fields=["looked_at", "verified_at"])
    if bought_at is not None:
        Product.objects.select_for_update().get(pk=row.product_id)
        reckon([row.product_id])


@transaction.atomic
def answer(*, by: UUID, review_id: UUID, text: str, language: str) -> None:
    """Answer a review in public; another answer takes the place of the one before.

    Where its words are a voice that nobody has read, it is read now. Refuses with
    `village.may_not`, `reviews.not_found`, and `voice.nothing_said` or `voice.too_long`.
    """
    village.require(by, ANSWER)
    said = check_text(text)
    row = _held(review_id)
    if row.taken_back_at is not None:
        raise Refused("reviews.not_found")
    now = timezone.now()
    ReviewAnswer.objects.update_or_create(
        review=row, defaults={"by_id": by, "text": said, "language": language[:5], "at": now}
    )
    if row.voice_id is not None:
        Voice.objects.filter(pk=row.voice_id, read_at=None).update(read_at=now)
    if row.customer_id is not None:
        audit.note(act="voice.answered", customer_id=row.customer_id, employee_id=by)


@transaction.atomic
def shelve(*, ware: Ware) -> Product:
    """Return the product, made now if nobody reviewed it before, locked until the act is done.

    Refuses with `reviews.no_product` where it has no code, or one that is too long.
    """
    code, name = ware.code.strip(), ware.name.strip() or ware.code.strip()
    if not code or len(code) > LONG or "\x00" in code:
        raise Refused("reviews.no_product")
    Product.objects.get_or_create(
        pk=code, defaults={"name": name[:LONG], "category": ware.category.strip()[:LONG]}
    )
    return Product.objects.select_for_update().get(pk=code)


@transaction.atomic
def forget(*, customers: Collection[UUID]) -> Gone:
    """Erase these customers' reviews, with what they said before and the answers to them."""
    rows = Review.objects.filter(customer__in=customers)
    ids = list(rows.values_list("pk", flat=True))
    codes = set(rows.values_list("product_id", flat=True))
    gone = Gone.of(rows.delete()[1], ids)
    reckon(codes)
    return gone


def _held(review_id: UUID) -> Review:
    """Return the review, locked with its product until the act is done."""
    row = Review.objects.filter(pk=review_id).first()
    if row is None:
        raise Refused("reviews.not_found")
    Product.objects.select_for_update().get(pk=row.product_id)
    return Review.objects.select_for_update().get(pk=review_id)
