"""The language a reader chooses."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from kfar.doors.web import who
from kfar.doors.web.origins import from_own_pages
from kfar.ground.errors import Refused
from kfar.ground.text import LANGUAGES
from kfar.rooms.customers import commands as customers
from kfar.rooms.village.news import commands as news

#: In the session of a stranger who has just chosen: whoever they turn out to be, it is theirs.
CHOSEN = "kfar_language"


@from_own_pages
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Speak the chosen language from now on, here and in mails; go back."""
    language = request.POST.get("language", "")
    if language not in LANGUAGES:
        raise Refused("customers.unknown_language")
    if not request.user.is_authenticated:
        request.session[CHOSEN] = language
    elif (staff := who.staff(request)) is not None:
        news.speak(by=staff.id, language=language)
    else:
        customer_id = customers.recognise(login_id=request.user.pk, language=language)
        customers.speak(by=customer_id, language=language)
    response = redirect(_back(request))
    remember(response, language)
    return response


def remember(response: HttpResponse, language: str) -> None:
    """Let this browser read `language`."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )


def _back(request: HttpRequest) -> str:
    to = request.POST.get("next") or request.headers.get("Referer", "")
    safe = url_has_allowed_host_and_scheme(
        to, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return to if safe else reverse("web:home")
