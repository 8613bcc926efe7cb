"""What people correct is learned: a little that is added to what a model says.

Multinomial logistic regression on the n-grams of corrected texts, with what the model said as an
offset and a ridge that holds back what few corrections speak for (Hosmer and Lemeshow, "Applied
Logistic Regression", 2000). It is used where it reads later corrections better, no sooner.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, sparse

from kfar.rooms.voice.reading.grams import CELLS, Grams, grams
from kfar.rooms.voice.reading.sentiment import chances_of
from kfar.rooms.voice.reading.weights import Weights, pack

#: The fewest corrections that are learned from; of which the last third tells whether it helps.
LEAST, LATER = 50, 3
#: How much is held back; and in how many people's words a cell stands that is learned.
RIDGE, PEOPLE = 0.5, 2


@dataclass(frozen=True)
class Corrected:
    """A text with what it says by an employee's word; `person` tells who wrote it from others."""

    text: str
    label: str
    person: int


@dataclass(frozen=True)
class Taught:
    """What corrections add, and the shares of the later ones read right without and with it.

    `added` is None where there are too few of them, or it does not help.
    """

    added: Weights | None
    corrections: int
    before: float
    after: float


def teach(model: Weights, corrections: Sequence[Corrected]) -> Taught:
    """Return what corrections, oldest first, add to a model."""
    rows = [one for one in corrections if one.label in model.classes]
    cut = len(rows) - len(rows) // LATER
    if len(rows) < LEAST:
        return Taught(None, len(rows), 0.0, 0.0)
    later = rows[cut:]
    tried = _fitted(model, rows[:cut])
    before, after = (_right(model, added, later) for added in (None, tried))
    helps = after > before
    return Taught(_fitted(model, rows) if helps else None, len(rows), before, after)


def _right(model: Weights, added: Weights | None, rows: Sequence[Corrected]) -> float:
    best = np.argmax(np.log(chances_of([row.text for row in rows], model, added)) + model.lean, 1)
    return float(
        np.mean([model.classes[n] == row.label for n, row in zip(best, rows, strict=True)])
    )


def _fitted(model: Weights, rows: Sequence[Corrected]) -> Weights:
    texts = [row.text for row in rows]
    found = grams(texts)
    cells = _of_several(found, np.array([row.person for row in rows]))
    place = np.searchsorted(cells, found.cell)
    there = place < len(cells)
    there[there] = cells[place[there]] == found.cell[there]
    entries = (found.value[there], (found.text[there], place[there]))
    x = sparse.csr_matrix(entries, shape=(len(rows), len(cells)), dtype=np.float64)
    y = np.array([model.classes.index(row.label) for row in rows])
    offset = np.log(chances_of(texts, model))
    shape, one = (len(cells) + 1, len(model.classes)), np.arange(len(rows))

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        at = flat.reshape(shape)
        raised = offset + x @ at[:-1] + at[-1]
        raised -= raised.max(1, keepdims=True)
        chances = np.exp(raised)
        chances /= chances.sum(1, keepdims=True)
        pull = chances.copy()
        pull[one, y] -= 1
        slope = np.vstack([x.T @ pull, pull.sum(0)]) + RIDGE * at
        lost = -np.log(np.maximum(chances[one, y], 1e-12)).sum() + RIDGE * (at**2).sum() / 2
        return float(lost), slope.ravel()

    start = np.zeros(shape[0] * shape[1])
    at = optimize.minimize(loss, start, jac=True, method="L-BFGS-B").x.reshape(shape)
    packed, largest = pack(at[:-1].T.astype(np.float32))
    nothing = np.zeros(shape[1], np.float32)
    bias = at[-1].astype(np.float32)
    return Weights(model.classes, cells, packed, largest, 1.0, bias, nothing, model.version)


def _of_several(found: Grams, person: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the cells that stand in the words of several people, ascending."""
    pairs = np.unique(person[found.text] * (2 * CELLS) + found.cell)
    cells, people = np.unique(pairs % (2 * CELLS), return_counts=True)
    return cells[people >= PEOPLE]
