"""Who takes part in a consultation: who signed in, who came by a link, or a browser.

What a browser holds of it is one signed cookie a consultation, sent to that consultation's
pages alone; nothing of it stands on the server.
"""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation

from kfar.doors import links
from kfar.doors.web import who
from kfar.rooms.customers import commands as customers
from kfar.rooms.decisions.consultations.commands import Speaker

COOKIE = "kfar_part"


def speaker(request: HttpRequest, consultation_id: UUID) -> Speaker:
    """Return who takes part; nobody yet is `Speaker()`. Who works here does not take part."""
    if who.staff(request) is not None:
        return Speaker()
    if request.user.is_authenticated:
        language = translation.get_language() or settings.LANGUAGE_CODE
        return Speaker(customers.recognise(login_id=request.user.pk, language=language))
    try:
        kind, name = signing.loads(
            request.COOKIES.get(COOKIE, ""), salt=_salt(consultation_id), max_age=links.LASTS
        )
        return Speaker(UUID(name)) if kind == "customer" else Speaker(None, int(name))
    except (signing.BadSignature, ValueError, TypeError):
        return Speaker()


def remember(response: HttpResponse, consultation_id: UUID, by: Speaker) -> None:
    """Let the browser hold who takes part, for as long as links last."""
    said = ["customer", str(by.customer_id)] if by.customer_id else ["browser", by.participant]
    response.set_cookie(
        COOKIE,
        signing.dumps(said, salt=_salt(consultation_id)),
        max_age=links.LASTS,
        path=reverse("web:consultation", args=[consultation_id]),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _salt(consultation_id: UUID) -> str:
    return f"kfar.part.{consultation_id}"
