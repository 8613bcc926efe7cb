"""What answers to a survey say together: question by question, month by month.

Of fewer than `CROWD` people nothing is told (Sweeney, "k-anonymity", 2002, says why).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from kfar.ground.shares import CROWD
from kfar.rooms.voice.questionnaire.answers import Answers
from kfar.rooms.voice.questionnaire.conditions import Single, Value
from kfar.rooms.voice.questionnaire.form import Element, Form, Kind
from kfar.rooms.voice.questionnaire.scores import Scored, scored


@dataclass(frozen=True)
class Answered:
    """What was answered to one question: by how many, and how often which value.

    `scored` is what a score says of all, `months` of those of each month, None where they are
    too few. Of words there is no count; of fewer than `CROWD` people there is none at all.
    """

    element: Element
    people: int
    counts: tuple[tuple[Single, int], ...] = ()
    scored: Scored | None = None
    months: tuple[tuple[date, Scored | None], ...] = ()

    @property
    def told(self) -> bool:
        """Whether anything may be told."""
        return self.people >= CROWD


def results(form: Form, said: Iterable[tuple[date, Answers]]) -> list[Answered]:
    """Return what answers, each with the month it came in, say to every question."""
    rows = list(said)
    return [_answered(one, rows) for one in form.elements]


def _answered(element: Element, rows: list[tuple[date, Answers]]) -> Answered:
    found = [(month, said[element.name]) for month, said in rows if element.name in said]
    if len(found) < CROWD or element.kind in {Kind.COMMENT, Kind.TEXT}:
        return Answered(element, len(found))
    times = Counter(one for _month, value in found for one in _each(value))
    counts = tuple((value, times[value]) for value in _values(element))
    if element.score is None:
        return Answered(element, len(found), counts)
    score = element.score
    whole = Counter(value for _month, value in found if isinstance(value, int))
    by_month: dict[date, Counter[int]] = {}
    for month, value in found:
        if isinstance(value, int):
            by_month.setdefault(month, Counter())[value] += 1
    months = tuple(
        (month, scored(score, own) if own.total() >= CROWD else None)
        for month, own in sorted(by_month.items())
    )
    return Answered(element, len(found), counts, scored(score, whole), months)


def _values(element: Element) -> list[Single]:
    match element.kind:
        case Kind.RATING:
            return list(range(element.lowest, element.highest + 1))
        case Kind.YES_NO:
            return [True, False]
        case _:
            return [choice.value for choice in element.choices]


def _each(value: Value) -> Iterable[Single]:
    return [value] if isinstance(value, str | int | float) else value
