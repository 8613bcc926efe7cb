"""Pages that say what went wrong and what to do."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from kfar.doors import words
from kfar.doors.web.context import everywhere
from kfar.ground.errors import Refused
from kfar.ground.text import LANGUAGES

#: Which refusals mean "not found" or "not yours"; every other one is 409, a conflict with what is.
STATUS = {
    "decisions.no_such_change": 404,
    "decisions.no_such_file": 404,
    "decisions.too_often": 429,
    "lake.bucket_away": 503,
    "links.forged": 404,
    "village.no_such_meeting": 404,
    "village.no_such_mention": 404,
    "links.expired": 410,
    "returns.link_over": 410,
    "village.may_not": 403,
}


def message(
    request: HttpRequest, *, status: int, title: str, text: str, kept: str = ""
) -> HttpResponse:
    """Return a calm page; `kept` is what the person wrote, so that nothing is lost."""
    context = {"title": title, "text": text, "kept": kept, "back": _back(request)}
    return render(request, "web/message.html", context, status=status)


def _back(request: HttpRequest) -> str:
    """Return the page of ours that led here, "" where none did."""
    came = request.META.get("HTTP_REFERER", "")
    ours = url_has_allowed_host_and_scheme(came, {request.get_host()})
    return came if ours and came != request.build_absolute_uri() else ""


def status(error: Refused) -> int:
    """Return the HTTP status of a refusal."""
    return STATUS.get(error.code, 404 if error.code.endswith(".not_found") else 409)


def refused(request: HttpRequest, error: Refused) -> HttpResponse:
    """Say a refusal in the reader's language."""
    return message(
        request,
        status=status(error),
        title=_("That did not work"),
        text=words.sentence(error),
        kept=_written(request),
    )


def disk_full(request: HttpRequest) -> HttpResponse:
    """Say that nothing can be written now, and give back what was."""
    return message(
        request,
        status=507,
        title=_("There is no room left on our disk"),
        text=_(
            "What you just did was not saved. You can go on reading; please try again later. "
            "The people who run this service can see it."
        ),
        kept=_written(request),
    )


def csrf(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say that the form was too old or came from elsewhere."""
    return message(
        request,
        status=403,
        title=_("This form has expired"),
        text=_("Please go back, reload the page and send it again."),
        kept=_written(request),
    )


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what could not be understood, perhaps before we know who asks."""
    return _bare(
        status=400,
        title=_("That could not be understood"),
        text=_("Please go back, reload the page and try again."),
    )


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer who may not."""
    return message(
        request,
        status=403,
        title=_("This is not open to you"),
        text=_("Sign in with another address, or ask somebody who may."),
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a wrong address."""
    return message(
        request,
        status=404,
        title=_("There is nothing here"),
        text=_("The address may be mistyped, or what was here has gone."),
    )


def too_many(request: HttpRequest) -> HttpResponse:
    """Answer who knocks too often."""
    return message(
        request,
        status=429,
        title=_("That was too often"),
        text=_("Please wait a few minutes and try again."),
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer when we failed; touches nothing that could fail again."""
    return _bare(
        status=500,
        title=_("Something went wrong on our side"),
        text=_("It has been noted. Please try again in a moment."),
        kept=_written(request),
    )


def _bare(*, status: int, title: str, text: str, kept: str = "") -> HttpResponse:
    """Return such a page without asking the database who reads it."""
    context = everywhere() | {"title": title, "text": text, "kept": kept}
    return HttpResponse(render_to_string("web/message.html", context), status=status)


def _written(request: HttpRequest) -> str:
    """Return the long texts of a form, so that nobody has to write them again."""
    if request.method != "POST":
        return ""
    fields = ("text", "details", "words", "why", "options", "pledge", "how")
    ends = ["", *(f"_{code}" for code in LANGUAGES)]
    names = [f"{field}{end}" for field in fields for end in ends]
    return "\n\n".join(v for v in (request.POST.get(n, "").strip() for n in names) if v)
