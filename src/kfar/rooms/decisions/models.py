"""Questions, who may answer, their ballots, and the logs in which all of it can be checked."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from uuid import UUID

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from kfar.ground.errors import Refused
from kfar.ground.ids import new_id
from kfar.rooms.decisions.consultations import rules as consulted
from kfar.rooms.decisions.proving import shipping
from kfar.rooms.decisions.proving.change import Change as Announced
from kfar.rooms.decisions.proving.change import read_change
from kfar.rooms.decisions.proving.consultation import Consultation as Consulted
from kfar.rooms.decisions.proving.consultation import read_consultation
from kfar.rooms.decisions.proving.manifest import Manifest, Tier, read_manifest
from kfar.rooms.decisions.rules import MOST_TEXT


class Questions(models.QuerySet["Question"]):
    """Sets of questions."""

    def held(self, question_id: UUID) -> Question:
        """Return a question, its row locked to the end of the transaction.

        Refuses `decisions.not_found`.
        """
        found = self.select_for_update().filter(pk=question_id).first()
        if found is None:
            raise Refused("decisions.not_found")
        return found


class Question(models.Model):
    """A question. All that is declared stands in its manifest, which is never written again."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    manifest = models.TextField(help_text="As it stands in the log: proving/manifest.py.")
    asked_by = models.ForeignKey(
        "village.Employee", on_delete=models.PROTECT, related_name="questions"
    )
    asked_at = models.DateTimeField(default=timezone.now)
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    withdrawn = models.JSONField(null=True, help_text="Why it was taken back, by language.")
    result = models.JSONField(null=True, help_text="What was counted, from the close on.")
    keyword = models.CharField(
        max_length=12, blank=True, help_text="By which it goes in text messages."
    )

    objects = Questions.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["closes_at"], condition=Q(closed_at=None), name="question_open")
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("opens_at")), name="closes_after_it_opens"
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None, result=None, withdrawn=None)
                | Q(closed_at__isnull=False, result__isnull=False, withdrawn=None)
                | Q(closed_at__isnull=False, result=None, withdrawn__isnull=False),
                name="closed_has_a_result_or_a_reason",
            ),
            models.UniqueConstraint(
                fields=["keyword"],
                condition=Q(closed_at=None) & ~Q(keyword=""),
                name="keyword_of_one_open_question",
            ),
        ]

    @cached_property
    def declared(self) -> Manifest:
        """What was declared."""
        return read_manifest(self.manifest)

    def check_open(self, now: datetime) -> None:
        """Refuse `decisions.closed` and `decisions.not_open` where no ballot is taken now."""
        if self.closed_at is not None or self.closes_at <= now:
            raise Refused("decisions.closed")
        if now < self.opens_at:
            raise Refused("decisions.not_open")


class Voter(models.Model):
    """The right to one ballot on a question, by number.

    `customer` is empty for somebody since erased, and where nobody knows who voted. Those who
    were given theirs at a door, without a row, have negative numbers (`rules.minted`).
    """

    # Found by the constraint's index.
    question = models.ForeignKey(
        Question, on_delete=models.CASCADE, related_name="voters", db_index=False
    )
    customer = models.ForeignKey(
        "customers.Customer", null=True, on_delete=models.CASCADE, related_name="voters"
    )
    number = models.PositiveSmallIntegerField(default=1, help_text="Of a customer's ballots.")
    tier = models.CharField(max_length=10, choices=[(t, t) for t in Tier], default=Tier.EMAIL)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["question", "customer", "number"], name="voter_once")
        ]


class Ballot(models.Model):
    """A voter's answer; a later one replaces it until the close.

    `tracker` is its voter's name in the log. `sealed` is how long the log was when this ballot
    stood in it; empty until it does. What is set `aside` has a reason, a code, and is not
    counted; what somebody has `cleared` is set aside by no rule.
    """

    voter = models.OneToOneField(Voter, on_delete=models.CASCADE, related_name="ballot")
    tracker = models.CharField(max_length=16)
    text = models.CharField(max_length=800, help_text="As kfar.ground.ballots writes it.")
    nonce = models.CharField(max_length=64)
    first_at = models.DateTimeField(default=timezone.now)
    cast_at = models.DateTimeField(default=timezone.now)
    sealed = models.BigIntegerField(null=True)
    aside = models.SlugField(blank=True, db_index=False)
    cleared = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["cast_at"], condition=Q(sealed=None), name="ballot_unsealed")
        ]
        constraints = [models.UniqueConstraint(fields=["tracker"], name="tracker_once")]


class Mark(models.Model):
    """By what a voter is known on one question: a keyed hash of a mailbox or a phone number."""

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="marks")
    voter = models.ForeignKey(Voter, on_delete=models.CASCADE, related_name="marks")
    mark = models.CharField(max_length=32, unique=True, help_text="Of the question, too.")


class Minted(models.Model):
    """That a voter by link was let in, when, and from which network: a keyed hash of it.

    `voter` is the number of a row that comes with the ballot.
    """

    voter = models.BigIntegerField(primary_key=True)
    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="minted")
    network = models.CharField(max_length=32)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["question", "network", "at"], name="minted_from")]


class Code(models.Model):
    """A code that was sent, until it has been used: keyed hashes of where to, and of the code."""

    sent_to = models.CharField(primary_key=True, max_length=32, help_text="Of the question, too.")
    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="codes")
    code = models.CharField(max_length=32)
    until = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)


class Spent(models.Model):
    """How often something was done in a window of time; `key` is a keyed hash of what by whom."""

    key = models.CharField(primary_key=True, max_length=32)
    times = models.PositiveIntegerField()
    until = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["until"], name="spent_until")]


class Page(models.Model):
    """A stretch of a log: `ledger.LINES` lines, of its last page fewer.

    `log` is the id of what is decided. `root` is the hash over a page that is full.
    """

    log = models.UUIDField()
    number = models.PositiveIntegerField()
    lines = models.TextField()
    root = models.BinaryField(null=True, max_length=32)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["log", "number"], name="page_once")]


class Head(models.Model):
    """A head of a log, signed: a note in the form of `proving/heads.py`."""

    log = models.UUIDField()
    size = models.BigIntegerField()
    note = models.TextField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["log", "size"], name="head_once")]


class Change(models.Model):
    """A change announced to business customers. All that is declared stands in its manifest."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    manifest = models.TextField(help_text="As it stands in the log: proving/change.py.")
    announced_by = models.ForeignKey(
        "village.Employee", on_delete=models.PROTECT, related_name="changes"
    )
    announced_at = models.DateTimeField(default=timezone.now)
    answers_by = models.DateTimeField()
    remind_at = models.DateTimeField()
    reminded_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn = models.JSONField(null=True, help_text="Why it was taken back, by language.")

    class Meta:
        indexes = [
            models.Index(
                fields=["answers_by"],
                condition=Q(closed_at=None, withdrawn_at=None),
                name="change_open",
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn=None)
                | Q(withdrawn_at__isnull=False, withdrawn__isnull=False),
                name="withdrawn_for_a_reason",
            )
        ]

    @cached_property
    def declared(self) -> Announced:
        """What was declared."""
        return read_change(self.manifest)


class Agreement(models.Model):
    """An agreement on record by which an account's silence means yes, until it ends."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(
        "customers.Account", on_delete=models.PROTECT, related_name="agreements"
    )
    title = models.CharField(max_length=200)
    signed_on = models.DateField()
    signed_by = models.CharField(max_length=200)
    sum = models.CharField(max_length=64, help_text="SHA-256 of what was signed.")
    file = models.CharField(max_length=200, blank=True, help_text="Its name, where it is here.")
    nonce = models.CharField(max_length=64)
    recorded_by = models.ForeignKey(
        "village.Employee", on_delete=models.PROTECT, related_name="agreements"
    )
    recorded_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=Q(ended_at=None), name="one_agreement_at_a_time"
            )
        ]


class Party(models.Model):
    """An account that is asked: who has one of these parts in it speaks for it."""

    change = models.ForeignKey(Change, on_delete=models.CASCADE, related_name="parties")
    account = models.ForeignKey(
        "customers.Account", on_delete=models.PROTECT, related_name="changes"
    )
    number = models.PositiveIntegerField(help_text="In the notice, from 0.")
    parts = models.JSONField()
    agreement = models.ForeignKey(
        Agreement, null=True, on_delete=models.PROTECT, related_name="parties"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["change", "account"], name="asked_once"),
            models.UniqueConstraint(fields=["change", "number"], name="numbered_once"),
        ]


class Answer(models.Model):
    """What an account said to a change; the last counts. `customer` is empty once erased."""

    party = models.ForeignKey(Party, on_delete=models.CASCADE, related_name="answers")
    number = models.PositiveIntegerField(help_text="Of the account's answers, from 0.")
    customer = models.ForeignKey(
        "customers.Customer", null=True, on_delete=models.CASCADE, related_name="change_answers"
    )
    answer = models.CharField(max_length=10, choices=[(a, a) for a in shipping.Answer])
    words = models.TextField(blank=True)
    nonce = models.CharField(max_length=64)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["party", "number"], name="said_in_order")]


class Reply(models.Model):
    """The company takes an answer's conditions on, by a date; or answers an objection."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    answer = models.OneToOneField(Answer, on_delete=models.CASCADE, related_name="reply")
    text = models.JSONField(help_text="By language.")
    due = models.DateField(null=True)
    by = models.ForeignKey("village.Employee", on_delete=models.PROTECT, related_name="replies")
    nonce = models.CharField(max_length=64)
    at = models.DateTimeField(default=timezone.now)


class Attachment(models.Model):
    """A file that belongs to a notice, kept by its sum (`files.py`)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    change = models.ForeignKey(Change, on_delete=models.CASCADE, related_name="attachments")
    number = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=200)
    size = models.PositiveBigIntegerField()
    sum = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["change", "number"], name="attached_in_order")
        ]


class Consultation(models.Model):
    """A topic to talk about. All that is declared stands in its manifest, its log's first line.

    `moved` grows with every vote and every statement that comes in or goes, so that one sees
    whether what was computed is still true.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    manifest = models.TextField(help_text="As it stands in the log: proving/consultation.py.")
    asked_by = models.ForeignKey(
        "village.Employee", on_delete=models.PROTECT, related_name="consultations"
    )
    asked_at = models.DateTimeField(default=timezone.now)
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    moved = models.BigIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(
                fields=["closes_at"], condition=Q(closed_at=None), name="consultation_open"
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("opens_at")), name="consultation_closes_after"
            )
        ]

    @cached_property
    def declared(self) -> Consulted:
        """What was declared."""
        return read_consultation(self.manifest)


class Opinion(models.Model):
    """What a consultation says, as computed when it had `moved` so far; nothing of any person.

    `chart` places people and asks them (consulting/chart.py), `told` is what pages show
    (consultations/telling.py). It began `began_at` and took so many milliseconds.
    """

    consultation = models.OneToOneField(
        Consultation, on_delete=models.CASCADE, primary_key=True, related_name="opinion"
    )
    version = models.PositiveIntegerField(default=0)
    moved = models.BigIntegerField(default=-1)
    began_at = models.DateTimeField(default=timezone.now)
    took = models.PositiveIntegerField(default=0)
    chart = models.TextField(blank=True)
    told = models.TextField(blank=True)


class Participant(models.Model):
    """Who takes part in a consultation, with all their votes in one piece (consulting/packed.py).

    `number` is random, and their tracker: their name in the log and in what is published.
    `customer` is empty for somebody since erased, and where nobody knows who it is. `nonce` is
    what binds their votes as they are; `sealed` is how long the log was when these had entered
    it, empty while they wait.
    """

    consultation = models.ForeignKey(
        Consultation, on_delete=models.CASCADE, related_name="participants"
    )
    customer = models.ForeignKey(
        "customers.Customer", null=True, on_delete=models.CASCADE, related_name="participations"
    )
    number = models.BigIntegerField()
    votes = models.BinaryField(default=bytes)
    nonce = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField(default=timezone.now, help_text="When they last voted.")
    sealed = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["consultation", "customer"], name="participant_once"),
            models.UniqueConstraint(fields=["consultation", "number"], name="participant_number"),
        ]


class Statement(models.Model):
    """Something said in a consultation, in the speaker's language.

    `author` is empty for what the company began with (`seed`), and for what came from somebody
    since erased, whose words are gone with them. `same` finds what was said before. Why one was
    taken out stands in `reason`; `nonce` binds its words in the log, and goes with them.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    consultation = models.ForeignKey(
        Consultation, on_delete=models.CASCADE, related_name="statements"
    )
    number = models.PositiveIntegerField()
    author = models.ForeignKey(
        Participant, null=True, on_delete=models.SET_NULL, related_name="statements"
    )
    seed = models.BooleanField(default=False)
    text = models.CharField(max_length=consulted.MOST_STATEMENT, blank=True)
    language = models.CharField(max_length=8, blank=True)
    nonce = models.CharField(max_length=64, blank=True)
    same = models.CharField(max_length=64, blank=True)
    state = models.CharField(
        max_length=10, choices=[(s, s) for s in consulted.State], default=consulted.State.WAITING
    )
    said_at = models.DateTimeField(default=timezone.now)
    reason = models.CharField(max_length=MOST_TEXT, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["consultation", "number"], name="statement_number"),
            models.UniqueConstraint(
                fields=["consultation", "same"], condition=~Q(same=""), name="statement_once"
            ),
        ]
