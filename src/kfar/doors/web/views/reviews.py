"""Reviews of products: read by everybody, written by customers, answered by the company."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kfar.doors.web import reviewing, ties, who
from kfar.doors.web.reviewing import SORTS, STARS, AnswerForm, ReviewForm
from kfar.doors.web.who import customers_only, staff_only
from kfar.ground.errors import Refused
from kfar.ground.text import LANGUAGES
from kfar.rooms.customers import queries as customers
from kfar.rooms.touchpoints import queries as touchpoints
from kfar.rooms.village.queries import Staff
from kfar.rooms.voice.reviews import commands, personal, queries
from kfar.rooms.voice.reviews.commands import ANSWER, Ware
from kfar.rooms.voice.reviews.queries import PAGE, Prominent, Sort
from kfar.rooms.voice.rules import MOST

#: What a category is called where all of them are meant; "" is for none.
EVERY = "*"


@require_GET
def prominence(request: HttpRequest) -> HttpResponse:
    """Show the products of a category, the most prominent first."""
    asked = request.GET.get("category", EVERY)
    chosen = None if asked == EVERY else asked
    number = _number(request)
    total = queries.count(chosen)
    pages = max(-(-total // PAGE), 1)
    number = min(number, pages)
    circle = ties.circle(request)
    mine = bool(circle) and "everybody" not in request.GET
    own = personal.shelf(circle, chosen, after=(number - 1) * PAGE) if mine else []
    everybodys = [] if mine else queries.shelf(chosen, after=(number - 1) * PAGE)
    products = [one.product for one in own] or everybodys
    context = {
        "circle": bool(circle),
        "mine": mine,
        "moved": [(one, ties.came(one)) for one in own if one.moved],
        "signed_in": who.customer(request) is not None,
        "categories": queries.categories(),
        "chosen": chosen,
        "total": total,
        "products": products,
        "chart": reviewing.ranked(products),
        "number": number,
        "pages": pages,
    }
    return render(request, "web/prominence.html", context)


@require_GET
def how(request: HttpRequest) -> HttpResponse:
    """Say how prominence is reckoned."""
    return render(request, "web/prominence_how.html")


@require_GET
def reviews(request: HttpRequest, code: str) -> HttpResponse:
    """Show what is said of a product, to everybody."""
    return _page(request, code)


@require_http_methods(["GET", "POST"])
@customers_only
def write(request: HttpRequest, customer_id: UUID, code: str) -> HttpResponse:
    """Take a customer's review of a product."""
    ware = reviewing.ware(code)
    if ware is None:
        raise Http404
    return _write(request, customer_id, ware)


@require_http_methods(["GET", "POST"])
@customers_only
def bought(request: HttpRequest, customer_id: UUID, touchpoint_id: UUID) -> HttpResponse:
    """Take a customer's review of what they bought, from their journey."""
    line = touchpoints.line(touchpoint_id, customer_id)
    code = line and (line.product or line.product_name)
    if line is None or not code:
        raise Http404
    ware = Ware(code, line.product_name or code, line.category or "")
    return _write(request, customer_id, ware, about=touchpoint_id)


@require_GET
@customers_only
def mine(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """Show a customer's own reviews, with what they said before."""
    shown = [
        (
            one,
            _stars(one.told.stars),
            [(until, _stars(stars), text) for until, stars, text in one.before],
        )
        for one in queries.mine(customer_id)
    ]
    return render(request, "web/my_reviews.html", {"reviews": shown})


@require_POST
@customers_only
def take_back(request: HttpRequest, customer_id: UUID, review_id: UUID) -> HttpResponse:
    """Take one's review back."""
    commands.take_back(by=customer_id, review_id=review_id)
    messages.success(request, _("Taken back. Nobody but you reads it any more."))
    return redirect("web:my-reviews")


@require_POST
@staff_only
def answer(request: HttpRequest, staff: Staff, review_id: UUID) -> HttpResponse:
    """Answer a review in public."""
    told = queries.review(review_id)
    if told is None:
        raise Refused("reviews.not_found")
    form = AnswerForm(request.POST)
    if form.is_valid():
        try:
            commands.answer(
                by=staff.id,
                review_id=review_id,
                text=form.cleaned_data["text"],
                language=translation.get_language() or "en",
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("Answered. Everybody reads it now."))
            return redirect("web:reviews", told.code)
    return _page(request, told.code, answering=form, at=review_id)


def _write(
    request: HttpRequest, customer_id: UUID, ware: Ware, about: UUID | None = None
) -> HttpResponse:
    own = queries.own(customer_id, ware.code)
    start = {"stars": own.told.stars, "text": own.told.text, "named": own.named} if own else {}
    form = ReviewForm(request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            commands.write(
                by=customer_id,
                ware=ware,
                stars=said["stars"],
                text=said["text"],
                language=translation.get_language() or "en",
                named=said["named"],
                about=about,
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("Thank you. Others can read it now."))
            return redirect("web:reviews", ware.code)
    context = {
        "form": form,
        "ware": ware,
        "own": own,
        "stars": [(n, reviewing.drawn(n), label) for n, label in STARS.items()],
        "chosen": str(form["stars"].value() or ""),
        "most": MOST,
        "to_friends": customers.allowed(customers.NAMED, [customer_id]),
    }
    return render(request, "web/review.html", context, status=422 if form.errors else 200)


def _page(
    request: HttpRequest,
    code: str,
    *,
    answering: AnswerForm | None = None,
    at: UUID | None = None,
) -> HttpResponse:
    ware = reviewing.ware(code)
    if ware is None:
        raise Http404
    product = queries.product(code) or _new(ware)
    asked, sort = request.GET.get("in", ""), request.GET.get("sort", "")
    language = asked if asked in LANGUAGES else ""
    sorted_by = Sort(sort) if sort in list(Sort) else Sort.TELLING
    page = queries.reviews(code, language=language, sort=sorted_by, number=_number(request))
    staff = who.staff(request)
    circle = ties.circle(request)
    own = personal.product(circle, code) if circle else None
    friends = queries.of_people(code, circle.named) if circle.named else []
    context: dict[str, Any] = {
        "product": product,
        "own": own if own and own.moved else None,
        "came": ties.came(own) if own and own.moved else "",
        "friends": [(one, *_stars(one.stars)) for one in friends],
        "chart": reviewing.shared(product),
        "page": page,
        "reviews": [(one, *_stars(one.stars)) for one in page.reviews],
        "languages": queries.languages(code),
        "in_language": language,
        "sort": sorted_by,
        "sorts": SORTS.items(),
        "json_ld": reviewing.json_ld(product, page.reviews),
        "may_answer": staff is not None and ANSWER in staff.acts,
        "answering": answering or AnswerForm(),
        "at": at,
        "most": MOST,
    }
    return render(request, "web/reviews.html", context, status=422 if answering else 200)


def _new(ware: Ware) -> Prominent:
    """Return a product of which nobody has said anything."""
    return Prominent(
        *(ware.code, ware.name, ware.category, (0,) * 5, 0, 0, 0.0, 0.0, 0.0), None, None
    )


def _stars(stars: int) -> tuple[str, str]:
    return reviewing.drawn(stars), reviewing.said(stars)


def _number(request: HttpRequest) -> int:
    asked = request.GET.get("page", "")
    return int(asked) if asked.isascii() and asked.isdigit() and 0 < len(asked) < 7 else 1
