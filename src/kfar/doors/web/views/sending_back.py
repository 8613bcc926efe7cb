"""What goes back, chosen and shown: by whom is signed in, and by a link without an account."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from allauth.core import ratelimit
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_GET, require_http_methods

from kfar.doors import links
from kfar.doors.web import returning as laid
from kfar.doors.web import who
from kfar.doors.web.returning import LinkForm, StartForm
from kfar.doors.web.views.errors import too_many
from kfar.ground.errors import Refused
from kfar.loop import returning
from kfar.rooms.customers import queries as people
from kfar.rooms.service.by_mail import commands as by_mail
from kfar.rooms.service.by_mail import queries as asked
from kfar.rooms.service.by_mail.rules import STARTS
from kfar.rooms.service.returns import commands, queries
from kfar.rooms.service.returns.queries import Returned
from kfar.rooms.service.returns.rules import State
from kfar.rooms.touchpoints.buying import Purchase
from kfar.rooms.voice.rules import MOST


@dataclass(frozen=True)
class StartPage:
    """The purchase to choose from, and where its return is shown; `by_link`: to whom has one."""

    purchase: Purchase
    then: Callable[[UUID], HttpResponse]
    by_link: bool = False


@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Take an order's number and its address; a link goes there, if they belong together.

    What is answered is the same in any case, and so is how long it takes.
    """
    form = LinkForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        key = said["address"].lower()
        if not ratelimit.consume(request, action="return_link", key=key):
            return too_many(request)
        by_mail.ask(address=said["address"], number=said["number"])
        return redirect(reverse("web:return-ask") + "?asked")
    context = {"form": form, "asked": "asked" in request.GET, "days": STARTS.days}
    return render(request, "web/return_ask.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def by_link(request: HttpRequest, token: str) -> HttpResponse:
    """Choose what goes back, then see it: one return, of one purchase."""
    ask_id, customer_id = links.opened(token, "send-back")
    who.greet(request, customer_id)
    link = asked.opened(ask_id, customer_id)
    if link.return_id is None:
        found = returning.purchase(customer_id, occasion=link.purchase_id)
        if found is None:
            raise Refused("returns.not_found")

        def act(**chosen: object) -> UUID:
            return returning.start_by_mail(by=customer_id, ask_id=ask_id, **chosen)  # type: ignore[arg-type]

        page = StartPage(found, lambda _made: redirect("web:return-by", token), by_link=True)
        response = starting(request, page, act)
    elif request.method == "POST":
        note(request, customer_id, link.return_id)
        response = redirect("web:return-by", token)
    else:
        one = own(customer_id, link.return_id)
        response = shown(request, one, reverse("web:return-by-qr", args=[token]), by_link=True)
    response["Cache-Control"] = "private, no-store"
    return response


@require_GET
def picture(_request: HttpRequest, token: str) -> HttpResponse:
    """Give the QR code of the return that was started by a link."""
    ask_id, customer_id = links.opened(token, "send-back")
    link = asked.opened(ask_id, customer_id)
    if link.return_id is None:
        raise Refused("returns.not_found")
    return drawn(own(customer_id, link.return_id))


def starting(request: HttpRequest, page: StartPage, act: Callable[..., UUID]) -> HttpResponse:
    """Show what may go back; `act` on what was chosen, then go where the return is shown."""
    form = StartForm(request.POST or None)
    choices = returning.choices(page.purchase)
    if request.method == "POST" and form.is_valid():
        left = {choice.line.touch_id: choice.left for choice in choices}
        try:
            made = act(
                chosen=laid.chosen(request.POST, left),
                words=form.cleaned_data["words"],
                language=translation.get_language() or "en",
                once=form.cleaned_data["once"],
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            return page.then(made)
    rows = [
        (choice, f"line-{choice.line.touch_id}" in request.POST,
         request.POST.get(f"units-{choice.line.touch_id}", choice.left))
        for choice in choices
    ]  # fmt: skip
    context = {
        "purchase": page.purchase,
        "rows": rows,
        "any": any(choice.left for choice in choices),
        "form": form,
        "most": MOST,
        "by_link": page.by_link,
    }
    return render(request, "web/return_start.html", context, status=422 if form.errors else 200)


def shown(
    request: HttpRequest, one: Returned, picture: str, *, by_link: bool = False
) -> HttpResponse:
    """Show one return with its label."""
    context = {
        "one": one,
        "stands": laid.stands(one),
        "label": one.state in {State.WAITING, State.MONEY_BACK, State.SENT},
        "may_keep": one.arrived_at is None and one.state not in {State.TAKEN_BACK, State.REFUSED},
        "picture": picture,
        "by_link": by_link,
    }
    return render(request, "web/me_return.html", context)


def note(request: HttpRequest, customer_id: UUID, return_id: UUID) -> None:
    """Take the word that it was sent, or is kept after all."""
    if request.POST.get("act") == "sent":
        commands.send(by=customer_id, return_id=return_id)
    elif request.POST.get("act") == "keep":
        commands.take_back(by=customer_id, return_id=return_id)


def drawn(one: Returned) -> HttpResponse:
    """Give the QR code of a return."""
    response = HttpResponse(laid.qr(one), content_type="image/svg+xml")
    response["Cache-Control"] = "private"
    return response


def own(customer_id: UUID, return_id: UUID) -> Returned:
    """Return one of theirs. Refuses `returns.not_found`."""
    found = queries.one(return_id)
    if found is None or found.customer_id not in people.selves(customer_id):
        raise Refused("returns.not_found")
    return found
