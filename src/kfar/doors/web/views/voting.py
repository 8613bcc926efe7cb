"""The door of an open question: what is asked, and every way in. Nobody's ballot is read here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core import signing
from django.core.mail import EmailMessage
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kfar.doors import links, texts
from kfar.doors.web import ballots
from kfar.doors.web.origins import from_own_pages
from kfar.doors.web.views import errors
from kfar.doors.web.who import customers_only
from kfar.ground.ballots import NONCE
from kfar.ground.errors import Refused
from kfar.ground.tokens import COOKIE, COOKIE_LASTS, read_voter, voter_token
from kfar.rooms.decisions import admitting, queries, receipts
from kfar.rooms.decisions.admitting import Door
from kfar.rooms.decisions.proving.manifest import Tier


@from_own_pages
@require_http_methods(["GET", "POST"])
def vote(request: HttpRequest, question_id: UUID) -> HttpResponse:
    """Show what is asked and the ways in; take the ballot of who votes by link alone."""
    door = admitting.door(question_id)
    if request.method == "GET":
        return _door(request, door) if _is_somebody(request) else _for_strangers(request, door)
    try:
        return _vote(request, door)
    except Refused as refused:
        return _door(request, door, refused)


def _vote(request: HttpRequest, door: Door) -> HttpResponse:
    text = ballots.read(door.manifest, request.POST)
    number = _voter(request, door)
    admitting.vote(
        question_id=door.id,
        voter=number,
        text=text,
        nonce=request.POST.get("nonce", ""),
        ip=_ip(request),
    )
    return _remember(redirect("web:vote-mine", door.id), door, number)


@require_GET
def mine(request: HttpRequest, question_id: UUID) -> HttpResponse:
    """Show who voted by link what they said, and their receipt."""
    door = admitting.door(question_id)
    number = _known(request, door)
    held = None if number is None else receipts.of_voter(question_id, number)
    if held is None:
        return redirect("web:vote", question_id)
    response = render(request, "web/join_mine.html", {"door": door, "receipt": held})
    response["Cache-Control"] = "private, no-store"
    return response


@require_GET
@customers_only
def account(request: HttpRequest, customer_id: UUID, question_id: UUID) -> HttpResponse:
    """Bring a customer who is signed in to their ballot."""
    admitting.admit(question_id=question_id, customer_id=customer_id, tier=Tier.ACCOUNT)
    return redirect(links.ballot(question_id, customer_id))


@from_own_pages
@require_POST
def code(request: HttpRequest, question_id: UUID) -> HttpResponse:
    """Send a code to a mailbox or a phone; and take it, which leads to the ballot."""
    door = admitting.door(question_id)
    if "code" in request.POST:
        return _prove(request, door)
    said = request.POST.get("tier", "")
    tier = Tier.SMS if said == Tier.SMS else Tier.EMAIL
    try:
        sending = admitting.new_code(
            question_id=door.id, tier=tier, to=request.POST.get("to", ""), ip=_ip(request)
        )
        _send(sending, door)
    except Refused as refused:
        return _door(request, door, refused, at=tier)
    return _ask_code(request, door, tier, sending.to)


def _prove(request: HttpRequest, door: Door) -> HttpResponse:
    tier, to = _unsigned(request.POST.get("sent", ""))
    try:
        customer_id = admitting.prove(
            question_id=door.id,
            tier=tier,
            to=to,
            code=request.POST["code"],
            language=translation.get_language() or settings.LANGUAGE_CODE,
        )
    except Refused as refused:
        if refused.code == "decisions.code_wrong":
            return _ask_code(request, door, tier, to, refused)
        return _door(request, door, refused, at=tier)
    return redirect(links.ballot(door.id, customer_id))


def _send(sending: admitting.Sending, door: Door) -> None:
    context = {
        "code": sending.code,
        "door": door,
        "company": settings.KFAR_COMPANY,
        "host": settings.KFAR_URL.partition("//")[2],
    }
    if sending.tier is Tier.SMS:
        text = render_to_string("web/join_code_sms.txt", context).strip()
        texts.texter().send(to=sending.to, text=text)
        return
    subject, _, body = render_to_string("web/join_code.txt", context).strip().partition("\n")
    EmailMessage(
        subject=" ".join(subject.split()),
        body=body.strip() + "\n",
        to=[sending.to],
        headers={"Auto-Submitted": "auto-generated"},
    ).send()


# --- pages ---------------------------------------------------------------------------------


def _is_somebody(request: HttpRequest) -> bool:
    """Whether the page may be another one for this reader than for any stranger."""
    about = {settings.SESSION_COOKIE_NAME, "messages"}
    return bool(request.GET) or not about.isdisjoint(request.COOKIES)


def _for_strangers(request: HttpRequest, door: Door) -> HttpResponse:
    """Show the page as it was written a moment ago, the same for all of them."""
    moment = int(timezone.now().timestamp()) // admitting.KEPT
    page = _written(door, door.open, translation.get_language() or "", request.path, moment)
    response = HttpResponse(page)
    response["Cache-Control"] = f"public, max-age=0, s-maxage={admitting.KEPT}"
    return response


@lru_cache(maxsize=64)
def _written(door: Door, _open: bool, _language: str, path: str, _moment: int) -> str:
    nobody = HttpRequest()
    nobody.path, nobody.user = path, AnonymousUser()
    return render_to_string("web/join.html", _context(door, {}), nobody)


def _context(door: Door, values: Mapping[int, str]) -> dict[str, Any]:
    manifest, paper = door.manifest, door.manifest.paper
    return {
        "door": door,
        "ways": {str(tier): door.lets(tier) for tier in Tier},
        "number": settings.KFAR_TWILIO[2],
        "pledges": manifest.pledges,
        "slips": ballots.slips(manifest, values),
        "paper": paper,
        "ranks": range(1, paper.most + 1),
        "scores": range(paper.highest + 1) if paper.highest <= ballots.MOST_RADIOS else (),
        "budget": manifest.rule.budget,
        "form": f"web/parts/ballot_{paper.form}.html",
    }


def _door(
    request: HttpRequest, door: Door, refused: Refused | None = None, at: Tier = Tier.LINK
) -> HttpResponse:
    to = request.POST.get("to", "")
    values = ballots.written(door.manifest.paper, request.POST)
    context = _context(door, values) | {"refused": refused, "at": str(at), "to": to}
    status = errors.status(refused) if refused else 200
    return render(request, "web/join.html", context, status=status)


def _ask_code(
    request: HttpRequest, door: Door, tier: Tier, to: str, refused: Refused | None = None
) -> HttpResponse:
    sent = signing.dumps([tier, to], salt="kfar.code")
    context = {"door": door, "to": to, "tier": str(tier), "sent": sent, "refused": refused}
    status = 422 if refused else 200
    response = render(request, "web/join_code.html", context, status=status)
    response["Cache-Control"] = "private, no-store"
    return response


def _unsigned(sent: str) -> tuple[Tier, str]:
    try:
        tier, to = signing.loads(sent, salt="kfar.code", max_age=3600)
        return Tier(tier), str(to)
    except (signing.BadSignature, ValueError, TypeError):
        raise Refused("links.forged") from None


# --- who votes by link ---------------------------------------------------------------------


def _voter(request: HttpRequest, door: Door) -> int:
    """Return the voter this browser is, a new one where it is none yet."""
    known = _known(request, door)
    if known is not None:
        return known
    once = request.POST.get("once", "")
    once = once if NONCE.fullmatch(once) else ""
    return admitting.mint(question_id=door.id, ip=_ip(request), once=once)


def _known(request: HttpRequest, door: Door) -> int | None:
    found = read_voter(queries.ballot_key(), request.COOKIES.get(COOKIE, ""))
    return found[1] if found is not None and found[0] == door.id.bytes else None


def _remember(response: HttpResponse, door: Door, number: int) -> HttpResponse:
    """Let this browser be the same voter from now on."""
    response.set_cookie(
        COOKIE,
        voter_token(queries.ballot_key(), door.id, number),
        max_age=door.closes_at + timedelta(seconds=COOKIE_LASTS) - timezone.now(),
        path=reverse("web:vote", args=[door.id]),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def _ip(request: HttpRequest) -> str:
    """Return the address of who asks, as the proxies that we trust say it."""
    return str(get_adapter().get_client_ip(request))
