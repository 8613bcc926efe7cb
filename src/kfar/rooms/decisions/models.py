"""Questions, who was asked, and their ballots."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from kfar.ground.ids import new_id
from kfar.rooms.decisions.tally import Method


class Question(models.Model):
    """A question with its rule: method, closing time and pledge are fixed once it is asked."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    text = models.JSONField(help_text="By language.")
    options = models.JSONField(help_text="A list of texts, each by language.")
    method = models.CharField(max_length=20, choices=[(m, m) for m in Method])
    pledge = models.JSONField(help_text="What the company will do with the result, by language.")
    pledge_due = models.DateField()
    asked_by = models.ForeignKey(
        "village.Employee", on_delete=models.PROTECT, related_name="questions"
    )
    asked_at = models.DateTimeField(default=timezone.now)
    closes_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    result = models.JSONField(null=True, help_text="The tally, from the close on.")

    class Meta:
        indexes = [
            models.Index(fields=["closes_at"], condition=Q(closed_at=None), name="question_open")
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("asked_at")), name="closes_after_asked"
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None, result=None)
                | Q(closed_at__isnull=False, result__isnull=False),
                name="closed_has_a_result",
            ),
        ]


class Invitation(models.Model):
    """That a customer was asked: one voice each. Without a customer: somebody since erased."""

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="invitations")
    customer = models.ForeignKey(
        "customers.Customer", null=True, on_delete=models.CASCADE, related_name="invitations"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["question", "customer"], name="asked_once")]


class Ballot(models.Model):
    """A customer's answer; a later one replaces it until the close."""

    invitation = models.OneToOneField(Invitation, on_delete=models.CASCADE, related_name="ballot")
    choices = models.JSONField(help_text="Numbers of the options chosen, from 0, ascending.")
    first_at = models.DateTimeField(default=timezone.now)
    cast_at = models.DateTimeField(default=timezone.now)
