"""What happens around every page: a request id, the reader's language, refusals said aloud."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers

from kfar.doors.web.views import errors
from kfar.ground import disk
from kfar.ground.errors import Refused
from kfar.ground.text import LANGUAGES

log = structlog.get_logger(__name__)
Respond = Callable[[HttpRequest], HttpResponse]


def requests(respond: Respond) -> Respond:
    """Give every request an id, and log one line for it: the route, never the path or a person."""

    def middleware(request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        request_id = uuid4().hex
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = respond(request)
            match = request.resolver_match
            if match is not None:
                log.info(
                    "request",
                    method=request.method,
                    route=match.route,
                    status=response.status_code,
                    milliseconds=round((time.perf_counter() - started) * 1000, 1),
                )
        response["X-Request-Id"] = request_id
        return response

    return middleware


def languages(respond: Respond) -> Respond:
    """Speak the language the reader chose, else one the browser asks for, else the company's."""

    def middleware(request: HttpRequest) -> HttpResponse:
        chosen = request.GET.get("language") or request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
        spoken = chosen if chosen in LANGUAGES else translation.get_language_from_request(request)
        with translation.override(spoken):
            request.LANGUAGE_CODE = spoken
            response = respond(request)
            # A page may have found out who reads it and speak their language.
            response.headers.setdefault("Content-Language", translation.get_language() or spoken)
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        return response

    return middleware


class refusals:  # noqa: N801 - stands in a list of functions
    """Turn what went wrong into a page that says so and keeps what the person wrote."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.respond(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer a refusal, a wrong person and a full disk; leave the rest to Django."""
        if isinstance(error, Refused):
            return errors.refused(request, error)
        if disk.is_full(error):
            log.error("disk.full")
            return errors.disk_full(request)
        # Where it broke and the class: a message, like an address, may carry people's data.
        frames = traceback.extract_tb(error.__traceback__)[-12:]
        where = [f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in frames]
        log.error("request.failed", error=type(error).__name__, where=where)
        return None
