"""Whether who wrote a text is happy, by the model of its language."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kfar.rooms.voice.reading import softmax
from kfar.rooms.voice.reading.embedding import Embedder, Head
from kfar.rooms.voice.reading.grams import Grams, grams
from kfar.rooms.voice.reading.weights import Weights

#: Below this probability one does not say what a text means.
SURE = 0.6
#: So many texts are read at once.
BATCH = 500
#: Where the models that come with Kfar lie.
SHIPPED = Path(__file__).parent / "weights"


class Sentiment(StrEnum):
    """What a text says of who wrote it. A mixed one says good and bad."""

    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    POSITIVE = "positive"
    MIXED = "mixed"


@dataclass(frozen=True)
class Read:
    """What a text means most likely, and how likely; None where nothing reads its language."""

    sentiment: Sentiment | None
    probability: float
    version: str

    @property
    def sure(self) -> bool:
        """Whether it is said."""
        return self.sentiment is not None and self.probability >= SURE


NOTHING = Read(None, 0.0, "")


@cache
def shipped(language: str) -> Weights | None:
    """Return the model of a language that comes with Kfar, or None."""
    file = SHIPPED / f"{language}.npz"
    return Weights.read(file) if language.isalpha() and file.exists() else None


@cache
def shipped_head(language: str, embedder: Embedder | None) -> Head | None:
    """Return what the vectors of `embedder` add to the model that comes with Kfar, or None."""
    model = shipped(language)
    if model is None or embedder is None:
        return None
    file = SHIPPED / embedder.folder / f"{language}.npz"
    head = Head.read(file, embedder) if file.exists() else None
    return head if head and head.made == model.version else None


def read(
    texts: Sequence[str], model: Weights, added: Weights | None = None, head: Head | None = None
) -> Iterator[Read]:
    """Yield what each text means, read in batches.

    `head` is what their vectors add, `added` what corrections taught.
    """
    version = version_of(model, head, added)
    lean = head.lean if head else model.lean
    for first in range(0, len(texts), BATCH):
        chances = chances_of(texts[first : first + BATCH], model, added, head)
        best = np.argmax(np.log(chances) + lean, axis=1)
        for own, n in zip(chances, best, strict=True):
            yield Read(Sentiment(model.classes[n]), round(float(own[n]), 4), version)


def version_of(model: Weights, head: Head | None = None, added: Weights | None = None) -> str:
    """Return what stands for all that reads."""
    return "+".join(one.version for one in (model, head, added) if one)


def chances_of(
    texts: Sequence[str], model: Weights, added: Weights | None = None, head: Head | None = None
) -> NDArray[np.float64]:
    """Return how likely each class of a model is, (texts, classes), with what is added to it."""
    found = grams(texts)
    chances = probabilities(said(found, len(texts), model), model)
    if head is not None:
        chances = softmax.of(np.log(chances) + head.said(texts))
    if added is not None:
        chances = softmax.of(np.log(chances) + said(found, len(texts), added) + added.bias)
    return chances


def said(found: Grams, texts: int, model: Weights) -> NDArray[np.float64]:
    """Return what a model says of each text, (texts, classes), before it is calibrated."""
    row = model.row[found.cell]
    known = row < len(model.cells)
    text, weighed = found.text[known], model.table[row[known]] * found.value[known, None]
    sums = [np.bincount(text, one, minlength=texts) for one in weighed.T]
    return np.stack(sums, axis=1)


def probabilities(scores: NDArray[np.float64], model: Weights) -> NDArray[np.float64]:
    """Return how likely each class is, (texts, classes)."""
    return softmax.of(model.sharpness * scores + model.bias)
