"""Conditions hold when they hold in SurveyJS, and what cannot be read is refused."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfar.rooms.voice.questionnaire.conditions import (
    DEEPEST,
    LONGEST,
    Asks,
    Joined,
    Value,
    empty,
    holds,
    names,
    parse,
)

#: What `new ConditionRunner(text).runValues(answers)` of survey-core 3.1.1 (npm) says.
SURVEYJS: list[tuple[str, Mapping[str, Value], bool]] = [
    ("{a} = 'X'", {"a": "x"}, True),
    ("{a} = 'x'", {}, False),
    ("{a} <> 'x'", {}, True),
    ("{a} != 'x'", {"a": "y"}, True),
    ("{a} <> 1", {"a": 1}, False),
    ("{a} > 3", {}, False),
    ("{a} < 3", {}, False),
    ("{a} <= 3", {}, False),
    ("{a} >= 0", {}, False),
    ("{a} > 3", {"a": 4}, True),
    ("{a} > 9", {"a": "10"}, True),
    ("{a} > '9'", {"a": 10}, True),
    ("{a} < 'b'", {"a": "a"}, True),
    ("{a} > 'B'", {"a": "c"}, True),
    ("{a} > 1", {"a": True}, False),
    ("{a} >= true", {"a": True}, True),
    ("{a} > 2 and {a} < 5", {"a": 3}, True),
    ("{a} = '4'", {"a": 4}, True),
    ("{a} = 1.50", {"a": 1.5}, True),
    ("{a} = -1", {"a": -1}, True),
    ("{a} = 1", {"a": True}, True),
    ("{a} = true", {"a": True}, True),
    ("{a} = 'true'", {"a": True}, True),
    ("{a} = false", {}, False),
    ("{a} = ''", {}, True),
    ("{a} <> ''", {}, False),
    ("{a} = 'x'", {"a": ["x"]}, False),
    ("{a} = ['x','y']", {"a": ["y", "x"]}, True),
    ("{a} = 'Łódź'", {"a": "łódź"}, True),
    ("{a}='it\\'s'", {"a": "it's"}, True),
    ("{a} contains 'x'", {"a": ["x", "y"]}, True),
    ("{a} contains ['x','y']", {"a": ["y", "x", "z"]}, True),
    ("{a} contains 'el'", {"a": "Hello"}, True),
    ("{a} contains 'z'", {}, False),
    ("{a} contains 1", {"a": [1, 2]}, True),
    ("{a} contains '1'", {"a": [1, 2]}, True),
    ("{a} contains 5", {"a": 15}, True),
    ("{a} anyof ['x','y']", {"a": ["y"]}, True),
    ("{a} anyof ['x','y']", {"a": "y"}, True),
    ("{a} anyof ['x']", {}, False),
    ("{a} anyof 'x'", {"a": ["x"]}, True),
    ("{a} empty", {}, True),
    ("{a} empty", {"a": []}, True),
    ("{a} notempty", {"a": 0}, True),
    ("{a} notempty", {"a": False}, True),
    ("{a} EMPTY AND {b} = 2", {"b": 2}, True),
    ("{a} > 0 && {b} empty", {"a": 1}, True),
    ("{a} = 1 || {b} = 1", {"b": 1}, True),
    ("{a} = 1 or {b} = 1 and {c} = 1", {"a": 1, "b": 0, "c": 0}, True),
    ("({a} = 1 or {b} = 1) and {c} = 1", {"a": 1, "b": 0, "c": 0}, False),
]


@pytest.mark.parametrize(("text", "answers", "said"), SURVEYJS)
def test_it_holds_when_it_holds_in_surveyjs(
    text: str, answers: Mapping[str, Value], said: bool
) -> None:
    assert holds(parse(text), answers) is said


def test_a_condition_is_read_as_it_is_meant() -> None:
    assert parse("{ my score } <= 6 and ({why} empty or {who} anyof ['a', 2, true])") == Joined(
        True,
        (
            Asks("my score", "<=", 6),
            Joined(False, (Asks("why", "empty"), Asks("who", "anyof", ("a", 2, True)))),
        ),
    )
    assert names(parse("{a} = 1 or ({b} = 1 and {a} empty)")) == {"a", "b"}


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("", ""),
        ("{a}", ""),
        ("{a} =", ""),
        ("{a} = x", "x"),
        ("{a} = 1 and", ""),
        ("({a} = 1", ""),
        ("{a} = 1)", ")"),
        ("{a} = 'x", "'x"),
        ("{a} = ['x' 'y']", "'y']"),
        ("{a} + 1 = 2", "+ 1 = 2"),
        ("{a} allof ['x']", "allof ['x']"),
        ("not {a} empty", "not {a} empty"),
        ("age({born}) > 18", "age({born}) > 18"),
        ("{a} = {b}", "{b}"),
        ("{a} = 1e", "1e"),
    ],
)
def test_what_cannot_be_read_is_said_from_where_on(text: str, rest: str) -> None:
    with pytest.raises(ValueError, check=lambda error: str(error) == rest):
        parse(text)


def test_conditions_are_as_long_and_as_deep_as_one_can_read() -> None:
    deep = "(" * DEEPEST + "{a} = 1" + ")" * DEEPEST
    assert parse(deep) == Asks("a", "=", 1)
    for text, rest in [
        (f"({deep})", "({a} = 1" + ")" * (DEEPEST + 1)),
        ("(" * 900, "(" * (900 - DEEPEST)),
        ("{a} = 1" + " " * LONGEST + "or", "or"),
    ]:
        with pytest.raises(ValueError) as caught:  # noqa: PT011 - below
            parse(text)
        assert str(caught.value).strip() == rest


def test_a_number_beyond_all_numbers_is_read_as_javascript_reads_it() -> None:
    huge = "9" * 400
    for text, holds_ in [
        (f"{{a}} < {huge}", True),
        (f"{{a}} > -{huge}", True),
        (f"{{a}} = {huge}", False),
    ]:
        assert holds(parse(text), {"a": "5"}) is holds_
    assert holds(parse(f"{{a}} = {huge}"), {"a": huge})


SINGLE = st.one_of(
    st.text(max_size=4), st.integers(-9, 9), st.booleans(), st.sampled_from([10**400, -(10**400)])
)
VALUES = st.one_of(SINGLE, st.lists(SINGLE, max_size=3))


@given(said=VALUES, wanted=VALUES)
def test_each_operator_and_its_opposite_part_what_there_is(said: Value, wanted: Value) -> None:
    answers = {"a": said}

    def says(operator: str) -> bool:
        return holds(Asks("a", operator, wanted), answers)

    assert says("=") is not says("<>")
    assert says("empty") is not says("notempty")
    assert says("empty") is empty(said)
    assert not (says(">") and says("<"))
    assert not (says(">") and says("<="))
    if says(">") or says("<"):
        assert not says("=")


@given(st.text(alphabet="{}ab=<>'\"()[],&| 1orand", max_size=40))
def test_whatever_is_written_is_read_or_refused(text: str) -> None:
    try:
        found = parse(text)
    except ValueError:
        return
    assert holds(found, {}) in {True, False}
