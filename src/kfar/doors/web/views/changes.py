"""Changes: announcing them to business customers, their answers, and what may ship."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kfar.doors import links
from kfar.doors.labels import ANSWERS, SILENCES, VETOES
from kfar.doors.web import who
from kfar.doors.web.change_forms import (
    AgreementForm,
    AnswerForm,
    ChangeForm,
    ReplyForm,
    WithdrawForm,
    upload,
)
from kfar.doors.web.receipts import given
from kfar.doors.web.who import customers_only, staff_only
from kfar.doors.words import called
from kfar.ground.errors import Refused
from kfar.rooms.customers import accounts
from kfar.rooms.customers import queries as customers
from kfar.rooms.decisions import agreements, files, notices
from kfar.rooms.decisions import changes as commands
from kfar.rooms.decisions.agreements import CHANGE
from kfar.rooms.decisions.notices import Asked, Notice
from kfar.rooms.village import queries as village
from kfar.rooms.village.queries import Staff


@require_GET
def changes(request: HttpRequest) -> HttpResponseBase:
    """Show all changes to who works here; to a customer those that are put to them."""
    return _all(request) if who.staff(request) else _mine(request)


@staff_only
def _all(request: HttpRequest, staff: Staff) -> HttpResponse:
    context = {"notices": notices.notices(), "may": CHANGE in staff.acts}
    return render(request, "web/changes.html", context)


@customers_only
def _mine(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    put = [(n, links.change(n.id, customer_id)) for n, _own in notices.put_to(customer_id)]
    return render(request, "web/changes.html", {"put": put})


@require_http_methods(["GET", "POST"])
@staff_only
def announce(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Announce a change to business customers."""
    village.require(staff.id, CHANGE)
    form = ChangeForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            once = form.cleaned_data["once"]
            change_id = commands.announce(by=staff.id, draft=form.draft(), once=once)
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("Announced. Everyone who speaks for them gets a mail now."))
            return redirect("web:change", change_id)
    context = {"form": form, "silences": SILENCES.items(), "vetoes": VETOES.items()}
    return render(request, "web/announce.html", context, status=422 if form.errors else 200)


@require_GET
@staff_only
def change(request: HttpRequest, staff: Staff, change_id: UUID) -> HttpResponse:
    """Show a change to who works here: who answered what, what holds it, where it may ship."""
    return _change(request, staff, change_id)


@require_POST
@staff_only
def reply(request: HttpRequest, staff: Staff, change_id: UUID, answer_id: int) -> HttpResponse:
    """Take conditions on, or answer an objection."""
    form = ReplyForm(request.POST)
    if form.is_valid():
        said, language = form.cleaned_data, translation.get_language() or "en"
        try:
            commands.reply(
                by=staff.id,
                change_id=change_id,
                answer_id=answer_id,
                text={language: said["text"]},
                due=said["due"],
                once=said["once"],
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("Sent. It stands in the log, and they are told."))
            return redirect("web:change", change_id)
    return _change(request, staff, change_id, reply=form, at=answer_id)


@require_POST
@staff_only
def withdraw(request: HttpRequest, staff: Staff, change_id: UUID) -> HttpResponse:
    """Take a change back; everyone who was asked is told why."""
    form = WithdrawForm(request.POST)
    if form.is_valid():
        reason = {translation.get_language() or "en": form.cleaned_data["why"]}
        try:
            commands.withdraw(by=staff.id, change_id=change_id, reason=reason)
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("Taken back. Everyone who was asked is told why."))
            return redirect("web:change", change_id)
    return _change(request, staff, change_id, withdraw=form)


def _change(
    request: HttpRequest,
    staff: Staff,
    change_id: UUID,
    *,
    reply: ReplyForm | None = None,
    withdraw: WithdrawForm | None = None,
    at: int = 0,
) -> HttpResponse:
    notice = _one(change_id)
    names = _names(said.by for one in notice.asked for said in one.said)
    context = {
        "notice": notice,
        "rows": [
            (one, notice.shipping(one.account_id), [(s, _by(s.by, names)) for s in one.said])
            for one in notice.asked
        ],
        "whole": notice.shipping(),
        "address": links.page("api:may-ship", change_id),
        "by": village.names([notice.announced_by]).get(notice.announced_by, ""),
        "may": CHANGE in staff.acts,
        "reply": reply or ReplyForm(),
        "withdraw": withdraw or WithdrawForm(),
        "at": at,
    }
    wrong = (reply and reply.errors) or (withdraw and withdraw.errors)
    return render(request, "web/change.html", context, status=422 if wrong else 200)


@require_http_methods(["GET", "POST"])
@staff_only
def recorded(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Show the agreements on record; take another."""
    village.require(staff.id, CHANGE)
    form = AgreementForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        file = upload(said["file"]) if said["file"] else None
        try:
            agreements.record(
                by=staff.id,
                account_id=said["account"],
                title=said["title"],
                signed_on=said["signed_on"],
                signed_by=said["signed_by"],
                sum_=said["sum"],
                file=file,
                once=said["once"],
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("On record. It counts for changes announced from now on."))
            return redirect("web:agreements")
    context = {
        "form": form,
        "agreements": agreements.everything(),
        "companies": accounts.accounts(),
    }
    return render(request, "web/agreements.html", context, status=422 if form.errors else 200)


@require_POST
@staff_only
def end(request: HttpRequest, staff: Staff, agreement_id: UUID) -> HttpResponse:
    """Note that an agreement has ended."""
    agreements.end(by=staff.id, agreement_id=agreement_id)
    messages.success(request, _("Noted. From now on their silence means nothing."))
    return redirect("web:agreements")


@require_GET
@staff_only
def file(request: HttpRequest, staff: Staff, file_id: UUID) -> HttpResponse:
    """Give a file of a notice to who works here."""
    return _file(file_id)


@require_GET
@customers_only
def mine(request: HttpRequest, customer_id: UUID, change_id: UUID) -> HttpResponse:
    """Bring a customer who is signed in to where they answer."""
    if not notices.speaks_for(_one(change_id), customer_id):
        raise Refused("decisions.not_your_account")
    return redirect(links.change(change_id, customer_id))


@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """Take an account's answer; opened from a letter, without signing in.

    Only a POST answers: programs that look at links in mails say nothing for anybody.
    """
    change_id, customer_id = links.opened(token, "change")
    who.greet(request, customer_id)
    form = AnswerForm(request.POST) if request.method == "POST" else AnswerForm()
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            commands.answer(
                by=customer_id,
                change_id=change_id,
                account_id=said["account"],
                answer=said["answer"],
                words=said["words"],
                nonce=request.POST.get("nonce", ""),
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("Thank you: your word is on record."))
            return redirect("web:change-answer", token)
    notice = _one(change_id)
    own = notices.speaks_for(notice, customer_id)
    if not own:
        raise Refused("decisions.not_your_account")
    names = _names(said.by for one in own for said in one.said)
    again = "again" in request.GET
    context = {
        "notice": notice,
        "token": token,
        "own": [_asked(notice, one, form, names, again=again) for one in own],
    }
    return render(request, "web/change_answer.html", context, status=422 if form.errors else 200)


def _asked(
    notice: Notice, one: Asked, form: AnswerForm, names: dict[UUID, str], *, again: bool
) -> dict[str, Any]:
    """Return what the answering page shows of one account."""
    wrong = form.is_bound and form["account"].value() == str(one.account_id)
    may = notice.may_say(one)
    return {
        "one": one,
        "shipping": notice.shipping(one.account_id),
        "by": _by(one.last.by, names) if one.last else "",
        "receipt": notices.receipt(notice, one),
        "form": form if wrong else None,
        "choices": [(choice, *ANSWERS[choice]) for choice in may],
        "asks": bool(may) and (again or wrong or one.last is None),
    }


@require_GET
def receipt(request: HttpRequest, token: str, account_id: UUID) -> HttpResponse:
    """Give who speaks for an account the receipt of its last answer, as a file."""
    change_id, customer_id = links.opened(token, "change")
    notice = _one(change_id)
    own = [one for one in notices.speaks_for(notice, customer_id) if one.account_id == account_id]
    if not own:
        raise Refused("decisions.not_your_account")
    return given(notices.receipt(notice, own[0]))


@require_GET
def answer_file(request: HttpRequest, token: str, file_id: UUID) -> HttpResponse:
    """Give a file of a notice to who speaks for an account that is asked."""
    change_id, customer_id = links.opened(token, "change")
    if not notices.speaks_for(_one(change_id), customer_id):
        raise Refused("decisions.not_your_account")
    return _file(file_id, change_id)


def _file(file_id: UUID, change_id: UUID | None = None) -> HttpResponse:
    found = notices.file(file_id)
    if found is None or change_id not in {None, found.change_id}:
        raise Refused("decisions.no_such_file")
    response = FileResponse(
        files.path(found.sum).open("rb"),
        as_attachment=True,
        filename=found.name,
        content_type="application/octet-stream",
    )
    response["Cache-Control"] = "private, no-store"
    return response  # type: ignore[return-value]


def _one(change_id: UUID) -> Notice:
    found = notices.notice(change_id)
    if found is None:
        raise Refused("decisions.no_such_change")
    return found


def _names(ids: Iterable[UUID | None]) -> dict[UUID, str]:
    people = customers.people(own for own in ids if own is not None)
    return {own: called(person) for own, person in people.items()}


def _by(own: UUID | None, names: dict[UUID, str]) -> str:
    return names.get(own, "") if own is not None else ""
