"""Products that are reviewed, their reviews, what these said before, and answers to them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from kfar.ground.ids import new_id
from kfar.rooms.voice.rules import MOST

#: The longest code, name or category.
LONG = 200


class Shelf(models.Model):
    """A category, and what one of its products is like before anybody has said anything."""

    category = models.CharField(max_length=LONG, primary_key=True)
    prior = models.JSONField(help_text="How many reviews each of the five stars is worth.")
    at = models.DateTimeField(default=timezone.now)


class Product(models.Model):
    """A product that was reviewed, and its prominence when it was reckoned last.

    `stars` are how many gave one, two … five; `mean` with its interval is None without reviews.
    `shares` is what each star weighs with what is usual: what the mean is of.
    """

    code = models.CharField(max_length=LONG, primary_key=True)
    name = models.CharField(max_length=LONG)
    category = models.CharField(max_length=LONG, blank=True)
    stars = models.JSONField(default=list)
    reviews = models.PositiveIntegerField(default=0)
    verified = models.PositiveIntegerField(default=0)
    shares = models.JSONField(default=list)
    mean = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    changed_on = models.DateField(null=True, help_text="Since when it is as it is.")
    reckoned_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["category", "-mean"], name="product_prominent")]


class Review(models.Model):
    """What somebody says of a product; without a customer where a source does not name one.

    `key` is what a source calls it. `voice` is the voice its words became.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="all_reviews")
    customer = models.ForeignKey(
        "customers.Customer", null=True, on_delete=models.CASCADE, related_name="reviews"
    )
    source = models.SlugField()
    key = models.CharField(max_length=64)
    stars = models.PositiveSmallIntegerField()
    text = models.TextField(max_length=MOST, blank=True)
    language = models.CharField(max_length=5, blank=True)
    named = models.BooleanField(default=False, help_text="Their name may stand beside it.")
    at = models.DateTimeField()
    changed_at = models.DateTimeField(null=True)
    taken_back_at = models.DateTimeField(null=True)
    verified_at = models.DateTimeField(null=True, help_text="When it was bought.")
    looked_at = models.DateTimeField(null=True, help_text="When a purchase was last looked for.")
    voice = models.ForeignKey("voice.Voice", null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        indexes = [
            models.Index(
                fields=["product", "-at"], condition=Q(taken_back_at=None), name="review_of_product"
            ),
            models.Index(
                fields=["looked_at"],
                condition=Q(verified_at=None, taken_back_at=None, customer__isnull=False),
                name="review_unverified",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["source", "key"], name="a_review_taken_once"),
            models.UniqueConstraint(
                fields=["product", "customer"],
                condition=Q(taken_back_at=None),
                name="one_review_a_product",
            ),
            models.CheckConstraint(
                condition=Q(stars__gte=1, stars__lte=5), name="one_to_five_stars"
            ),
        ]


class Before(models.Model):
    """What a review said before it was changed: for who wrote it alone."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="befores")
    stars = models.PositiveSmallIntegerField()
    text = models.TextField(max_length=MOST, blank=True)
    until = models.DateTimeField(default=timezone.now)


class ReviewAnswer(models.Model):
    """What the company says to a review, in public."""

    review = models.OneToOneField(Review, on_delete=models.CASCADE, related_name="answer")
    by = models.ForeignKey("village.Employee", on_delete=models.PROTECT, related_name="+")
    text = models.TextField(max_length=MOST)
    language = models.CharField(max_length=5)
    at = models.DateTimeField(default=timezone.now)
