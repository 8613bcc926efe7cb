"""Staff, roles, departments; meetings with customers; notes from one employee to another."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from kfar.ground.ids import new_id
from kfar.rooms.village import rules


class Logins(BaseUserManager["Login"]):
    """Makes logins."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> Login:
        """Make a login for `email`; without a password only a code by e-mail opens it."""
        login = self.model(email=email.strip().lower(), **fields)
        login.set_password(password)
        login.save(using=self._db)
        return login


class Login(AbstractBaseUser):
    """A door key: the address with which a customer or an employee signs in."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email = models.EmailField(max_length=254, unique=True)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=timezone.now)

    objects: ClassVar[Logins] = Logins()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []


class Role(models.Model):
    """What a kind of employee may do. `acts` are the commands' names, `room.act`."""

    code = models.SlugField(primary_key=True)
    name = models.JSONField(default=dict)
    acts = models.JSONField(default=list)


class Authority(models.Model):
    """How much a role may decide alone, for one kind of remedy (`rules.Authority`).

    With a `theme` only for what is about that (`rules.Own`); themes stand above this room, so they
    are ids here.
    """

    role = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="authorities")
    remedy = models.SlugField()
    theme = models.UUIDField(null=True, help_text="Empty: whatever it is about.")
    also = models.JSONField(default=list, help_text="Themes that were one with it when it was set.")
    floor = models.PositiveBigIntegerField()
    cap = models.PositiveBigIntegerField()
    share = models.PositiveIntegerField(default=0, help_text="Of ten thousand.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["role", "remedy"],
                condition=Q(theme=None),
                name="one_limit_per_role_and_remedy",
            ),
            models.UniqueConstraint(
                fields=["role", "remedy", "theme"], name="one_limit_per_role_remedy_and_theme"
            ),
            models.CheckConstraint(
                condition=Q(cap__gte=F("floor"), share__lte=rules.SHARES), name="limits_in_order"
            ),
        ]

    @property
    def told(self) -> rules.Authority:
        """The same without the row."""
        return rules.Authority(self.floor, self.cap, self.share)

    @property
    def own(self) -> rules.Own | None:
        """The same as a limit for one theme; None for the general one."""
        if self.theme is None:
            return None
        return rules.Own(self.theme, self.told, frozenset(map(UUID, self.also)))


class Department(models.Model):
    """A part of the company. What it may see of a customer stands in `rules.Sees`' form.

    `sees` is None where nobody said: then its people see what their roles let them.
    """

    code = models.SlugField(primary_key=True)
    name = models.JSONField(default=dict)
    parent = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="departments"
    )
    sees = models.JSONField(null=True, help_text="What of a customer, and what for, by language.")


class Employee(models.Model):
    """A person who works here."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    login = models.OneToOneField(Login, on_delete=models.PROTECT, related_name="employee")
    name = models.CharField(max_length=120)
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="employees")
    left_at = models.DateTimeField(null=True)
    departments = models.ManyToManyField(Department, related_name="people")
    language = models.CharField(max_length=5, blank=True, help_text="Empty: the company's.")
    hears = models.JSONField(default=dict, help_text="How of what, where they said so.")


class News(models.Model):
    """Something one employee is to hear by mail: a code and an id; words are found when it is sent.

    `claimed_at` is written before it is sent, so that however a worker ends, it goes out once at
    most. `key` names what it tells and whom, so that nobody is told the same thing twice.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    employee = models.ForeignKey(Employee, on_delete=models.CASCADE, related_name="news")
    what = models.SlugField()
    about = models.UUIDField(db_index=True)
    key = models.CharField(max_length=160, unique=True)
    daily = models.BooleanField(help_text="In the one letter of the day, not at once.")
    at = models.DateTimeField()
    due_at = models.DateTimeField()
    tries = models.PositiveIntegerField(default=0)
    claimed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    over_at = models.DateTimeField(null=True, help_text="It need not go out any more.")

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(sent_at=None, over_at=None), name="news_waiting"
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(sent_at=None) | Q(claimed_at__isnull=False), name="sent_was_claimed"
            )
        ]


class Pick(models.Model):
    """A customer who was drawn for a department to meet (`contact.draw`).

    Customers stand above this room, so they are ids here.
    """

    department = models.ForeignKey(Department, on_delete=models.CASCADE, related_name="picks")
    customer_id = models.UUIDField(db_index=True)
    at = models.DateTimeField(default=timezone.now, db_index=True)
    draw = models.UUIDField(help_text="Of the same draw; its seed.")
    quiet = models.BooleanField()
    valued = models.BooleanField()
    new = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["draw", "customer_id"], name="picked_once_a_draw")
        ]


class Meeting(models.Model):
    """Time set apart to meet customers. `version` counts what was told of it in calendars."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    employee = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="meetings")
    at = models.DateTimeField(db_index=True)
    minutes = models.PositiveIntegerField()
    place = models.CharField(max_length=rules.LONGEST_PLACE)
    planned_by = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="planned")
    planned_at = models.DateTimeField(default=timezone.now)
    held_at = models.DateTimeField(null=True)
    held_minutes = models.PositiveIntegerField(null=True)
    said = models.TextField(blank=True, help_text="What was said: the minutes.")
    cancelled_at = models.DateTimeField(null=True)
    why = models.CharField(max_length=rules.LONGEST_WHY, blank=True)
    version = models.PositiveIntegerField(default=0)
    sent_version = models.IntegerField(default=-1, help_text="What the employee was sent last.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(held_at=None) | Q(cancelled_at=None), name="held_or_cancelled"
            )
        ]
        indexes = [
            models.Index(
                fields=["version"],
                condition=~Q(sent_version=F("version")),
                name="meeting_unsent",
            )
        ]


class Guest(models.Model):
    """A customer who was invited to a meeting; `comes` is None until they say."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="guests")
    customer_id = models.UUIDField(db_index=True)
    asked_at = models.DateTimeField(default=timezone.now, db_index=True)
    answered_at = models.DateTimeField(null=True)
    comes = models.BooleanField(null=True)
    came = models.BooleanField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["meeting", "customer_id"], name="guest_once")
        ]


class Note(models.Model):
    """What an employee wrote for others about a customer, on a voice or on the person.

    It is the customer's data: they get it with all the rest, and it goes when they go.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    customer_id = models.UUIDField(db_index=True)
    voice_id = models.UUIDField(null=True, db_index=True)
    by = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="notes")
    text = models.TextField(max_length=rules.LONGEST_NOTE)
    at = models.DateTimeField(default=timezone.now)


class Mention(models.Model):
    """That somebody is named in a note, and when they were done with it."""

    note = models.ForeignKey(Note, on_delete=models.CASCADE, related_name="mentions")
    employee = models.ForeignKey(Employee, on_delete=models.CASCADE, related_name="mentions")
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["note", "employee"], name="mentioned_once_a_note")
        ]
