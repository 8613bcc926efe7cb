"""People I know: invited, accepted, ended, and what both agree to."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from kfar.doors import links
from kfar.doors.web import who
from kfar.doors.web.forms import AMONG, TieForm
from kfar.doors.web.who import customers_only
from kfar.ground.errors import Refused
from kfar.rooms.customers import commands as customers
from kfar.rooms.customers import queries as people
from kfar.rooms.customers.ties import commands, queries


@require_http_methods(["GET", "POST"])
@customers_only
def mine(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """Show whom the customer knows here; take an invitation."""
    form = TieForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            commands.invite(by=customer_id, once=said["once"], email=said["email"])
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("The invitation stands below. Its link is for one person."))
            return redirect("web:my-people")
    context = {
        "form": form,
        "person": people.person(customer_id),
        "known": queries.known(customer_id),
        "invitations": [
            (one, links.tie(one.id, one.at)) for one in queries.invitations(customer_id)
        ],
        "purposes": AMONG,
    }
    return render(request, "web/my_people.html", context, status=422 if form.errors else 200)


@require_POST
@customers_only
def agree(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """Take a yes or a no to what concerns the people one knows."""
    purpose, given = request.POST.get("purpose", ""), request.POST.get("given") == "yes"
    if purpose not in people.AMONG:
        raise Refused("customers.unknown_purpose", purpose=purpose[:50])
    customers.consent(by=customer_id, purpose=purpose, given=given, source="web")
    messages.success(
        request, _("Thank you. It counts from now on.") if given else _("It is not done any more.")
    )
    return redirect("web:my-people")


@require_POST
@customers_only
def end(request: HttpRequest, customer_id: UUID, other: UUID) -> HttpResponse:
    """Know somebody no longer."""
    commands.end(by=customer_id, other=other)
    messages.success(request, _("Ended. Neither of you counts more for the other any more."))
    return redirect("web:my-people")


@require_POST
@customers_only
def take_back(request: HttpRequest, customer_id: UUID, invitation_id: UUID) -> HttpResponse:
    """Take one's invitation back."""
    commands.take_back(by=customer_id, invitation_id=invitation_id)
    messages.success(request, _("Taken back. Its link opens nothing any more."))
    return redirect("web:my-people")


@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Show who invites and what it means, to whoever has the link; take their no."""
    [invitation_id] = links.opened(token, "tie")
    offer = queries.invitation(invitation_id)
    if offer is None:
        raise Refused("customers.tie_over")
    if request.method == "POST":
        commands.decline(invitation_id=invitation_id)
        messages.success(request, _("Noted. Nobody is told."))
        return redirect("web:home")
    customer_id = who.customer(request)
    context = {
        "offer": offer,
        "token": token,
        "own": customer_id == offer.by,
        "person": people.person(customer_id) if customer_id else None,
        "purposes": AMONG,
    }
    response = render(request, "web/tie.html", context)
    response["Cache-Control"] = "private"
    return response


@require_http_methods(["GET", "POST"])
@customers_only
def accept(request: HttpRequest, customer_id: UUID, token: str) -> HttpResponse:
    """Take the yes of who is at the door, and what else they agreed to with it."""
    if request.method == "GET":  # from signing in
        return redirect("web:tie", token)
    [invitation_id] = links.opened(token, "tie")
    commands.accept(by=customer_id, invitation_id=invitation_id)
    for purpose in people.AMONG:
        if request.POST.get(purpose):
            customers.consent(by=customer_id, purpose=purpose, given=True, source="web")
    messages.success(request, _("You know each other here from now on."))
    return redirect("web:my-people")


@require_http_methods(["GET", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Ask whether an address wants no invitations any more; take the yes."""
    [invitation_id] = links.opened(token, "tie-stop")
    done = request.method == "POST"
    if done:
        commands.stop(invitation_id=invitation_id)
    return render(request, "web/tie_stop.html", {"done": done})
