"""What happened, as rows: announcements, audit lines, fresh touches, the table's catalogue."""

from __future__ import annotations

from typing import Self

from django.db import connection, models
from django.db.models import Q
from django.utils import timezone


class Announcements(models.QuerySet["Announcement"]):
    """Sets of announcements."""

    def due(self) -> Self:
        """Return those not delivered and not waiting for another try, oldest first."""
        return self.filter(delivered_at=None, due_at__lte=timezone.now()).order_by("pk")

    def claim(self, pk: int) -> Announcement | None:
        """Return the one row, locked until the transaction ends; None where another has it."""
        rows = self.filter(pk=pk)
        if connection.features.has_select_for_update_skip_locked:
            rows = rows.select_for_update(skip_locked=True)
        return rows.first()


class Announcement(models.Model):
    """A fact in the outbox."""

    fact = models.CharField(max_length=100)
    payload = models.JSONField()
    at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now)
    tries = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=100, blank=True)
    delivered_at = models.DateTimeField(null=True)

    objects = Announcements.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], condition=Q(delivered_at=None), name="outbox_waiting")
        ]


class AuditLine(models.Model):
    """An act on a customer's data. Written once, never changed."""

    at = models.DateTimeField(default=timezone.now)
    act = models.CharField(max_length=60)
    customer_id = models.UUIDField(db_index=True)
    employee_id = models.UUIDField(null=True)
    request_id = models.CharField(max_length=36, blank=True)


class Batch(models.Model):
    """The name of a batch that was taken into the table."""

    name = models.CharField(max_length=200, unique=True)


class Segment(models.Model):
    """A file of the table. It is in the table when, and only when, this row is committed."""

    name = models.CharField(max_length=60, unique=True)
    rows = models.PositiveBigIntegerField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    min_customer = models.UUIDField()
    max_customer = models.UUIDField()
    added_at = models.DateTimeField(default=timezone.now)
    # How many columns it has: the first ones of `lake.touch.COLUMNS`.
    width = models.PositiveSmallIntegerField()
    # All its customers' ids begin with the same `depth` bits.
    depth = models.PositiveSmallIntegerField(default=0)
    # Whether its rows stand by customer and time.
    ordered = models.BooleanField(default=True)
    # Whether the ids of its touches stand in the runs.
    noted = models.BooleanField(default=False)


class IdRun(models.Model):
    """A file of sorted ids: the runs together hold the ids of all touches in the table."""

    name = models.CharField(max_length=60, unique=True)
    rows = models.PositiveBigIntegerField()
    # So many of them were taken out: they repeat another.
    gone = models.PositiveBigIntegerField(default=0)


class Noted(models.Model):
    """A file that a writer makes or replaces: it leaves the bucket, unless the catalogue names it.

    As in the file of the writer's lock, for when the disk is lost.
    """

    lock = models.CharField(max_length=20)
    name = models.CharField(max_length=60)


class Position(models.Model):
    """How far a log has been read, by its name."""

    log = models.CharField(max_length=40, primary_key=True)
    at = models.PositiveBigIntegerField(default=0)


class Touchpoint(models.Model):
    """A fresh touch, not yet in the table; the fields of `lake.touch.Touch`, "" for None."""

    id = models.UUIDField(primary_key=True, editable=False)
    customer = models.UUIDField()
    at = models.DateTimeField()
    channel = models.TextField()
    kind = models.TextField()
    source = models.TextField()
    place = models.TextField(blank=True, db_index=True)
    basket = models.TextField(blank=True)
    product = models.TextField(blank=True)
    product_name = models.TextField(blank=True)
    category = models.TextField(blank=True)
    department = models.TextField(blank=True)
    units = models.IntegerField(null=True)
    measure = models.FloatField(null=True)
    measure_unit = models.TextField(blank=True)
    paid = models.BigIntegerField(null=True)
    discount = models.BigIntegerField(null=True)
    currency = models.TextField(blank=True)
    ref = models.TextField(blank=True)
    name = models.TextField(blank=True)
    url = models.TextField(blank=True)
    properties = models.TextField(blank=True)
    consent = models.TextField(blank=True)
    received = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["customer", "-at"], name="inbox_timeline")]
