"""The pages of sign-in that differ from allauth's."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.views import ConfirmLoginCodeView
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from kfar.doors.web import who


class GiveCode(ConfirmLoginCodeView):  # type: ignore[misc]
    """Take the code, and say so where it has expired."""

    _process: Any = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer as allauth does, with a word for whom it sends back to the start."""
        response: HttpResponse = super().dispatch(request, *args, **kwargs)
        if self._process is None:
            messages.error(request, _("That code has expired. Please ask for a new one."))
        return response


def with_password(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Keep the page to employees who have a password; for customers it does not exist."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        login = request.user
        if login.is_authenticated and not (who.staff(request) and login.has_usable_password()):
            raise Http404
        return view(request, *args, **kwargs)

    return never_cache(wrapped)
