"""How it came about that a product stands otherwise for somebody than for everybody."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kfar.doors.web import who
from kfar.doors.words import listed, number
from kfar.rooms.customers.ties import queries
from kfar.rooms.customers.ties.queries import Circle
from kfar.rooms.voice.reviews.personal import ForYou


def circle(request: HttpRequest) -> Circle:
    """Return whose word counts more for who is at the door: of nobody who is not signed in."""
    customer_id = who.customer(request)
    return queries.circle(customer_id) if customer_id else Circle()


def came(one: ForYou) -> str:
    """Say who counts more in a figure: names of those who may be named, numbers of the others."""
    said = list(one.friends)
    if one.others:
        others = ngettext("%(n)s other you know", "%(n)s others you know", one.others)
        said.append(others % {"n": number(one.others)})
    if one.beyond:
        beyond = ngettext("%(n)s person they know", "%(n)s people they know", one.beyond)
        said.append(beyond % {"n": number(one.beyond)})
    return _("What they say counts more for you: %(who)s.") % {"who": listed(said)}
