"""What a text message says as a ballot: "2", "vote 2", "VOTE2", "B", "ב", "apples 2", "Red".

Options go by number from 1, by letter (A, B … or א, ב …) or by name. Where several questions
are open, the first word is a question's keyword. A ranking is the options in their order, scores
and points are an option and its number, "A5 B3" or "1:5 2:3". Letters are compared without
case and points, in the forms of Unicode's NFKC (UAX #15, 2023).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from unicodedata import category, normalize
from uuid import UUID

from kfar.ground.ballots import Ballot, Form, Paper, ballot_text

LATIN, HEBREW = "abcdefghijklmnopqrstuvwxyz", "אבגדהוזחטיכלמנסעפצקרשת"
#: Words before an option that say nothing.
NOISE = frozenset(
    {"vote", "option", "number", "הצבעה", "להצביע", "אפשרות", "מספר", "głos", "opcja", "numer"}
)
#: Messages of one word that end all text messages, as Twilio and the law of several countries
#: have them; and those that let them come again.
STOP = frozenset(
    {"stop", "stopall", "unsubscribe", "cancel", "end", "quit"}
    | {"הסר", "הסרה", "הסירו", "חדל", "חדלו", "wypisz"}
)
START = frozenset({"start", "unstop", "התחל", "התחילו", "wznów"})
#: What a keyword may be: two letters or more, and no word that says nothing.
KEYWORD = re.compile(r"[^\W\d_]{2,12}")
#: An id's hexadecimal digits as letters that spell nothing.
_LETTERS = str.maketrans("0123456789abcdef", "bcdfghjkmnpqrstv")


@dataclass(frozen=True)
class Asked:
    """A question that takes text messages; options by language."""

    id: UUID
    keyword: str
    paper: Paper
    options: tuple[Mapping[str, str], ...]


def keyword(question: UUID) -> str:
    """Return the keyword of a question that was given none: four letters from its id."""
    return question.hex[-4:].translate(_LETTERS)


def words(text: str) -> list[str]:
    """Return the words of a text, in small letters, without signs and Hebrew points."""
    bare = "".join(
        sign for sign in normalize("NFKC", text) if category(sign) not in {"Mn", "Cf", "Me"}
    )
    return re.findall(r"[^\W_]+", bare.casefold())


def understand(text: str, asked: Sequence[Asked]) -> tuple[Asked | None, str]:
    """Return which question a message answers, and the ballot's text; None, "": not understood.

    Without a keyword it is the question that is open, where there is one alone.
    """
    said, about = _about(words(text), {one.keyword: one for one in asked})
    if about is None and len(asked) == 1:
        about = asked[0]
    if about is None:
        return None, ""
    ballot = _ballot(said, about)
    fits = ballot is not None and about.paper.fits(ballot)
    return about, ballot_text(about.paper.form, ballot) if ballot is not None and fits else ""


def wish(text: str) -> str:
    """Return "stop" or "start" where a message asks for no text messages, or for them again."""
    match words(text):
        case [said] if said in STOP:
            return "stop"
        case [said] if said in START:
            return "start"
    return ""


def _about(said: list[str], asked: Mapping[str, Asked]) -> tuple[list[str], Asked | None]:
    """What is said without keyword and noise, and about which question."""
    about = None
    while said:
        first, rest = said[0], said[1:]
        if about is None and first in asked:
            said, about = rest, asked[first]
        elif first in NOISE:
            said = rest
        elif (joined := re.fullmatch(r"([^\W\d_]{2,})(\d+)", first)) and (
            joined[1] in NOISE or (about is None and joined[1] in asked)
        ):
            said = [joined[1], joined[2], *rest]
        else:
            break
    return said, about


def _ballot(said: Sequence[str], about: Asked) -> Ballot | None:
    """The ballot that words say, None where they say none."""
    form = about.paper.form
    if form in {Form.SCORES, Form.POINTS}:
        return _numbers(said, about)
    named = [n for n, names in enumerate(about.options) if _called(said, names)]
    options = named if len(named) == 1 else [_option(word) for word in said]
    found = [option for option in options if option is not None]
    if not found or len(found) < len(options):
        return None
    if form is Form.RANKING:
        return tuple((option,) for option in found)
    return tuple(sorted(set(found)))


def _numbers(said: Sequence[str], about: Asked) -> Ballot | None:
    parts = [part for word in said for part in re.findall(r"\d+|[^\W\d_]+", word)]
    pairs = list(zip(parts[::2], parts[1::2], strict=False))
    found = {
        option: int(number)
        for name, number in pairs
        if (option := _option(name)) is not None and number.isdecimal() and len(number) < 5
    }
    right = len(parts) % 2 == 0 and len(found) == len(pairs)
    zero = 0 if about.paper.form is Form.POINTS else None
    return tuple((o, n) for o, n in sorted(found.items()) if n != zero) if right else None


def _called(said: Sequence[str], names: Mapping[str, str]) -> bool:
    return any(words(name) == list(said) for name in names.values())


def _option(word: str) -> int | None:
    """The option that a number or a letter names."""
    if word.isdecimal() and len(word) < 4:
        return int(word) - 1 if int(word) else None
    if len(word) == 1:
        return next((i for abc in (LATIN, HEBREW) if (i := abc.find(word)) >= 0), None)
    return None
