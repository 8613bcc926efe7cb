"""What is mine: taken along, corrected, erased."""

from __future__ import annotations

from tempfile import TemporaryFile
from uuid import UUID

from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from django.contrib import messages
from django.contrib.auth import logout
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kfar.doors import archive
from kfar.doors.web import who
from kfar.doors.web.forms import EraseForm
from kfar.doors.web.signin.forms import AskForCode
from kfar.doors.web.views.journey import about_me
from kfar.doors.web.who import customers_only, staff_only
from kfar.doors.words import sentence
from kfar.ground.errors import Refused
from kfar.rooms.customers import commands, erasure, queries
from kfar.rooms.village import queries as village
from kfar.rooms.village.queries import Staff


@require_POST
@customers_only
def take(request: HttpRequest, customer_id: UUID) -> FileResponse:
    """Give the customer all that is known of them, as a file."""
    commands.export(customer_id=customer_id)
    file = TemporaryFile()  # noqa: SIM115 - closed with the response
    archive.write(customer_id, file)
    file.seek(0)
    name = f"kfar-{timezone.localdate()}.zip"
    return FileResponse(file, as_attachment=True, filename=name)


@require_http_methods(["GET", "POST"])
@customers_only
def erase(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """Say what erasing means; with a fresh proof of who it is and their yes, do it."""
    proven = who.proven_lately(request)
    if request.method == "POST" and proven and request.POST.get("yes"):
        erasure_id = erasure.ask(customer_id=customer_id)
        logout(request)
        return redirect("web:erased", erasure_id)
    missing = request.method == "POST" and proven
    context = {"proven": proven, "missing": missing, "person": queries.person(customer_id)}
    return render(request, "web/erase.html", context, status=422 if missing else 200)


@require_POST
@customers_only
def prove(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """Send the customer a code, with which they come back to the page that erases."""
    form = AskForCode({"email": request.user.email})  # type: ignore[union-attr]
    if not form.is_valid():
        return redirect("web:erase")
    logout(request)
    LoginCodeVerificationProcess.initiate(
        request=request, user=form._user, email=form.cleaned_data["email"]
    )
    back = urlencode({"next": reverse("web:erase")})
    return redirect(f"{reverse('account_confirm_login_code')}?{back}")


@require_GET
def erased(request: HttpRequest, erasure_id: UUID) -> HttpResponse:
    """Show the receipt of an erasure to whoever has its address; it names nobody."""
    receipt = erasure.receipt(erasure_id)
    if receipt is None:
        raise Refused("customers.not_found")
    return render(request, "web/erased.html", {"receipt": receipt})


@require_http_methods(["GET", "POST"])
@staff_only
def erase_for(request: HttpRequest, staff: Staff, customer_id: UUID) -> HttpResponse:
    """Erase a customer who has asked the company to."""
    village.require(staff.id, erasure.ERASE)
    person = queries.person(customer_id)
    if person is None:
        raise Refused("customers.not_found")
    form = EraseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        how = form.cleaned_data["how"]
        return redirect("web:erased", erasure.ask(customer_id=person.id, by=staff.id, how=how))
    context = {"form": form, "person": person}
    return render(request, "web/erase_for.html", context, status=422 if form.errors else 200)


@require_POST
@customers_only
def rename(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """Take the customer's own name for themselves; without one only where that is meant."""
    name, none = request.POST.get("name", "").strip(), bool(request.POST.get("none"))
    try:
        if not name and not none:
            raise Refused("customers.no_name")
        commands.rename(by=customer_id, name="" if none else name)
    except Refused as refused:
        if refused.code not in {"customers.no_name", "customers.name_too_long"}:
            raise
        return about_me(request, customer_id, name=name, wrong=sentence(refused))
    said = (
        _("You have no name here any more.") if none else _("That is your name here from now on.")
    )
    messages.success(request, said)
    return redirect("web:me")


@require_POST
@customers_only
def drop(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """Let a name the customer is known by be theirs no more."""
    commands.drop(
        by=customer_id, kind=request.POST.get("kind", ""), value=request.POST.get("value", "")
    )
    messages.success(request, _("We do not know you by that any more."))
    return redirect("web:me")
