"""Votes by text message: one a number, the last one counts, the same one counts once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pytest_django import Settings

from kfar.rooms.customers import commands as customers
from kfar.rooms.customers import queries as people
from kfar.rooms.decisions import closing, texts
from kfar.rooms.decisions.models import Ballot, Question, Spent
from tests.clock import Clock
from tests.people import outcome
from tests.rooms.decisions.doors import DOV, EWA, open_to, text, votes

pytestmark = pytest.mark.django_db


def test_a_later_text_replaces_and_the_same_text_again_does_not(clock: Clock) -> None:
    question = open_to("phone")
    for message, said in (("SM1", "2"), ("SM2", "1"), ("SM1", "2"), ("SM2", "1")):
        clock.forward(seconds=5)
        answer = text(DOV, said, message)
        assert (answer.about and answer.about.id, answer.refused) == (question, None)
        assert answer.text == {"2": "1", "1": "0"}[said]
    assert votes(question) == [("sms", "0")]
    assert Ballot.objects.get().cast_at == clock.now - timedelta(seconds=10)
    text(EWA, "B")
    clock.forward(days=8)
    closing.close_due()
    assert outcome(question) == ((1, 1), outcome(question)[1], 2)  # type: ignore[index]


def test_the_voter_is_the_customer_with_that_number() -> None:
    question = open_to()
    text(DOV, "1")
    own = people.by_handle("phone", DOV)
    assert own is not None
    text(DOV, "2")
    assert people.count() == 1
    assert votes(question) == [("sms", "1")]


def test_what_is_no_vote_is_answered_and_casts_none() -> None:
    question = open_to("phone")
    answer = text(DOV, "what is this?")
    assert (answer.about and answer.about.id, answer.text) == (question, "")
    assert text("12345", "1").refused is not None
    assert (votes(question), people.count()) == ([], 0)


def test_of_several_questions_the_keyword_says_which() -> None:
    fruit, other = open_to(keyword="Fruit"), open_to("phone")
    text(DOV, "fruit 2")
    word = (
        Question.objects.get(pk=other)
        .pk.hex[-4:]
        .translate(str.maketrans("0123456789abcdef", "bcdfghjkmnpqrstv"))
    )
    text(DOV, f"{word.upper()} A")
    answer = text(DOV, "1")
    assert (answer.about, sorted(door.id for door in answer.open)) == (None, sorted([fruit, other]))
    assert (votes(fruit), votes(other)) == ([("sms", "1")], [("sms", "0")])


def test_only_questions_that_let_texts_in_are_open_to_them() -> None:
    open_to(tiers=["link"])
    assert text(DOV, "1").open == ()


def test_a_number_that_floods_is_told_when_to_come_again(clock: Clock, settings: Settings) -> None:
    settings.KFAR_VOTES = "2/minute"
    question = open_to("phone")
    text(DOV, "1")
    text(DOV, "1")
    refused = text(DOV, "2", "SM3").refused
    assert refused is not None
    assert refused.code == "decisions.too_often"
    assert refused.params == {"again": clock.now + timedelta(minutes=1)}
    clock.forward(minutes=1)
    assert text(DOV, "2", "SM3").refused is None  # it was not taken, so it is not known
    assert votes(question) == [("sms", "1")]


def test_nobodys_number_stands_in_the_counts() -> None:
    open_to("phone")
    text(DOV, "1", "SM1")
    keys = Spent.objects.values_list("key", flat=True)
    assert [key for key in keys if len(key) != 32 or "502345678" in key] == []


def test_a_text_is_answered_in_the_language_of_its_sender() -> None:
    assert [texts.language(n) for n in (DOV, EWA, "+14155552671", "12")] == ["he", "pl", "en", "en"]
    open_to("phone")
    text(DOV, "1")
    assert texts.language(DOV) == "he"  # still not said
    own = people.by_handle("phone", DOV)
    assert own is not None
    customers.speak(by=own, language="pl")
    assert texts.language(DOV) == "pl"
