"""What was promised, to whom or by whom, and what came of it; plans; how people are told."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Case, Q, When
from django.utils import timezone

from kfar.ground.ids import new_id
from kfar.rooms.promises.in_return.rules import PRODUCT, Kind
from kfar.rooms.promises.plans.rules import NEEDS, TITLE, Shape, Source, Stage
from kfar.rooms.promises.rules import AWAITED, MOST


class Promises(models.QuerySet["Promise"]):
    """Sets of promises."""

    def ours(self) -> Self:
        """Return those the company made."""
        return self.filter(giver=None)

    def in_return(self) -> Self:
        """Return those customers made, or were asked for."""
        return self.exclude(giver=None)


class Promise(models.Model):
    """What the company said it would do: who sees to it, by when, and what was done.

    With a `giver` it is what that customer said they would do in return: of a `kind`, asked for
    by `owner` or by nobody. It counts once they `agreed`.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    text = models.JSONField(help_text="By language.")
    owner = models.ForeignKey(
        "village.Employee", null=True, on_delete=models.PROTECT, related_name="promises"
    )
    due = models.DateField()
    made_at = models.DateTimeField(default=timezone.now)
    kept_at = models.DateTimeField(null=True)
    how = models.TextField(max_length=MOST, blank=True)
    voice_id = models.UUIDField(null=True, db_index=True)
    question_id = models.UUIDField(null=True, unique=True)
    reply_id = models.UUIDField(null=True, unique=True, help_text="To an answer to a change.")
    plan = models.ForeignKey("Plan", null=True, on_delete=models.PROTECT, related_name="promises")
    to_all = models.BooleanField(default=False, help_text="Its words are for everybody.")
    first_due = models.DateField(null=True, help_text="What was promised first, where it moved.")
    broken_at = models.DateTimeField(null=True)
    broken_by = models.ForeignKey(
        "village.Employee", null=True, on_delete=models.PROTECT, related_name="broken_promises"
    )
    why = models.TextField(max_length=MOST, blank=True, help_text="Why it was broken.")
    released_at = models.DateTimeField(null=True)
    customers = models.ManyToManyField("customers.Customer", related_name="promises")
    giver = models.ForeignKey(
        "customers.Customer", null=True, on_delete=models.CASCADE, related_name="given"
    )
    kind = models.SlugField(blank=True, choices=[(k, k) for k in Kind])
    about = models.CharField(max_length=PRODUCT, blank=True, help_text="A product, in return.")
    agreed_at = models.DateTimeField(null=True, help_text="When its giver said yes.")
    reminded_at = models.DateTimeField(null=True)
    deed_id = models.UUIDField(null=True, unique=True, help_text="What kept it: a review.")

    objects = Promises.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["due"],
                condition=Q(kept_at=None, broken_at=None, released_at=None),
                name="promise_open",
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(released_at=None) | Q(kept_at=None, broken_at=None),
                name="released_is_owed_to_nobody",
            ),
            models.CheckConstraint(
                condition=Q(voice_id=None, question_id=None)
                | Q(voice_id=None, reply_id=None)
                | Q(question_id=None, reply_id=None),
                name="promised_for_one_reason",
            ),
            models.CheckConstraint(
                condition=Q(giver=None, owner__isnull=False)
                | Q(to_all=False, question_id=None, reply_id=None, plan=None, broken_at=None)
                & Q(giver__isnull=False)
                & ~Q(kind=""),
                name="somebody_promises",
            ),
            models.CheckConstraint(
                condition=Q(giver=None) | Q(kept_at=None) | Q(agreed_at__isnull=False),
                name="in_return_by_their_own_yes",
            ),
            models.UniqueConstraint(
                fields=["voice_id"],
                condition=Q(giver__isnull=False),
                name="asked_in_return_once_for_a_voice",
            ),
        ]


class AlsoFor(models.Model):
    """A voice a promise is for besides its own: when it was made, they were decided together."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    promise = models.ForeignKey(Promise, on_delete=models.CASCADE, related_name="also_for")
    voice_id = models.UUIDField(db_index=True)
    customer = models.ForeignKey("customers.Customer", on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["promise", "voice_id"], name="promised_once_a_voice")
        ]


class Moved(models.Model):
    """That a promise was to be kept by another day from then on."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    promise = models.ForeignKey(Promise, on_delete=models.CASCADE, related_name="moves")
    before = models.DateField()
    after = models.DateField()
    why = models.TextField(max_length=MOST)
    by = models.ForeignKey("village.Employee", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)


class MovedFor(models.Model):
    """That a move is told for a voice a promise is for besides its own: where that came from."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    move = models.ForeignKey(Moved, on_delete=models.CASCADE, related_name="also_for")
    also = models.ForeignKey(AlsoFor, on_delete=models.CASCADE, related_name="moves")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["move", "also"], name="moved_once_a_voice")]


class Release(models.Model):
    """That one customer does not need any more what was promised."""

    promise = models.ForeignKey(Promise, on_delete=models.CASCADE, related_name="releases")
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.CASCADE, related_name="releases"
    )
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["promise", "customer"], name="released_once")
        ]


class Plan(models.Model):
    """What is to be done about what was heard: who sees to it, and by when.

    `ref` names what it came of, as `source` does: an alarm, a question, a product, voices.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    title = models.CharField(max_length=TITLE)
    needs = models.TextField(max_length=NEEDS, help_text="What the makers have to know.")
    owner = models.ForeignKey("village.Employee", on_delete=models.PROTECT, related_name="plans")
    due = models.DateField()
    state = models.CharField(max_length=10, default=Stage.OPEN, choices=[(s, s) for s in Stage])
    why = models.TextField(max_length=MOST, blank=True, help_text="Why it was dropped.")
    state_at = models.DateTimeField(default=timezone.now)
    source = models.CharField(max_length=20, choices=[(s, s) for s in Source])
    ref = models.CharField(max_length=200, blank=True)
    label = models.CharField(max_length=200, blank=True, help_text="What it is about, in words.")
    voices = models.PositiveIntegerField(default=0)
    people = models.PositiveIntegerField(default=0)
    made_by = models.ForeignKey("village.Employee", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["state", "due"], name="plan_by_state")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=Stage.DROPPED) | ~Q(why=""), name="dropped_says_why"
            )
        ]


class PlanVoice(models.Model):
    """A voice that speaks for a plan."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="evidence")
    voice_id = models.UUIDField()
    customer = models.ForeignKey("customers.Customer", on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "voice_id"], name="speaks_once_for_a_plan")
        ]


class Target(models.Model):
    """Where plans are handed to: a tracker, or a mailbox. Its secret follows from ours."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.SlugField(unique=True)
    shape = models.CharField(max_length=10, choices=[(s, s) for s in Shape])
    url = models.CharField(max_length=2_000)
    made_at = models.DateTimeField(default=timezone.now)


class Handover(models.Model):
    """That a plan goes to a target, and what came back; `ref` and `link` are what they call it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="handovers")
    target = models.ForeignKey(Target, on_delete=models.CASCADE, related_name="handovers")
    at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now)
    tries = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)
    ref = models.CharField(max_length=200, blank=True)
    link = models.CharField(max_length=2_000, blank=True)
    heard_at = models.DateTimeField(null=True, help_text="As of when they spoke last.")

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(sent_at=None, given_up_at=None), name="handover_due"
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["plan", "target"], name="handed_once_to_each")
        ]


class Telling(models.Model):
    """That something changed because of voices, as those who spoke are told; never edited."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    did = models.JSONField(help_text="What was done, by language.")
    source = models.CharField(max_length=20, choices=[(s, s) for s in Source])
    ref = models.CharField(max_length=200, blank=True)
    label = models.CharField(max_length=200, blank=True)
    plan = models.ForeignKey(Plan, null=True, on_delete=models.PROTECT, related_name="tellings")
    voices = models.PositiveIntegerField()
    people = models.PositiveIntegerField()
    by = models.ForeignKey("village.Employee", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["-at"], name="telling_latest")]


class Spoke(models.Model):
    """A voice because of which something changed: it is told of once."""

    telling = models.ForeignKey(Telling, on_delete=models.CASCADE, related_name="spoke")
    voice_id = models.UUIDField(unique=True)
    customer = models.ForeignKey("customers.Customer", on_delete=models.CASCADE, related_name="+")


class Letters(models.QuerySet["Letter"]):
    """Sets of letters."""

    def waiting(self) -> Self:
        """Return those not sent yet and due: first what somebody waits for, then the oldest."""
        rows = self.filter(sent_at=None, due_at__lte=timezone.now())
        return rows.order_by(Case(When(what__in=AWAITED, then=0), default=1), "at", "pk")


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
    way = models.CharField(max_length=10, blank=True, help_text="How it went out; empty: not.")

    objects = Letters.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], condition=Q(sent_at=None), name="letter_waiting")
        ]
