"""What customers said, the mails and channels it came by, what is owed for it; alarms; surveys."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Self
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from kfar.ground.ids import new_id
from kfar.lake.took import Took
from kfar.rooms.voice.channels.rules import LINE as POST_LINE
from kfar.rooms.voice.channels.rules import LINK, LONGEST, Kind
from kfar.rooms.voice.follow_up.rules import Kind as FollowUpKind
from kfar.rooms.voice.mail.reading import LINE, LONGEST_ID
from kfar.rooms.voice.rules import MOST, MOST_WHY, Stands

#: Which voices stand where; `rules.stands` says the same of one.
STANDS = {
    Stands.UNREAD: Q(closed_at=None, owed=False, told_at=None, read_at=None),
    Stands.READ: Q(closed_at=None, owed=False, told_at=None, read_at__isnull=False),
    Stands.OWED: Q(closed_at=None, owed=True),
    Stands.TOLD: Q(closed_at=None, owed=False, told_at__isnull=False),
    Stands.CLOSED: ~Q(closed_at=None),
}

#: How a row of `Themed` is asked for its theme: of a merged one the other.
ROOT = Coalesce("theme__into_id", "theme_id")


class Voices(models.QuerySet["Voice"]):
    """Sets of voices."""

    def standing(self, stands: Stands) -> Self:
        """Return those that stand there."""
        return self.filter(STANDS[stands])

    def unhappy(self) -> Self:
        """Return the voices of unhappy people, as they were read; who is not read yet may be."""
        return self.filter(Q(reading=None) | Q(reading__unhappy=True))

    def unhappy_between(self, since: datetime, until: datetime) -> Self:
        """Return those of which what was said from `since` on and before `until` is unhappy."""
        later = Further.objects.filter(unhappy=True, at__gte=since, at__lt=until)
        begun = Q(reading=None) | Q(reading__unhappy=True)
        return self.filter(
            Q(heard_at__gte=since, heard_at__lt=until) & begun | Q(pk__in=later.values("voice"))
        )

    def marked(self, mark: str = "", theme: UUID | None = None) -> Self:
        """Return those with a mark and of a theme, where they are given."""
        rows = self.filter(mark=mark) if mark else self
        if theme is None:
            return rows
        return rows.filter(pk__in=Themed.objects.of([theme]).values("voice"))


class Voice(models.Model):
    """Something a customer said. `about` is the touchpoint it is about, where there is one.

    `owed` and `mark` say of it what `Owed` and its readings do, so that where voices stand, and
    what they say, is one look into an index.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.CASCADE, related_name="voices"
    )
    text = models.TextField(max_length=MOST)
    language = models.CharField(max_length=5)
    about = models.UUIDField(null=True)
    about_name = models.CharField(max_length=200, blank=True)
    heard_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True, help_text="Since when we wait for their word.")
    answered_at = models.DateTimeField(null=True, help_text="When they were first told.")
    closed_at = models.DateTimeField(null=True)
    owed = models.BooleanField(default=False, help_text="Whether a promise is to be kept first.")
    mark = models.CharField(
        max_length=8, blank=True, help_text='What was said last says, as it is shown; "" unread.'
    )
    understood_at = models.DateTimeField(null=True, help_text="When it was read by a model.")
    untold = models.SlugField(blank=True, help_text="Why it was closed without telling them.")
    untold_words = models.TextField(max_length=MOST_WHY, blank=True)
    untold_by = models.ForeignKey("village.Employee", on_delete=models.PROTECT, null=True)

    objects = Voices.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["customer", "-heard_at"], name="voice_of_customer"),
            # All that is counted of the voices of some time (`queries.telling`).
            models.Index(
                fields=["heard_at", "answered_at", "closed_at", "untold"], name="voice_counted"
            ),
            models.Index(
                Took("heard_at", "answered_at"),
                condition=~Q(answered_at=None),
                name="voice_answered_after",
            ),
            models.Index(
                Took("heard_at", "closed_at"),
                condition=~Q(closed_at=None),
                name="voice_closed_after",
            ),
            # Where voices stand, each as `Voices.standing` asks for it: by when, with what is asked
            # of them, or SQLite would look at each voice to count some.
            *(
                models.Index(
                    fields=["heard_at", "mark", "closed_at", "owed", "told_at", "read_at"],
                    condition=STANDS[stands],
                    name=f"voice_stands_{stands}",
                )
                for stands in STANDS
                if stands is not Stands.CLOSED
            ),
            models.Index(
                fields=["closed_at", "mark"], condition=STANDS[Stands.CLOSED], name="voice_closed"
            ),
            models.Index(
                fields=["heard_at"], condition=Q(understood_at=None), name="voice_not_understood"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at=None) | ~Q(answered_at=None) | ~Q(untold=""),
                name="closed_means_answered",
            )
        ]


class Owed(models.Model):
    """A promise that must be kept before the voice can close."""

    voice = models.ForeignKey(Voice, on_delete=models.CASCADE, related_name="owed_promises")
    promise_id = models.UUIDField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["promise_id", "voice"], name="owed_once_for_a_voice")
        ]


class Judgement(models.Model):
    """The customer's word on whether it is good now."""

    voice = models.ForeignKey(Voice, on_delete=models.CASCADE, related_name="judgements")
    good = models.BooleanField()
    at = models.DateTimeField(default=timezone.now)


class Mail(models.Model):
    """A mail of a customer's: the one a voice began with, or, with a text, one that came after."""

    key = models.CharField(max_length=64, primary_key=True, help_text="The same mail is one.")
    voice = models.ForeignKey(Voice, on_delete=models.CASCADE, related_name="mails")
    address = models.CharField(max_length=254, help_text="Where it says it comes from.")
    subject = models.CharField(max_length=LINE, blank=True)
    text = models.TextField(max_length=MOST, blank=True)
    message_id = models.CharField(max_length=LONGEST_ID, blank=True, db_index=True)
    attachments = models.JSONField(default=list, help_text="Name, type and size of each.")
    at = models.DateTimeField(default=timezone.now)


class Sought(models.Model):
    """The words by which a voice is found. The full text index over them is each database's own.

    On SQLite triggers keep it, which a change to this table has to make anew: see
    `migrations/0005_search.py`.
    """

    id = models.BigIntegerField(primary_key=True, help_text="By when it was heard.")
    voice = models.OneToOneField(Voice, on_delete=models.CASCADE, related_name="sought")
    words = models.TextField()


class Reading(models.Model):
    """What a voice began with says most likely, as it was read; "" where nothing reads it.

    `mark` is an employee's word, else the sentiment where one is sure of it, else "unsure";
    `unhappy` is whether it counts as unhappy.
    """

    voice = models.OneToOneField(
        Voice, on_delete=models.CASCADE, primary_key=True, related_name="reading"
    )
    language = models.CharField(max_length=5, blank=True)
    sentiment = models.CharField(max_length=8, blank=True)
    probability = models.FloatField()
    mark = models.CharField(max_length=8)
    unhappy = models.BooleanField()
    version = models.CharField(max_length=32, help_text="What read it.")


class Correction(models.Model):
    """What an employee says instead of what was said last on a voice until then."""

    voice = models.OneToOneField(
        Voice, on_delete=models.CASCADE, primary_key=True, related_name="correction"
    )
    sentiment = models.CharField(max_length=8)
    by = models.ForeignKey("village.Employee", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)


class Theme(models.Model):
    """What several people speak of, in one language.

    `name` is what an employee called it, else its `words` do. `weights` say how much each word
    speaks for it; words of fewer than five people are not among them.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    language = models.CharField(max_length=5)
    words = models.JSONField(default=list)
    weights = models.JSONField(default=dict)
    name = models.CharField(max_length=80, blank=True)
    into = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="merged")
    dropped = models.BooleanField(default=False, help_text="Somebody said that it is none.")


class Themeds(models.QuerySet["Themed"]):
    """Sets of what voices speak of."""

    def holding(self) -> Self:
        """Return what holds: what nobody denied, of themes nobody dropped."""
        rows = self.filter(Q(theme__into=None) | Q(theme__into__dropped=False))
        return rows.filter(no=False, theme__dropped=False)

    def of(self, themes: Collection[UUID]) -> Self:
        """Return what holds of these themes, or of those that are held for one with them."""
        return self.holding().filter(Q(theme__in=themes) | Q(theme__into__in=themes))


class Themed(models.Model):
    """That a voice speaks of a theme; with `no` somebody said that it does not."""

    voice = models.ForeignKey(Voice, on_delete=models.CASCADE, related_name="themed")
    theme = models.ForeignKey(Theme, on_delete=models.CASCADE, related_name="themed")
    no = models.BooleanField(default=False)

    objects = Themeds.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["voice", "theme"], name="themed_once")]


class Channel(models.Model):
    """Where customers talk. `about` is what to listen to there, `state` how far we have heard.

    `tries` is how often in a row it failed, `failing` with which code, `failed_at` since when.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=20, choices=[(k, k) for k in Kind])
    name = models.SlugField()
    url = models.CharField(max_length=LINK, blank=True)
    about = models.JSONField(default=dict)
    state = models.JSONField(default=dict)
    made_at = models.DateTimeField(default=timezone.now)
    removed_at = models.DateTimeField(null=True)
    heard_at = models.DateTimeField(null=True, help_text="When it last answered, or told.")
    due_at = models.DateTimeField(default=timezone.now, help_text="When it is asked next.")
    tries = models.PositiveIntegerField(default=0)
    failing = models.CharField(max_length=60, blank=True)
    failed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["name"], condition=Q(removed_at=None), name="one_channel_a_name"
            )
        ]


class Secret(models.Model):
    """What proves who speaks on a channel, sealed; more than one while it is being renewed."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="secrets")
    sealed = models.TextField()
    made_at = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField(null=True)


class Seen(models.Model):
    """That a message of a channel was heard: a keyed hash, which stays when its author goes."""

    key = models.CharField(max_length=32, primary_key=True)
    at = models.DateTimeField(default=timezone.now)


class Post(models.Model):
    """What a customer said on a channel: what a voice `began` with, or what came after.

    `text` is empty where the voice has all of it.
    """

    voice = models.ForeignKey(Voice, on_delete=models.CASCADE, related_name="posts")
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="posts")
    began = models.BooleanField()
    ref = models.CharField(max_length=POST_LINE, help_text="What the channel calls it.")
    thread = models.CharField(max_length=POST_LINE, blank=True)
    address = models.CharField(max_length=POST_LINE, blank=True, help_text="Who is answered.")
    ours = models.CharField(max_length=POST_LINE, blank=True, help_text="… and from where.")
    url = models.CharField(max_length=LINK, blank=True)
    text = models.TextField(max_length=LONGEST, blank=True)
    program = models.BooleanField(default=False)
    private = models.BooleanField(default=False)
    said_at = models.DateTimeField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index(fields=["channel", "ref"], name="post_by_ref"),
            models.Index(fields=["channel", "thread"], name="post_by_thread"),
        ]


class Posted(models.Model):
    """An answer of ours on a channel, part by part; without `ref` it could not be delivered.

    `letter_id` is the letter's it went out with; of what somebody wrote there by hand, the
    answer's.
    """

    voice = models.ForeignKey(Voice, on_delete=models.CASCADE, related_name="answers")
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="answers")
    letter_id = models.UUIDField()
    part = models.PositiveSmallIntegerField(default=0)
    ref = models.CharField(max_length=POST_LINE, blank=True)
    url = models.CharField(max_length=LINK, blank=True)
    why = models.CharField(max_length=60, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["channel", "ref"], name="posted_by_ref")]
        constraints = [
            models.UniqueConstraint(fields=["letter_id", "part"], name="posted_once"),
        ]


class Survey(models.Model):
    """Questions to customers. What is asked stands in `form`, in SurveyJS's JSON."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    form = models.JSONField()
    made_by = models.ForeignKey(
        "village.Employee", on_delete=models.PROTECT, related_name="surveys"
    )
    made_at = models.DateTimeField(default=timezone.now)
    opened_at = models.DateTimeField(null=True)
    closes_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    quota = models.PositiveIntegerField(null=True, help_text="So many answers close it.")
    until_full = models.BooleanField(default=False, help_text="Closes once all cells are full.")
    by_link = models.BooleanField(default=False, help_text="Anybody with the address may answer.")
    reminds = models.BooleanField(default=False)
    after = models.CharField(max_length=10, blank=True, help_text="Invites after such a contact.")
    after_days = models.PositiveIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["closes_at"], condition=Q(closed_at=None), name="survey_open")
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(opened_at=None, closes_at=None, closed_at=None)
                | Q(opened_at__isnull=False, closes_at__isnull=False),
                name="open_surveys_close",
            )
        ]


class Invitation(models.Model):
    """That a customer was asked: to answer a survey, or how something was."""

    survey = models.ForeignKey(
        Survey,
        null=True,
        on_delete=models.CASCADE,
        related_name="invitations",
        help_text="None where one is asked how something was.",
    )
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.CASCADE, related_name="invitations"
    )
    at = models.DateTimeField()
    day = models.DateField(help_text="The day of `at`, in UTC.")
    reminded_at = models.DateTimeField(null=True)
    enough_at = models.DateTimeField(null=True, help_text="Enough like them had answered.")

    class Meta:
        indexes = [models.Index(fields=["customer", "at"], name="invitation_of_customer")]
        constraints = [
            models.UniqueConstraint(fields=["survey", "customer"], name="invited_once"),
            # However often one may be asked (`KFAR_ASK_EVERY_DAYS`), never twice on a day.
            models.UniqueConstraint(fields=["customer", "day"], name="asked_once_a_day"),
        ]


class Response(models.Model):
    """What somebody answered; without a customer where nobody knows who it was."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="responses")
    invitation = models.OneToOneField(
        Invitation, null=True, on_delete=models.CASCADE, related_name="response"
    )
    customer = models.ForeignKey(
        "customers.Customer", null=True, on_delete=models.CASCADE, related_name="responses"
    )
    answers = models.JSONField()
    language = models.CharField(max_length=12)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["survey", "at"], name="response_of_survey")]
        constraints = [
            models.UniqueConstraint(fields=["survey", "customer"], name="answered_once"),
        ]


class FollowUpTerm(models.Model):
    """After how many days one asks about a category, 0 for never; "" for all others."""

    category = models.CharField(primary_key=True, max_length=200)
    days = models.PositiveIntegerField()


class FollowUp(models.Model):
    """That a customer was asked how it was, and their word; `about` is a touch or a voice."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    invitation = models.OneToOneField(
        Invitation, on_delete=models.CASCADE, related_name="follow_up"
    )
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.CASCADE, related_name="follow_ups"
    )
    kind = models.CharField(max_length=10, choices=[(k, k) for k in FollowUpKind])
    about = models.UUIDField()
    about_name = models.CharField(max_length=200, blank=True)
    about_at = models.DateTimeField()
    at = models.DateTimeField()
    good = models.BooleanField(null=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["customer", "-at"], name="follow_up_of_customer")]
        constraints = [
            models.UniqueConstraint(fields=["kind", "about"], name="asked_after_once"),
        ]


# Rows of a part of the room: Django finds them from here.
from kfar.rooms.voice.alarms import models as alarms  # noqa: E402, F401
from kfar.rooms.voice.reviews import models as reviews  # noqa: E402, F401
from kfar.rooms.voice.surveys import models as surveys  # noqa: E402, F401
from kfar.rooms.voice.understanding.models import Further  # noqa: E402
