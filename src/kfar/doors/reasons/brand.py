"""Why: what moves customers, what the company leads with, and what follows a bad experience."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from kfar.doors.words import listed, number, share
from kfar.ground.shares import CROWD

Params = Mapping[str, Any]

#: What may move customers, as people say it.
DRIVERS: Mapping[str, str | Promise] = {
    "offers": gettext_lazy("Buying what is on offer"),
    "own_label": gettext_lazy("Buying our own label"),
    "prices": gettext_lazy("Buying the dearer things of a category"),
    "packs": gettext_lazy("Buying large packs"),
    "breadth": gettext_lazy("Buying in many categories"),
    "new": gettext_lazy("Trying categories that are new to them"),
    "one_store": gettext_lazy("Keeping to one store"),
    "letters": gettext_lazy("Getting letters and campaigns"),
    "coupons": gettext_lazy("Redeeming coupons"),
    "asked": gettext_lazy("Being asked, and answering"),
    "bad": gettext_lazy("Bad experiences"),
    "remedies": gettext_lazy("Getting a remedy, or a promise kept"),
}

#: The values a company may lead with (Treacy and Wiersema).
DISCIPLINES: Mapping[str, str | Promise] = {
    "price": gettext_lazy("Price"),
    "convenience": gettext_lazy("Convenience"),
    "quality": gettext_lazy("Quality and own taste"),
}


def driver(name: str) -> str:
    """Return what a driver is called."""
    return str(DRIVERS.get(name, name))


def crowd(count: int) -> str:
    """Return how many customers; of few that they are few."""
    return number(count) if count >= CROWD or not count else _("fewer than 5")


def discipline(name: str) -> str:
    """Return what a discipline is called."""
    return str(DISCIPLINES.get(name, name))


def _needed(p: Params, have: str) -> str:
    return _("Too few customers to say: %(have)s, and %(needed)s are needed.") % {
        "have": _at_least_five(p[have]),
        "needed": number(p.get("needed", p.get("fewest", 0))),
    }


def _few_rows(p: Params) -> str:
    return _needed(p, "rows")


def _no_driver(p: Params) -> str:
    return _(
        "Nothing can be told apart: of all that might move customers there is nothing in which "
        "%(fewest)s of them differ from the others."
    ) % {"fewest": number(p["fewest"])}


def _short(p: Params) -> str:
    return _("The past is too short: %(days)s days are known, and %(needed)s are needed.") % {
        "days": number(p["days"]),
        "needed": number(p["needed"]),
    }


def _outcome_same(_p: Params) -> str:
    return _("It came out the same for all customers, so nothing made a difference.")


def _named(p: Params) -> str:
    return listed(driver(name) for name in p["names"])


def _same(p: Params) -> str:
    return _("The same for all customers, so nothing can be said: %(names)s.") % {
        "names": _named(p)
    }


def _alike(p: Params) -> str:
    return _("They go together so closely that they cannot be told apart: %(names)s.") % {
        "names": _named(p)
    }


def _nothing(_p: Params) -> str:
    return _(
        "Once it is known what customers bought before, nothing else here tells more of what they "
        "do next than chance would."
    )


def _driver_share(p: Params) -> str:
    return _("Explains %(share)s, where all together explain %(of)s.") % {
        "share": share(p["share"]),
        "of": share(p["of"]),
    }


def _few_voices(p: Params) -> str:
    return _("Too few customers for whom one value leads for sure: %(have)s of %(needed)s.") % {
        "have": _at_least_five(p["voices"]),
        "needed": number(p["needed"]),
    }


def _few_quarters(_p: Params) -> str:
    return _(
        "Two whole quarters of a year have to be known: the first is what later ones are tried on."
    )


def _few_bought(_p: Params) -> str:
    return _("Nobody bought enough in two quarters to tell what they buy on.")


def _lived(p: Params) -> str:
    said = {
        "name": discipline(p["name"]),
        "words": share(p["words"]),
        "life": share(p["life"]),
    }
    if p["life"] > p["words"]:
        return _("%(name)s: more than you say. You say %(words)s, customers live %(life)s.") % said
    return _("%(name)s: less than you say. You say %(words)s, customers live %(life)s.") % said


def _drifted(p: Params) -> str:
    said = {
        "name": discipline(p["name"]),
        "agreed": share(p["agreed"]),
        "life": share(p["life"]),
    }
    if p["life"] > p["agreed"]:
        return _("%(name)s leads for %(life)s of customers, where you say %(agreed)s.") % said
    return _("%(name)s leads for no more than %(life)s of customers; you say %(agreed)s.") % said


def _few_trials(p: Params) -> str:
    trials = p["trials"]
    if not trials:
        return _("Nothing of the kind is known yet that could be compared.")
    if trials < 5:
        return _(
            "Too few bad experiences are known to compare: fewer than 5, and %(least)s are needed."
        ) % {"least": number(p["least"])}
    return ngettext(
        "Too few bad experiences are known to compare: %(n)s, and %(least)s are needed.",
        "Too few bad experiences are known to compare: %(n)s, and %(least)s are needed.",
        trials,
    ) % {"n": number(trials), "least": number(p["least"])}


def _no_overlap(p: Params) -> str:
    return _(
        "Those with it and those without are too different: of %(trials)s, only %(matched)s have "
        "somebody to be compared with, who came as often and as lately in the same week."
    ) % {"trials": number(p["trials"]), "matched": _at_least_five(p["matched"])}


def _at_least_five(count: int) -> str:
    return number(count) if count >= 5 else _("fewer than 5")


def _few_events(p: Params) -> str:
    return _("Hardly anybody left: %(left)s of those compared, and %(least)s are needed.") % {
        "left": _at_least_five(p["left"]),
        "least": number(p["least"]),
    }


SAID: dict[str, Callable[[Params], str]] = {
    "drivers.few": _few_rows,
    "drivers.none": _no_driver,
    "drivers.short": _short,
    "drivers.outcome_same": _outcome_same,
    "drivers.same": _same,
    "drivers.alike": _alike,
    "drivers.nothing": _nothing,
    "drivers.share": _driver_share,
    "disciplines.few_voices": _few_voices,
    "disciplines.more_lived": _lived,
    "disciplines.less_lived": _lived,
    "disciplines.drifted_up": _drifted,
    "disciplines.drifted_down": _drifted,
    "discipline.short": _few_quarters,
    "discipline.few_bought": _few_bought,
    "leaving.few_trials": _few_trials,
    "leaving.no_overlap": _no_overlap,
    "leaving.few_events": _few_events,
}
