"""Ballots have one text, and a rule says which may be cast."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfar.ground.ballots import SPOILED, Ballot, Form, ballot_text, read_ballot
from kfar.rooms.decisions.counting.ballots import valid_ballot
from kfar.rooms.decisions.counting.lots import lot_order
from kfar.rooms.decisions.counting.rules import Method, Rule
from tests.rooms.decisions.counting.profiles import ballots_of, weak

BALLOTS = st.one_of(
    st.tuples(st.just(Form.RANKING), weak()),
    *[st.tuples(st.just(form), ballots_of(form)) for form in Form],
)


@given(BALLOTS)
def test_what_is_written_is_read(written: tuple[Form, Ballot]) -> None:
    form, ballot = written
    assert read_ballot(form, ballot_text(form, ballot)) == ballot


@pytest.mark.parametrize(
    ("form", "ballot", "text"),
    [
        (Form.CHOICES, (0, 2), "0 2"),
        (Form.RANKING, ((2,), (0, 1), (), (3,)), "2>0=1>>3"),
        (Form.RANKING, ((), SPOILED, (1,)), ">*>1"),
        (Form.SCORES, ((0, 5), (2, 3)), "0:5 2:3"),
        (Form.POINTS, ((0, -3),), "0:-3"),
        (Form.RANKING, (), ""),
    ],
)
def test_each_form_has_its_text(form: Form, ballot: Ballot, text: str) -> None:
    assert ballot_text(form, ballot) == text
    assert read_ballot(form, text) == ballot


@pytest.mark.parametrize(
    ("form", "text"),
    [
        (Form.CHOICES, "0  2"),
        (Form.CHOICES, "0,2"),
        (Form.CHOICES, "00"),
        (Form.RANKING, "2 > 0"),
        (Form.RANKING, "2>a"),
        (Form.SCORES, "0:5:1"),
        (Form.SCORES, "0"),
        (Form.SCORES, "0:+5"),
        (Form.POINTS, "0:٣"),
    ],
)
def test_a_ballot_has_no_other_text(form: Form, text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_ballot(form, text)


PLURALITY, APPROVAL, IRV, SCHULZE = (
    Rule(method) for method in (Method.PLURALITY, Method.APPROVAL, Method.IRV, Method.SCHULZE)
)
STAR = Rule(Method.STAR, max_score=5)
QUADRATIC = Rule(Method.QUADRATIC, credits=25)


@pytest.mark.parametrize(
    ("rule", "ballot", "valid"),
    [
        (PLURALITY, (1,), True),
        (PLURALITY, (0, 1), False),
        (PLURALITY, (3,), False),
        (APPROVAL, (0, 2), True),
        (APPROVAL, (2, 0), False),
        (APPROVAL, (), False),
        (IRV, ((2,), (0,)), True),
        (IRV, ((2, 0),), False),
        (IRV, ((2,), (2,)), False),
        (IRV, ((), ()), False),
        (SCHULZE, ((2, 0),), True),
        (SCHULZE, (SPOILED,), False),
        (STAR, ((0, 5), (1, 0)), True),
        (STAR, ((0, 6),), False),
        (STAR, ((0, -1),), False),
        (STAR, ((1, 1), (0, 1)), False),
        (QUADRATIC, ((0, 3), (1, -4)), True),
        (QUADRATIC, ((0, 4), (1, 4)), False),
    ],
)
def test_a_rule_says_which_ballots_may_be_cast(rule: Rule, ballot: Ballot, valid: bool) -> None:
    assert valid_ballot(rule, ballot, 3) is valid


# --- lots --------------------------------------------------------------------------------------


def test_anybody_can_draw_the_lots_again() -> None:
    # for n in 0 1 2 3; do printf '%s' "seed:$n" | sha256sum; done
    # begins with 58f9, 81e4, 97c3 and 7413.
    assert lot_order("seed", 4) == (0, 3, 1, 2)


def test_an_order_may_be_given_as_it_is() -> None:
    assert lot_order("2>0>1", 3) == (2, 0, 1)
    for wrong in ("2>0", "2>0>0", "3>1>0>2>1"):
        with pytest.raises(ValueError, match="not an order of 3 options"):
            lot_order(wrong, 3)


@given(st.text(max_size=5).filter(lambda text: ">" not in text), st.integers(1, 6))
def test_lots_name_each_option_once(seed: str, options: int) -> None:
    assert sorted(lot_order(seed, options)) == list(range(options))
