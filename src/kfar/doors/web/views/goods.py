"""For the people who serve customers: who buys what, what goes with it, and where."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from kfar.doors.web import wares
from kfar.doors.web.who import staff_only
from kfar.rooms.insight import shelves
from kfar.rooms.insight.commands import READ
from kfar.rooms.insight.shelves import Kind, Spot, Ware
from kfar.rooms.insight.studies.goods import Key
from kfar.rooms.village import queries as village
from kfar.rooms.village.queries import Staff


@require_GET
@staff_only
def goods(request: HttpRequest, staff: Staff, key: Key) -> HttpResponse:
    """Show the categories or the products: those one looks for, sorted as one wants."""
    village.require(staff.id, READ)
    every, asked = shelves.wares(key), request.GET.get("q", "")
    sort = request.GET.get("sort", "")
    sort = sort if sort in wares.SORTS else "buyers"
    rows = sorted(every.rows, key=wares.SORTS[sort][1]) if every else []  # type: ignore[arg-type]
    rows = wares.found(rows, asked, lambda ware: f"{ware.name} {ware.thing.code} {ware.category}")
    context = {
        "key": key,
        "every": every,
        "rows": [_in_short(ware, key, every.currency) for ware in rows[: wares.ROWS] if every],
        "more": len(rows) - wares.ROWS,
        "asked": asked,
        "sort": sort,
        "sorts": [(code, label) for code, (label, _) in wares.SORTS.items()],
    }
    return render(request, "web/goods.html", context)


@require_GET
@staff_only
def good(request: HttpRequest, staff: Staff, key: Key, code: str) -> HttpResponse:
    """Show a category or a product. Of a chosen time the lake is asked, after the page is there."""
    village.require(staff.id, READ)
    one = shelves.good(key, code)
    if one is None:
        raise Http404
    window = wares.window(one, request.GET.get("since", ""), request.GET.get("until", ""))
    asked = request.htmx or "now" in request.GET  # type: ignore[attr-defined]
    if window.since and window.until and asked:
        one = shelves.good_within(key, code, window.since, window.until) or one
    shown = asked or not window.chosen
    told = wares.told(one.ware.thing, one.currency, shelves.names(), goods=True) if shown else None
    context: dict[str, Any] = {
        "good": one,
        "key": key,
        "window": window,
        "told": told,
        "goods": True,
    }
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "web/parts/ware_told.html", context)
    name = wares.called(one.ware.name) if key == "category" else one.ware.name
    context |= {
        "name": name,
        "basket": wares.pairs(one.basket, key),
        "basket_sure": wares.sure(one.basket, key),
        "life": wares.pairs(one.life, key),
        "life_sure": wares.sure(one.life, key),
        "products": [_in_short(ware, "product", one.currency) for ware in one.products],
    }
    return render(request, "web/ware.html", context)


@require_GET
@staff_only
def places(request: HttpRequest, staff: Staff, kind: Kind) -> HttpResponse:
    """Show the stores or the regions."""
    village.require(staff.id, READ)
    every, asked = shelves.spots(kind), request.GET.get("q", "")
    rows = wares.found(every.rows if every else [], asked, _words)
    context = {
        "kind": kind,
        "every": every,
        "rows": [
            (spot, wares.place_name(spot.named), wares.money(spot.thing.paid, every.currency))
            for spot in rows[: wares.ROWS]
            if every
        ],
        "more": len(rows) - wares.ROWS,
        "asked": asked,
    }
    return render(request, "web/places.html", context)


@require_GET
@staff_only
def place(request: HttpRequest, staff: Staff, kind: Kind, code: str) -> HttpResponse:
    """Show a store or a region: who buys there, what differs, and what they buy elsewhere."""
    village.require(staff.id, READ)
    there = shelves.spot(kind, code)
    if there is None:
        raise Http404
    context = {
        "kind": kind,
        "there": there,
        "name": wares.place_name(there.spot.named) if kind == "place" else code,
        "told": wares.told(there.spot.thing, there.currency, there.stores, goods=False),
        "above": wares.differences(there, more=True),
        "below": wares.differences(there, more=False),
        "elsewhere": wares.elsewhere(there),
    }
    return render(request, "web/place.html", context)


def _in_short(ware: Ware, key: Key, currency: str) -> tuple[Ware, str, str, str]:
    """Return a thing with its name, what was paid for it, and by one buyer."""
    thing = ware.thing
    return (
        ware,
        wares.called(ware.name) if key == "category" else ware.name,
        wares.money(thing.paid, currency),
        wares.money(thing.paid / thing.buyers, currency),
    )


def _words(spot: Spot) -> str:
    return f"{spot.named.code} {wares.place_name(spot.named)} {spot.named.region}"
