"""What people correct is learned: a little that is added to what a model says.

Multinomial logistic regression on the n-grams of corrected texts, with what the model said as an
offset and a ridge that holds back what few corrections speak for. Stars that stand beside words
speak, too, more softly, and for bad and good alike often, so that words are learned from them and
not how many are happy. It is used where it reads later ones better, no sooner.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from kfar.rooms.voice.reading import softmax
from kfar.rooms.voice.reading.embedding import Head
from kfar.rooms.voice.reading.grams import CELLS, Grams, grams
from kfar.rooms.voice.reading.sentiment import Sentiment, chances_of, said, version_of
from kfar.rooms.voice.reading.weights import Weights, pack

#: The fewest that are learned from; of which the last third tells whether it helps.
LEAST, LATER = 50, 3
#: How much stars weigh beside a correction; the fewest of a kind that count, and the most.
STARS, EACH, MOST = 0.3, 30, 1_000
#: How much is held back; and in how many people's words a cell stands that is learned.
RIDGE, PEOPLE = 0.5, 2


@dataclass(frozen=True)
class Corrected:
    """A text with what it says by an employee's word, or by the `stars` its author gave.

    `person` tells who wrote it from others.
    """

    text: str
    label: str
    person: int
    stars: bool = False


@dataclass(frozen=True)
class Taught:
    """What corrections and stars add, and the shares of later ones read right without and with it.

    `added` is None where there are too few of them, or it does not help.
    """

    added: Weights | None
    corrections: int
    stars: int
    before: float = 0.0
    after: float = 0.0


def teach(model: Weights, corrections: Sequence[Corrected], head: Head | None = None) -> Taught:
    """Return what corrections, oldest first, add to what a model and its head say.

    It helps where more of the later third are read right, and of the corrections among those no
    fewer.
    """
    rows = _evened([one for one in corrections if one.label in model.classes])
    stars = sum(row.stars for row in rows)
    if len(rows) < LEAST:
        return Taught(None, len(rows) - stars, stars)
    made = version_of(model, head)
    logs = np.log(chances_of([row.text for row in rows], model, head=head))
    cut = len(rows) - len(rows) // LATER
    later, lean = rows[cut:], (head or model).lean
    tried = _fitted(model.classes, rows[:cut], logs[:cut], made)
    more = said(grams([row.text for row in later]), len(later), tried) + tried.bias
    right = [
        np.array([model.classes[n] for n in np.argmax(one + lean, 1)])
        == np.array([row.label for row in later])
        for one in (logs[cut:], logs[cut:] + more)
    ]
    weight = _weights(later)
    before, after = (float(np.average(one, weights=weight)) for one in right)
    words = weight == 1
    helps = after > before and right[1][words].sum() >= right[0][words].sum()
    added = _fitted(model.classes, rows, logs, made) if helps else None
    return Taught(added, len(rows) - stars, stars, before, after)


def _evened(rows: Sequence[Corrected]) -> list[Corrected]:
    """Return all corrections, and of what stars say the latest: as many bad as good, or none."""
    by: dict[str, list[int]] = {}
    for n, row in enumerate(rows):
        if row.stars:
            by.setdefault(row.label, []).append(n)
    many = min(MOST, *(len(by.get(one, ())) for one in (Sentiment.NEGATIVE, Sentiment.POSITIVE)))
    kept = {n for own in by.values() for n in own[-many:] if min(many, len(own)) >= EACH}
    return [row for n, row in enumerate(rows) if n in kept or not row.stars]


def _weights(rows: Sequence[Corrected]) -> NDArray[np.float64]:
    return np.array([STARS if row.stars else 1.0 for row in rows])


def _fitted(
    classes: tuple[str, ...], rows: Sequence[Corrected], logs: NDArray[np.float64], made: str
) -> Weights:
    found = grams([row.text for row in rows])
    cells = _of_several(found, np.array([row.person for row in rows]))
    place = np.searchsorted(cells, found.cell)
    there = place < len(cells)
    there[there] = cells[place[there]] == found.cell[there]
    entries = (found.value[there], (found.text[there], place[there]))
    x = sparse.csr_matrix(entries, shape=(len(rows), len(cells)), dtype=np.float64)
    y = np.array([classes.index(row.label) for row in rows])
    at = softmax.fitted(x, logs, y, RIDGE, _weights(rows))
    packed, largest = pack(at[:-1].T.astype(np.float32))
    nothing, bias = np.zeros(len(classes), np.float32), at[-1].astype(np.float32)
    return Weights(classes, cells, packed, largest, 1.0, bias, nothing, made)


def _of_several(found: Grams, person: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the cells that stand in the words of several people, ascending."""
    pairs = np.unique(person[found.text] * (2 * CELLS) + found.cell)
    cells, people = np.unique(pairs % (2 * CELLS), return_counts=True)
    return cells[people >= PEOPLE]
