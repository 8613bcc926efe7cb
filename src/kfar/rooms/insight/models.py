"""What was learned of everybody, and what customers say of what is known of them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone


class Study(models.Model):
    """What was learned of everybody, of one kind: the latest. It names nobody."""

    kind = models.SlugField(primary_key=True)
    until = models.DateField(help_text="The last day that was looked at.")
    people = models.PositiveIntegerField(help_text="Of how many it was learned.")
    made_at = models.DateTimeField(default=timezone.now)
    content = models.BinaryField()


class Refresh(models.Model):
    """How far learning is, or how it ended. One row, the latest."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    asked_at = models.DateTimeField(null=True, help_text="Somebody wants it now.")
    began_at = models.DateTimeField(null=True)
    step = models.SlugField(blank=True)
    done = models.PositiveSmallIntegerField(default=0)
    of = models.PositiveSmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)
    failed = models.SlugField(blank=True, max_length=100, help_text="Why the last one failed.")


class Kind(models.TextChoices):
    """What a customer says of something that is known of them."""

    GIFT = "gift", "For somebody else: it says nothing of their taste."
    NOT_ME = "not-me", "It was somebody else."
    UNUSED = "unused", "Theirs, and not to be used."


class Correction(models.Model):
    """What a customer says of one touch, or of all in a category."""

    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.CASCADE, related_name="corrections"
    )
    kind = models.SlugField(choices=Kind.choices)
    touch = models.UUIDField(null=True)
    category = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(touch__isnull=False, category="")
                | Q(touch=None, kind=Kind.UNUSED) & ~Q(category=""),
                name="corrects_one_thing",
            ),
            models.UniqueConstraint(fields=["customer", "touch"], name="a_touch_corrected_once"),
            models.UniqueConstraint(
                fields=["customer", "category"],
                condition=Q(touch=None),
                name="a_category_corrected_once",
            ),
        ]


class Place(models.Model):
    """What a place of purchase is called, and in which region it lies."""

    code = models.CharField(primary_key=True, max_length=200)
    name = models.CharField(max_length=200, blank=True)
    region = models.CharField(max_length=200, blank=True)


class Promoted(models.Model):
    """One week of promotions, as a source told it last: the file that it stands in."""

    source = models.SlugField()
    week = models.DateField(help_text="Its Monday.")
    file = models.CharField(max_length=100)
    rows = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "week"], name="a_week_told_once"),
        ]


class Belief(models.Model):
    """What an employee believes moves customers, the strongest first; the latest counts."""

    employee = models.ForeignKey(
        "village.Employee", on_delete=models.CASCADE, related_name="beliefs"
    )
    outcome = models.SlugField()
    order = models.JSONField(help_text="Names of drivers, the strongest first.")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["outcome", "employee", "at"], name="belief_of")]


class Lead(models.Model):
    """What the company says it leads with, in parts of a hundred; the latest counts."""

    employee = models.ForeignKey("village.Employee", on_delete=models.PROTECT, related_name="+")
    weights = models.JSONField(help_text="A part of a hundred for each discipline.")
    at = models.DateTimeField(default=timezone.now)
