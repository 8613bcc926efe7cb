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


class ReturnTerm(models.Model):
    """The policy of returns for one category; under "" for all that have none of their own."""

    category = models.CharField(primary_key=True, max_length=200)
    days = models.PositiveIntegerField()
    most = models.PositiveBigIntegerField(help_text="Minor units of the company's money.")


class Return(models.Model):
    """What goes back. The money is back at `money_at`, by the policy where `by` is empty."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=12, unique=True)
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.CASCADE, related_name="returns"
    )
    bought_at = models.DateTimeField()
    minor = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3)
    doubts = models.JSONField(default=list, help_text="Why the policy leaves it to a person.")
    at = models.DateTimeField()
    money_at = models.DateTimeField(null=True)
    refused_at = models.DateTimeField(null=True)
    by = models.ForeignKey(
        "village.Employee", null=True, on_delete=models.PROTECT, related_name="returns"
    )
    words = models.TextField(max_length=MOST, blank=True)
    sent_at = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField(null=True)
    taken_back_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["customer", "-at"], name="return_of_customer"),
            models.Index(
                fields=["at"],
                condition=Q(arrived_at=None, taken_back_at=None, refused_at=None),
                name="return_under_way",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(money_at=None) | Q(refused_at=None), name="given_or_refused"
            ),
            # No machine refuses: somebody did, and said why.
            models.CheckConstraint(
                condition=Q(refused_at=None) | (Q(by__isnull=False) & ~Q(words="")),
                name="refused_by_a_person",
            ),
        ]


class ReturnLine(models.Model):
    """So many of a line of a purchase, and what they are worth."""

    owner = models.ForeignKey(Return, on_delete=models.CASCADE, related_name="lines")
    touch_id = models.UUIDField(db_index=True)
    product = models.CharField(max_length=200, blank=True)
    name = models.CharField(max_length=200, blank=True)
    category = models.CharField(max_length=200, blank=True)
    units = models.PositiveIntegerField()
    minor = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "touch_id"], name="a_line_once_a_return")
        ]
