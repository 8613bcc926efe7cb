"""Whether who wrote a text is happy, by the model of its language."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

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


def read(texts: Sequence[str], model: Weights, added: Weights | None = None) -> Iterator[Read]:
    """Yield what each text means, read in batches; `added` is what corrections taught."""
    version = model.version if added is None else f"{model.version}+{added.version}"
    for first in range(0, len(texts), BATCH):
        chances = chances_of(texts[first : first + BATCH], model, added)
        best = np.argmax(np.log(chances) + model.lean, axis=1)
        for own, n in zip(chances, best, strict=True):
            yield Read(Sentiment(model.classes[n]), round(float(own[n]), 4), version)


def chances_of(
    texts: Sequence[str], model: Weights, added: Weights | None = None
) -> NDArray[np.float64]:
    """Return how likely each class of a model is, (texts, classes), with what is added to it."""
    found = grams(texts)
    chances = probabilities(said(found, len(texts), model), model)
    if added is None:
        return chances
    raised = np.log(chances) + said(found, len(texts), added) + added.bias
    grown = np.exp(raised - raised.max(1, keepdims=True))
    both: NDArray[np.float64] = np.maximum(grown / grown.sum(1, keepdims=True), 1e-12)
    return both


def said(found: Grams, texts: int, model: Weights) -> NDArray[np.float64]:
    """Return what a model says of each text, (texts, classes), before it is calibrated."""
    row = model.row[found.cell]
    known = row < len(model.cells)
    text, weighed = found.text[known], model.table[row[known]] * found.value[known, None]
    sums = [np.bincount(text, one, minlength=texts) for one in weighed.T]
    return np.stack(sums, axis=1)


def probabilities(scores: NDArray[np.float64], model: Weights) -> NDArray[np.float64]:
    """Return how likely each class is, (texts, classes)."""
    raised = model.sharpness * scores + model.bias
    raised -= raised.max(1, keepdims=True)
    grown = np.exp(raised)
    chances: NDArray[np.float64] = np.maximum(grown / grown.sum(1, keepdims=True), 1e-12)
    return chances
