"""Why: what was learned of one person's visits, habits and wants."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kfar.doors.words import number, share

Params = Mapping[str, Any]


def _days(count: float) -> str:
    days = round(count)
    return ngettext("%(n)s day", "%(n)s days", days) % {"n": number(days)}


def _times(count: float) -> str:
    times = round(count)
    return ngettext("%(n)s time", "%(n)s times", times) % {"n": number(times)}


def _customers(count: float) -> str:
    people = round(count)
    return ngettext("%(n)s customer", "%(n)s customers", people) % {"n": number(people)}


def _came(p: Params) -> str:
    if not p["ago"]:
        return _("Came on %(times)s days in %(days)s, to the last day known.") % {
            "times": number(p["times"]),
            "days": _days(p["days"]),
        }
    return _("Came on %(times)s days in %(days)s, the last %(ago)s ago.") % {
        "times": number(p["times"]),
        "days": _days(p["days"]),
        "ago": _days(p["ago"]),
    }


def _once(p: Params) -> str:
    return _("Came on one day, %(ago)s ago.") % {"ago": _days(p["ago"])}


def _away(p: Params) -> str:
    if p["usual"]:
        return _("Last here %(days)s ago; usually %(usual)s pass, at most %(longest)s so far.") % {
            "days": _days(p["days"]),
            "usual": _days(p["usual"]),
            "longest": _days(p["longest"]),
        }
    return _("Last here %(days)s ago.") % {"days": _days(p["days"])}


def _visits(p: Params) -> str:
    return _("Came %(lately)s in the last %(days)s, and %(earlier)s in as many days before.") % {
        "lately": _times(p["lately"]),
        "earlier": _times(p["earlier"]),
        "days": _days(p["days"]),
    }


def _spend(p: Params) -> str:
    more = p["lately"] >= p["usual"]
    said = (
        _("Lately a visit comes to %(share)s of what was usual: more.")
        if more
        else _("Lately a visit comes to %(share)s of what was usual: less.")
    )
    usual = p["usual"] or 1
    return said % {"share": share(p["lately"] / usual)}


def _breadth(p: Params) -> str:
    return _("A visit goes to %(categories)s categories on the average.") % {
        "categories": number(p["categories"], 1)
    }


def _tenure(p: Params) -> str:
    return _("First came %(days)s ago.") % {"days": _days(p["days"])}


def _bought(p: Params) -> str:
    return _("Bought %(times)s in %(days)s.") % {
        "times": _times(p["times"]),
        "days": _days(p["days"]),
    }


def _never_bought(p: Params) -> str:
    return _("Never bought in %(days)s.") % {"days": _days(p["days"])}


def _bought_before(p: Params) -> str:
    if "every" in p:
        return _("Bought %(times)s, every %(every)s on the average, the last time %(ago)s ago.") % {
            "times": _times(p["times"]),
            "every": _days(p["every"]),
            "ago": _days(p["ago"]),
        }
    return _("Bought once, %(ago)s ago.") % {"ago": _days(p["ago"])}


def _goes_with(p: Params) -> str:
    return _("Goes with %(category)s.") % {"category": p["category"]}


def _many_buy(p: Params) -> str:
    return _("Of all customers, %(share)s buy it.") % {"share": share(p["share"])}


def _few_repeat(p: Params) -> str:
    return _(
        "Only %(some)s came more than once so far; from %(needed)s on it can be told who stays."
    ) % {"some": _customers(p["repeaters"]), "needed": number(p["needed"])}


def _nobody_leaves(_p: Params) -> str:
    return _(
        "Customers here come until the last day that is known, as if nobody ever left. So nothing "
        "in the past tells who is gone."
    )


def _no_maximum(_p: Params) -> str:
    return _("What is known of customers’ purchases does not settle these numbers.")


def _few_spenders(p: Params) -> str:
    return _("Only %(some)s spent something on a second visit; %(least)s are needed.") % {
        "some": _customers(p["people"]),
        "least": number(p["least"]),
    }


def _not_independent(p: Params) -> str:
    return _(
        "Who comes more often also spends another amount a visit (rank correlation "
        "%(correlation)s), and this way of reckoning assumes the contrary."
    ) % {"correlation": number(p["correlation"], 2)}


def _no_mean(_p: Params) -> str:
    return _("A few customers spend so much that a mean says nothing.")


def _few_visits(p: Params) -> str:
    needed = p.get("fewest", p.get("least", 0))
    return _("Too few visits to say: %(visits)s so far, and %(needed)s are needed.") % {
        "visits": number(p["visits"]),
        "needed": number(needed),
    }


def _unknown(_p: Params) -> str:
    return _("Has not bought anything yet.")


def _few_buyers(p: Params) -> str:
    return _("Too few customers buy it to say: %(buyers)s, and %(fewest)s are needed.") % {
        "buyers": number(p["buyers"]),
        "fewest": number(p["fewest"]),
    }


def _hardly_anybody(_p: Params) -> str:
    return _("Hardly anybody buys it.")


def _short(p: Params) -> str:
    return _("The past is too short: %(days)s are known, and %(least)s are needed.") % {
        "days": _days(p["days"]),
        "least": number(p["least"]),
    }


def _few_people(p: Params) -> str:
    return _("Too few customers to learn from: %(people)s, and %(least)s are needed.") % {
        "people": number(p["people"]),
        "least": number(p["least"]),
    }


def _few_left(p: Params) -> str:
    return _("Too few stayed away to learn from: %(some)s, and %(least)s are needed.") % {
        "some": _customers(p["people"]),
        "least": number(p["least"]),
    }


def _few_stayed(p: Params) -> str:
    return _("Too few stayed to learn from: %(some)s, and %(least)s are needed.") % {
        "some": _customers(p["people"]),
        "least": number(p["least"]),
    }


def _no_consent(_p: Params) -> str:
    return _("Not agreed to: nothing is suggested.")


def _left_alone(p: Params) -> str:
    return _(
        "Nothing is suggested here: one in %(every)s was left alone, drawn by lot, so that it can "
        "be told what suggestions are worth."
    ) % {"every": number(1 / p["share"])}


def _small_groups(p: Params) -> str:
    return _("Too few customers to compare: %(treated)s with suggestions, %(held)s without.") % {
        "treated": number(p["treated"]),
        "held": number(p["held"]),
    }


def _few_hits(p: Params) -> str:
    return _("Too few differ to compare: %(hits)s bought one of their ten, %(misses)s none.") % {
        "hits": number(p["hits"]),
        "misses": number(p["misses"]),
    }


SAID: dict[str, Callable[[Params], str]] = {
    "value.came": _came,
    "value.once": _once,
    "value.few_spenders": _few_spenders,
    "value.not_independent": _not_independent,
    "value.no_mean": _no_mean,
    "too_few_repeat": _few_repeat,
    "nobody_leaves": _nobody_leaves,
    "no_maximum": _no_maximum,
    "leaving.away": _away,
    "leaving.visits": _visits,
    "leaving.spend": _spend,
    "leaving.breadth": _breadth,
    "leaving.tenure": _tenure,
    "leaving.unknown": _unknown,
    "leaving.few_visits": _few_visits,
    "leaving.short": _short,
    "leaving.few_people": _few_people,
    "leaving.few_left": _few_left,
    "leaving.few_stayed": _few_stayed,
    "insight.bought": _bought,
    "insight.never_bought": _never_bought,
    "insight.bought_before": _bought_before,
    "insight.goes_with": _goes_with,
    "insight.many_buy": _many_buy,
    "insight.few_visits": _few_visits,
    "insight.few_buyers": _few_buyers,
    "insight.hardly_anybody": _hardly_anybody,
    "insight.small_groups": _small_groups,
    "insight.few_hits": _few_hits,
    "wants.left_alone": _left_alone,
    "wants.no_consent": _no_consent,
    "wants.short": _short,
    "wants.few_people": _few_people,
}
