"""Quotas by cell: read, written, checked; and which cells somebody is in.

SurveyJS knows none, so they stand in a property of ours, `kfarQuotas`:

    [{"question": "size", "cells": [{"value": "small", "most": 50}]},
     {"trait": "language", "cells": [{"value": "pl", "most": 100}]}]
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NoReturn

from kfar.ground.errors import Refused
from kfar.rooms.voice.questionnaire.answers import Answers
from kfar.rooms.voice.questionnaire.form import Element, Form, Kind, Page, Quota

#: What may be known of somebody before they answer: their language, and what they bought.
LANGUAGE, PRODUCT = "language", "product"
TRAITS = (LANGUAGE, PRODUCT)
#: Quotas of a survey, cells of a quota, letters of a value, answers of a cell.
QUOTAS, CELLS, LETTERS, MOST = 10, 200, 100, 1_000_000

Traits = Mapping[str, Collection[str]]


def read(value: object, where: str) -> tuple[Quota, ...]:
    """Return the quotas that this JSON says. Refuses with `surveys.bad_quotas`."""
    if not isinstance(value, list) or len(value) > QUOTAS:
        _wrong(where)
    return tuple(_read(one, f"{where}[{n}]") for n, one in enumerate(value))


def write(quotas: Sequence[Quota]) -> list[Any]:
    """Return the JSON of quotas."""
    return [
        ({"question": one.question} if one.question else {"trait": one.trait})
        | {"cells": [{"value": value, "most": most} for value, most in one.cells]}
        for one in quotas
    ]


def check(form: Form) -> None:
    """Refuse with `surveys.bad_quotas` what counts by no such question, choice or trait."""
    elements = {element.name: element for element in form.elements}
    for quota in form.quotas:
        values = [json.dumps(value) for value, _most in quota.cells]
        if not 0 < len(values) <= CELLS or len(set(values)) < len(values):
            _wrong(quota.question or quota.trait)
        if quota.question:
            element = elements.get(quota.question)
            there = {json.dumps(value) for value in choices(element)}
            if not there.issuperset(values):
                _wrong(quota.question)
        elif not all(isinstance(value, str) for value, _most in quota.cells):
            _wrong(quota.trait)
    by = [(quota.question, quota.trait) for quota in form.quotas]
    if len(set(by)) < len(by):
        _wrong("kfarQuotas")


def cell(quota: Quota, value: object) -> str:
    """Return the name under which answers of a cell are counted."""
    by = f"question:{quota.question}" if quota.question else f"trait:{quota.trait}"
    return f"{by}={json.dumps(value, ensure_ascii=False)}"


def limits(form: Form) -> dict[str, int]:
    """Return how many answers each cell takes."""
    return {cell(quota, value): most for quota in form.quotas for value, most in quota.cells}


def cells(form: Form, answers: Answers, traits: Traits) -> list[str]:
    """Return the cells somebody is in, by what they said so far and what is known of them."""
    own = {cell(quota, value) for quota in form.quotas for value in _values(quota, answers, traits)}
    return [name for name in limits(form) if name in own]


def choices(element: Element | None) -> list[object]:
    """Return the answers to a question by which a quota may count; of others there are none."""
    if element is None or element.kind not in {Kind.ONE, Kind.SOME, Kind.YES_NO}:
        return []
    if element.kind is Kind.YES_NO:
        return [True, False]
    return [choice.value for choice in element.choices]


def products(form: Form) -> list[str]:
    """Return the products by which a survey counts who bought them."""
    return [str(v) for quota in form.quotas if quota.trait == PRODUCT for v, _most in quota.cells]


def stepwise(form: Form) -> Form:
    """Return the same survey where nothing more is asked on a page beside what a quota counts by.

    So whoever is not needed any more hears that before they have said the rest.
    """
    counted = {quota.question for quota in form.quotas if quota.question}
    pages = tuple(part for page in form.pages for part in _parts(page, counted))
    return replace(form, pages=pages) if counted else form


def _parts(page: Page, counted: Collection[str]) -> Iterator[Page]:
    ends = [n + 1 for n, element in enumerate(page.elements) if element.name in counted]
    starts = [0, *(end for end in ends if end < len(page.elements))]
    for n, start in enumerate(starts):
        end = starts[n + 1] if n + 1 < len(starts) else len(page.elements)
        part = replace(page, elements=page.elements[start:end])
        yield part if not start else replace(part, description={})


def _values(quota: Quota, answers: Answers, traits: Traits) -> Iterator[object]:
    if quota.trait:
        yield from traits.get(quota.trait, ())
    elif quota.question in answers:
        said = answers[quota.question]
        yield from said if isinstance(said, list) else [said]


def _read(value: object, where: str) -> Quota:
    if not isinstance(value, dict):
        _wrong(where)
    question, trait, found = (value.get(key, "") for key in ("question", "trait", "cells"))
    by_one = isinstance(question, str) and isinstance(trait, str) and bool(question) != bool(trait)
    if value.keys() - {"question", "trait", "cells"} or not by_one or not isinstance(found, list):
        _wrong(where)
    if trait and trait not in TRAITS:
        _wrong(f"{where}.trait")
    return Quota(question, trait, tuple(_cell(one, f"{where}.cells") for one in found[: CELLS + 1]))


def _cell(value: object, where: str) -> tuple[Any, int]:
    if not isinstance(value, dict) or value.keys() != {"value", "most"}:
        _wrong(where)
    own, most = value["value"], value["most"]
    if not isinstance(own, str | int | float) or len(str(own)) > LETTERS or "\x00" in str(own):
        _wrong(where)
    if isinstance(most, bool) or not isinstance(most, int) or not 0 < most <= MOST:
        _wrong(where)
    return own, most


def _wrong(where: str) -> NoReturn:
    raise Refused("surveys.bad_quotas", where=where[:LETTERS])
