"""Unhappy people an hour, the streams that are watched, and alarms."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from kfar.ground.ids import new_id


class Hour(models.Model):
    """How many unhappy people there were in one hour in one stream: a number, and nobody in it."""

    stream = models.CharField(max_length=220)
    at = models.DateTimeField()
    people = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["stream", "at"], name="one_count_an_hour")]


class Watch(models.Model):
    """A stream that is watched: what is to be expected in it, and how much speaks for a change.

    `expected` are people per hour of the week, `spread` as in `warning.pattern`. `evidence` is of
    each multiple after the hours before `until`; `calibrated` and `guaranteed` are thresholds.
    """

    stream = models.CharField(max_length=220, primary_key=True)
    expected = models.JSONField()
    spread = models.FloatField()
    calibrated = models.FloatField()
    guaranteed = models.FloatField()
    evidence = models.JSONField(default=list)
    until = models.DateTimeField()


class Alarm(models.Model):
    """More people are unhappy than usual, in one stream, since the beginning of an hour.

    `people` were heard until it was raised, `expected` were to be expected. `real` is what an
    employee judged it to be.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    stream = models.CharField(max_length=220)
    since = models.DateTimeField()
    raised_at = models.DateTimeField()
    people = models.PositiveIntegerField()
    expected = models.FloatField()
    loud_at = models.DateTimeField(help_text="Until when much spoke for it.")
    calmed_at = models.DateTimeField(null=True)
    real = models.BooleanField(null=True)
    judged_at = models.DateTimeField(null=True)
    judged_by = models.ForeignKey("village.Employee", on_delete=models.PROTECT, null=True)

    class Meta:
        indexes = [models.Index(fields=["-raised_at"], name="alarm_raised")]
        constraints = [
            models.UniqueConstraint(
                fields=["stream"], condition=Q(calmed_at=None), name="one_alarm_a_stream"
            )
        ]
