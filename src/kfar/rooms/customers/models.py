"""A person, the names they go by, what they agreed to, who turned out to be one; companies."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from kfar.ground.ids import new_id
from kfar.ground.text import LANGUAGES


class Customers(models.QuerySet["Customer"]):
    """Sets of customers."""

    def people(self) -> Self:
        """Return one row a person: the one whose id is theirs."""
        return self.filter(person=None)

    def held(self, ids: Iterable[UUID]) -> Self:
        """Return these rows, locked until the transaction ends, always in the same order."""
        return self.select_for_update(no_key=True).filter(pk__in=set(ids)).order_by("pk")


class Customer(models.Model):
    """One person (or household), from the first hello. The id says nothing about them.

    Who turned out to be somebody known already keeps their row and points to that person's:
    `person` follows from the merges that stand and is empty for who is merged into nobody.
    """

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
    person = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="selves")

    objects = Customers.as_manager()


class Handle(models.Model):
    """A name the person goes by: `("email", "a@b.pl")`, `("completejourney", "718")`.

    It stays with the customer it was given to, whoever they turn out to be.
    """

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="handles")
    kind = models.SlugField()
    value = models.CharField(max_length=254)
    at = models.DateTimeField(default=timezone.now, help_text="Since when they go by it.")

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
        indexes = [models.Index(fields=["customer", "purpose", "-at"], name="consent_latest")]


class Way(models.Model):
    """How somebody wants to hear of one purpose: by e-mail, by text message, not at all.

    The latest counts; none means as we can.
    """

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="ways")
    purpose = models.SlugField()
    way = models.SlugField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["customer", "purpose", "-at"], name="way_latest")]


class Merge(models.Model):
    """That one customer turned out to be another person. Undone, it stays as history."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    loser = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="merges")
    winner = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="merged")
    ground = models.SlugField(help_text="Why: device, alias, email …, sign-in, match, staff.")
    source = models.CharField(max_length=60)
    by = models.ForeignKey(
        "village.Employee", null=True, on_delete=models.PROTECT, related_name="merges"
    )
    at = models.DateTimeField(default=timezone.now)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(
        "village.Employee", null=True, on_delete=models.PROTECT, related_name="undone_merges"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["loser"], condition=Q(undone_at=None), name="merged_into_one"
            ),
            models.CheckConstraint(condition=~Q(loser=F("winner")), name="merged_into_another"),
        ]


class Proposal(models.Model):
    """Two who may be one person: a human decides, once. `same` is what was decided."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    one = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="proposals")
    other = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="proposed")
    ground = models.SlugField()
    source = models.CharField(max_length=60)
    score = models.FloatField(null=True, help_text="How likely, 0 to 1, where it was estimated.")
    evidence = models.JSONField(default=list, help_text="Which kinds of names agree.")
    at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True)
    same = models.BooleanField(null=True)
    by = models.ForeignKey(
        "village.Employee", null=True, on_delete=models.PROTECT, related_name="decided_proposals"
    )

    class Meta:
        indexes = [models.Index(fields=["at"], condition=Q(decided_at=None), name="proposal_open")]
        constraints = [
            models.UniqueConstraint(fields=["one", "other"], name="proposed_once"),
            models.CheckConstraint(condition=Q(one__lt=F("other")), name="a_pair_one_way"),
            models.CheckConstraint(
                condition=Q(decided_at=None, same=None)
                | Q(decided_at__isnull=False, same__isnull=False),
                name="decided_either_way",
            ),
        ]


class Account(models.Model):
    """A business customer: many people, each with a part in it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=200, blank=True)
    met_at = models.DateTimeField(default=timezone.now)


class AccountHandle(models.Model):
    """A name a source knows the account by: `("shop", "acme-ltd")`."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="handles")
    kind = models.SlugField()
    value = models.CharField(max_length=254)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "value"], name="one_account_a_handle")
        ]


class Membership(models.Model):
    """A customer's part in an account (buyer, user …), from when, and until when."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="memberships")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="memberships")
    part = models.CharField(max_length=60)
    since = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "customer", "part"],
                condition=Q(until=None),
                name="each_part_once_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="left_after_joining"
            ),
        ]


class Step(models.TextChoices):
    """How far an erasure is: what was done last."""

    ASKED = "asked"
    FORGOTTEN = "forgotten", "No room knows them any more."
    ERASED = "erased", "Nor does the lake."
    TOLD = "told", "They were told, and their mails are gone."
    CLEARED = "cleared", "The erasure does not say any more who it was."
    DONE = "done", "Nothing of it is left in the database's files."


class Erasure(models.Model):
    """That somebody is erased. `who` says whom until it is done; the rest is the receipt."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    step = models.CharField(max_length=20, choices=Step.choices, default=Step.ASKED)
    asked_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now)
    how = models.SlugField(help_text="How they asked: page, letter, phone, visit.")
    by = models.ForeignKey(
        "village.Employee", null=True, on_delete=models.PROTECT, related_name="erasures"
    )
    who = models.JSONField(null=True)
    until = models.BigIntegerField(null=True, help_text="What the intake has to settle first.")
    rows = models.JSONField(default=dict, help_text="How many rows went, by table.")
    files = models.PositiveIntegerField(default=0)
    mails = models.PositiveIntegerField(default=0)
    done_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["asked_at"], condition=Q(done_at=None), name="erasure_open")
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(done_at=None) | Q(who__isnull=True), name="done_names_nobody"
            )
        ]


# Rows of a part of the room: Django finds them from here.
from kfar.rooms.customers.ties import models as ties  # noqa: E402, F401
