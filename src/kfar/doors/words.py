"""How Kfar speaks: sentences for codes, and amounts, times and lists as the reader writes them.

Also a template library, built into every template (see `TEMPLATES` in the settings).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache, lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal
from django import template
from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from kfar.doors.labels import (
    ABOUT,
    ACTS,
    ANSWERED,
    GROUNDS,
    IN_RETURN,
    KINDS,
    REASONS,
    SHIPPING,
    SILENCES,
    TABLES,
    VETOES,
)
from kfar.doors.sentences import SENTENCES
from kfar.ground.errors import Refused
from kfar.ground.money import Money
from kfar.ground.text import Texts, in_language, one_line
from kfar.rooms.customers.names import ADDRESSES, TOLD
from kfar.rooms.customers.queries import Person
from kfar.rooms.decisions.proving.shipping import Answer, Shipping, Silence, Veto
from kfar.rooms.promises.in_return.rules import Kind

register = template.Library()


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
def minor(units: int) -> Money:
    """Return minor units of the company's money as an amount."""
    return Money(units, settings.KFAR_CURRENCY)


@register.filter
def number(value: float | None, digits: int = 0) -> str:
    """Return a number with the reader's separators and at most `digits` decimals."""
    if value is None:
        return "–"
    return _number(round(value, digits) + 0, translation.get_language() or "en")


@lru_cache(maxsize=10_000)  # a page has hundreds, and most are small
def _number(value: float, language: str) -> str:
    return format_decimal(value, locale=_locale(language))


@register.filter
def expected(people: float) -> str:
    """Return how many people were to be expected: "1.1", "fewer than 0.1", never a nought."""
    if people >= 0.05:
        return number(people, 1)
    return gettext("fewer than %(n)s") % {"n": number(0.1, 1)}


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
def share(of: float, digits: int = 0) -> str:
    """Return a share from 0 to 1 with at most so many decimals: "57%", "0.4%"."""
    return f"{number(100 * of, digits)}%"


def small_share(of: float) -> str:
    """Return a share that may be small, the smaller the more exact: "23%", "4.2%", "0.35%"."""
    return share(of, 2 if of < 0.01 else 1 if of < 0.1 else 0)


@register.filter
def percent(share: float) -> int:
    """Return a share from 0 to 1 as a whole number from 0 to 100."""
    return round(100 * share)


@register.filter
def day(value: date | datetime) -> str:
    """Return a day as the reader writes it, in the company's time zone: "Nov 21, 2026"."""
    if isinstance(value, datetime):
        value = timezone.localtime(value).date()
    return _day(value, translation.get_language() or "en")


@lru_cache(maxsize=10_000)
def _day(value: date, language: str) -> str:
    return format_date(value, "medium", locale=_locale(language))


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
def in_return(kind: Kind) -> str:
    """Return what a customer promises, by its kind; "" where only their words say it."""
    return "" if kind is Kind.OTHER else str(IN_RETURN[kind])


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
