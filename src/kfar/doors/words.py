"""How Kfar speaks: sentences for codes, and amounts, times and lists as the reader writes them.

Also a template library, built into every template (see `TEMPLATES` in the settings).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime, format_time
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal
from django import template
from django.utils import timezone, translation
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from kfar.ground.errors import Refused
from kfar.ground.money import Money
from kfar.ground.text import Texts, in_language, one_line

register = template.Library()

#: Why not, and what to do, for every code a room or a door refuses with.
SENTENCES = {
    "customers.unknown_language": _("Kfar does not speak this language yet."),
    "customers.unknown_purpose": _("There is nothing to agree to here. Please reload the page."),
    "decisions.closed": _(
        "This question has closed, so your answer was not counted. The result is on its page."
    ),
    "decisions.closes_in_past": _("The closing time has passed already. Choose a later one."),
    "decisions.closes_too_late": _("A question stays open for at most %(days)s days."),
    "decisions.no_pledge": _("Say what you will do with the result: that is what people vote for."),
    "decisions.no_text": _("Write the question."),
    "decisions.nobody_to_ask": _("No customer has agreed to be asked yet, so nobody was asked."),
    "decisions.not_a_ballot": _(
        "Your answer was not counted: please choose from the options as the question says."
    ),
    "decisions.not_asked": _("This question was put to other customers."),
    "decisions.not_found": _("There is no such question."),
    "decisions.option_twice": _("The same option stands there twice."),
    "decisions.options_differ": _(
        "In each language you use, write all options: one a line, in the same order."
    ),
    "decisions.pledge_before_close": _("You can only act on the result after the close."),
    "decisions.too_few_options": _("A question needs at least two options, one a line."),
    "decisions.too_long": _("Please shorten it: %(length)s characters, at most %(most)s fit."),
    "decisions.too_many_options": _("A question has at most %(most)s options."),
    "decisions.unknown_method": _("Choose how answers are counted."),
    "links.expired": _("This link has expired. Sign in, and you will find the same page there."),
    "links.forged": _(
        "This link is not complete or was changed. Open it from your mail again, or sign in."
    ),
    "money.not_an_amount": _("“%(text)s” is not an amount. Write it like 5 or 5.99."),
    "promises.due_in_past": _("The date has passed already. Choose today or later."),
    "promises.how_missing": _("Say what was done: the customer will read it."),
    "promises.no_such_owner": _("Choose who sees to it from the people who work here."),
    "promises.not_found": _("There is no such promise."),
    "promises.nothing_promised": _("Write what you promise."),
    "promises.too_long": _("Please shorten it: %(length)s characters, at most %(most)s fit."),
    "service.above_authority": _(
        "This is above your authority: you may decide up to %(limit)s. Who may: %(who)s."
    ),
    "service.amount_missing": _("Say how much, or choose “Answer”."),
    "service.answer_costs_nothing": _("An answer is words alone: leave the amount empty."),
    "service.not_found": _("There is no such case."),
    "service.unknown_remedy": _("Choose what the customer gets."),
    "service.why_missing": _("Say why it is taken back: the customer will read it."),
    "service.words_missing": _("Write the answer."),
    "service.words_too_long": _("Please shorten it: %(length)s characters, at most %(most)s fit."),
    "village.may_not": _("Your role does not include this. Ask somebody who may."),
    "village.no_such_role": _("There is no role “%(role)s”."),
    "village.weak_password": _("Choose another password: %(why)s"),
    "voice.not_found": _("There is no such voice."),
    "voice.not_told_yet": _(
        "We have not finished yet. Once we have done what we promised, we will ask you."
    ),
    "voice.nothing_said": _("Write a few words first."),
    "voice.too_long": _(
        "That is %(length)s characters, and %(most)s fit. Please take out %(over)s; "
        "your words are still here."
    ),
}


#: What an audit line says was done, to the customer whose data it was done with.
ACTS = {
    "customers.consented": _("You agreed to be asked."),
    "customers.declined": _("You asked not to be asked any more."),
    "customers.recognised": _("You signed in for the first time."),
    "promises.kept": _("A promise to you was kept."),
    "promises.promised": _("Something was promised to you."),
    "service.handed_on": _("Your case was handed to somebody who may decide more."),
    "service.remedied": _("Something was decided for you."),
    "service.undone": _("A decision for you was taken back."),
    "voice.read": _("Your voice was read, with your journey beside it."),
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


@register.filter
def sentence(refused: Refused) -> str:
    """Return why not, and what to do, in the reader's language."""
    known = SENTENCES.get(refused.code)
    if known is None:
        return gettext("That is not possible.") + f" ({refused.code})"
    return str(known) % {key: _said(value) for key, value in refused.params.items()}


def locale() -> Locale:
    """Return the reader's locale, for numbers and dates."""
    try:
        return Locale.parse(translation.get_language() or "en", sep="-")
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
    """Return day and time in the company's time zone, with the zone where it is not UTC."""
    return format_datetime(timezone.localtime(value), "medium", locale=locale())


@register.filter
def month(value: date | datetime) -> str:
    """Return month and year: "November 2026"."""
    return format_date(value, "LLLL yyyy", locale=locale())


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
def act_label(act: str) -> str:
    """Return what an act was, in words to the customer."""
    return str(ACTS.get(act, act))


@register.filter
def about_label(key: str) -> str:
    """Return the name of a demographic."""
    return str(ABOUT.get(key, key))


@register.filter
def at(found: Mapping[object, object], key: object) -> object:
    """Return what stands under `key`, or nothing: templates cannot look up a variable key."""
    return found.get(key, "")


def _said(value: object) -> str:
    if isinstance(value, Money):
        return money(value)
    if isinstance(value, list):
        return listed(value)
    return str(value)
