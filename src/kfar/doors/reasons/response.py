"""Why it is not said how a category answers to displays, mailers or prices."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kfar.doors.words import number

Params = Mapping[str, Any]
#: A price cut of which one can have an idea.
CUT = 0.9


def change(lift: float) -> str:
    """Return what a lift adds, with its sign: "+16%", "−4%"; it stays so among Hebrew."""
    share = round(100 * (lift - 1))
    sign = "+" if share > 0 else "−" if share < 0 else ""
    return f"\u2066{sign}{number(abs(share))}%\u2069"


def cut(elasticity: float) -> float:
    """Return the lift of a price that is 10% lower."""
    return float(CUT**elasticity)


def _nothing_within(_p: Params) -> str:
    return _(
        "It was the same everywhere at once, or hardly ever changed. So nothing is left to "
        "compare it with."
    )


def _few_clusters(p: Params) -> str:
    products = ngettext("%(n)s product", "%(n)s products", p["clusters"]) % {
        "n": number(p["clusters"])
    }
    return _("Too few to say: it changed for %(products)s, and %(least)s are needed.") % {
        "products": products,
        "least": number(p["least"]),
    }


def _never_sold(_p: Params) -> str:
    return _("Nothing was ever sold that way, so nothing can be said of it.")


def _same_as_others(_p: Params) -> str:
    return _("It always came together with something else, so the two cannot be told apart.")


def _not_settled(_p: Params) -> str:
    return _("The numbers did not settle, so none is given.")


def _few_sales(_p: Params) -> str:
    return _("Too little is sold, week by week and store by store, to say.")


def _untried(_p: Params) -> str:
    return _("It could not be tried whether it also “works” the week before, so it is not said.")


def _moved(p: Params) -> str:
    lift = cut(p["value"]) if p["of"] == "price" else p["value"]
    said = {
        ("before", "price"): _(
            "Held back: the week before the price changed, sales had moved already. So the "
            "%(change)s found at a price 10%% lower would be partly something else."
        ),
        ("before", "mailer"): _(
            "Held back: the week before it was in the mailer, sales had moved already. So the "
            "%(change)s found would be partly something else."
        ),
        ("before", "display"): _(
            "Held back: the week before it stood on display, sales had moved already. So the "
            "%(change)s found would be partly something else."
        ),
        ("dealt", "display"): _(
            "Held back: displays dealt out by lot seem to work, too, and too often. So the "
            "%(change)s found cannot be trusted."
        ),
    }
    return said[p["which"], p["of"]] % {"change": change(lift)}


SAID: dict[str, Callable[[Params], str]] = {
    "insight.nothing_within": _nothing_within,
    "insight.few_clusters": _few_clusters,
    "insight.never_sold": _never_sold,
    "insight.same_as_others": _same_as_others,
    "insight.not_settled": _not_settled,
    "insight.few_sales": _few_sales,
    "insight.placebo_untried": _untried,
    "insight.placebo_moved": _moved,
}
