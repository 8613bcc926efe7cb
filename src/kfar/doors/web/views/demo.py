"""The demo's one-click sign-in."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib.auth import get_user_model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from kfar.doors import links
from kfar.doors.web import who


def enter(request: HttpRequest, token: str) -> HttpResponse:
    """Sign in as the login of the link, in the demo; anywhere else there is no such page."""
    if not settings.KFAR_DEMO:
        raise Http404
    [login_id] = links.opened(token, "demo")
    login = get_object_or_404(get_user_model(), pk=login_id, is_active=True)
    get_adapter().login(request, login)
    request.session[who.DEMO] = True
    return redirect("web:home")
