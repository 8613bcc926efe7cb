"""Surveys come in and go out as SurveyJS writes them, and nothing is dropped in silence."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given

from kfar.ground.errors import Refused
from kfar.rooms.voice.questionnaire import surveyjs
from kfar.rooms.voice.questionnaire.form import (
    SCALES,
    Choice,
    Element,
    Form,
    Kind,
    Page,
    Score,
)
from kfar.rooms.voice.questionnaire.templates import TEMPLATES
from tests.people import refuses
from tests.rooms.voice.questionnaire.forms import form, forms

#: As survey-core 3.1.1 writes it: in design mode `fromJSON` and `toJSON` give the same.
ALL: dict[str, Any] = {
    "title": {"default": "How was it?", "he": "איך היה?", "pl": "Jak było?"},
    "description": "Three minutes",
    "pages": [
        {
            "name": "first",
            "title": "Your visit",
            "elements": [
                {
                    "type": "rating",
                    "name": "score",
                    "title": "Recommend us?",
                    "isRequired": True,
                    "rateCount": 11,
                    "rateMin": 0,
                    "rateMax": 10,
                    "minRateDescription": "no",
                    "maxRateDescription": {"default": "yes", "pl": "tak"},
                },
                {
                    "type": "comment",
                    "name": "why",
                    "visibleIf": "{score} <= 6",
                },
            ],
        },
        {
            "name": "second",
            "visibleIf": "{score} notempty",
            "elements": [
                {
                    "type": "radiogroup",
                    "name": "where",
                    "choices": ["shop", {"value": 2, "text": {"default": "Web", "he": "אתר"}}],
                },
                {"type": "checkbox", "name": "what", "choices": ["bread", "milk"]},
                {
                    "type": "boolean",
                    "name": "again",
                    "labelTrue": "Surely",
                    "labelFalse": "No",
                },
                {"type": "text", "name": "city", "description": "Where you live"},
            ],
        },
    ],
}


def test_all_of_it_is_read() -> None:
    assert surveyjs.read(ALL) == surveyjs.Read(
        Form(
            title={"default": "How was it?", "he": "איך היה?", "pl": "Jak było?"},
            description={"default": "Three minutes"},
            pages=(
                Page(
                    "first",
                    {"default": "Your visit"},
                    elements=(
                        Element(
                            Kind.RATING,
                            "score",
                            {"default": "Recommend us?"},
                            required=True,
                            lowest=0,
                            highest=10,
                            low_words={"default": "no"},
                            high_words={"default": "yes", "pl": "tak"},
                        ),
                        Element(Kind.COMMENT, "why", visible_if="{score} <= 6"),
                    ),
                ),
                Page(
                    "second",
                    visible_if="{score} notempty",
                    elements=(
                        Element(
                            Kind.ONE,
                            "where",
                            choices=(
                                Choice("shop"),
                                Choice(2, {"default": "Web", "he": "אתר"}),
                            ),
                        ),
                        Element(Kind.SOME, "what", choices=(Choice("bread"), Choice("milk"))),
                        Element(
                            Kind.YES_NO, "again", yes={"default": "Surely"}, no={"default": "No"}
                        ),
                        Element(Kind.TEXT, "city", description={"default": "Where you live"}),
                    ),
                ),
            ),
        ),
        (),
    )


@pytest.mark.parametrize("data", [ALL, *TEMPLATES.values()])
def test_what_was_read_is_written_as_it_was(data: dict[str, Any]) -> None:
    assert surveyjs.write(surveyjs.read(data).form) == data


@given(forms())
def test_any_survey_goes_out_and_comes_in_again(one: Form) -> None:
    assert surveyjs.loads(surveyjs.dumps(one)) == surveyjs.Read(one, ())


def test_questions_without_pages_are_one_page() -> None:
    question = {"type": "comment", "name": "why"}
    assert surveyjs.read({"elements": [question]}).form == form([question])


def test_what_kfar_does_not_know_is_told_by_its_path() -> None:
    found = surveyjs.read(
        {
            "showProgressBar": "top",
            "pages": [
                {
                    "navigationTitle": "x",
                    "elements": [
                        {"type": "matrix", "name": "m"},
                        {"type": "rating", "name": "r", "rateType": "stars"},
                        {"type": "comment", "name": "c", "rateMin": 2},
                    ],
                }
            ],
        }
    )
    assert found.unknown == (
        "showProgressBar",
        "pages[0].navigationTitle",
        "pages[0].elements[0].type = matrix",
        "pages[0].elements[1].rateType",
        "pages[0].elements[2].rateMin",
    )
    assert found.form == form([{"type": "rating", "name": "r"}, {"type": "comment", "name": "c"}])


RATING = {"type": "rating", "name": "r"}


@pytest.mark.parametrize(
    ("element", "where"),
    [
        ("x", "pages[0].elements[0]"),
        ({"type": "text"}, "pages[0].elements[0].name"),
        ({"type": "text", "name": "{a}"}, "pages[0].elements[0].name"),
        ({**RATING, "title": 7}, "pages[0].elements[0].title"),
        ({**RATING, "title": {"default": 7}}, "pages[0].elements[0].title.default"),
        ({**RATING, "title": {"Hebrew!": "x"}}, "pages[0].elements[0].title.Hebrew!"),
        ({**RATING, "isRequired": "yes"}, "pages[0].elements[0].isRequired"),
        ({**RATING, "rateMax": True}, "pages[0].elements[0].rateMax"),
        ({**RATING, "kfarScore": "smile"}, "pages[0].elements[0].kfarScore"),
        (
            {"type": "checkbox", "name": "c", "choices": [{"value": 1, "visibleIf": "{a}=1"}]},
            "pages[0].elements[0].choices[0].visibleIf",
        ),
        (
            {"type": "checkbox", "name": "c", "choices": [None]},
            "pages[0].elements[0].choices[0].value",
        ),
    ],
)
def test_what_is_not_as_surveyjs_writes_it_is_refused_by_its_path(
    element: object, where: str
) -> None:
    with pytest.raises(Refused) as caught:
        surveyjs.read({"pages": [{"elements": [element]}]})
    assert (caught.value.code, caught.value.params) == ("surveys.not_a_form", {"where": where})


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("elements", "code", "params"),
    [
        ([], "surveys.no_questions", {}),
        ([RATING, RATING], "surveys.name_twice", {"where": "r"}),
        ([{**RATING, "rateMin": 5}], "surveys.bad_scale", {"where": "r"}),
        ([{**RATING, "rateCount": 10}], "surveys.bad_scale", {"where": "r"}),
        ([{**RATING, "rateMax": 21}], "surveys.bad_scale", {"where": "r"}),
        ([{**RATING, "kfarScore": "nps"}], "surveys.bad_scale", {"where": "r"}),
        ([{"type": "checkbox", "name": "c"}], "surveys.bad_choices", {"where": "c"}),
        (
            [{"type": "checkbox", "name": "c", "choices": [1, "1"]}],
            "surveys.bad_choices",
            {"where": "c"},
        ),
        (
            [{**RATING, "visibleIf": "{r} > 1"}],
            "surveys.asks_ahead",
            {"where": "r", "name": "r"},
        ),
        (
            [RATING, {"type": "text", "name": "t", "visibleIf": "{r} > 1 xor"}],
            "surveys.bad_condition",
            {"where": "t", "at": "xor"},
        ),
        (
            [{"type": "text", "name": f"t{n}"} for n in range(101)],
            "surveys.too_many_questions",
            {"most": 100},
        ),
    ],
)
def test_what_cannot_be_asked_is_refused(
    elements: list[object], code: str, params: dict[str, object]
) -> None:
    with refuses(code, **params):
        surveyjs.read({"pages": [{"elements": elements}]})


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "code", "params"),
    [
        ("", "surveys.not_json", {}),
        ("{", "surveys.not_json", {}),
        ("NaN", "surveys.not_json", {}),
        ("[" * 100_000, "surveys.not_json", {}),
        ('{"title": "half \\ud83d a sign"}', "surveys.not_json", {}),
        ('{"elements": [{"choices": [1e400]}]}', "surveys.not_json", {}),
        ("[]", "surveys.not_a_form", {"where": ""}),
        ("{}", "surveys.not_a_form", {"where": "pages"}),
        (" " * 200_001, "surveys.too_large", {"most": 200_000}),
    ],
)
def test_a_file_that_is_none_is_refused(text: str, code: str, params: dict[str, object]) -> None:
    with refuses(code, **params):
        surveyjs.loads(text)


@pytest.mark.parametrize("name", TEMPLATES)
def test_what_one_begins_with_is_in_all_languages_and_scored(name: str) -> None:
    found = surveyjs.read(TEMPLATES[name])
    assert found.unknown == ()
    assert found.form.languages == {"en", "he", "pl"}
    scores = {one.score for one in found.form.elements if one.score}
    assert scores == ({Score.CSAT, Score.NPS} if name == "short" else {Score(name)})
    assert json.loads(json.dumps(TEMPLATES[name])) == TEMPLATES[name]


def test_a_survey_speaks_the_languages_of_all_its_questions() -> None:
    he, both = {"default": "a", "he": "א"}, {"default": "a", "he": "א", "pl": "b"}
    one = form([{**RATING, "title": he}, {"type": "text", "name": "t", "title": both}])
    assert one.languages == {"en", "he"}
    assert form([{**RATING, "title": "א"}], locale="he").languages == {"he"}
    assert form([RATING]).languages == frozenset()
    [rating, _text] = one.elements
    assert [one.called(rating, code) for code in ("he", "en", "pl")] == ["א", "a", "a"]
    assert one.called(Element(Kind.TEXT, "name"), "pl") == "name"


def test_scales_are_those_of_the_books() -> None:
    assert {score.value: (s.lowest, s.highest, s.low, s.good) for score, s in SCALES.items()} == {
        "nps": (0, 10, 6, 9),
        "csat": (1, 5, 2, 4),
        "ces": (1, 7, 3, 5),
    }
