"""How an employee hears by mail of what waits for them, and in which language."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from kfar.doors.web.who import staff_only
from kfar.ground.text import LANGUAGES
from kfar.rooms.village.news import commands, queries
from kfar.rooms.village.news.rules import About, How
from kfar.rooms.village.queries import Staff

ABOUTS = {
    About.APPROVAL: gettext_lazy("Decisions that wait for my word"),
    About.CASE: gettext_lazy("Cases that are given to me"),
    About.MENTION: gettext_lazy("Notes in which I am named"),
}
HOWS = {
    How.NOW: gettext_lazy("At once"),
    How.DAILY: gettext_lazy("Once a day, in one letter"),
    How.NEVER: gettext_lazy("Never by mail"),
}


@require_http_methods(["GET", "POST"])
@staff_only
def news(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Show how one hears of what; take how one wants to."""
    if request.method == "POST":
        wishes = {about.value: request.POST.get(about, "") for about in About}
        commands.choose(by=staff.id, wishes=wishes, language=request.POST.get("language", ""))
        messages.success(request, _("Noted. So you hear from now on."))
        return redirect("web:news")
    chosen = queries.wishes(staff.id)
    context = {
        "abouts": [(about.value, label, chosen[about].value) for about, label in ABOUTS.items()],
        "hows": [(how.value, label) for how, label in HOWS.items()],
        "languages": LANGUAGES,
        "mine": staff.language,
    }
    return render(request, "web/news.html", context)
