"""The recipe: rows of texts and labels become a model. The same rows give the same model.

Linear support vector machines, one a class, with squared hinge loss, on shares of n-grams scaled
by their log-count ratios (Wang and Manning, ACL 2012); then the cells that weigh most, fitted
again, in 8 bits. Every third is told from the other two: from what all the machines say of it one
learns how likely each class is (matrix scaling, Guo et al., ICML 2017), which is linear, too, and
becomes one with the weights. So what is good and bad at once is known by both.
"""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, sparse

from kfar.rooms.voice.reading import softmax
from kfar.rooms.voice.reading.embedding import Embedder, Head
from kfar.rooms.voice.reading.grams import CELLS, Floats, Ints, grams
from kfar.rooms.voice.reading.sentiment import BATCH, Sentiment, read
from kfar.rooms.voice.reading.weights import Weights, pack

#: How labels of others are called here.
LABELS = {"ambivalent": "mixed"}
#: Cells at most, so that a model is under 1 MB; how much errors cost; words beside letters.
MOST, COST, WORDS = 200_000, 0.7, 0.7
#: A tenth is held out; what is left is told in three parts, each from the other two.
TENTHS, PARTS = 10, 3
#: What holds back how classes follow from machines.
RIDGE = 1.0
#: What may hold back a head, of how many texts it is learned, and how much it has to help: so much
#: more of the logarithm of what is so.
RIDGES, HEADED, HELPS = (0.1, 0.3, 1.0, 3.0), 6_000, 0.01
_STEPS = 150


@dataclass(frozen=True)
class Row:
    """A text with its label. One that weighs less than 1 comes from elsewhere: never measured."""

    text: str
    label: str
    weight: float = 1.0
    group: str = ""

    @cached_property
    def number(self) -> int:
        """A number that its words alone say."""
        return int(sha256(_words(self.text).encode()).hexdigest()[:8], 16)

    @property
    def tenth(self) -> int:
        """Which tenth it is in, by its words alone; 0 is held out."""
        return self.number % TENTHS


@dataclass(frozen=True, eq=False)
class Told:
    """What was said of rows by who had not seen them: `logs` of chances, (rows, classes).

    `y` is the class of each, `parts` the part it was told in.
    """

    rows: list[Row]
    logs: NDArray[np.float64]
    y: Ints
    parts: Ints


@dataclass(frozen=True)
class Measured:
    """What a model does on texts it never saw: shares in 0 … 1.

    `recall` is of the negative ones. `said` is the share of which it is sure, `right` how many of
    those are, `off` the mean distance between what it says and what is so (expected calibration
    error, ten bins).
    """

    group: str
    texts: int
    accuracy: float
    f1: float
    recall: float
    said: float
    right: float
    off: float


def load(files: Iterable[Path]) -> list[Row]:
    """Return the rows of TSV files with `text`, `label` and, where there is one, `weight`.

    The same words stand once, and where their labels differ, not at all. Raises `ValueError`
    where a file is another, and `OSError`.
    """
    found: dict[str, Row | None] = {}
    for file in files:
        for row in _rows(file):
            before = found.setdefault(_words(row.text), row)
            if before is not None and before.label != row.label:
                found[_words(row.text)] = None if row.weight == before.weight == 1 else before
    return [row for words, row in found.items() if row is not None and words]


def _rows(file: Path) -> Iterator[Row]:
    with file.open(newline="", encoding="utf-8-sig") as opened:
        rows = csv.DictReader(opened, delimiter="\t")
        if not {"text", "label"} <= set(rows.fieldnames or ()):
            raise ValueError(f"{file.name} has no columns text and label")
        for row in rows:
            label = LABELS.get(row["label"], row["label"])
            if label not in list(Sentiment):
                raise ValueError(f"{file.name}, line {rows.line_num}: no label {label!r}")
            yield Row(row["text"], label, float(row.get("weight") or 1), file.stem)


def learn(rows: Sequence[Row], made: str = "", *, held_out: bool = True) -> Weights:
    """Return the model these rows make, without the tenth held out unless that is not."""
    return learn_told(rows, made, held_out=held_out)[0]


def learn_told(
    rows: Sequence[Row], made: str = "", *, held_out: bool = True
) -> tuple[Weights, Told]:
    """Return the model as `learn`, with what was told of each row that is measured."""
    own = [row for row in rows if row.weight < 1 or row.tenth or not held_out]
    classes = tuple(sorted({row.label for row in own}))
    if len(classes) < 2:
        raise ValueError("there have to be texts of two labels or more")
    x, y, weight, parts = _matrix([r.text for r in own]), *_columns(own, classes)
    least = np.flatnonzero(np.bincount(x.indices, minlength=x.shape[1]) >= 2)
    fitted = _fitted(x[:, least], y, weight, len(classes))
    cells = least[_largest(fitted, x[:, least])]
    x = x[:, cells]
    measured = weight == 1
    kept = [row for row in own if row.weight == 1]
    scores = np.zeros((len(own), len(classes)))
    for part in range(PARTS):
        others = (parts != part) | ~measured
        part_of = _fitted(x[others], y[others], weight[others], len(classes))
        scores[~others] = x[~others] @ part_of.T
    mixing, bias = _calibrated(scores[measured], y[measured])
    logs = np.log(softmax.of(scores[measured] @ mixing + bias))
    packed, largest = pack(
        (mixing.T @ _fitted(x, y, weight, len(classes)) * _kinds(cells)).astype(np.float32)
    )
    lean = _lean(logs, y[measured])
    model = Weights(classes, cells, packed, largest, 1.0, bias.astype(np.float32), lean, made)
    return model, Told(kept, logs, y[measured], parts[measured])


def learn_head(model: Weights, told: Told, embedder: Embedder) -> Head | None:
    """Return what the vectors of texts add to what is said of them; None where it is too little."""
    order = sorted(range(len(told.rows)), key=lambda n: told.rows[n].number)[:HEADED]
    y, logs, parts = told.y[order], told.logs[order], told.parts[order]
    vectors = embedder([told.rows[n].text for n in order])

    def fitted(of: NDArray[np.bool_], ridge: float) -> NDArray[np.float64]:
        middle = vectors[of].mean(0)
        at = softmax.fitted(vectors[of] - middle, logs[of], y[of], ridge, np.ones(of.sum()))
        at[-1] -= middle @ at[:-1]
        return at

    def foretold(ridge: float) -> NDArray[np.float64]:
        found = logs.copy()
        for part in range(PARTS):
            at = fitted(parts != part, ridge)
            found[parts == part] += vectors[parts == part] @ at[:-1] + at[-1]
        return np.asarray(np.log(softmax.of(found)))

    def likely(logs: NDArray[np.float64]) -> float:
        return float(logs[np.arange(len(y)), y].mean())

    tried = {ridge: foretold(ridge) for ridge in RIDGES}
    ridge = max(RIDGES, key=lambda one: likely(tried[one]))
    if likely(tried[ridge]) < likely(logs) + HELPS:
        return None
    table = fitted(np.ones(len(y), bool), ridge).astype(np.float16).astype(np.float32)
    return Head(table, _lean(tried[ridge], y), model.version, embedder)


def measure(model: Weights, rows: Sequence[Row], head: Head | None = None) -> list[Measured]:
    """Return what a model, with its head or without, does on the tenth held out, by file."""
    held = [row for row in rows if row.weight == 1 and not row.tenth]
    return [
        _measured(model, [row for row in held if row.group == group], group, head)
        for group in sorted({row.group for row in held})
    ]


def _measured(model: Weights, rows: Sequence[Row], group: str, head: Head | None) -> Measured:
    found = list(read([row.text for row in rows], model, head=head))
    truth = np.array([row.label for row in rows])
    best = np.array([str(one.sentiment) for one in found])
    chance, sure = np.array([one.probability for one in found]), [one.sure for one in found]
    hit = truth == best
    bins = np.minimum((chance * 10).astype(int), 9)
    gaps = [abs((hit[bins == n] - chance[bins == n]).sum()) for n in range(10)]
    return Measured(
        group=group,
        texts=len(rows),
        accuracy=float(hit.mean()),
        f1=_f1(truth, best),
        recall=float(hit[truth == Sentiment.NEGATIVE].mean()),
        said=float(np.mean(sure)),
        right=float(hit[sure].mean()),
        off=float(np.sum(gaps) / len(rows)),
    )


def _f1(truth: NDArray[np.str_], best: NDArray[np.str_]) -> float:
    """Return the mean over classes of F1."""
    each = []
    for label in np.unique(truth):
        both = np.sum((truth == label) & (best == label))
        each.append(2 * both / (np.sum(truth == label) + np.sum(best == label)))
    return float(np.mean(each))


def _words(text: str) -> str:
    kept = "".join(c if c.isalnum() else " " for c in unicodedata.normalize("NFC", text.lower()))
    return " ".join(kept.split())


def _columns(rows: Sequence[Row], classes: Sequence[str]) -> tuple[Ints, Floats, Ints]:
    y = np.array([classes.index(row.label) for row in rows])
    weight = np.array([row.weight for row in rows], np.float32)
    return y, weight, np.array([row.tenth % PARTS for row in rows])


def _matrix(texts: Sequence[str]) -> sparse.csr_matrix:
    found = []
    for first in range(0, len(texts), BATCH):
        batch = texts[first : first + BATCH]
        one = grams(batch)
        value = np.where(one.cell < CELLS, np.float32(WORDS), np.float32(1)) * one.value
        shape = (len(batch), 2 * CELLS)
        found.append(sparse.csr_matrix((value, (one.text, one.cell)), shape=shape))
    return sparse.vstack(found).tocsr()


def _kinds(cells: Ints) -> Floats:
    """Return by how much shares were scaled, so that weights are scaled instead."""
    return np.where(cells < CELLS, np.float32(WORDS), np.float32(1))


def _fitted(x: sparse.csr_matrix, y: Ints, weight: Floats, classes: int) -> Floats:
    """Return a weight for every column, (classes, columns)."""
    there = sparse.csr_matrix((np.ones_like(x.data), x.indices, x.indptr), shape=x.shape)
    found = []
    for own in range(classes):
        yes = y == own
        ones, others = (1 + there.T @ (weight * of) for of in (yes, ~yes))
        ratio = np.log((ones / ones.sum()) / (others / others.sum())).astype(np.float32)
        rare = max(1.0, float(np.sqrt(len(y) / (2 * max(yes.sum(), 1)))))
        errors = COST * weight * np.where(yes, rare, 1.0)
        found.append(ratio * _machine((x @ sparse.diags(ratio)).tocsr(), yes, errors))
    return np.array(found, np.float32)


def _machine(x: sparse.csr_matrix, yes: NDArray[np.bool_], cost: Floats) -> Floats:
    """Return the weights of a linear support vector machine; the constant is dropped."""
    sign = np.where(yes, 1.0, -1.0)
    turned = x.T.tocsr()

    def loss(at: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        short = np.maximum(1 - sign * (x @ at[:-1].astype(np.float32) + at[-1]), 0)
        pull = -2 * cost * sign * short
        slope = np.append(at[:-1] + turned @ pull.astype(np.float32), at[-1] + pull.sum())
        return float(at @ at / 2 + (cost * short**2).sum()), slope

    start = np.zeros(x.shape[1] + 1)
    options = {"maxiter": _STEPS, "maxcor": 10, "ftol": 1e-7}
    found = optimize.minimize(loss, start, jac=True, method="L-BFGS-B", options=options)
    return np.asarray(found.x[:-1], np.float32)


def _largest(weights: Floats, x: sparse.csr_matrix) -> Ints:
    """Return the columns that say most over all texts, ascending."""
    much = np.sqrt(np.asarray(x.power(2).sum(0)).ravel()) * np.abs(weights).max(0)
    return np.sort(np.argsort(-much, kind="stable")[:MOST])


def _calibrated(
    scores: NDArray[np.float64], y: Ints
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return how classes follow from machines, (classes, classes), and (classes,) besides.

    To four places, so that the last bits of another processor's sums make no other model.
    """
    middle, spread = scores.mean(0), np.maximum(scores.std(0), 1e-9)
    nothing = np.zeros_like(scores)
    at = softmax.fitted((scores - middle) / spread, nothing, y, RIDGE, np.ones(len(y)))
    mixing = at[:-1] / spread[:, None]
    return mixing.round(4), (at[-1] - middle @ mixing).round(4)


def _lean(logs: NDArray[np.float64], y: Ints) -> Floats:
    """Return what to add so that accuracy and macro-F1 together are best."""

    def good(lean: Floats) -> float:
        best = np.argmax(logs + lean, axis=1)
        return float((best == y).mean()) + _f1(y.astype(str), best.astype(str))

    lean = np.zeros(logs.shape[1], np.float32)
    for _round in range(2):
        for own in range(len(lean)):
            tried = [lean + np.float32(by) * (np.arange(len(lean)) == own) for by in _TRIED]
            lean = max(tried, key=good)
    return lean


#: From small to large, so that of equals the smallest is taken.
_TRIED = sorted(np.round(np.arange(-1, 1.01, 0.1), 1).tolist(), key=abs)
