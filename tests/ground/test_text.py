"""Texts: in the reader's language if it is there, and short where there is little room."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kfar.ground.text import LANGUAGES, in_language, one_line


def test_the_readers_language_then_english_then_any() -> None:
    apples = {"he": "תפוחים", "en": "apples", "pl": ""}
    assert in_language(apples, "he") == "תפוחים"
    assert in_language(apples, "pl") == "apples"
    assert in_language({"en": "", "he": "תפוחים"}, "pl") == "תפוחים"
    assert in_language({"pl": ""}, "en") == in_language({}, "en") == ""


@given(st.dictionaries(st.sampled_from(LANGUAGES), st.text()), st.sampled_from(LANGUAGES))
def test_where_anything_is_said_something_is_read(texts: dict[str, str], language: str) -> None:
    assert bool(in_language(texts, language)) == any(texts.values())


def test_a_long_text_is_cut_between_words() -> None:
    assert one_line("sour  milk\nagain", 15) == "sour milk again"
    assert one_line("sour milk again", 14) == "sour milk…"
    assert one_line("sourmilkagain", 5) == "sour…"


@given(st.text(), st.integers(2, 40))
def test_it_is_one_line_and_fits(text: str, most: int) -> None:
    line = one_line(text, most)
    assert (len(line) <= most, len(line.splitlines()) <= 1) == (True, True)
    whole = " ".join(text.split())
    assert line == whole if len(whole) <= most else whole.startswith(line[:-1])
