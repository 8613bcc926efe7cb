"""What Kfar says and decides where allauth asks."""

from __future__ import annotations

from typing import Any

import qrcode
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.stagekit import clear_login
from allauth.core import context as allauth
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.ratelimit import respond_429
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from qrcode.image.svg import SvgPathFillImage

from kfar.doors import links
from kfar.doors.web.views import language
from kfar.rooms.customers import commands as customers
from kfar.rooms.customers import queries
from kfar.rooms.village import queries as village

#: How long somebody who works here stays signed in; a customer's session follows the settings.
SHIFT = 12 * 3600


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Who may come in, what they are told, and where they go."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _("This address and this password do not belong together."),
        "enter_current_password": _("This is not your current password."),
        "incorrect_code": _("This is not the code. Please look again."),
        "incorrect_password": _("This is not your password."),
        "too_many_login_attempts": _("Those were too many tries. Please ask for a new code."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Return False: nobody signs up, the first code does it (`customers.open_door`)."""
        return False

    def validation_error(self, code: str, *args: object) -> ValidationError:
        """Return the error, except that too many tries are answered with 429 at once."""
        if code in {"too_many_login_attempts", "rate_limited"}:
            raise ImmediateHttpResponse(respond_429(allauth.request))
        error: ValidationError = super().validation_error(code, *args)
        return error

    def pre_login(
        self, request: HttpRequest, user: AbstractBaseUser, **hook: Any
    ) -> HttpResponse | None:
        """Turn away who works here and came by a code: it would go round the password."""
        records = get_authentication_records(request, user)
        if _works_here(user) and any(record["method"] == "code" for record in records):
            clear_login(request)
            return redirect("account_login")
        response: HttpResponse | None = super().pre_login(request, user, **hook)
        return response

    def post_login(self, request: HttpRequest, user: AbstractBaseUser, **hook: Any) -> HttpResponse:
        """Greet a customer in their language; end an employee's session after their shift."""
        response: HttpResponse = super().post_login(request, user, **hook)
        if _works_here(user):
            request.session.set_expiry(SHIFT)
            return response
        request.session.set_expiry(None)
        here = translation.get_language() or settings.LANGUAGE_CODE
        customer_id = customers.recognise(login_id=user.pk, language=here)
        if chosen := request.session.pop(language.CHOSEN, None):
            customers.speak(by=customer_id, language=chosen)
        customer = queries.person(customer_id)
        language.remember(response, customer.language if customer else here)
        return response

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Return where to go when nothing was asked for: one's journey, or one's work."""
        return reverse("web:home" if _works_here(request.user) else "web:journey")

    def get_reauthentication_methods(self, user: AbstractBaseUser) -> list[dict[str, Any]]:
        """Return how to show again who one is: by the second factor, where there is one."""
        ways: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        return [way for way in ways if way["id"] != "reauthenticate"] or ways

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Return the page that shows how one signs in."""
        return reverse("mfa_index")

    def send_password_reset_mail(
        self, user: AbstractBaseUser, email: str, context: dict[str, Any]
    ) -> None:
        """Send the link to people who work here; tell a customer that there is no password."""
        letter = "password_reset_key" if _works_here(user) else "no_password"
        self.send_mail(f"account/email/{letter}", email, context)

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Return the link of the mail; never with the Host a stranger's request named."""
        uidb36, _dash, token = key.partition("-")
        return links.page("account_reset_password_from_key", uidb36, token)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a letter, which knows the company and the way to both doors."""
        if template_prefix == "account/email/unknown_account":
            letter = "employee" if village.staff_email(email) else "no_password"
            template_prefix = f"account/email/{letter}"
        doors = {
            "company": settings.KFAR_COMPANY,
            "code_url": links.page("account_request_login_code"),
            "password_url": links.page("account_login"),
        }
        super().send_mail(template_prefix, email, context | doors)


class SecondFactors(DefaultMFAAdapter):  # type: ignore[misc]
    """Second factors, named after the company and not after its host."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": Adapter.error_messages["incorrect_code"],
    }

    def build_totp_svg(self, url: str) -> str:
        """Return the picture of the key, on white: a camera must read it on a dark page too."""
        return str(qrcode.make(url, image_factory=SvgPathFillImage).to_string(encoding="unicode"))

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Return what a passkey belongs to, as the browser names it."""
        entity: dict[str, str] = super().get_public_key_credential_rp_entity()
        return entity | {"name": settings.KFAR_COMPANY}

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Authenticator.Type) -> str:  # noqa: A002
        """Return what a new passkey is called until its owner calls it something else."""
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return gettext("Passkey %(number)s") % {"number": number}


def _works_here(user: AbstractBaseUser | AnonymousUser) -> bool:
    return user.is_authenticated and village.staff_of_login(user.pk) is not None
