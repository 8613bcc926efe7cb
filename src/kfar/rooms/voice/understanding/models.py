"""What was said later on a voice, as it was read; and what people taught."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone


class Further(models.Model):
    """What a mail or a post that came after says, as `Reading` does of what a voice began with."""

    voice = models.ForeignKey("voice.Voice", on_delete=models.CASCADE, related_name="further")
    mail = models.OneToOneField(
        "voice.Mail", null=True, on_delete=models.CASCADE, related_name="reading"
    )
    post = models.OneToOneField(
        "voice.Post", null=True, on_delete=models.CASCADE, related_name="reading"
    )
    at = models.DateTimeField(help_text="When it was heard.")
    language = models.CharField(max_length=5, blank=True)
    sentiment = models.CharField(max_length=8, blank=True)
    probability = models.FloatField()
    mark = models.CharField(max_length=8)
    unhappy = models.BooleanField()
    version = models.CharField(max_length=32, help_text="What read it.")

    class Meta:
        indexes = [
            models.Index(fields=["voice", "at"], name="further_of_voice"),
            models.Index(fields=["at"], condition=Q(unhappy=True), name="further_unhappy"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(mail=None) ^ Q(post=None), name="further_is_a_mail_or_a_post"
            )
        ]


class Learned(models.Model):
    """What corrections and `stars` add to the model of a language: hashed n-grams, no words.

    `before` and `after` are the shares of later ones that are read right without it and with it.
    """

    language = models.CharField(max_length=5, primary_key=True)
    model = models.BinaryField()
    corrections = models.PositiveIntegerField()
    stars = models.PositiveIntegerField(default=0)
    before = models.FloatField()
    after = models.FloatField()
    at = models.DateTimeField(default=timezone.now)
