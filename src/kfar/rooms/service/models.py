"""Cases and the remedies given in them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from kfar.ground.ids import new_id
from kfar.rooms.service.rules import MOST, Fault, Kind


class Case(models.Model):
    """What an employee has to decide for one voice. `decided_at` is empty while it waits."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    voice_id = models.UUIDField(unique=True)
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.CASCADE, related_name="cases"
    )
    opened_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True)
    first_decided_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True, help_text="First handed to somebody.")
    handed_to = models.ForeignKey(
        "village.Employee", null=True, on_delete=models.SET_NULL, related_name="handed_cases"
    )

    class Meta:
        indexes = [
            models.Index(fields=["opened_at"], condition=Q(decided_at=None), name="case_waiting")
        ]


class Remedy(models.Model):
    """What was given, by whom, and whether it was taken back. Never deleted, never changed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="remedies")
    kind = models.CharField(max_length=20, choices=[(k, k) for k in Kind])
    minor = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3)
    words = models.TextField(max_length=MOST, blank=True)
    fault = models.CharField(max_length=20, choices=[(f, f) for f in Fault], default=Fault.OURS)
    by = models.ForeignKey("village.Employee", on_delete=models.PROTECT, related_name="remedies")
    at = models.DateTimeField(default=timezone.now)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(
        "village.Employee", null=True, on_delete=models.PROTECT, related_name="undone_remedies"
    )
    undone_why = models.TextField(max_length=MOST, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(Q(undone_at=None) & Q(undone_why=""))
                | (~Q(undone_at=None) & ~Q(undone_why="")),
                name="undone_has_a_reason",
            )
        ]
