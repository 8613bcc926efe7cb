"""What is asked follows from what was answered; nothing typed is lost, nothing wrong gets by."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfar.rooms.voice.questionnaire import surveyjs
from kfar.rooms.voice.questionnaire.answers import (
    LINE,
    WORDS,
    Slip,
    Turn,
    asked,
    first,
    fits,
    kept,
    low,
    missing,
    read,
    turn,
    whole,
)
from kfar.rooms.voice.questionnaire.conditions import Value
from kfar.rooms.voice.questionnaire.form import Choice, Element, Form, Kind
from tests.rooms.voice.questionnaire.forms import form, forms

SCORE = {"type": "rating", "name": "score", "isRequired": True}
WHY = {"type": "comment", "name": "why", "isRequired": True, "visibleIf": "{score} <= 2"}
MORE = {"type": "text", "name": "more", "visibleIf": "{why} contains 'milk'"}
LAST = {"type": "boolean", "name": "last"}


def names(one: Form, answers: dict[str, Value]) -> list[list[str]]:
    return [[element.name for element in page] for page in asked(one, answers)]


class TestAsked:
    def test_a_condition_shows_a_question_and_hides_it_again(self) -> None:
        one = form([SCORE, WHY, MORE], [LAST])
        assert names(one, {}) == [["score"], ["last"]]
        assert names(one, {"score": 2}) == [["score", "why"], ["last"]]
        assert names(one, {"score": 2, "why": "Milk"}) == [["score", "why", "more"], ["last"]]

    def test_an_answer_to_what_is_not_asked_any_more_counts_for_nothing(self) -> None:
        one = form([SCORE, WHY, MORE])
        said: dict[str, Value] = {"score": 3, "why": "milk", "more": "sour"}
        assert names(one, said) == [["score"]]
        assert kept(one, said) == {"score": 3}

    def test_a_page_may_be_left_out(self) -> None:
        pages: list[dict[str, Any]] = [
            {"elements": [SCORE]},
            {"elements": [LAST], "visibleIf": "{score} > 3"},
        ]
        one = surveyjs.read({"pages": pages}).form
        assert names(one, {"score": 3}) == [["score"], []]
        assert names(one, {"score": 4}) == [["score"], ["last"]]


class TestRead:
    RATING = Element(Kind.RATING, "r", lowest=0, highest=10)
    ONE = Element(Kind.ONE, "o", choices=(Choice("a"), Choice(2)))
    SOME = Element(Kind.SOME, "s", choices=(Choice("a"), Choice(2), Choice("c")))
    NO_CHOICE = Slip("surveys.not_a_choice")

    @pytest.mark.parametrize(
        ("element", "raw", "value"),
        [
            (RATING, ["0"], 0),
            (RATING, ["11"], NO_CHOICE),
            (RATING, ["x"], NO_CHOICE),
            (RATING, [], None),
            (RATING, [" "], None),
            (ONE, ["2"], 2),
            (ONE, ["b"], NO_CHOICE),
            (SOME, ["c", "a"], ["a", "c"]),
            (SOME, ["c", "c"], ["c"]),
            (SOME, ["c", "x"], NO_CHOICE),
            (Element(Kind.YES_NO, "b"), ["false"], False),
            (Element(Kind.YES_NO, "b"), ["no"], NO_CHOICE),
            (Element(Kind.COMMENT, "c"), [" a\r\nb\x00 "], "a\nb"),
            (Element(Kind.COMMENT, "c"), ["x" * (WORDS + 1)], Slip("surveys.too_long", WORDS)),
            (Element(Kind.TEXT, "t"), ["x" * LINE], "x" * LINE),
            (Element(Kind.TEXT, "t"), ["x" * (LINE + 1)], Slip("surveys.too_long", LINE)),
        ],
    )
    def test_what_was_sent_is_an_answer_or_a_slip(
        self, element: Element, raw: list[str], value: object
    ) -> None:
        found = read(element, raw)
        assert found == value
        assert type(found) is type(value)
        if value is not None:
            assert fits(element, value) is not isinstance(value, Slip)

    @pytest.mark.parametrize("value", [True, "1", 1.0, None, [1], 11])
    def test_a_rating_is_a_whole_number_of_its_scale(self, value: object) -> None:
        assert not fits(self.RATING, value)

    @pytest.mark.parametrize("value", [[], ["a", "a"], [["a"]], "a", ["x"]])
    def test_choices_are_some_of_those_there_are_each_once(self, value: object) -> None:
        assert not fits(self.SOME, value)


def sent(
    one: Form, page: int = 0, *, back: bool = False, seen: str = "", **said: Value | Slip
) -> Turn:
    slips = {name: value for name, value in said.items() if isinstance(value, Slip)}
    right = {name: value for name, value in said.items() if not isinstance(value, Slip)}
    shown = frozenset(seen.split())
    return turn(one, kept(one, right), slips, page=page, seen=shown, back=back)


class TestTurn:
    ONE = form([SCORE, WHY], [LAST])
    SCORE, WHY, LAST = list(ONE.elements)
    NONE = Slip("surveys.answer_missing")

    def test_what_is_wanted_comes_before_the_next_page(self) -> None:
        assert sent(self.ONE, seen="score") == Turn(0, (self.SCORE,), {"score": self.NONE})
        assert sent(self.ONE, seen="score", score=3) == Turn(1, (self.LAST,))
        assert sent(self.ONE, 1, seen="last", score=3) == Turn(None)

    def test_what_an_answer_leads_to_is_shown_first_and_wanted_then(self) -> None:
        both = (self.SCORE, self.WHY)
        assert sent(self.ONE, seen="score", score=2) == Turn(0, both, {}, follows=True)
        assert sent(self.ONE, seen="score why", score=2) == Turn(0, both, {"why": self.NONE})
        assert sent(self.ONE, seen="score why", score=2, why="x") == Turn(1, (self.LAST,))

    def test_what_is_wrong_comes_back_and_back_is_always_open(self) -> None:
        wrong = Slip("surveys.too_long", WORDS)
        found: Any = {"score": 2, "why": wrong}
        assert sent(self.ONE, seen="score why", **found).slips == {"why": wrong}
        assert sent(self.ONE, 1, back=True, score=3) == Turn(0, (self.SCORE,))
        assert sent(self.ONE, 0, back=True) == Turn(0, (self.SCORE,))

    def test_what_is_missing_on_an_earlier_page_is_asked_again(self) -> None:
        assert sent(self.ONE, 1, seen="last", score=2) == Turn(
            0, (self.SCORE, self.WHY), {"why": self.NONE}
        )


@given(forms(), st.data())
def test_who_answers_what_is_asked_comes_to_the_end(one: Form, data: st.DataObject) -> None:
    """In at most one turn a question, whatever they answer; and what they said is whole."""
    answers: dict[str, Value] = {}
    page, seen = first(one, {}), frozenset(e.name for e in asked(one, {})[first(one, {})])
    for _turn in range(2 * sum(1 for _ in one.elements) + 2):
        here = asked(one, answers)[page]
        for element in here:
            if (
                element.name in seen
                and element.name not in answers
                and (element.required or data.draw(st.booleans()))
            ):
                value = read(element, [data.draw(st.sampled_from(_ways(element)))])
                assert value is not None
                assert not isinstance(value, Slip)
                answers[element.name] = value
        answers = kept(one, answers)
        at = turn(one, answers, {}, page=page, seen=seen, back=False)
        if at.page is None:
            break
        page, seen = at.page, frozenset(element.name for element in at.elements)
    assert at.page is None
    assert whole(one, answers)
    assert not missing([e for p in asked(one, answers) for e in p], answers)


def _ways(element: Element) -> list[str]:
    match element.kind:
        case Kind.RATING:
            return [str(n) for n in range(element.lowest, element.highest + 1)]
        case Kind.YES_NO:
            return ["true", "false"]
        case Kind.ONE | Kind.SOME:
            return [str(choice.value) for choice in element.choices]
        case _:
            return ["x", "1"]


def test_whole_is_what_is_asked_and_nothing_else() -> None:
    one = form([SCORE, WHY])
    assert whole(one, {"score": 3})
    assert whole(one, {"score": 2, "why": "x"})
    assert not whole(one, {})
    assert not whole(one, {"score": 2})
    assert not whole(one, {"score": 3, "why": "x"})
    assert not whole(one, {"score": 6})
    assert not whole(one, {"score": 3, "who": "x"})


@pytest.mark.parametrize(
    ("score", "high", "least", "lows"), [("nps", 10, 0, 6), ("csat", 5, 1, 2), ("ces", 7, 1, 3)]
)
def test_low_scores_are_those_that_somebody_should_hear_of(
    score: str, high: int, least: int, lows: int
) -> None:
    scored = {**SCORE, "rateMin": least, "rateMax": high, "kfarScore": score}
    one, plain = form([scored]), form([{**SCORE, "rateMin": least, "rateMax": high}])
    found = [n for n in range(least, high + 1) if low(one, {"score": n})]
    assert found == list(range(least, lows + 1))
    assert low(plain, {"score": least}) == []
    assert low(one, {}) == []
