"""A text message as a ballot."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfar.ground.ballots import Form, Paper
from kfar.rooms.decisions.knowing.texting import Asked, keyword, understand, wish

FRUIT = ({"en": "Red apple", "he": "תפוח"}, {"en": "Pear"}, {"en": "Śliwka"})


ONE, ANY = Paper(Form.CHOICES, 3, 1), Paper(Form.CHOICES, 3, 3)
RANKED, SCORED = Paper(Form.RANKING, 3, 3), Paper(Form.SCORES, 3, 3, highest=5)
POINTS = Paper(Form.POINTS, 3, 3, credits=9)


def asked(paper: Paper = ONE) -> Asked:
    return Asked(UUID(int=1), "fruit", paper, FRUIT)


@pytest.mark.parametrize(
    ("text", "ballot"),
    [
        *[("2", "1"), ("2.", "1"), (" 2 ", "1"), ("vote 2", "1"), ("VOTE2", "1"), ("B", "1")],
        *[("Vote: b!", "1"), ("ב", "1"), ("א׳", "0"), ("בּ", "1"), ("הצבעה 3", "2"), ("pear", "1")],
        *[("Red Apple", "0"), ("תפוח", "0"), ("ŚLIWKA", "2"), ("2️⃣", "1"), ("٢", "1")],
        *[("fruit 2", "1"), ("FRUIT2", "1"), ("vote fruit b", "1"), ("\u200f2", "1")],
        *[("", ""), ("0", ""), ("4", ""), ("D", ""), ("1 2", ""), ("apple", ""), ("2nd", "")],
        *[("yes", ""), ("vote", ""), ("2 please", ""), ("-1 0", "")],
    ],
)
def test_one_choice(text: str, ballot: str) -> None:
    about, said = understand(text, [asked()])
    assert (about, said) == (asked(), ballot)


@pytest.mark.parametrize(
    ("paper", "text", "ballot"),
    [
        (ANY, "3, 1", "0 2"),
        (ANY, "A A", "0"),
        (RANKED, "2 1 3", "1>0>2"),
        (RANKED, "B,A", "1>0"),
        (RANKED, "2 2", ""),
        (SCORED, "A5 B3", "0:5 1:3"),
        (SCORED, "1:5 2:0", "0:5 1:0"),
        (SCORED, "1:6", ""),
        (SCORED, "A5 B", ""),
        (POINTS, "a 2, b 0", "0:2"),
    ],
)
def test_other_forms(paper: Paper, text: str, ballot: str) -> None:
    assert understand(text, [asked(paper)])[1] == ballot


@pytest.mark.parametrize(
    ("text", "wished"),
    [
        *[(text, "stop") for text in ("STOP", " stop! ", "Unsubscribe", "הסר", "הָסֵר.", "חדל")],
        *[(text, "start") for text in ("START", "unstop", "התחל", "Wznów")],
        *[(text, "") for text in ("stop 2", "do not stop", "2", "", "restart")],
    ],
)
def test_a_message_of_one_word_ends_messages_or_lets_them_come_again(
    text: str, wished: str
) -> None:
    assert wish(text) == wished


def test_where_several_are_open_the_first_word_says_which() -> None:
    fruit, tree = asked(), Asked(UUID(int=2), "tree", Paper(Form.CHOICES, 3, 1), FRUIT)
    assert understand("tree 2", [fruit, tree]) == (tree, "1")
    assert understand("FRUIT2", [fruit, tree]) == (fruit, "1")
    assert understand("2", [fruit, tree]) == (None, "")
    assert understand("tree", [fruit, tree]) == (tree, "")
    assert understand("2", []) == (None, "")


@given(st.uuids())
def test_a_question_without_a_keyword_has_one_from_its_id(question: UUID) -> None:
    own = Asked(question, keyword(question), Paper(Form.CHOICES, 3, 1), FRUIT)
    other = Asked(UUID(int=2), "tree", Paper(Form.CHOICES, 3, 1), FRUIT)
    assert len(own.keyword) == 4
    assert understand(f"{own.keyword} 3", [own, other]) == (own, "2")


@given(st.text(max_size=40))
def test_whatever_is_written_it_is_a_ballot_or_none(text: str) -> None:
    about, said = understand(text, [asked()])
    assert about == asked()
    assert said == "" or asked().paper.allows(said)
