"""Texts are read: the same one always alike, whatever stands beside it."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfar.rooms.voice.reading import grams, sentiment
from kfar.rooms.voice.reading.grams import CELLS
from kfar.rooms.voice.reading.language import language
from kfar.rooms.voice.reading.sentiment import SHIPPED, Sentiment, shipped
from kfar.rooms.voice.reading.weights import Weights, pack

TEXTS = st.lists(st.text(max_size=60), min_size=1, max_size=6)


class TestGrams:
    @given(TEXTS)
    def test_what_stands_in_a_text_hangs_on_that_text_alone(self, texts: list[str]) -> None:
        together = grams.grams(texts)
        for n, text in enumerate(texts):
            alone, mine = grams.grams([text]), together.text == n
            assert together.cell[mine].tolist() == alone.cell.tolist()
            assert together.value[mine].tolist() == alone.value.tolist()

    @given(TEXTS)
    def test_each_kind_has_length_one_or_nothing(self, texts: list[str]) -> None:
        found = grams.grams(texts)
        for kind in (found.cell < CELLS, found.cell >= CELLS):
            length = np.bincount(found.text[kind], found.value[kind] ** 2, minlength=len(texts))
            assert all(one == 0 or one == pytest.approx(1, abs=1e-5) for one in length)

    def test_texts_that_say_the_same_are_read_alike(self) -> None:
        assert grams.plain("SOOOO  good!!! 12 zł") == grams.plain("soo good!! 7 zł")
        assert grams.plain("שָׁלוֹם") == grams.plain("שלום") == " שלום "

    def test_an_n_gram_of_words_has_the_cell_it_has_in_a_text(self) -> None:
        [one] = grams.cells(["not good"], 2)
        assert one in grams.grams(["it was not good at all"]).cell
        assert one not in grams.grams(["it was good"]).cell


class TestWeights:
    @given(st.sets(st.integers(0, 2 * CELLS - 1), min_size=1, max_size=50), st.integers(0, 99))
    def test_a_file_gives_the_model_that_was_put_in(self, cells: set[int], seed: int) -> None:
        drawn = np.random.default_rng(seed).normal(size=(3, len(cells))).astype(np.float32)
        packed, largest = pack(drawn)
        nothing = np.zeros(3, np.float32)
        one = Weights(
            ("a", "b", "c"), np.array(sorted(cells)), packed, largest, 1.5, nothing, nothing, "x"
        )
        again = Weights.read(io.BytesIO(one.bytes()))
        assert again.cells.tolist() == one.cells.tolist()
        assert again.table.tolist() == one.table.tolist()
        assert (again.version, again.bytes()) == (one.version, one.bytes())
        assert np.abs(one.table[:-1].T - drawn).max() <= 2 / 127 * np.abs(drawn).max()

    def test_those_that_ship_are_small_and_named(self) -> None:
        files = sorted(SHIPPED.glob("*.npz"))
        assert [file.name for file in files] == ["en.npz", "he.npz", "pl.npz"]
        assert all(file.stat().st_size < 1_000_000 for file in files)
        classes = {file.stem: Weights.read(file).classes for file in files}
        assert classes == {
            "en": ("negative", "positive"),
            "he": ("negative", "neutral", "positive"),
            "pl": ("mixed", "negative", "neutral", "positive"),
        }


class TestSentiment:
    @pytest.mark.parametrize(
        ("tongue", "text", "said"),
        [
            ("en", "The milk was sour and nobody answered me.", Sentiment.NEGATIVE),
            ("en", "Great value, I love it!", Sentiment.POSITIVE),
            ("he", "המשלוח לא הגיע בזמן, מאכזב מאוד", Sentiment.NEGATIVE),
            ("he", "כל הכבוד, שירות נפלא", Sentiment.POSITIVE),
            ("pl", "Okropna obsługa, nie polecam nikomu.", Sentiment.NEGATIVE),
            ("pl", "Pyszne śniadania i miła obsługa, polecam!", Sentiment.POSITIVE),
        ],
    )
    def test_plain_words_are_read_right_and_for_sure(
        self, tongue: str, text: str, said: Sentiment
    ) -> None:
        model = shipped(tongue)
        assert model is not None
        [found] = sentiment.read([text], model)
        assert (found.sentiment, found.sure, found.version) == (said, True, model.version)

    @given(st.text(max_size=80))
    def test_whatever_is_said_gets_a_probability(self, text: str) -> None:
        model = shipped("pl")
        assert model is not None
        [found] = sentiment.read([text], model)
        assert 0 < found.probability <= 1
        chances = sentiment.chances_of([text], model)
        assert chances.sum() == pytest.approx(1)

    def test_one_that_says_nothing_known_is_not_sure(self) -> None:
        model = shipped("en")
        assert model is not None
        [found] = sentiment.read(["12 :: 77"], replace(model, bias=np.zeros(2, np.float32)))
        assert not found.sure

    def test_there_is_no_model_of_another_language_nor_elsewhere(self) -> None:
        assert (shipped("de"), shipped("../he"), shipped("")) == (None, None, None)


class TestLanguage:
    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("The milk was sour and nobody answered", "en"),
            ("dziekuje bardzo, wszystko przyszlo na czas", "pl"),
            ("iPhone 15 הגיע שבור לגמרי", "he"),
            ("Молоко было кислым", ""),
            ("牛奶是酸的", ""),
            ("👍 5/5", "pl"),
        ],
    )
    def test_a_text_tells_its_language_or_is_taken_for_what_it_came_as(
        self, text: str, said: str
    ) -> None:
        assert language(text, "pl") == said

    @given(st.text(max_size=80))
    def test_whatever_is_said_there_is_an_answer(self, text: str) -> None:
        assert language(text, "en") in {"en", "he", "pl", ""}


def test_the_name_of_a_model_follows_from_what_is_in_it_and_not_from_how_it_is_packed() -> None:
    model = shipped("en")
    assert model is not None
    assert model.version == "b633057a"
