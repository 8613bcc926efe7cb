"""Questions of a survey, laid out to be answered on a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kfar.doors.sentences import SENTENCES
from kfar.doors.words import number
from kfar.rooms.voice.questionnaire.answers import (
    LINE,
    WORDS,
    Slip,
    Turn,
    asked,
    first,
    kept,
    read,
    turn,
)
from kfar.rooms.voice.questionnaire.conditions import Value
from kfar.rooms.voice.questionnaire.form import Element, Form, Kind


@dataclass(frozen=True)
class Option:
    """One answer to choose."""

    value: str
    label: str
    checked: bool


@dataclass(frozen=True)
class Field:
    """A question as it is shown; `said` is what was sent for it, in words."""

    id: str
    kind: str
    title: str
    description: str
    required: bool
    options: tuple[Option, ...]
    said: str
    most: int
    low: str
    high: str
    error: str


@dataclass(frozen=True)
class Sheet:
    """A page of a survey: its questions, and what was said on the others, to be sent along."""

    title: str
    description: str
    page: int
    fields: tuple[Field, ...]
    hidden: tuple[tuple[str, str], ...]
    back: bool
    follows: bool
    wrong: int


@dataclass(frozen=True)
class Sent:
    """What a browser sent of a survey: raw, as answers, and what comes next."""

    raw: Mapping[str, Sequence[str]]
    answers: Mapping[str, Value]
    turn: Turn


def language_of(form: Form) -> str:
    """Return in which language a survey is shown to the reader."""
    own = get_language() or form.language
    return own if own in form.languages else form.language


def begun(form: Form) -> Sent:
    """Return the survey before anything was said."""
    page = first(form, {})
    return Sent({}, {}, Turn(page, tuple(asked(form, {})[page])))


def sent(form: Form, data: QueryDict) -> Sent:
    """Return what was sent, and what comes next."""
    names = {f"e{n}": element for n, element in enumerate(form.elements)}
    raw = {key: data.getlist(key) for key in names if key in data}
    values: dict[str, Value] = {}
    slips: dict[str, Slip] = {}
    for key, texts in raw.items():
        found = read(names[key], texts)
        if isinstance(found, Slip):
            slips[names[key].name] = found
        elif found is not None:
            values[names[key].name] = found
    page = data.get("page", "")
    seen = frozenset(names[key].name for key in data.getlist("seen") if key in names)
    on = min(int(page), len(form.pages) - 1) if page.isdecimal() and len(page) < 4 else 0
    back = data.get("go") == "back"
    return Sent(raw, kept(form, values), turn(form, values, slips, page=on, seen=seen, back=back))


def sheet(form: Form, at: Sent, language: str) -> Sheet:
    """Lay out the page that comes next."""
    number = at.turn.page or 0
    page = form.pages[number]
    shown = {element.name for element in at.turn.elements}
    keys = {element.name: f"e{n}" for n, element in enumerate(form.elements)}
    return Sheet(
        title=form.say(page.title, language),
        description=form.say(page.description, language),
        page=number,
        fields=tuple(
            _field(form, element, keys[element.name], at, language) for element in at.turn.elements
        ),
        hidden=tuple(
            (keys[name], text)
            for name in keys
            if name not in shown
            for text in at.raw.get(keys[name], ())
        ),
        back=number > first(form, at.answers),
        follows=at.turn.follows,
        wrong=len(at.turn.slips),
    )


def _field(form: Form, element: Element, key: str, at: Sent, language: str) -> Field:
    raw = at.raw.get(key, ())
    slip = at.turn.slips.get(element.name)
    return Field(
        id=key,
        kind=element.kind.value,
        title=form.called(element, language),
        description=form.say(element.description, language),
        required=element.required,
        options=tuple(
            Option(value, label, value in raw) for value, label in options(form, element, language)
        ),
        said=raw[0] if raw else "",
        most=WORDS if element.kind is Kind.COMMENT else LINE,
        low=form.say(element.low_words, language),
        high=form.say(element.high_words, language),
        error=str(SENTENCES[slip.code]) % {"most": number(slip.most)} if slip else "",
    )


def options(form: Form, element: Element, language: str) -> list[tuple[str, str]]:
    """Return what there is to choose: as it is sent, and as it reads."""
    match element.kind:
        case Kind.RATING:
            return [(str(n), str(n)) for n in range(element.lowest, element.highest + 1)]
        case Kind.YES_NO:
            yes, no = form.say(element.yes, language), form.say(element.no, language)
            return [("true", yes or _("Yes")), ("false", no or _("No"))]
        case _:
            return [(str(one.value), form.chosen(one, language)) for one in element.choices]
