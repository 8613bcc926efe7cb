"""Why: what a customer buys on in a category."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from kfar.doors.words import number, share
from kfar.ground.shares import CROWD

Params = Mapping[str, Any]

#: What customers buy on.
DISCIPLINES: dict[str, str | Promise] = {
    "price": gettext_lazy("price"),
    "convenience": gettext_lazy("convenience"),
    "quality": gettext_lazy("quality and own taste"),
}
#: What is measured of every line.
MEASURES: dict[str, str | Promise] = {
    "deal": gettext_lazy("Bought on offer"),
    "off": gettext_lazy("Taken off the price"),
    "private": gettext_lazy("The shop’s own label"),
    "tier": gettext_lazy("How dear"),
    "pack": gettext_lazy("How large a pack"),
    "stock_up": gettext_lazy("In a large basket"),
    "weekend": gettext_lazy("On a weekend"),
    "elsewhere": gettext_lazy("Away from the usual shop"),
}
#: Measures that are places among all, from 0 to 1.
PLACES = ("tier", "pack")


def discipline(name: str) -> str:
    """Return what a discipline is called in a sentence: "price"."""
    return str(DISCIPLINES.get(name, name))


def people(count: int) -> str:
    """Return how many, and of few that they are few."""
    if count < CROWD:
        return _("fewer than %(least)s") % {"least": number(CROWD)}
    return number(count)


def _times(p: Params) -> dict[str, str]:
    return {name: number(p[name]) for name in ("came", "of", "expected")}


def _shares(p: Params) -> dict[str, str]:
    return {"share": share(p["came"] / p["of"]), "usual": share(p["expected"] / p["of"])}


def _deal(p: Params) -> str:
    return _("%(came)s of %(of)s times on offer; usual here would be %(expected)s.") % _times(p)


def _off(p: Params) -> str:
    return _(
        "On the average %(share)s taken off the full price; usual here is %(usual)s."
    ) % _shares(p)


def _private(p: Params) -> str:
    return _(
        "%(came)s of %(of)s times the shop’s own label; usual here would be %(expected)s."
    ) % _times(p)


def below(p: Params) -> bool:
    """Return whether a place is told from the other side: cheaper than so many, not dearer."""
    return bool(p["came"] < p["expected"])


def _places(p: Params) -> dict[str, str]:
    came, usual = p["came"] / p["of"], p["expected"] / p["of"]
    if below(p):
        came, usual = 1 - came, 1 - usual
    return {"share": share(came), "usual": share(usual)}


def _tier(p: Params) -> str:
    said = (
        _("Cheaper, for its size, than %(share)s of all that is bought here; usual is %(usual)s.")
        if below(p)
        else _(
            "Dearer, for its size, than %(share)s of all that is bought here; usual is %(usual)s."
        )
    )
    return said % _places(p)


def _pack(p: Params) -> str:
    said = (
        _("Smaller packs than %(share)s of all that is bought here; usual is %(usual)s.")
        if below(p)
        else _("Larger packs than %(share)s of all that is bought here; usual is %(usual)s.")
    )
    return said % _places(p)


def _stock_up(p: Params) -> str:
    return _(
        "%(came)s of %(of)s times in a large basket; usual here would be %(expected)s."
    ) % _times(p)


def _weekend(p: Params) -> str:
    return _("%(came)s of %(of)s times on a weekend; usual here would be %(expected)s.") % _times(p)


def _elsewhere(p: Params) -> str:
    return _(
        "%(came)s of %(of)s times away from the usual shop; usual here would be %(expected)s."
    ) % _times(p)


def _few(p: Params) -> str:
    return ngettext(
        "Left out: known of %(lines)s purchase here, and %(needed)s are needed.",
        "Left out: known of %(lines)s purchases here, and %(needed)s are needed.",
        p["lines"],
    ) % {"lines": number(p["lines"]), "needed": number(p["needed"])}


def _no_better(p: Params) -> str:
    return _(
        "Left out: on a later time, one’s own past told no more here than the average of all "
        "customers (tried on %(people)s)."
    ) % {"people": people(p["people"])}


def _unknown(_p: Params) -> str:
    return _("Left out: no source tells us this of a purchase.")


def _untried(_p: Params) -> str:
    return _("Left out: nobody bought often enough, early and late, to try it.")


SAID: dict[str, Callable[[Params], str]] = {
    "disciplines.deal": _deal,
    "disciplines.off": _off,
    "disciplines.private": _private,
    "disciplines.tier": _tier,
    "disciplines.pack": _pack,
    "disciplines.stock_up": _stock_up,
    "disciplines.weekend": _weekend,
    "disciplines.elsewhere": _elsewhere,
    "disciplines.few": _few,
    "disciplines.no_better": _no_better,
    "disciplines.unknown": _unknown,
    "disciplines.untried": _untried,
}
