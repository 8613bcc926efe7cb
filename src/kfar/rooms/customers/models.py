"""A person, the names they go by, and what they agreed to."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from kfar.ground.ids import new_id
from kfar.ground.text import LANGUAGES


class Customer(models.Model):
    """One person (or household), from the first hello. The id says nothing about them."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=200, blank=True)
    language = models.CharField(
        max_length=5, choices=[(c, c) for c in LANGUAGES], blank=True, help_text="Empty: not known."
    )
    about = models.JSONField(default=dict, help_text="Demographics, where the person gave them.")
    met_at = models.DateTimeField(default=timezone.now)
    login = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="customer"
    )


class Handle(models.Model):
    """A name a source knows the person by: `("email", "a@b.pl")`, `("completejourney", "718")`."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="handles")
    kind = models.SlugField()
    value = models.CharField(max_length=254)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "value"], name="one_person_a_handle")
        ]


class Consent(models.Model):
    """A yes or a no to one purpose. The latest counts; none means no."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="consents")
    purpose = models.SlugField()
    given = models.BooleanField()
    source = models.CharField(max_length=60)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["customer", "purpose", "-id"], name="consent_latest")]
