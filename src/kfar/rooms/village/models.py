"""Staff, roles and what each role may decide."""

from __future__ import annotations

from typing import Any, ClassVar

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
    """How much a role may decide alone, for one kind of remedy (`rules.Authority`)."""

    role = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="authorities")
    remedy = models.SlugField()
    floor = models.PositiveBigIntegerField()
    cap = models.PositiveBigIntegerField()
    share = models.PositiveIntegerField(default=0, help_text="Of ten thousand.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["role", "remedy"], name="one_limit_per_role_and_remedy"
            ),
            models.CheckConstraint(
                condition=Q(cap__gte=F("floor"), share__lte=rules.SHARES), name="limits_in_order"
            ),
        ]

    @property
    def told(self) -> rules.Authority:
        """The same without the row."""
        return rules.Authority(self.floor, self.cap, self.share)


class Employee(models.Model):
    """A person who works here."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    login = models.OneToOneField(Login, on_delete=models.PROTECT, related_name="employee")
    name = models.CharField(max_length=120)
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="employees")
    left_at = models.DateTimeField(null=True)
