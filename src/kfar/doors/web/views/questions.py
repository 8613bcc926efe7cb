"""Questions to customers: asking, answering, what came out."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from kfar.doors import links
from kfar.doors.web import who
from kfar.doors.web.forms import METHODS, QuestionForm
from kfar.doors.web.who import customers_only, staff_only
from kfar.ground.errors import Refused
from kfar.rooms.customers import queries as customers
from kfar.rooms.decisions import commands, queries
from kfar.rooms.decisions.queries import Poll
from kfar.rooms.promises import queries as promises
from kfar.rooms.village import queries as village
from kfar.rooms.village.queries import Staff


@require_GET
def questions(request: HttpRequest) -> HttpResponse:
    """Show what is being asked and what came out. Open to everybody."""
    staff = who.staff(request)
    context = {
        "polls": queries.questions(),
        "may_ask": staff is not None and commands.ASK in staff.acts,
    }
    return render(request, "web/questions.html", context)


@require_http_methods(["GET", "POST"])
@staff_only
def ask(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Put a question to customers."""
    village.require(staff.id, commands.ASK)
    form = QuestionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            question_id = commands.ask(
                by=staff.id, draft=form.draft(), once=form.cleaned_data["once"]
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("Asked. Everyone who agreed to be asked gets a mail now."))
            return redirect("web:question", question_id)
    context = {
        "form": form,
        "methods": METHODS,
        "asked": len(customers.agreed(customers.ASK)),
    }
    return render(request, "web/ask.html", context, status=422 if form.errors else 200)


@require_GET
def question(request: HttpRequest, question_id: UUID) -> HttpResponse:
    """Show a question: how many answered, and from the close on what came out."""
    return render(request, "web/question.html", _shown(_one(question_id)))


@require_GET
@customers_only
def answer(request: HttpRequest, customer_id: UUID, question_id: UUID) -> HttpResponse:
    """Bring a customer who is signed in to their own ballot."""
    if not queries.was_asked(question_id, customer_id):
        raise Refused("decisions.not_asked")
    return redirect(links.ballot(question_id, customer_id))


@require_http_methods(["GET", "POST"])
def ballot(request: HttpRequest, token: str) -> HttpResponse:
    """Take a customer's answer; opened from a letter, without signing in.

    Only a POST answers: programs that look at links in mails cast no vote.
    """
    question_id, customer_id = links.opened(token, "ballot")
    who.greet(request, customer_id)
    refused = None
    said = queries.answer_of(question_id, customer_id)
    chosen = None if said is None else tuple(map(int, said.split()))
    if request.method == "POST":
        text = " ".join(request.POST.getlist("choices"))
        try:
            again = commands.vote(by=customer_id, question_id=question_id, text=text).again
        except Refused as error:
            refused = error
        else:
            thanks = _("Your answer was changed.") if again else _("Thank you: your voice counts.")
            messages.success(request, thanks)
            return redirect("web:ballot", token)
    poll = _one(question_id)
    context = _shown(poll) | {"chosen": chosen, "refused": refused, "token": token}
    if not poll.open:
        return render(request, "web/question.html", context, status=409 if refused else 200)
    again = "again" in request.GET or refused is not None
    template = "web/ballot.html" if chosen is None or again else "web/voted.html"
    return render(request, template, context, status=422 if refused else 200)


def _one(question_id: UUID) -> Poll:
    found = queries.question(question_id)
    if found is None:
        raise Refused("decisions.not_found")
    return found


def _shown(poll: Poll) -> dict[str, object]:
    how = {method: (label, explained) for method, label, explained in METHODS}
    rows = []
    if poll.result:
        total = max(poll.result.ballots, 1)
        rows = [
            (option, votes or 0, round(100 * (votes or 0) / total), number in poll.result.winners)
            for number, (option, votes) in enumerate(
                zip(poll.options, poll.result.votes, strict=True)
            )
        ]
        rows.sort(key=lambda row: -row[1])
    return {
        "poll": poll,
        "method": how[poll.method],
        "rows": rows,
        "promise": promises.for_question(poll.id),
        "asked_by": village.names([poll.asked_by]).get(poll.asked_by, ""),
    }
