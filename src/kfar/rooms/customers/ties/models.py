"""That two know each other, invitations to say so, and addresses that want none."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from kfar.ground.ids import new_id


class Tie(models.Model):
    """Two who know each other, as both said; one that is ended leaves no row."""

    one = models.ForeignKey("customers.Customer", on_delete=models.CASCADE, related_name="+")
    other = models.ForeignKey("customers.Customer", on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["one", "other"], name="tied_once"),
            models.CheckConstraint(condition=Q(one__lt=F("other")), name="a_tie_one_way"),
        ]


class TieInvitation(models.Model):
    """That a customer invites somebody they know, by a link that one person may accept once.

    `address` stands here until its letter is out or will not go; `whom` is its keyed hash. Who
    was invited is not kept.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    by = models.ForeignKey(
        "customers.Customer", on_delete=models.CASCADE, related_name="tie_invitations"
    )
    at = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField()
    address = models.CharField(max_length=254, blank=True)
    whom = models.CharField(max_length=32, blank=True)
    due_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    declined_at = models.DateTimeField(null=True)
    taken_back_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], condition=~Q(address=""), name="tie_letter_waiting"),
            models.Index(fields=["whom", "-sent_at"], name="tie_written_to"),
            models.Index(fields=["at"], name="tie_invitation_at"),
        ]


class TieStop(models.Model):
    """That an address wants no invitations: its keyed hash, by which nobody is found out."""

    whom = models.CharField(max_length=32, primary_key=True)
    at = models.DateTimeField(default=timezone.now)
