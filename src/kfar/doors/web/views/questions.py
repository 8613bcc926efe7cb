"""Questions to customers: answering, the receipt, what came out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from kfar.doors import links
from kfar.doors.methods import METHODS
from kfar.doors.outcomes import outcome
from kfar.doors.web import ballots, pictures, who
from kfar.doors.web.asking import WithdrawForm
from kfar.doors.web.declared import declared
from kfar.doors.web.receipts import given
from kfar.doors.web.who import customers_only
from kfar.ground.errors import Refused
from kfar.ground.text import Texts
from kfar.rooms.customers import commands as customers
from kfar.rooms.customers import queries as people
from kfar.rooms.decisions import commands, queries, receipts
from kfar.rooms.decisions import pictures as kept
from kfar.rooms.decisions.consultations import queries as consultations
from kfar.rooms.decisions.proving.manifest import Manifest, Tier
from kfar.rooms.decisions.proving.receipt import Receipt
from kfar.rooms.decisions.queries import Poll, Result
from kfar.rooms.promises import queries as promises
from kfar.rooms.village import queries as village

#: For how many seconds standings are shown before they are counted anew.
STANDS = 5


@require_GET
def questions(request: HttpRequest) -> HttpResponse:
    """Show what is being asked and what came out. Open to everybody."""
    context = {"polls": queries.questions(), "may_ask": _may_ask(request)}
    return render(request, "web/questions.html", context)


@require_GET
def question(request: HttpRequest, question_id: UUID) -> HttpResponse:
    """Show a question: how many answered, and from the close on what came out.

    What was pledged for a consultation names it where it would name a question.
    """
    if queries.opened(question_id) is None and consultations.consultation(question_id):
        return redirect("web:consultation", question_id)
    return render(request, "web/question.html", shown(request, one(question_id)))


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
    poll = queries.opened(question_id)
    if poll is None:
        raise Refused("decisions.not_found")
    mine = _Mine(poll, customer_id, token, _number(request, poll))
    if not poll.open:
        return _not_now(request, mine)
    if request.method == "POST":
        return _vote(request, mine)
    if "again" in request.GET or mine.receipt is None:
        return _paper(request, mine)
    said = ballots.in_words(poll.manifest, mine.receipt.ballot)
    return render(request, "web/voted.html", mine.context() | {"said": said})


@require_GET
def receipt(request: HttpRequest, token: str) -> HttpResponse:
    """Give a voter the receipt of their ballot, as a file."""
    question_id, customer_id = links.opened(token, "ballot")
    number = _whole(request.GET.get("number", ""))
    return given(receipts.receipt(question_id, customer_id, number))


@require_GET
def picture(request: HttpRequest, name: str) -> HttpResponse:
    """Give the picture of an option; its address is its sum, so it never changes."""
    path = kept.find(name)
    if path is None:
        raise Http404
    data = path.read_bytes()
    response = HttpResponse(data, content_type=pictures.kind(data))
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    return response


# --- one voter ---------------------------------------------------------------------------


@dataclass(frozen=True)
class _Mine:
    """A voter's own ballot: which question, whose, which of several."""

    poll: Poll
    customer_id: UUID
    token: str
    number: int

    @cached_property
    def receipt(self) -> Receipt | None:
        return receipts.receipt(self.poll.id, self.customer_id, self.number, proven=False)

    @property
    def address(self) -> str:
        path = reverse("web:ballot", args=[self.token])
        return path if self.number == 1 else f"{path}?number={self.number}"

    def context(self) -> dict[str, Any]:
        answers = self.poll.manifest.answers
        return {
            "poll": self.poll,
            "method": METHODS[self.poll.method],
            "token": self.token,
            "number": self.number,
            "numbers": range(1, answers + 1) if answers > 1 else (),
            "receipt": self.receipt,
            "pledges": pledges(self.poll.manifest),
            "asked_by": village.names([self.poll.asked_by]).get(self.poll.asked_by, ""),
        }


def _vote(request: HttpRequest, mine: _Mine) -> HttpResponse:
    try:
        cast = commands.vote(
            by=mine.customer_id,
            question_id=mine.poll.id,
            text=ballots.read(mine.poll.manifest, request.POST),
            nonce=request.POST.get("nonce", ""),
            tier=_tier(request, mine.customer_id),
            number=mine.number,
        )
    except Refused as refused:
        return _paper(request, mine, refused)
    thanks = _("Your answer was changed.") if cast.again else _("Thank you: your voice counts.")
    messages.success(request, thanks)
    return redirect(mine.address)


def _tier(request: HttpRequest, customer_id: UUID) -> Tier:
    """Return how well we know who votes: whoever is signed in as the voter, better."""
    if not request.user.is_authenticated or who.staff(request):
        return Tier.EMAIL
    language = translation.get_language() or settings.LANGUAGE_CODE
    signed_in = customers.recognise(login_id=request.user.pk, language=language)
    return Tier.ACCOUNT if signed_in in people.selves(customer_id) else Tier.EMAIL


def _paper(request: HttpRequest, mine: _Mine, refused: Refused | None = None) -> HttpResponse:
    """Show the ballot paper, with what was written or answered before."""
    paper, before = mine.poll.manifest.paper, mine.receipt
    values = ballots.held(paper, before.ballot) if before else {}
    if refused is not None:
        values = ballots.written(paper, request.POST)
    context = mine.context() | {
        "slips": ballots.slips(mine.poll.manifest, values),
        "paper": paper,
        "ranks": range(1, paper.most + 1),
        "scores": range(paper.highest + 1) if paper.highest <= ballots.MOST_RADIOS else (),
        "budget": mine.poll.manifest.rule.budget,
        "refused": refused,
        "form": f"web/parts/ballot_{paper.form}.html",
    }
    return render(request, "web/ballot.html", context, status=422 if refused else 200)


def _not_now(request: HttpRequest, mine: _Mine) -> HttpResponse:
    """Say that a question is not open: why, and what came out where it has closed."""
    refused = Refused("decisions.closed")
    if mine.poll.withdrawn:
        refused = Refused("ballots.taken_back")
    elif mine.poll.waits:
        refused = Refused("decisions.not_open")
    own, sent = mine.receipt, request.method == "POST"
    context = shown(request, one(mine.poll.id)) | {
        "refused": refused if sent else None,
        "said": ballots.in_words(mine.poll.manifest, own.ballot) if own else [],
        "receipt": own,
        "token": mine.token,
        "number": mine.number,
    }
    return render(request, "web/question.html", context, status=409 if sent else 200)


def _number(request: HttpRequest, poll: Poll) -> int:
    """Return which of their ballots a voter means."""
    said = _whole(request.POST.get("number") or request.GET.get("number", ""))
    return said if 1 <= said <= poll.manifest.answers else 1


def _whole(said: str) -> int:
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 4 else 1


# --- a question --------------------------------------------------------------------------


def one(question_id: UUID) -> Poll:
    """Return a question, or refuse `decisions.not_found`."""
    found = queries.question(question_id)
    if found is None:
        raise Refused("decisions.not_found")
    return found


def shown(request: HttpRequest, poll: Poll) -> dict[str, Any]:
    """Return what the page of a question shows."""
    result = poll.result or (_standing(poll.id) if poll.open else None)
    slips = ballots.slips(poll.manifest, {})
    return {
        "poll": poll,
        "method": METHODS[poll.method],
        "result": result,
        "outcome": outcome(poll.manifest, result) if result else None,
        "facts": declared(poll.manifest),
        "pledges": pledges(poll.manifest),
        "slips": slips,
        "won": [slips[number] for number in poll.result.winners] if poll.result else [],
        "promise": promises.for_question(poll.id),
        "asked_by": village.names([poll.asked_by]).get(poll.asked_by, ""),
        "withdrawal": WithdrawForm() if _may_ask(request) and poll.closed_at is None else None,
    }


@dataclass(frozen=True)
class _Pledged:
    option: Texts | None
    text: Texts
    due: date


def pledges(manifest: Manifest) -> list[_Pledged]:
    """Return what the company does, whichever wins and for single options, to be shown."""
    return [
        _Pledged(
            None if pledge.option is None else manifest.options[pledge.option],
            pledge.text,
            date.fromisoformat(pledge.due),
        )
        for pledge in manifest.pledges
    ]


def _standing(question_id: UUID) -> Result | None:
    return _counted(question_id, int(timezone.now().timestamp()) // STANDS)


@lru_cache(maxsize=64)
def _counted(question_id: UUID, _moment: int) -> Result | None:
    return queries.so_far(question_id)


def _may_ask(request: HttpRequest) -> bool:
    staff = who.staff(request)
    return staff is not None and commands.ASK in staff.acts
