"""Links: addresses that stand outside a page, in a mail, on the terminal or in the demo."""

from __future__ import annotations

from uuid import UUID

from allauth.account import app_settings
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core import signing
from django.urls import reverse

_DEMO = "demo"


def absolute(path: str) -> str:
    """Return the whole address of `path`, as people open it: never from a request's Host."""
    return f"{settings.KFAR_URL}{path}"


def demo_link(login_id: UUID) -> str:
    """Return the address that signs in as that login at once; it works in the demo alone."""
    token = signing.dumps(str(login_id), salt=_DEMO)
    return absolute(reverse("web:demo_enter", args=[token]))


def demo_login(token: str) -> UUID | None:
    """Return the login `demo_link` was made for, or None where the token was not made here."""
    try:
        return UUID(signing.loads(token, salt=_DEMO))
    except signing.BadSignature:
        return None


def password_link(login_id: UUID) -> str:
    """Return the address where an employee chooses a password, once, in the next three days."""
    login = get_user_model().objects.get(pk=login_id)
    key = app_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(login)
    names = {"uidb36": user_pk_to_url_str(login), "key": key}
    return absolute(reverse("account_reset_password_from_key", kwargs=names))
