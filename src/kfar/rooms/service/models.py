"""Cases, remedies, who was asked to approve one, saved replies, limits that were changed."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from kfar.ground.ids import new_id
from kfar.lake.took import Took
from kfar.rooms.service.approving.rules import Outcome
from kfar.rooms.service.replies.rules import TITLE
from kfar.rooms.service.rules import MOST, Fault, Kind


class Case(models.Model):
    """What an employee has to decide for one voice. `decided_at` is empty while it waits.

    Cases of one person with the same `together` are decided as one; each keeps its own standing,
    so that taking one out again changes nothing else.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    voice_id = models.UUIDField(unique=True)
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.CASCADE, related_name="cases"
    )
    kind = models.SlugField(default="web", help_text="The channel it came by.")
    opened_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True)
    first_decided_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True, help_text="First handed to somebody.")
    handed_to = models.ForeignKey(
        "village.Employee", null=True, on_delete=models.SET_NULL, related_name="handed_cases"
    )
    together = models.UUIDField(null=True, db_index=True)
    due_at = models.DateTimeField(null=True, help_text="By when it is to be decided.")
    in_time = models.BooleanField(null=True, help_text="Of the first decision.")
    good = models.BooleanField(null=True, help_text="The customer's last word.")
    taken_by = models.ForeignKey(
        "village.Employee", null=True, on_delete=models.SET_NULL, related_name="taken_cases"
    )
    taken_at = models.DateTimeField(null=True)
    assign_at = models.DateTimeField(null=True, help_text="When it is given to somebody.")

    class Meta:
        indexes = [
            models.Index(fields=["opened_at"], condition=Q(decided_at=None), name="case_waiting"),
            models.Index(fields=["due_at"], condition=Q(decided_at=None), name="case_due"),
            models.Index(
                fields=["assign_at"],
                condition=Q(decided_at=None, taken_by=None),
                name="case_to_assign",
            ),
            models.Index(
                Took("opened_at", "first_decided_at"),
                condition=~Q(first_decided_at=None),
                name="case_decided_after",
            ),
            # All that is counted of them (`queries.figures`, `clocks.queries.in_time`).
            models.Index(fields=["first_decided_at", "asked_at", "in_time"], name="case_counted"),
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
    abused = models.BooleanField(default=False, help_text="Taken back because it was abused.")
    about = models.JSONField(default=dict, help_text="As it was then; see `rules.about`.")
    under = models.UUIDField(null=True, help_text="The theme whose own limit held.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(Q(undone_at=None) & Q(undone_why=""))
                | (~Q(undone_at=None) & ~Q(undone_why="")),
                name="undone_has_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(abused=False) | ~Q(undone_at=None), name="abused_means_undone"
            ),
        ]


class Reached(models.Model):
    """That a remedy was for this case, too, which was decided together with its own."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    remedy = models.ForeignKey(Remedy, on_delete=models.CASCADE, related_name="reached")
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="reached")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["remedy", "case"], name="reached_once"),
        ]


class Approval(models.Model):
    """That somebody was asked by name whether a remedy above one's authority may be given.

    `request` is the same for all who were asked about one remedy, one after the other.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    request = models.UUIDField(db_index=True)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="approvals")
    kind = models.CharField(max_length=20, choices=[(k, k) for k in Kind])
    minor = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3)
    words = models.TextField(max_length=MOST, blank=True)
    fault = models.CharField(max_length=20, choices=[(f, f) for f in Fault])
    worth = models.BigIntegerField(null=True, help_text="As it was when it was asked.")
    about = models.JSONField(default=dict, help_text="As it was then; see `rules.about`.")
    under = models.UUIDField(null=True, help_text="The theme whose own limit it was above.")
    asked_by = models.ForeignKey(
        "village.Employee", on_delete=models.PROTECT, related_name="approvals_asked"
    )
    approver = models.ForeignKey(
        "village.Employee", on_delete=models.PROTECT, related_name="approvals"
    )
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    remind_at = models.DateTimeField(null=True, help_text="Half of their time is gone.")
    reminded_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, choices=[(o, o) for o in Outcome], blank=True)
    why = models.TextField(max_length=MOST, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], condition=Q(ended_at=None), name="approval_open"),
            models.Index(
                fields=["remind_at"],
                condition=Q(ended_at=None, reminded_at=None),
                name="approval_to_remind",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(ended_at=None), name="one_approver_a_case"
            ),
            models.UniqueConstraint(fields=["request", "approver"], name="approver_asked_once"),
            models.CheckConstraint(
                condition=Q(ended_at=None, outcome="")
                | (Q(ended_at__isnull=False) & ~Q(outcome="")),
                name="ended_has_an_outcome",
            ),
        ]


class Away(models.Model):
    """That somebody is away: they are given nothing, and not asked, while others are here."""

    employee = models.OneToOneField(
        "village.Employee", primary_key=True, on_delete=models.CASCADE, related_name="away"
    )
    until = models.DateTimeField()


class Reply(models.Model):
    """Words the team saved to answer with, in one language. `gone_at`: offered no more."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    title = models.CharField(max_length=TITLE)
    language = models.CharField(max_length=5)
    text = models.TextField(max_length=MOST)
    by = models.ForeignKey(
        "village.Employee", on_delete=models.PROTECT, related_name="saved_replies"
    )
    at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["title", "language"], condition=Q(gone_at=None), name="one_reply_a_title"
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
    due_at = models.DateTimeField(null=True, help_text="By when a person is to decide it.")
    in_time = models.BooleanField(null=True, help_text="Of what a person decided.")
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


class ReturnAsk(models.Model):
    """That somebody without an account asked for a link to return something.

    `number` is of the order, as it was typed, and is let go of once it is looked up; so is the row
    where nobody with that address bought that.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    address = models.CharField(max_length=254, db_index=True)
    number = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    looked_up_at = models.DateTimeField(null=True)
    customer = models.ForeignKey(
        "customers.Customer", null=True, on_delete=models.CASCADE, related_name="return_asks"
    )
    purchase_id = models.UUIDField(null=True)
    return_id = models.UUIDField(null=True, help_text="What was started by it: one, once.")

    class Meta:
        indexes = [
            models.Index(fields=["at"], condition=Q(looked_up_at=None), name="return_ask_waiting")
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(customer=None, purchase_id=None, return_id=None, looked_up_at=None)
                | Q(customer__isnull=False, purchase_id__isnull=False, looked_up_at__isnull=False),
                name="looked_up_is_found",
            )
        ]


class LimitChange(models.Model):
    """A limit that somebody changed: what it was, is, and why, where outcomes said so.

    With a `theme`, the limit for what is about that; then before or after there may be none.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    role = models.ForeignKey("village.Role", on_delete=models.CASCADE, related_name="limit_changes")
    remedy = models.SlugField()
    theme = models.UUIDField(null=True)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    evidence = models.JSONField(null=True)
    by = models.ForeignKey(
        "village.Employee", on_delete=models.PROTECT, related_name="limit_changes"
    )
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(
        "village.Employee", null=True, on_delete=models.PROTECT, related_name="limits_undone"
    )
