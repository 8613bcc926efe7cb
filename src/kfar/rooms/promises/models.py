"""What was promised, to whom; and the letters by which people are told."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from kfar.ground.ids import new_id
from kfar.rooms.promises.rules import MOST


class Promise(models.Model):
    """What the company said it would do: who sees to it, by when, and what was done."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    text = models.JSONField(help_text="By language.")
    owner = models.ForeignKey("village.Employee", on_delete=models.PROTECT, related_name="promises")
    due = models.DateField()
    made_at = models.DateTimeField(default=timezone.now)
    kept_at = models.DateTimeField(null=True)
    how = models.TextField(max_length=MOST, blank=True)
    voice_id = models.UUIDField(null=True, db_index=True)
    question_id = models.UUIDField(null=True, unique=True)
    reply_id = models.UUIDField(null=True, unique=True, help_text="To an answer to a change.")
    customers = models.ManyToManyField("customers.Customer", related_name="promises")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(voice_id=None, question_id=None)
                | Q(voice_id=None, reply_id=None)
                | Q(question_id=None, reply_id=None),
                name="promised_for_one_reason",
            )
        ]


class Letters(models.QuerySet["Letter"]):
    """Sets of letters."""

    def waiting(self) -> Self:
        """Return those not sent yet and due, oldest first."""
        return self.filter(sent_at=None, due_at__lte=timezone.now()).order_by("at", "pk")


class Letter(models.Model):
    """Something one customer is to be told: a code and ids; the words are found when it is sent.

    `key` names what it tells and whom, so that nobody is told the same thing twice.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.CASCADE, related_name="letters"
    )
    what = models.SlugField()
    about = models.UUIDField()
    key = models.CharField(max_length=120, unique=True)
    at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now)
    tries = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)

    objects = Letters.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], condition=Q(sent_at=None), name="letter_waiting")
        ]
