"""Answers to a survey: which questions are asked, and whether what is said answers them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from kfar.rooms.voice.questionnaire.conditions import Value, empty, holds, parse
from kfar.rooms.voice.questionnaire.form import SCALES, Element, Form, Kind

#: What was answered, by the question's name; what was not is left out.
Answers: TypeAlias = Mapping[str, Value]

#: Letters of an answer in a line; a longer one is a comment, as long as a voice.
LINE, WORDS = 500, 5_000


@dataclass(frozen=True)
class Slip:
    """Why something is no answer: a code, and by how much it is too long."""

    code: str
    most: int = 0


@dataclass(frozen=True)
class Turn:
    """What comes next: a page (None: all is said), its questions, and what is wrong with which.

    `follows` are questions on it that were not on it before: an answer on it led to them.
    """

    page: int | None
    elements: tuple[Element, ...] = ()
    slips: Mapping[str, Slip] = field(default_factory=dict)
    follows: bool = False


def asked(form: Form, answers: Answers) -> list[list[Element]]:
    """Return the questions of each page that are asked of whom says this.

    A condition sees the answers to what is asked before it; what is not asked counts as empty.
    """
    seen: dict[str, Value] = {}
    found = []
    for page in form.pages:
        shown = []
        if _holds(page.visible_if, seen):
            for element in page.elements:
                if _holds(element.visible_if, seen):
                    shown.append(element)
                    if element.name in answers:
                        seen[element.name] = answers[element.name]
        found.append(shown)
    return found


def kept(form: Form, answers: Answers) -> dict[str, Value]:
    """Return the answers to what is asked; the others are let go."""
    names = [element.name for page in asked(form, answers) for element in page]
    return {name: answers[name] for name in names if name in answers}


def read(element: Element, raw: Sequence[str]) -> Value | Slip | None:
    """Return what somebody sent for a question: its answer, why it is none, or None for nothing."""
    said = [text.replace("\r\n", "\n").replace("\x00", "").strip() for text in raw]
    said = [text for text in said if text]
    if not said:
        return None
    value: Value | Slip = Slip("surveys.not_a_choice")
    match element.kind:
        case Kind.RATING:
            steps = {str(step): step for step in range(element.lowest, element.highest + 1)}
            value = steps.get(said[0], value)
        case Kind.ONE:
            value = {str(one.value): one.value for one in element.choices}.get(said[0], value)
        case Kind.SOME:
            wanted = set(said)
            found = [one.value for one in element.choices if str(one.value) in wanted]
            value = found if len(found) == len(wanted) else value
        case Kind.YES_NO:
            value = {"true": True, "false": False}.get(said[0], value)
        case Kind.COMMENT | Kind.TEXT:
            most = WORDS if element.kind is Kind.COMMENT else LINE
            value = Slip("surveys.too_long", most) if len(said[0]) > most else said[0]
    return value


def fits(element: Element, value: object) -> bool:
    """Return whether a value answers a question."""
    match element.kind:
        case Kind.RATING:
            return type(value) is int and element.lowest <= value <= element.highest
        case Kind.ONE:
            return value in [choice.value for choice in element.choices]
        case Kind.SOME:
            there = [choice.value for choice in element.choices]
            return (
                isinstance(value, list)
                and all(one in there for one in value)
                and 0 < len(value) == len(set(value))
            )
        case Kind.YES_NO:
            return isinstance(value, bool)
        case _:
            most = WORDS if element.kind is Kind.COMMENT else LINE
            return isinstance(value, str) and 0 < len(value) <= most


def missing(elements: Sequence[Element], answers: Answers) -> list[str]:
    """Return the names of the questions that want an answer and have none."""
    return [e.name for e in elements if e.required and empty(answers.get(e.name, ""))]


def whole(form: Form, answers: Answers) -> bool:
    """Return whether these answers, and nothing else, answer what is asked."""
    elements = {element.name: element for page in asked(form, answers) for element in page}
    return (
        answers.keys() <= elements.keys()
        and all(fits(elements[name], value) for name, value in answers.items())
        and not missing(list(elements.values()), answers)
    )


def turn(
    form: Form,
    answers: Answers,
    slips: Mapping[str, Slip],
    *,
    page: int,
    seen: frozenset[str],
    back: bool,
) -> Turn:
    """Return what comes after `page` was sent, on which the questions `seen` were.

    Back, nothing has to be right. On, whatever is wrong, wanted or new on the page comes first.
    """
    pages = asked(form, answers)
    if back:
        before = [n for n in range(min(page, len(pages))) if pages[n]]
        to = before[-1] if before else first(form, answers)
        return Turn(to, tuple(pages[to]))
    for n in range(page + 1):
        here = pages[n]
        wrong = {e.name: slips[e.name] for e in here if e.name in slips}
        sent = [e for e in here if n < page or e.name in seen]
        none = Slip("surveys.answer_missing")
        wrong = dict.fromkeys(missing(sent, answers), none) | wrong
        if wrong or len(sent) < len(here):
            return Turn(n, tuple(here), wrong, len(sent) < len(here))
    for after in range(page + 1, len(pages)):
        if pages[after]:
            return Turn(after, tuple(pages[after]))
    return Turn(None)


def first(form: Form, answers: Answers) -> int:
    """Return the first page that asks something."""
    return next((n for n, page in enumerate(asked(form, answers)) if page), 0)


def low(form: Form, answers: Answers) -> list[Element]:
    """Return the questions to which a low score was given."""
    return [
        element
        for element in form.elements
        if element.score is not None
        and isinstance(value := answers.get(element.name), int)
        and value <= SCALES[element.score].low
    ]


def _holds(condition: str, answers: Answers) -> bool:
    return not condition or holds(parse(condition), answers)
