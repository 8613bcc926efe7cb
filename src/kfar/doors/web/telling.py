"""How a journey is told: what an episode, a visit and a month come to, in words.

Also a template library, built into every template (see `TEMPLATES` in the settings).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from urllib.parse import urlsplit

from django import template
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from kfar.doors.words import clock, listed, moment, money
from kfar.ground.money import Money
from kfar.lake.counts import Chapter
from kfar.rooms.touchpoints.queries import Episode, Step

register = template.Library()

#: Where we met, by channel.
CHANNELS = {
    "app": _("In the app"),
    "email": _("By e-mail"),
    "forum": _("In a forum"),
    "mail": _("By mail"),
    "person": _("In person"),
    "mastodon": _("On Mastodon"),
    "phone": _("By phone"),
    "sms": _("By SMS"),
    "store": _("In a store"),
    "web": _("On the web"),
    "whatsapp": _("By WhatsApp"),
}

#: What happened, by kind.
KINDS = {
    "browsing": _("Visits to the site"),
    "change": _("Answers to changes"),
    "campaign": _("Letters"),
    "changed": _("Told what changed"),
    "consult": _("Consultations"),
    "follow-up": _("Said how it was"),
    "good": _("“It is good now.”"),
    "in-return": _("Promised in return"),
    "in-return-kept": _("Done in return, as promised"),
    "meeting": _("Meetings with us"),
    "not-good": _("“Not good yet.”"),
    "promise": _("Promises made"),
    "promise-kept": _("Promises kept"),
    "money-back": _("Money back"),
    "purchase": _("Purchases"),
    "redemption": _("Coupons"),
    "remedy": _("Decided for the customer"),
    "remedy-undone": _("Taken back"),
    "return": _("Returns"),
    "return-arrived": _("Returns that arrived"),
    "return-taken-back": _("Kept after all"),
    "review": _("Reviews"),
    "survey": _("Answers to surveys"),
    "said-more": _("Wrote again"),
    "voice": _("Voices"),
    "vote": _("Votes"),
}


#: What is drawn beside it; for any other kind, a letter.
ICONS = {
    "browsing": "i-look",
    "change": "i-vote",
    "changed": "i-promise",
    "consult": "i-vote",
    "follow-up": "i-voice",
    "good": "i-voice",
    "in-return": "i-promise",
    "in-return-kept": "i-promise",
    "meeting": "i-voice",
    "not-good": "i-voice",
    "promise": "i-promise",
    "promise-kept": "i-promise",
    "money-back": "i-remedy",
    "purchase": "i-visit",
    "redemption": "i-coupon",
    "remedy": "i-remedy",
    "remedy-undone": "i-remedy",
    "return": "i-visit",
    "return-arrived": "i-visit",
    "return-taken-back": "i-visit",
    "review": "i-voice",
    "survey": "i-vote",
    "said-more": "i-voice",
    "voice": "i-voice",
    "vote": "i-vote",
}

#: How often it happened, in a sum of many.
COUNTED: dict[str, Callable[[int], str]] = {
    "purchase": lambda n: ngettext("%(n)s purchase", "%(n)s purchases", n),
    "browsing": lambda n: ngettext("%(n)s visit to the site", "%(n)s visits to the site", n),
    "campaign": lambda n: ngettext("%(n)s letter", "%(n)s letters", n),
    "redemption": lambda n: ngettext("coupons used %(n)s time", "coupons used %(n)s times", n),
    "voice": lambda n: ngettext("%(n)s voice", "%(n)s voices", n),
    "remedy": lambda n: ngettext("%(n)s decision", "%(n)s decisions", n),
    "promise": lambda n: ngettext("%(n)s promise", "%(n)s promises", n),
    "promise-kept": lambda n: ngettext("%(n)s promise kept", "%(n)s promises kept", n),
    "return": lambda n: ngettext("%(n)s return", "%(n)s returns", n),
    "vote": lambda n: ngettext("%(n)s vote", "%(n)s votes", n),
    "change": lambda n: ngettext("%(n)s answer to a change", "%(n)s answers to changes", n),
    "consult": lambda n: ngettext("%(n)s consultation", "%(n)s consultations", n),
    "review": lambda n: ngettext("%(n)s review", "%(n)s reviews", n),
    "survey": lambda n: ngettext("%(n)s survey", "%(n)s surveys", n),
    "meeting": lambda n: ngettext("%(n)s meeting with us", "%(n)s meetings with us", n),
}

#: What shops tell of a visit, by the names most of them use.
EVENTS: dict[str, Callable[[int], str]] = {
    "Product Viewed": lambda n: ngettext("looked at %(n)s product", "looked at %(n)s products", n),
    "Products Searched": lambda n: ngettext("searched %(n)s time", "searched %(n)s times", n),
    "Product Added": lambda n: ngettext(
        "put %(n)s thing in the basket", "put %(n)s things in the basket", n
    ),
    "Product Removed": lambda n: ngettext(
        "took %(n)s thing out of the basket", "took %(n)s things out of the basket", n
    ),
    "Checkout Started": lambda n: gettext("went to the checkout"),
    "Order Completed": lambda n: ngettext("ordered %(n)s time", "ordered %(n)s times", n),
}


@dataclass(frozen=True)
class Heading:
    """A year or a month, and in words what happened in it."""

    first: date
    sums: list[str]


@dataclass(frozen=True)
class Part:
    """Episodes of one month, below the headings that begin there (None: read on)."""

    year: Heading | None
    month: Heading | None
    episodes: list[Episode]


def parts(
    episodes: Sequence[Episode], chapters: Sequence[Chapter], after: datetime | None
) -> list[Part]:
    """Return episodes under years and months, with what happened in the whole of each.

    `after` is where the reader comes from: a heading that stands there already is left out.
    """
    passed = _month(after) if after else None
    found = []
    for month, group in groupby(episodes, key=lambda episode: _month(episode.at)):
        of_year = [c for c in chapters if c.month.year == month.year]
        new_year = passed is None or passed.year != month.year
        found.append(
            Part(
                # A year of one month would say the same twice.
                year=Heading(month, sums(of_year) if len(of_year) > 1 else [])
                if new_year
                else None,
                month=Heading(month, sums([c for c in of_year if c.month == month]))
                if month != passed
                else None,
                episodes=list(group),
            )
        )
        passed = month
    return found


def sums(chapters: Sequence[Chapter]) -> list[str]:
    """Return what happened in these months: "9 purchases", "$310.20", "2 letters"."""
    kinds: Counter[str] = Counter()
    paid: Counter[str] = Counter()
    for chapter in chapters:
        kinds.update(chapter.occasions)
        paid.update({amount.currency: amount.minor for amount in chapter.paid})
    said = [COUNTED[kind](kinds[kind]) % {"n": kinds[kind]} for kind in COUNTED if kinds[kind]]
    others = sum(n for kind, n in kinds.items() if kind not in COUNTED)
    if others:
        told = ngettext("%(n)s other moment", "%(n)s other moments", others)
        said.append(told % {"n": others})
    amounts = [money(Money(minor, currency)) for currency, minor in sorted(paid.items()) if minor]
    return [*said[:1], *amounts, *said[1:]] if kinds["purchase"] else [*said, *amounts]


@register.filter
def channel_label(channel: str) -> str:
    """Return the name of a channel; one we do not know is called as its source does."""
    return str(CHANNELS.get(channel, channel))


@register.filter
def told_kind(kind: str) -> str:
    """Return what touches of a kind are called; one we do not know as its source does."""
    return str(KINDS.get(kind, kind))


@register.filter
def icon(kind: str) -> str:
    """Return the name of the drawing that stands for a kind."""
    return ICONS.get(kind, "i-letter")


@register.filter
def written(name: str | None) -> str:
    """Return a name from a till, which comes in capitals, as one writes it."""
    name = name or ""
    return name.capitalize() if name.isupper() else name


@register.filter
def path(url: str) -> str:
    """Return where on a site an address points to: "/tea/green"."""
    return urlsplit(url).path or "/"


@register.filter
def visit_in_words(steps: Sequence[Step]) -> str:
    """Return what was done on a visit: "Looked at 6 pages and put 2 things in the basket"."""
    said = []
    pages = sum(step.kind in {"page", "screen"} for step in steps)
    if pages:
        said.append(ngettext("looked at %(n)s page", "looked at %(n)s pages", pages) % {"n": pages})
    events = Counter(step.name for step in steps if step.kind == "track")
    said += [EVENTS[name](events[name]) % {"n": events[name]} for name in EVENTS if events[name]]
    others = sum(n for name, n in events.items() if name not in EVENTS)
    if others:
        told = ngettext("did %(n)s more thing", "did %(n)s more things", others)
        said.append(told % {"n": others})
    if any(step.kind == "identify" for step in steps):
        said.append(gettext("gave a name"))
    text = listed(said) if said else gettext("looked in")
    return text[:1].upper() + text[1:]


@register.filter
def span(episode: Episode) -> str:
    """Return when it was: "Mar 3, 2026, 5:05 PM", and until when where it took minutes."""
    if (episode.until - episode.at).total_seconds() < 60:
        return moment(episode.at)
    same = timezone.localdate(episode.at) == timezone.localdate(episode.until)
    return f"{moment(episode.at)} – {(clock if same else moment)(episode.until)}"


def _month(at: datetime) -> date:
    return timezone.localdate(at).replace(day=1)
