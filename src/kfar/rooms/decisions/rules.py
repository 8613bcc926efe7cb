"""What a question must say before it is asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from kfar.ground.errors import Refused
from kfar.ground.text import LANGUAGES, Texts
from kfar.rooms.decisions.tally import Method

#: The longest question, option and pledge, in characters; the most options.
MOST_TEXT, MOST_OPTION, MOST_OPTIONS = 500, 200, 50
#: How long a question may stay open.
LONGEST = timedelta(days=366)


def clean(texts: Texts) -> dict[str, str]:
    """Return texts without space around them; a language in which nothing is said is left out."""
    lines = {code: text.replace("\r\n", "\n").replace("\x00", "") for code, text in texts.items()}
    return {code: text.strip() for code, text in lines.items() if text.strip()}


def check_question(
    *,
    text: Texts,
    options: Sequence[Texts],
    method: str,
    now: datetime,
    closes_at: datetime,
    pledge: Texts,
    pledge_due: date,
) -> None:
    """Refuse a question that cannot be asked.

    Raises `Refused`: `decisions.no_text`, `decisions.too_few_options`,
    `decisions.too_many_options`, `decisions.option_twice`, `decisions.options_differ`,
    `decisions.too_long`, `decisions.unknown_method`, `decisions.closes_in_past`,
    `decisions.closes_too_late`,
    `decisions.no_pledge`, `decisions.pledge_before_close`.
    """
    if not any(text.values()):
        raise Refused("decisions.no_text")
    _check_options(options)
    for words, most in [
        (text, MOST_TEXT),
        (pledge, MOST_TEXT),
        *((option, MOST_OPTION) for option in options),
    ]:
        longest = max((len(t) for t in words.values()), default=0)
        if longest > most:
            raise Refused("decisions.too_long", most=most, length=longest)
    if method not in list(Method):
        raise Refused("decisions.unknown_method")
    if closes_at <= now:
        raise Refused("decisions.closes_in_past")
    if closes_at - now > LONGEST:
        raise Refused("decisions.closes_too_late", days=LONGEST.days)
    if not any(pledge.values()):
        raise Refused("decisions.no_pledge")
    if pledge_due < closes_at.date():
        raise Refused("decisions.pledge_before_close")


def _check_options(options: Sequence[Texts]) -> None:
    if len([option for option in options if any(option.values())]) < 2:
        raise Refused("decisions.too_few_options")
    if len(options) > MOST_OPTIONS:
        raise Refused("decisions.too_many_options", most=MOST_OPTIONS)
    for language in LANGUAGES:
        named = [o[language].casefold() for o in options if o.get(language)]
        if len(named) not in {0, len(options)}:
            raise Refused("decisions.options_differ", language=language)
        if len(set(named)) != len(named):
            raise Refused("decisions.option_twice")
