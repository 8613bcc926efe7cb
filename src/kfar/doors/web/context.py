"""What every template knows."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation

from kfar.doors.web import who


def here(request: HttpRequest) -> dict[str, Any]:
    """Return the company, the reader's language and direction, and who they are."""
    return {**everywhere(), "staff": who.staff(request)}


def everywhere() -> dict[str, Any]:
    """Return what can be said without knowing who asks, and without the database."""
    language = translation.get_language() or settings.LANGUAGE_CODE
    return {
        "company": settings.KFAR_COMPANY,
        "currency": settings.KFAR_CURRENCY,
        "demo": settings.KFAR_DEMO,
        "language": language,
        "direction": "rtl" if translation.get_language_bidi() else "ltr",
    }
