"""Goods and places as they are drawn: numbers become charts, codes become names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from babel.numbers import format_currency
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kfar.doors import words
from kfar.doors.web import charts
from kfar.doors.web.charts import Bar, Bars, Curve, Line, Point
from kfar.ground.money import Money
from kfar.rooms.insight.shelves import Good, Named, There, Ware
from kfar.rooms.insight.studies.goods import Along
from kfar.rooms.insight.tallies import Month, Share, Thing

T = TypeVar("T")
#: So many rows stand on a page of a list; who looks for others says what they are called.
ROWS = 100
#: By what a list of goods may be sorted: what it is called, and what is compared.
SORTS: Mapping[str, tuple[object, Callable[[Ware], object]]] = {
    "buyers": (gettext_lazy("Buyers"), lambda ware: -ware.thing.buyers),
    "often": (gettext_lazy("Visits of a buyer"), lambda ware: -ware.thing.often),
    "paid": (gettext_lazy("Paid"), lambda ware: -ware.thing.paid),
    "each": (gettext_lazy("Paid by a buyer"), lambda ware: -ware.thing.paid / ware.thing.buyers),
    "name": (gettext_lazy("Name"), lambda ware: ware.name.casefold()),
}


@dataclass(frozen=True)
class Told:
    """What was counted of a thing: figures in words, by month, who buys it, and where."""

    few: bool
    figures: Sequence[tuple[str, str]]
    buyers: Curve | None
    paid: Curve | None
    about: Sequence[tuple[str, Bars]]
    stores: Bars | None


@dataclass(frozen=True)
class Window:
    """A time that was chosen, and the months one may choose from."""

    since: date | None
    until: date | None
    months: Sequence[tuple[str, str]]

    @property
    def chosen(self) -> bool:
        """Whether another time than all was chosen."""
        return self.since is not None


def called(code: str) -> str:
    """Return a name from a till, which comes in capitals, as one reads it."""
    return code[:1].upper() + code[1:].lower()


def found(rows: Iterable[T], words_: str, name: Callable[[T], str]) -> list[T]:
    """Return the rows in whose name all the words stand."""
    wanted = words_.casefold().split()
    return [row for row in rows if all(word in name(row).casefold() for word in wanted)]


def told(thing: Thing, currency: str, names: Mapping[str, Named], *, goods: bool) -> Told:
    """Return what was counted of a category or product, or (not `goods`) of a store or region."""
    figures = [
        (_("buyers") if goods else _("customers"), words.number(thing.buyers)),
        (_("of all customers"), words.small_share(thing.share)),
        (_("visits"), words.number(thing.visits)),
    ]
    if thing.buyers:
        each = words.number(thing.often, 1)
        figures.append((_("visits of a buyer") if goods else _("visits of a customer"), each))
        if thing.units is not None:
            figures.append((_("pieces"), words.number(thing.units)))
        figures.append((_("paid"), money(thing.paid, currency)))
        paid = money(round(thing.paid / thing.buyers), currency)
        figures.append((_("paid by a buyer") if goods else _("paid by a customer"), paid))
    return Told(
        few=not thing.buyers,
        figures=figures,
        buyers=_curve(
            [
                (_("Buyers") if goods else _("Customers"), lambda m: m.buyers),
                (_("Visits"), lambda m: m.visits),
            ],
            thing.months,
            words.number,
        ),
        paid=_curve(
            [(_("Paid"), lambda m: m.paid)], thing.months, lambda paid: money(paid, currency)
        ),
        about=[(key, _about(shares)) for key, shares in thing.about.items()],
        stores=_stores(thing, names),
    )


def pairs(along: Sequence[Along], key: str) -> Bars:
    """Draw what goes with a thing: how many times as often as by chance."""
    rows = [
        Bar(
            label=called(one.name) if key == "category" else one.name,
            value=one.lift,
            link=reverse(f"web:{key}", args=[one.code]),
        )
        for one in along
    ]
    return charts.bars(rows, times)


def sure(along: Sequence[Along], key: str) -> list[tuple[str, ...]]:
    """Return how sure each is: its name, how many, of all, how many times, above, false finds."""
    return [
        (
            called(one.name) if key == "category" else one.name,
            words.number(one.both),
            words.share(one.support, 2),
            times(one.lift),
            times(one.low),
            words.share(one.q, 2),
        )
        for one in along
    ]


def differences(there: There, *, more: bool) -> Bars | None:
    """Draw what is bought more often at a place than everywhere, or less often."""
    rows = [
        Bar(
            label=called(one.category),
            value=one.share,
            beside=one.usual,
            link=reverse("web:category", args=[one.category]),
        )
        for one in there.differences
        if (one.share > one.usual) == more
    ]
    return charts.bars(rows, words.small_share) if rows else None


def elsewhere(there: There) -> Bars | None:
    """Draw which categories the regulars of a place buy elsewhere."""
    rows = [
        Bar(
            label=called(one.category),
            value=one.share,
            beside=there.usual,
            link=reverse("web:category", args=[one.category]),
        )
        for one in there.elsewhere
    ]
    return charts.bars(rows, words.small_share) if rows else None


def window(good: Good, since: str, until: str) -> Window:
    """Return the time that was asked for, "2017-03" to "2017-05", as whole months."""
    months = []
    at = good.first
    while at <= good.last:
        months.append(at)
        at = _next(at)
    choices = [(f"{month:%Y-%m}", words.month(month)) for month in months]
    there = {f"{month:%Y-%m}": month for month in months}
    start, end = there.get(since), there.get(until)
    if start is None or end is None or start > end or (start, end) == (good.first, good.last):
        return Window(None, None, choices)
    return Window(start, date.fromordinal(_next(end).toordinal() - 1), choices)


def place_name(named: Named) -> str:
    """Return what a store is called."""
    return named.name or _("Store %(code)s") % {"code": named.code}


def money(minor: float, currency: str) -> str:
    """Return an amount as figures about many are read: from a hundred on in whole units."""
    amount = Money(round(minor), currency)
    if 0 < abs(amount.major) < 100:
        return words.money(amount)
    locale = words.locale()
    whole = locale.currency_formats["standard"].pattern.replace(".00", "")
    return format_currency(
        round(amount.major), currency, whole, locale=locale, currency_digits=False
    )


def times(lift: float) -> str:
    """Return how many times as often: "3.2 ×"."""
    return f"{words.number(lift, 1)} ×"


def _next(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _curve(
    lines: Sequence[tuple[str, Callable[[Month], int | None]]],
    months: Sequence[Month],
    say: charts.Say,
) -> Curve | None:
    if len(months) < 2:
        return None
    drawn = [
        Line(label, [Point(_number(month.month), of(month)) for month in months])
        for label, of in lines
    ]
    return charts.curve(drawn, _month, say)


def _number(month: date) -> int:
    return month.year * 12 + month.month - 1


def _month(number: float) -> str:
    return words.month(date(int(number) // 12, int(number) % 12 + 1, 1))


def _about(shares: Sequence[Share]) -> Bars:
    rows = [Bar(share.value, share.buyers, beside=share.everybody) for share in shares]
    return charts.bars(rows, words.small_share)


def _stores(thing: Thing, names: Mapping[str, Named]) -> Bars | None:
    rows = [
        Bar(
            place_name(names.get(code, Named(code))),
            people,
            link=reverse("web:place", args=[code]),
        )
        for code, people in thing.stores
    ]
    return charts.bars(rows, words.number) if rows else None
