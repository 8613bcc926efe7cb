"""Words are found in the forms in which people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfar.rooms.voice.searching.words import LONGEST, MOST, fold, wanted, words


def finds(asked: str, text: str) -> bool:
    """Say whether what is asked for is found in a text, as both databases do."""
    return all(stems & words(text) for stems in wanted(asked))


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ("paczka", "Moja PACZKĘ zgubiono"),
        ("łódź", "sklep w Lodzi"),
        ("lodz", "w Łodzi"),
        ("reklamacja", "w sprawie reklamacji"),
        ("dostawa", "dostawy są późno"),
        ("deliveries", "It was delivered late"),
        ("delivered", "the delivery"),
        ("cafe", "Café"),
        ("don't", "I dont know"),
        ("don’t", "I don't know"),
        ("חבילה", "והחבילות לא הגיעו"),
        ("חבילות", "החבילה"),
        ("החבילה", "החבילות"),
        ("שלום", "שָׁלוֹם לכם"),
        ("צה״ל", 'שירות בצה"ל'),
        ("מים", "אין מים"),
        ("A-77", "order a-77"),
        ("late fridge", "The fridge came late"),
        ("kawa", "zimną kawę"),
    ],
)
def test_a_word_is_found_in_another_form(asked: str, text: str) -> None:
    assert finds(asked, text)


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ("fridge", "a freezer"),
        ("late fridge", "The fridge came"),
        ("box", "bought"),
        ("חלב", "לחם"),
        ("mleko", "chleb"),
    ],
)
def test_another_word_is_not(asked: str, text: str) -> None:
    assert not finds(asked, text)


def test_short_words_keep_their_endings() -> None:
    assert wanted("oil ale usa יום") == [{"oil"}, {"ale"}, {"usa"}, {"יומ"}]


def test_nothing_to_look_for_is_nothing() -> None:
    assert wanted(" . — ! a _") == []


def test_at_most_so_many_words_are_looked_for_each_once() -> None:
    assert len(wanted(" ".join(f"word{n}x" for n in range(20)))) == MOST
    assert wanted("late late LATE") == [{"lat"}]


@given(st.text(max_size=200))
def test_whatever_is_said_is_found_by_each_of_its_words(text: str) -> None:
    assert all(finds(word, text) for word in fold(text).split()[:MOST])


@given(st.text(max_size=200))
def test_what_is_kept_and_asked_are_letters_and_digits_in_bounds(text: str) -> None:
    for stem in words(text).union(*wanted(text)):
        assert stem.isalnum()
        assert 1 < len(stem) <= LONGEST
