"""How Kfar speaks: sentences for codes, and amounts, times and lists as the reader writes them.

Also a template library, built into every template (see `TEMPLATES` in the settings).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal
from django import template
from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from kfar.doors.sentences import SENTENCES
from kfar.ground.errors import Refused
from kfar.ground.money import Money
from kfar.ground.text import Texts, in_language, one_line
from kfar.rooms.customers.names import ADDRESSES, TOLD
from kfar.rooms.customers.queries import Person
from kfar.rooms.decisions.proving.shipping import Answer, Shipping, Silence, Veto, Why

register = template.Library()

#: What an audit line says was done, to the customer whose data it was done with.
ACTS = {
    "customers.compared": _("Somebody looked whether you are also known under another name."),
    "customers.consented": _("You agreed to a use of your data."),
    "customers.declined": _("You did not agree to a use of your data, or no longer."),
    "customers.dropped": _("You took away a name we knew you by."),
    "customers.exported": _("Your data was written to a file for you."),
    "customers.merged": _("You were known under two names; they are held for one person now."),
    "customers.read": _("Somebody looked at the names you are known by."),
    "customers.joined": _("You were noted as one of a company’s people."),
    "customers.left": _("You were noted as no longer one of a company’s people."),
    "customers.recognised": _("You signed in for the first time."),
    "customers.renamed": _("You changed your name."),
    "customers.unmerged": _("Two names held for one person are two people again."),
    "insight.corrected": _("You corrected what is known of you."),
    "insight.read": _("Somebody looked at what is known of you."),
    "promises.kept": _("A promise to you was kept."),
    "promises.promised": _("Something was promised to you."),
    "service.handed_on": _("Your case was handed to somebody who may decide more."),
    "service.remedied": _("Something was decided for you."),
    "service.undone": _("A decision for you was taken back."),
    "touchpoints.read": _("Your journey was read."),
    "voice.read": _("Your voice was read, with your journey beside it."),
}

#: Why the gate turns something away.
REASONS = {
    "bad_choice": _("Ballots that choose what cannot be chosen"),
    "bad_gzip": _("Packed data that cannot be unpacked"),
    "bad_id": _("Events whose id is no text or number"),
    "bad_voter": _("Ballots without a valid voter's token"),
    "body_too_large": _("Requests that are too large"),
    "disk_full": _("Put off: the disk is full"),
    "event_too_large": _("Events larger than 32 KB"),
    "headers_too_long": _("Requests whose head is too long"),
    "intake_away": _("Put off: the broker did not answer"),
    "malformed": _("What is not HTTP"),
    "nameless": _("Events that name nobody"),
    "no_event_name": _("Events without a name"),
    "no_group": _("Groups without an id"),
    "no_key": _("Requests without a key"),
    "no_previous": _("Aliases without an earlier id"),
    "nobody": _("Events of nobody"),
    "not_an_object": _("Events that are no object"),
    "not_by_link": _("Ballots by link where a link is not enough"),
    "not_json": _("Requests that are not JSON"),
    "not_open": _("Ballots before or after the vote"),
    "other_page": _("Ballots by link from another page"),
    "over_rate": _("Put off: faster than the key may send"),
    "overloaded": _("Put off: too much at once"),
    "pages_away": _("Put off: the pages were not open"),
    "too_deep": _("Events nested too deep"),
    "too_slow": _("Requests that took too long"),
    "too_many_voters": _("Put off: too many new voters from one address"),
    "unknown_key": _("Keys that open nothing"),
    "unknown_path": _("Addresses that are not here"),
    "unknown_question": _("Ballots for an unknown question"),
    "unknown_type": _("Events of an unknown kind"),
    "unreadable": _("Records nobody could read"),
    "wrong_method": _("Requests of a wrong method"),
}

#: Why a change may ship, or not.
SHIPPING = {
    Why.WITHDRAWN: _("No: the change was taken back."),
    Why.NOT_ASKED: _("No: this account was not asked about the change."),
    Why.VETO: _("No: a veto holds the change."),
    Why.OPEN: _("No: answers are still coming in, and not all have approved."),
    Why.OBJECTION: _("No: an objection has not been answered yet."),
    Why.CONDITIONS: _("No: there are conditions that have not been taken on yet."),
    Why.UNANSWERED: _("No: nothing was said, and silence is no yes."),
    Why.NOT_YET: _("No: it begins later, as announced."),
    Why.APPROVED: _("Yes: it was approved."),
    Why.CONDITIONS_TAKEN: _("Yes: the conditions were taken on."),
    Why.OBJECTION_ANSWERED: _("Yes: the objection was answered."),
    Why.VETO_OVER: _("Yes: the time that the veto bought is over."),
    Why.AGREEMENT: _("Yes: by a signed agreement, silence means yes here."),
    Why.ALL_CLEAR: _("Yes: nothing holds it any more."),
}

#: What an account answers, and what that means.
ANSWERS = {
    Answer.APPROVE: (_("We approve"), _("From our side the change may come.")),
    Answer.CONDITIONS: (
        _("We approve with conditions"),
        _("It comes to us once the conditions below are taken on."),
    ),
    Answer.OBJECT: (_("We object"), _("It comes to us once our objection has been answered.")),
    Answer.VETO: (_("We veto"), _("It does not come, as said above, until we ourselves let it.")),
}
ANSWERED = {
    Answer.APPROVE: _("approved"),
    Answer.CONDITIONS: _("approved with conditions"),
    Answer.OBJECT: _("objected"),
    Answer.VETO: _("vetoed"),
}

#: What silence means and what a veto does, as it is declared beforehand.
SILENCES = {
    Silence.WAITS: _(
        "Silence is no yes. Who says nothing keeps what they have; the change goes on for others."
    ),
    Silence.HOLDS: _("Silence is no yes. The change waits for all until everyone has answered."),
}
VETOES = {
    Veto.ALL: _("A veto holds the change for all, until the company that vetoed lets it go."),
    Veto.ACCOUNT: _("A veto holds the change for the company that vetoes, until it lets it go."),
    Veto.TIME: _(
        "A veto buys time: the company that vetoes keeps what it has until an agreed day."
    ),
}

#: What stands in a table of which an erasure took rows.
TABLES = {
    "customers.Handle": _("Names and addresses"),
    "customers.Consent": _("Consents"),
    "insight.Correction": _("Corrections"),
    "lake.Touchpoint": _("Touches of the journey"),
    "voice.Voice": _("Voices"),
    "service.Remedy": _("Decisions"),
    "promises.Promise": _("Promises"),
    "decisions.Voter": _("Questions"),
    "decisions.Answer": _("Answers to changes, kept without the person"),
    "decisions.Participant": _("Consultations"),
    "decisions.Statement": _("Statements in consultations"),
    "promises.Letter": _("Letters"),
    "lake.AuditLine": _("Lines of who did what"),
}

#: What demographics are called.
ABOUT = {
    "age": _("Age"),
    "home_ownership": _("Home"),
    "household_comp": _("Household"),
    "household_size": _("People"),
    "income": _("Income"),
    "kids_count": _("Children"),
    "marital_status": _("Marital status"),
}

#: What kinds of names are called; what a source calls people is called as the source is.
KINDS = {
    "email": _("E-mail"),
    "phone": _("Phone"),
    "told-email": _("E-mail, told by a page"),
    "told-phone": _("Phone, told by a page"),
}

#: Why two are held for one person, or may be one.
GROUNDS = {
    "alias": _("A source says that both are one"),
    "device": _("Seen on one device"),
    "email": _("The same e-mail address"),
    "match": _("Alike in what is known of them"),
    "phone": _("The same phone number"),
    "sign-in": _("Signed in with both addresses"),
    "staff": _("Decided here"),
}


@register.filter
def sentence(refused: Refused) -> str:
    """Return why not, and what to do, in the reader's language."""
    known = SENTENCES.get(refused.code)
    if known is None:
        return gettext("That is not possible.") + f" ({refused.code})"
    return str(known) % {key: _said(value) for key, value in refused.params.items()}


@register.filter
def shipping(found: Shipping) -> str:
    """Return whether a change may ship, and why, in the reader's language."""
    return str(SHIPPING[found.why])


@register.filter
def answer_label(answer: Answer) -> str:
    """Return what an account did by its answer: "approved"."""
    return str(ANSWERED[answer])


@register.filter
def silence_means(silence: Silence) -> str:
    """Return what silence means."""
    return str(SILENCES[silence])


@register.filter
def veto_does(veto: Veto) -> str:
    """Return what a veto does."""
    return str(VETOES[veto])


def locale() -> Locale:
    """Return the reader's locale, for numbers and dates."""
    return _locale(translation.get_language() or "en")


@cache
def _locale(language: str) -> Locale:
    try:
        return Locale.parse(language, sep="-")
    except UnknownLocaleError:
        return Locale("en")


@register.filter
def money(amount: Money) -> str:
    """Return an amount as the reader writes it: "$5.99", "5,99 USD"."""
    return format_currency(amount.major, amount.currency, locale=locale())


@register.filter
def number(value: float | None, digits: int = 0) -> str:
    """Return a number with the reader's separators and at most `digits` decimals."""
    if value is None:
        return "–"
    return format_decimal(round(value, digits), locale=locale())


@register.filter
def votes(exact: str) -> str:
    """Return exact votes as the reader writes them: "1,234.5", "2.33 (7/3)", "–" for none."""
    if not exact:
        return "–"
    if "/" in exact:
        return f"{number(float(Fraction(exact)), 2)} ({exact})"
    return format_decimal(Decimal(exact), locale=locale(), decimal_quantization=False)


@register.filter
def price(units: int) -> str:
    """Return whole units of the company's money: "$1,200"."""
    whole = locale().currency_formats["standard"].pattern.replace(".00", "")
    currency = settings.KFAR_CURRENCY
    return format_currency(units, currency, whole, locale=locale(), currency_digits=False)


@register.filter
def percent(share: float) -> int:
    """Return a share from 0 to 1 as a whole number from 0 to 100."""
    return round(100 * share)


@register.filter
def day(value: date | datetime) -> str:
    """Return a day as the reader writes it, in the company's time zone: "Nov 21, 2026"."""
    if isinstance(value, datetime):
        value = timezone.localtime(value).date()
    return format_date(value, "medium", locale=locale())


@register.filter
def clock(value: datetime) -> str:
    """Return a time of day in the company's time zone: "17:05", "5:05 PM"."""
    return format_time(timezone.localtime(value), "short", locale=locale())


@register.filter
def moment(value: datetime) -> str:
    """Return day and time in the company's time zone: "Nov 21, 2026, 5:05 PM"."""
    return f"{day(value)}, {clock(value)}"


@register.filter
def month(value: date | datetime) -> str:
    """Return month and year: "November 2026"."""
    return format_date(value, "LLLL yyyy", locale=locale())


@register.filter
def month_name(value: date) -> str:
    """Return the short name of a month: "Nov"."""
    return format_date(value, "LLL", locale=locale())


@register.filter
def duration(value: timedelta | None) -> str:
    """Return how long, in its one largest unit from minutes to days; "–" for None."""
    if value is None:
        return "–"
    minutes = int(value.total_seconds() // 60)
    if minutes < 1:
        return gettext("under a minute")
    if minutes < 60:
        return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}
    if minutes < 48 * 60:
        hours = round(minutes / 60)
        return ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours}
    days = round(minutes / (24 * 60))
    return ngettext("%(n)s day", "%(n)s days", days) % {"n": days}


@register.filter
def ago(value: datetime) -> str:
    """Return how long ago, like `duration`."""
    return duration(timezone.now() - value)


@register.filter
def text_in(texts: Texts) -> str:
    """Return a text in the reader's language, or in the one it was written in."""
    return in_language(texts, translation.get_language() or "en")


@register.filter
def short(text: str, most: int = 80) -> str:
    """Return the first words of a text on one line."""
    return one_line(text, most)


@register.filter
def listed(items: Iterable[str]) -> str:
    """Return names as the reader lists them: "Dana, Noam and Ewa"."""
    return format_list(list(items), locale=locale()) or gettext("nobody yet")


@register.filter
def names(texts: Iterable[Texts]) -> str:
    """Return several texts in the reader's language, as they list things."""
    return listed(text_in(each) for each in texts)


@register.filter
def fours(code: str) -> str:
    """Return a code in groups of four, to be read aloud."""
    return " ".join(code[at : at + 4] for at in range(0, len(code), 4))


@register.filter
def act_label(act: str) -> str:
    """Return what an act was, in words to the customer."""
    return str(ACTS.get(act, act))


@register.filter
def gone(rows: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return what an erasure took, in words, with how many; what has no word of its own last."""
    counted = dict.fromkeys((*TABLES.values(), _("Other rows")), 0)
    for table, count in rows.items():
        counted[TABLES.get(table, _("Other rows"))] += count
    return [(str(label), count) for label, count in counted.items() if count]


@register.filter
def reason(code: str) -> str:
    """Return why something was turned away at the gate, in the reader's language."""
    return str(REASONS.get(code, code))


@register.filter
def about_label(key: str) -> str:
    """Return the name of a demographic."""
    return str(ABOUT.get(key, key))


@register.filter
def kind_label(kind: str) -> str:
    """Return what a kind of names is called."""
    told = kind.removeprefix(TOLD)
    return str(KINDS.get(kind, told.capitalize() if told in ADDRESSES else kind))


@register.filter
def ground_label(ground: str) -> str:
    """Return why two are held for one person, or may be one."""
    return str(GROUNDS.get(ground, gettext("The same profile in a social network")))


@register.filter
def called(person: Person) -> str:
    """Return what to call somebody: by name, address, any other name; else as a visitor."""
    names = (value for _kind, value in person.names)
    return person.name or person.email or next(names, gettext("A visitor"))


@register.filter
def at(found: Mapping[object, object], key: object) -> object:
    """Return what stands under `key`, or nothing: templates cannot look up a variable key."""
    return found.get(key, "")


def _said(value: object) -> str:
    if isinstance(value, Money):
        return money(value)
    if isinstance(value, list):
        return listed(value)
    if isinstance(value, datetime):
        return moment(value)
    return str(value)
