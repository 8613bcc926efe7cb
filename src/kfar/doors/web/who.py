"""Who is at the door: a customer, somebody who works here, or nobody yet."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlencode
from uuid import UUID

from allauth.account.authentication import get_authentication_records
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.utils import translation

from kfar.rooms.customers import commands as customers
from kfar.rooms.customers import queries as people
from kfar.rooms.village import queries as village
from kfar.rooms.village.queries import Staff

P = ParamSpec("P")

#: In the session of somebody who came in by a demo link, which asks for no second factor.
DEMO = "kfar_demo"
#: For how many seconds a code from the mail proves who one is to what cannot be taken back.
LATELY = 900


def staff(request: HttpRequest) -> Staff | None:
    """Return the employee at the door, or None."""
    if not hasattr(request, "_kfar_staff"):
        login = request.user.pk if request.user.is_authenticated else None
        found = village.staff_of_login(login) if login else None
        request._kfar_staff = found  # type: ignore[attr-defined]
    return request._kfar_staff  # type: ignore[attr-defined,no-any-return]


def customer(request: HttpRequest) -> UUID | None:
    """Return the customer at the door, None for who works here and who is not signed in."""
    if not request.user.is_authenticated or staff(request) is not None:
        return None
    language = translation.get_language() or settings.LANGUAGE_CODE
    return customers.recognise(login_id=request.user.pk, language=language)


def customers_only(
    view: Callable[Concatenate[HttpRequest, UUID, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Give the view the customer at the door; ask anybody else to sign in."""

    @wraps(view)
    def wrapped(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return _sign_in(request)
        language = translation.get_language() or settings.LANGUAGE_CODE
        customer_id = customers.recognise(login_id=request.user.pk, language=language)
        return view(request, customer_id, *args, **kwargs)

    return wrapped


def staff_only(
    view: Callable[Concatenate[HttpRequest, Staff, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Give the view the employee at the door, who has shown a second factor in this session.

    Where there is none yet, they set one up and then show it: a session older than the second
    factor may be somebody else's, who had the password alone. What the employee may do is
    asked in the command; this only knows who they are.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        person = staff(request)
        if person is None:
            if request.user.is_authenticated:  # a customer: signing in again would not help
                raise PermissionDenied
            return _sign_in(request)
        if settings.KFAR_DEMO and request.session.get(DEMO):
            return view(request, person, *args, **kwargs)
        if not is_mfa_enabled(request.user):
            return redirect("mfa_index")
        records = get_authentication_records(request, request.user)
        if not any(record["method"] == "mfa" for record in records):
            return _then_back(request, "mfa_reauthenticate")
        return view(request, person, *args, **kwargs)

    return wrapped


def _sign_in(request: HttpRequest) -> HttpResponse:
    return _then_back(request, settings.LOGIN_URL)


def _then_back(request: HttpRequest, name: str) -> HttpResponse:
    query = urlencode({"next": request.get_full_path()})
    return redirect(f"{resolve_url(name)}?{query}")


def proven_lately(request: HttpRequest) -> bool:
    """Return whether who is at the door has given a code from their mail within `LATELY`."""
    records = get_authentication_records(request, request.user)
    return any(
        record["method"] == "code" and time.time() - record["at"] < LATELY for record in records
    )


def greet(request: HttpRequest, customer_id: UUID) -> None:
    """Speak the language of a customer who came by a link, unless this browser chose another."""
    if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        person = people.person(customer_id)
        if person is not None:
            translation.activate(person.language)
