"""Who may send touchpoints, and what was turned away."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from kfar.ground.ids import new_id


class Scope(models.TextChoices):
    """Where a key stands. What a public page says of who somebody is proves nothing.

    What opens the API opens nothing at the gate, and the other way round; a directory's key
    opens what says who works here, and one to promises those of each customer, and nothing else.
    """

    WEB = "web"
    SERVER = "server"
    API = "api"
    DIRECTORY = "directory"
    PROMISES = "promises"


class Key(models.Model):
    """A key to the gate, known here by its SHA-256 alone."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    source = models.SlugField()
    scope = models.CharField(max_length=10, choices=Scope.choices)
    sum = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=8, help_text="The first letters, to tell keys apart.")
    rate = models.PositiveIntegerField(default=0, help_text="Events a second; 0 for any number.")
    made_at = models.DateTimeField(default=timezone.now)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(scope__in=Scope.values), name="key_has_a_scope")
        ]


class Rejected(models.Model):
    """How many events of a source were turned away for a reason on a day; nothing of them."""

    day = models.DateField()
    source = models.SlugField()
    reason = models.CharField(max_length=40)
    count = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["day", "source", "reason"], name="rejected_once_a_day")
        ]
