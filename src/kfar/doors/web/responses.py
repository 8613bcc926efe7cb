"""How categories answer to displays, mailers and prices, laid out for a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from kfar.doors.reasons import why
from kfar.doors.reasons.response import change, cut
from kfar.doors.web import charts
from kfar.doors.web.charts import Bar, Bars, Curve, Line, Point
from kfar.doors.words import number
from kfar.rooms.insight.figures import Withheld
from kfar.rooms.insight.response.respond import Beside, Dealt, Effect, Response
from kfar.rooms.insight.studies.response import Category, Responses

PRICE, DISPLAY, MAILER = "price", "display", "mailer"

#: What the codes of The Complete Journey mean; those of others are shown as they are.
GUIDE = "completejourney"
PLACES = {
    "1": gettext_lazy("Store front"),
    "2": gettext_lazy("Store rear"),
    "3": gettext_lazy("End of the aisle, front"),
    "4": gettext_lazy("End of the aisle, middle"),
    "5": gettext_lazy("End of the aisle, rear"),
    "6": gettext_lazy("End of a side aisle"),
    "7": gettext_lazy("In the aisle"),
    "9": gettext_lazy("A second place"),
    "A": gettext_lazy("In the shelf"),
}
PAGES = {
    "A": gettext_lazy("Inside page"),
    "C": gettext_lazy("Inside page, one line"),
    "D": gettext_lazy("Front page"),
    "F": gettext_lazy("Back page"),
    "H": gettext_lazy("Wrap, front"),
    "J": gettext_lazy("Wrap, coupon inside"),
    "L": gettext_lazy("Wrap, back"),
    "P": gettext_lazy("Inside page, coupon"),
    "X": gettext_lazy("Inside page, free"),
    "Z": gettext_lazy("Front, back or wrap, free"),
}

Figure = Effect | Withheld


@dataclass(frozen=True)
class Overview:
    """All categories: what is added by a display, a mailer, a lower price; what is not told."""

    display: Bars
    mailer: Bars
    price: Bars
    withheld: Sequence[tuple[str, str, Sequence[tuple[str, str]]]]


@dataclass(frozen=True)
class Part:
    """What one means does: said in a sentence, or why not; by kind; and what was tried beside."""

    says: str
    why: str
    bars: Bars | None = None
    untold: Sequence[tuple[str, str]] = ()
    after: str = ""
    tried: Sequence[str] = ()


@dataclass(frozen=True)
class Page:
    """One category."""

    name: str
    lines: int
    naive: str
    display: Part
    mailer: Part
    price: Part
    curve: Curve | None
    both: Sequence[tuple[str, str, str]]
    facts: Sequence[tuple[str, str]]


def overview(study: Responses) -> Overview:
    """Return all categories on one page, in the order in which they sell."""
    found = {
        DISPLAY: [(c, _of(c.stores, DISPLAY)) for c in study.categories],
        MAILER: [(c, _of(c.products, MAILER)) for c in study.categories],
        PRICE: [(c, _of(c.products, PRICE)) for c in study.categories],
    }
    names = _names()
    withheld = []
    for n, category in enumerate(study.categories):
        each = ((names[means], found[means][n][1]) for means in found)
        reasons = [(label, why(figure)) for label, figure in each if isinstance(figure, Withheld)]
        if reasons:
            withheld.append((category.name, _link(category), reasons))
    drawn = {
        means: charts.bars([_bar(c.name, f, means, _link(c), c) for c, f in pairs], _change)
        for means, pairs in found.items()
    }
    return Overview(drawn[DISPLAY], drawn[MAILER], drawn[PRICE], withheld)


def page(study: Responses, category: Category) -> Page:
    """Return one category: what was found, what was tried beside it, what was compared."""
    known = study.promoted.sources == (GUIDE,)
    stores, products = category.stores, category.products
    return Page(
        name=category.name,
        lines=category.lines,
        naive=_naive(stores),
        display=_part(stores, DISPLAY, PLACES if known else {}),
        mailer=_part(products, MAILER, PAGES if known else {}),
        price=_part(products, PRICE, {}),
        curve=_curve(category),
        both=[
            (label, _short(_of(stores, means), means), _short(_of(products, means), means))
            for means, label in _names().items()
        ],
        facts=_facts(stores, products),
    )


def _names() -> dict[str, str]:
    return {DISPLAY: _("On display"), MAILER: _("In the mailer"), PRICE: _("A tenth off the price")}


def _link(category: Category) -> str:
    return reverse("web:response-of", args=[category.name])


def _of(answer: Response | Withheld, means: str) -> Figure:
    if isinstance(answer, Withheld):
        return answer
    return {DISPLAY: answer.display, MAILER: answer.mailer, PRICE: answer.elasticity}[means]


def _lifts(figure: Effect, means: str) -> tuple[float, float, float]:
    """Return value, low and high as lifts; of a price, those of one that is 10% lower."""
    if means != PRICE:
        return figure.value, figure.low, figure.high
    return cut(figure.value), cut(figure.high), cut(figure.low)


def _change(over: float) -> str:
    return change(1 + over)


def _bar(label: str, figure: Figure, means: str, link: str, of: Category | None = None) -> Bar:
    beside = None
    if of is not None and means == DISPLAY and isinstance(of.stores, Response):
        beside = of.stores.naive - 1 if of.stores.naive > 0 else None
    if isinstance(figure, Withheld):
        return Bar(label, None, beside=beside, link=link)
    value, low, high = _lifts(figure, means)
    return Bar(label, value - 1, low - 1, high - 1, beside, link)


def _short(figure: Figure, means: str) -> str:
    if isinstance(figure, Withheld):
        return _("not told")
    value, low, high = (change(lift) for lift in _lifts(figure, means))
    return f"{value} ({low} – {high})"


def _naive(answer: Response | Withheld) -> str:
    times = answer.naive if isinstance(answer, Response) else 0.0
    return number(times, 1) if times > 0 else ""


def _part(answer: Response | Withheld, means: str, names: Mapping[str, object]) -> Part:
    figure = _of(answer, means)
    if isinstance(answer, Withheld):
        return Part("", why(answer))
    kinds = {DISPLAY: answer.displays, MAILER: answer.mailers}.get(means, {})
    labels = {code: str(names.get(code, code)) for code in kinds}
    told = [(code, kind) for code, kind in kinds.items() if isinstance(kind, Effect)]
    beside = answer.beside[means]
    return Part(
        says="" if isinstance(figure, Withheld) else _says(figure, means),
        why=why(figure) if isinstance(figure, Withheld) else "",
        bars=charts.bars([_bar(labels[c], kind, means, "") for c, kind in told], _change)
        if told
        else None,
        untold=[(labels[c], why(kind)) for c, kind in kinds.items() if isinstance(kind, Withheld)],
        after="" if isinstance(figure, Withheld) else _after(beside, means),
        tried=_tried(beside, means),
    )


def _says(figure: Effect, means: str) -> str:
    said = {
        DISPLAY: _(
            "%(change)s (%(low)s to %(high)s), compared with stores that do not show the product "
            "in the same week."
        ),
        MAILER: _(
            "%(change)s (%(low)s to %(high)s), compared with other products of the store, over "
            "the weeks."
        ),
        PRICE: _("At a price 10%% lower: %(change)s (%(low)s to %(high)s)."),
    }
    return said[means] % _ranged(figure, means)


def _ranged(figure: Effect, means: str) -> dict[str, str]:
    value, low, high = (change(lift) for lift in _lifts(figure, means))
    return {"change": value, "low": low, "high": high}


def _after(beside: Beside, means: str) -> str:
    """Return what happens the week after, once it is over."""
    figure = beside.after
    if isinstance(figure, Withheld):
        return ""
    _value, low, high = _lifts(figure, means)
    if high < 1:
        said = _(
            "The week after: %(change)s (%(low)s to %(high)s). Part of it was only bought ahead."
        )
    elif low > 1:
        said = _("The week after: still %(change)s (%(low)s to %(high)s). Nothing is missing then.")
    else:
        said = _(
            "The week after: %(change)s (%(low)s to %(high)s). As far as can be told, sales are "
            "as ever: nothing was only bought ahead."
        )
    return said % _ranged(figure, means)


def _tried(beside: Beside, means: str) -> list[str]:
    """Return what was tried that cannot work, and whether it did."""
    said = []
    if isinstance(beside.before, Effect):
        head = _(
            "The week before, of which nobody knows yet, has to show nothing: %(change)s "
            "(%(low)s to %(high)s)."
        ) % _ranged(beside.before, means)
        passed = beside.moved != "before"
        said.append(f"{head} {_verdict(passed)}")
    if isinstance(beside.dealt, Dealt):
        dealt = beside.dealt
        head = ngettext(
            "Displays dealt out to stores by lot, %(times)s time, have to show nothing: %(low)s "
            "to %(high)s.",
            "Displays dealt out to stores by lot, %(times)s times, have to show nothing: %(low)s "
            "to %(high)s.",
            len(dealt.lifts),
        ) % {
            "times": number(len(dealt.lifts)),
            "low": change(dealt.lifts[0]),
            "high": change(dealt.lifts[-1]),
        }
        moved = ngettext(
            "%(moved)s seemed to do something; by chance, one in twenty does.",
            "%(moved)s seemed to do something; by chance, one in twenty does.",
            dealt.moved,
        ) % {"moved": number(dealt.moved)}
        passed = beside.moved != "dealt"
        said.append(f"{head} {moved} {_verdict(passed)}")
    return said


def _verdict(passed: bool) -> str:
    return _("Passed.") if passed else _("Not passed.")


def _curve(category: Category) -> Curve | None:
    if category.curve is None:
        return None
    of = category.curve
    rows = zip(of.price, of.units, of.low, of.high, strict=True)
    points = [Point(*(round(100 * float(n), 2) for n in row)) for row in rows]
    return charts.curve([Line(_("Sold"), points)], _percent, _percent)


def _percent(value: float) -> str:
    return f"{number(value)}%"


def _facts(stores: Response | Withheld, products: Response | Withheld) -> list[tuple[str, str]]:
    """Return what was compared, and how much of it there is."""
    found = []
    if isinstance(stores, Response):
        found.append(
            (
                _("For displays: stores that show a product, with stores that do not, that week"),
                _compared(stores),
            )
        )
    if isinstance(products, Response):
        found.append(
            (
                _("For mailers and prices: products of one store with each other, over the weeks"),
                _compared(products),
            )
        )
    return found


def _compared(answer: Response) -> str:
    return _("%(products)s products in %(stores)s stores, %(cells)s weeks of one in one store") % {
        "products": number(answer.products),
        "stores": number(answer.stores),
        "cells": number(answer.cells),
    }
