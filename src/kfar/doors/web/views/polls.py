"""Polls where customers talk: asked on an account of ours, and how they stand."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kfar.doors.channels import polling
from kfar.doors.web.forms import PollForm
from kfar.doors.web.who import staff_only
from kfar.ground.errors import Refused
from kfar.rooms.village import queries as village
from kfar.rooms.village.queries import Staff
from kfar.rooms.voice.channels import queries
from kfar.rooms.voice.surveys.commands import SURVEY

#: For how many hours a poll may be open here: an hour to a week.
HOURS = (1, 6, 24, 72, 168)


@require_http_methods(["GET", "POST"])
@staff_only
def polls(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Show the polls that were asked, and ask one more."""
    village.require(staff.id, SURVEY)
    accounts = polling.accounts()
    form = PollForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            polling.ask(
                name=form.cleaned_data["account"],
                text=form.cleaned_data["text"],
                options=form.cleaned_data["options"].splitlines(),
                hours=form.cleaned_data["hours"],
                once=form.cleaned_data["once"],
                by=staff.id,
                language=get_language() or "",
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("Asked. Everybody there may vote now."))
            return redirect("web:polls")
    context = {
        "form": form,
        "accounts": accounts,
        "hours": HOURS,
        "polls": queries.polls(accounts),
    }
    return render(request, "web/polls.html", context, status=422 if form.errors else 200)
