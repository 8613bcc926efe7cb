"""Ballots have one text, and a paper says which may be cast."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfar.ground.ballots import SPOILED, Ballot, Form, Paper, ballot_text, commitment, read_ballot
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


ONE = Paper(Form.CHOICES, options=3, most=1)
SOME = Paper(Form.CHOICES, options=3, most=2)
STRICT = Paper(Form.RANKING, options=3, most=3)
WEAK = Paper(Form.RANKING, options=3, most=3, equal=True, skips=True)
SCORED = Paper(Form.SCORES, options=3, most=3, highest=5)
POINTS = Paper(Form.POINTS, options=3, most=3, credits=25)


@pytest.mark.parametrize(
    ("paper", "text", "allowed"),
    [
        (ONE, "1", True),
        (ONE, "0 1", False),
        (ONE, "3", False),
        (ONE, "-1", False),
        (ONE, "", False),
        (SOME, "0 2", True),
        (SOME, "2 0", False),
        (SOME, "0 0", False),
        (SOME, "0 1 2", False),
        (STRICT, "2>0", True),
        (STRICT, "2=0", False),
        (STRICT, "2>2", False),
        (STRICT, "2>>0", False),
        (STRICT, "0>1>2>0", False),
        (STRICT, "*", False),
        (WEAK, "0=2>1", True),
        (WEAK, "2=0>1", False),
        (WEAK, ">2>0", True),
        (WEAK, "2>", False),
        (WEAK, ">", False),
        (WEAK, "0>*", False),
        (SCORED, "0:5 1:0", True),
        (SCORED, "0:6", False),
        (SCORED, "0:-1", False),
        (SCORED, "1:1 0:1", False),
        (SCORED, "0:1 0:1", False),
        (POINTS, "0:3 1:-4", True),
        (POINTS, "0:4 1:4", False),
        (POINTS, "0:0", False),
        (POINTS, "0:" + "9" * 10_000, False),
    ],
)
def test_a_paper_says_what_may_stand_on_it(paper: Paper, text: str, allowed: bool) -> None:
    assert paper.allows(text) is allowed
    assert paper.read(text) == (read_ballot(paper.form, text) if allowed else None)


@given(
    st.sampled_from([ONE, SOME, STRICT, WEAK, SCORED, POINTS]), st.text("0123>= :*-x", max_size=12)
)
def test_whatever_is_sent_it_is_read_or_refused(paper: Paper, text: str) -> None:
    read = paper.read(text)
    assert read is None or ballot_text(paper.form, read) == text


def test_a_commitment_is_to_this_ballot_of_this_voter_on_this_question() -> None:
    # printf 'q\nt\nn\n2>0' | sha256sum
    bound = "9843f7daf08174e7a7617200ffc321f396084cf8e6aff99be9dfb43b336b2a6b"
    assert commitment("q", "t", "n", "2>0") == bound
    others = [("x", "t", "n", "2>0"), ("q", "x", "n", "2>0"), ("q", "t", "x", "2>0")]
    assert bound not in {commitment(*other) for other in [*others, ("q", "t", "n", "2>1")]}
