"""Forms of sign-in: few fields, each with what it is for."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as allauth
from allauth.account.adapter import get_adapter
from allauth.core import context, ratelimit
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django import forms
from django.contrib.auth import get_user_model
from django.utils.translation import gettext_lazy as _

from kfar.rooms.customers import commands as customers


def _email() -> forms.EmailField:
    attributes = {"autocomplete": "email", "autofocus": True, "dir": "ltr"}
    return forms.EmailField(label=_("E-mail"), widget=forms.EmailInput(attributes))


class AskForCode(allauth.RequestLoginCodeForm):  # type: ignore[misc]
    """An address, to which a code is sent."""

    email = _email()

    def clean_email(self) -> str:
        """Open the door for this address; employees get none, which the page does not show."""
        email: str = self.cleaned_data["email"].lower()
        if not ratelimit.consume(context.request, action="request_login_code", key=email):
            raise get_adapter().validation_error("rate_limited")
        login_id = customers.open_door(email=email)
        self._user = login_id and get_user_model().objects.get(pk=login_id)
        return email


class GiveCode(allauth.ConfirmLoginCodeForm):  # type: ignore[misc]
    """The six digits."""

    code = forms.CharField(
        label=_("Code"),
        widget=forms.TextInput(
            {
                "autocomplete": "one-time-code",
                "autofocus": True,
                "class": "code",
                "dir": "ltr",
                "inputmode": "numeric",
                "maxlength": 12,
            }
        ),
    )


class Password(allauth.LoginForm):  # type: ignore[misc]
    """An employee's address and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"] = _email()

    def _setup_password_field(self) -> None:
        # allauth takes the field away where customers sign up without a password.
        pass


class ForgottenPassword(allauth.ResetPasswordForm):  # type: ignore[misc]
    """An employee's address."""

    email = _email()


class AddPasskey(AddWebAuthnForm):  # type: ignore[misc]
    """A passkey's name, and whether it is enough alone."""

    name = forms.CharField(label=_("Name"), required=False, max_length=80)
    passwordless = forms.BooleanField(
        label=_("Sign in with this passkey alone"),
        help_text=_("Without the password; the device asks for your finger, face or PIN."),
        required=False,
        initial=True,
    )


class RenamePasskey(EditWebAuthnForm):  # type: ignore[misc]
    """A passkey's new name."""

    name = forms.CharField(label=_("Name"), max_length=80)
