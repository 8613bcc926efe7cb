"""Surveys in SurveyJS's JSON (surveyjs.io, "Form Library", 2026): read and written.

What Kfar does not know is never dropped in silence: its path is told. A rating with the property
`kfarScore` ("nps", "csat", "ces") is a score; `kfarQuotas` says how many answers of which kind of
people are taken (`quotas`). A property that says what holds anyway is not
written, as SurveyJS does not; apart from that what was read is written again as it was.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isinf
from typing import Any, NamedTuple, NoReturn

from kfar.ground.errors import Refused
from kfar.rooms.voice.questionnaire import conditions, quotas
from kfar.rooms.voice.questionnaire.form import (
    DEFAULT,
    SCALES,
    Choice,
    Element,
    Form,
    Kind,
    Page,
    Score,
    Words,
)

#: Letters of a file, questions of a survey, choices of a question, letters of a text and a name.
FILE, QUESTIONS, CHOICES, LETTERS, NAME = 200_000, 100, 200, 2_000, 100
#: The widest rating.
STEPS = 20
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z]{2,8})?")


@dataclass(frozen=True)
class Read:
    """A survey as it was read, and the paths of what Kfar does not know and left out."""

    form: Form
    unknown: tuple[str, ...]


class _Property(NamedTuple):
    """A property: what SurveyJS calls it, what we do, how it is read and written."""

    key: str
    field: str
    read: Callable[[Any, str], Any]
    write: Callable[[Any], Any]


def loads(text: str) -> Read:
    """Return the survey in a file. Refuses `surveys.not_json` and what `read` does."""
    if len(text) > FILE:
        raise Refused("surveys.too_large", most=FILE)
    try:
        data = json.loads(text, parse_constant=_constant, parse_float=_finite)
        json.dumps(data, ensure_ascii=False).encode()  # halves of letters, which nothing keeps
    except (ValueError, RecursionError):
        raise Refused("surveys.not_json") from None
    return read(data)


def dumps(form: Form) -> str:
    """Return a survey as a file."""
    return json.dumps(write(form), ensure_ascii=False, indent=2) + "\n"


def read(data: object) -> Read:
    """Return the survey that this JSON says.

    Refuses with `surveys.not_a_form`, `surveys.bad_condition`, `surveys.asks_ahead`,
    `surveys.bad_scale`, `surveys.bad_choices`, `surveys.bad_quotas`, `surveys.name_twice`,
    `surveys.no_questions` and `surveys.too_many_questions`, each naming `where`.
    """
    if not isinstance(data, dict):
        raise Refused("surveys.not_a_form", where="")
    said = dict(data)
    if "pages" not in said and "elements" in said:  # one page, written without it
        said["pages"] = [{"elements": said.pop("elements")}]
    unknown: list[str] = []
    told = _told(said, _FORM, "", unknown, {"pages"})
    pages = tuple(
        _page(page, f"pages[{n}]", unknown) for n, page in enumerate(_list(said.get("pages"), ""))
    )
    form = Form(**told, pages=pages)
    _check(form)
    return Read(form, tuple(unknown))


def write(form: Form) -> dict[str, Any]:
    """Return the JSON of a survey."""
    pages = [
        _said(page, Page(), _PAGE)
        | {
            "elements": [
                {"type": element.kind.value, "name": element.name}
                | _said(element, Element(element.kind, ""), [*_COMMON, *_OWN[element.kind]])
                | _count(element)
                for element in page.elements
            ]
        }
        for page in form.pages
    ]
    return _said(form, Form(), _FORM) | {"pages": pages}


def _page(data: object, where: str, unknown: list[str]) -> Page:
    said = _object(data, where)
    told = _told(said, _PAGE, where, unknown, {"elements"})
    elements = []
    for n, one in enumerate(_list(said.get("elements", []), f"{where}.elements")):
        place = f"{where}.elements[{n}]"
        element = _object(one, place)
        kind = element.get("type")
        if kind not in list(Kind):
            unknown.append(f"{place}.type = {str(kind)[:NAME]}")
            continue
        table = [*_COMMON, *_OWN[Kind(kind)]]
        apart = {"type", "name", "rateCount"} if kind == Kind.RATING else {"type", "name"}
        own = _told(element, table, place, unknown, apart)
        name = _name(element.get("name"), f"{place}.name")
        if not name:
            _wrong(f"{place}.name")
        made = Element(kind=Kind(kind), name=name, **own)
        if element.get("rateCount", _steps(made)) != _steps(made):
            raise Refused("surveys.bad_scale", where=name)
        elements.append(made)
    return Page(**told, elements=tuple(elements))


def _steps(element: Element) -> int:
    return element.highest - element.lowest + 1


def _count(element: Element) -> dict[str, int]:
    """Return what SurveyJS says once more of a scale that has not five steps, as others have."""
    steps = _steps(element)
    return {} if steps == _steps(Element(Kind.RATING, "")) else {"rateCount": steps}


def _told(
    said: Mapping[str, Any],
    table: Sequence[_Property],
    where: str,
    unknown: list[str],
    apart: set[str],
) -> dict[str, Any]:
    """Return what these properties say, by field; note those that nobody knows."""
    known = {one.key: one for one in table}
    found = {}
    for key, value in said.items():
        path = f"{where}.{key[:NAME]}".lstrip(".")
        if key in known:
            found[known[key].field] = known[key].read(value, path)
        elif key not in apart:
            unknown.append(path)
    return found


def _said(of: object, plain: object, table: Sequence[_Property]) -> dict[str, Any]:
    """Return what is to be written: all that is not as it is anyway."""
    return {
        one.key: one.write(value)
        for one in table
        if (value := getattr(of, one.field)) != getattr(plain, one.field)
    }


# --- what holds between questions ------------------------------------------------------------


def _check(form: Form) -> None:
    many = sum(1 for _ in form.elements)
    if not many:
        raise Refused("surveys.no_questions")
    if many > QUESTIONS:
        raise Refused("surveys.too_many_questions", most=QUESTIONS)
    before: set[str] = set()
    for page in form.pages:
        _ask_back(page.visible_if, page.name, before)
        for element in page.elements:
            _ask_back(element.visible_if, element.name, before)
            if element.name in before:
                raise Refused("surveys.name_twice", where=element.name)
            before.add(element.name)
            _check_element(element)
    quotas.check(form)


def _ask_back(condition: str, where: str, before: set[str]) -> None:
    """Refuse a condition that cannot be read, or that asks for what has not been asked yet."""
    if not condition:
        return
    try:
        asked = conditions.names(conditions.parse(condition))
    except ValueError as error:
        raise Refused("surveys.bad_condition", where=where, at=str(error)[:NAME]) from None
    if ahead := sorted(asked - before):
        raise Refused("surveys.asks_ahead", where=where, name=ahead[0])


def _check_element(element: Element) -> None:
    if element.kind is Kind.RATING:
        wide = element.highest - element.lowest
        if not 0 < wide < STEPS:
            raise Refused("surveys.bad_scale", where=element.name)
        if element.score is not None:
            scale = SCALES[element.score]
            if (element.lowest, element.highest) != (scale.lowest, scale.highest):
                raise Refused("surveys.bad_scale", where=element.name)
    if element.kind in {Kind.ONE, Kind.SOME}:
        values = [str(choice.value) for choice in element.choices]
        if not 0 < len(values) <= CHOICES or len(set(values)) < len(values) or "" in values:
            raise Refused("surveys.bad_choices", where=element.name)


# --- properties ------------------------------------------------------------------------------


def _wrong(where: str) -> NoReturn:
    raise Refused("surveys.not_a_form", where=where)


def _constant(name: str) -> NoReturn:
    raise ValueError(name)


def _finite(said: str) -> float:
    """Return a number; one that is too large to be one is none of JSON's."""
    if isinf(found := float(said)):
        raise ValueError(said)
    return found


def _object(value: object, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        _wrong(where)
    return value


def _list(value: object, where: str) -> list[Any]:
    if not isinstance(value, list):
        _wrong(where or "pages")
    return value


def _words(value: object, where: str) -> dict[str, str]:
    texts = {DEFAULT: value} if isinstance(value, str) else value
    if not isinstance(texts, dict):
        _wrong(where)
    for code, text in texts.items():
        right = code == DEFAULT or _LANGUAGE.fullmatch(code)
        if not right or not isinstance(text, str) or len(text) > LETTERS or "\x00" in text:
            _wrong(f"{where}.{code[:NAME]}")
    return {code: text for code, text in texts.items() if text}


def _name(value: object, where: str) -> str:
    if not isinstance(value, str) or len(value) > NAME or set("{}\x00") & set(value):
        _wrong(where)
    return value.strip()


def _locale(value: object, where: str) -> str:
    if not isinstance(value, str) or (value and not _LANGUAGE.fullmatch(value)):
        _wrong(where)
    return value


def _flag(value: object, where: str) -> bool:
    if not isinstance(value, bool):
        _wrong(where)
    return value


def _whole(value: object, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > 1_000:
        _wrong(where)
    return value


def _text(value: object, where: str) -> str:
    if not isinstance(value, str) or "\x00" in value:
        _wrong(where)
    return value.strip()


def _score(value: object, where: str) -> Score:
    if value not in list(Score):
        _wrong(where)
    return Score(str(value))


def _choices(value: object, where: str) -> tuple[Choice, ...]:
    found = []
    for n, one in enumerate(_list(value, where)):
        place = f"{where}[{n}]"
        said = one if isinstance(one, dict) else {"value": one}
        if more := sorted(said.keys() - {"value", "text"}):
            _wrong(f"{place}.{more[0][:NAME]}")
        own = said.get("value")
        if isinstance(own, bool) or not isinstance(own, str | int | float):
            _wrong(f"{place}.value")
        if len(str(own)) > NAME or "\x00" in str(own):
            _wrong(f"{place}.value")
        found.append(Choice(own, _words(said.get("text", ""), f"{place}.text")))
    return tuple(found)


def _write_words(words: Words) -> str | dict[str, str]:
    return words[DEFAULT] if set(words) == {DEFAULT} else dict(words)


def _write_choices(choices: Sequence[Choice]) -> list[Any]:
    return [
        {"value": one.value, "text": _write_words(one.text)} if one.text else one.value
        for one in choices
    ]


def _same(value: Any) -> Any:
    return value


def _in_words(key: str, name: str = "") -> _Property:
    return _Property(key, name or key, _words, _write_words)


_CONDITION = _Property("visibleIf", "visible_if", _text, _same)
_FORM = [
    _in_words("title"),
    _in_words("description"),
    _Property("locale", "locale", _locale, _same),
    _Property("kfarQuotas", "quotas", quotas.read, quotas.write),
]
_PAGE = [
    _Property("name", "name", _name, _same),
    _in_words("title"),
    _in_words("description"),
    _CONDITION,
]
_COMMON = [
    _in_words("title"),
    _in_words("description"),
    _Property("isRequired", "required", _flag, _same),
    _CONDITION,
]
_CHOICES = [_Property("choices", "choices", _choices, _write_choices)]
_OWN: dict[Kind, list[_Property]] = {
    Kind.RATING: [
        _Property("rateMin", "lowest", _whole, _same),
        _Property("rateMax", "highest", _whole, _same),
        _in_words("minRateDescription", "low_words"),
        _in_words("maxRateDescription", "high_words"),
        _Property("kfarScore", "score", _score, lambda score: score.value),
    ],
    Kind.ONE: _CHOICES,
    Kind.SOME: _CHOICES,
    Kind.YES_NO: [_in_words("labelTrue", "yes"), _in_words("labelFalse", "no")],
    Kind.COMMENT: [],
    Kind.TEXT: [],
}
