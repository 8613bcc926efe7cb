"""Where a form comes from, by what browsers say of it; no token has to stand in the form."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from kfar.doors.web.views import errors

View = Callable[..., HttpResponse]


def from_own_pages(view: View) -> View:
    """Take what is posted from pages of ours alone: another's is answered 403.

    By Sec-Fetch-Site and Origin, which browsers set and scripts cannot (WHATWG, "Fetch"); who
    sends neither is no browser, in whose name nobody else can post. So the page with the form is
    the same for everybody, and can be kept.
    """

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST" and not _ours(request):
            return errors.csrf(request)
        return view(request, *args, **kwargs)

    return csrf_exempt(checked)


def _ours(request: HttpRequest) -> bool:
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None:
        return site in {"same-origin", "none"}
    return origin is None or urlsplit(origin).netloc == request.get_host()
