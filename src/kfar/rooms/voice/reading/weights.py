"""A model as it lies in a file: which cells weigh how much for each sentiment, in 8 bits each.

A weight is ±(n / 127)² of the largest one of its sentiment: most are small, and this keeps them
apart better than even steps would.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kfar.rooms.voice.reading.grams import CELLS, Floats, Ints

#: Steps between cells are kept in bytes; this one says that it goes on.
_FAR = 255


@dataclass(frozen=True, eq=False)
class Weights:
    """A linear model over `grams`: `classes` in order, of which `packed` holds the weights.

    Shapes: `cells` (known,) ascending, `packed` (classes, known), `largest` and `bias` (classes,).
    What is said of a text, weights times shares, becomes probabilities as softmax of
    `sharpness` · said + `bias`. `lean` (classes,) is added to their logarithms where one has to
    be named. `made` says of what it was made.
    """

    classes: tuple[str, ...]
    cells: Ints
    packed: NDArray[np.int8]
    largest: Floats
    sharpness: float
    bias: Floats
    lean: Floats
    made: str

    @cached_property
    def table(self) -> Floats:
        """The weights, (known + 1, classes); the last row, of what is unknown, is nothing."""
        shares = self.packed.astype(np.float32) / 127
        known = np.sign(shares) * shares**2 * self.largest[:, None]
        return np.vstack([known.T, np.zeros(len(self.classes), np.float32)]).astype(np.float32)

    @cached_property
    def row(self) -> NDArray[np.int32]:
        """Which row of `table` a cell has, (2 · CELLS,)."""
        found = np.full(2 * CELLS, len(self.cells), np.int32)
        found[self.cells] = np.arange(len(self.cells), dtype=np.int32)
        return found

    @cached_property
    def version(self) -> str:
        """A name that no other model has."""
        return named(self._parts())

    def bytes(self) -> bytes:
        """Return it as a file."""
        return filed(self._parts())

    def _parts(self) -> dict[str, NDArray[Any]]:
        steps = np.diff(self.cells, prepend=-1) - 1
        width = steps // _FAR + 1
        laid = np.full(int(width.sum()), _FAR, np.uint8)
        laid[np.cumsum(width) - 1] = steps % _FAR
        told = {"classes": self.classes, "sharpness": self.sharpness, "made": self.made}
        return {
            "told": np.frombuffer(json.dumps(told).encode(), np.uint8),
            "steps": laid,
            "packed": self.packed,
            "largest": self.largest.astype(np.float32),
            "bias": self.bias.astype(np.float32),
            "lean": self.lean.astype(np.float32),
        }

    @classmethod
    def read(cls, file: Path | io.BytesIO) -> Weights:
        """Return the model in a file. Raises `OSError`, `ValueError` or `KeyError` at others."""
        with np.load(file, allow_pickle=False) as held:
            told = json.loads(held["told"].tobytes())
            laid = held["steps"]
            ends = np.flatnonzero(laid != _FAR)
            sums = np.cumsum(laid.astype(np.int64))[ends]
            return cls(
                classes=tuple(told["classes"]),
                cells=np.diff(sums, prepend=0).cumsum() + np.arange(len(ends)),
                packed=held["packed"],
                largest=held["largest"],
                sharpness=float(told["sharpness"]),
                bias=held["bias"],
                lean=held["lean"],
                made=str(told["made"]),
            )


def filed(parts: Mapping[str, NDArray[Any]]) -> bytes:
    """Return these arrays as a file."""
    file = io.BytesIO()
    np.savez_compressed(file, **parts)  # type: ignore[arg-type]
    return file.getvalue()


def named(parts: Mapping[str, NDArray[Any]]) -> str:
    """Return a name that follows from these arrays, which files pack otherwise here and there."""
    told = sha256()
    for name, part in parts.items():
        told.update(f"{name} {part.dtype.str} {part.shape}".encode())
        told.update(np.ascontiguousarray(part).tobytes())
    return told.hexdigest()[:8]


def pack(weights: Floats) -> tuple[NDArray[np.int8], Floats]:
    """Return weights (classes, known) in 8 bits, and the largest of each class."""
    largest = np.maximum(np.abs(weights).max(1, initial=0), 1e-9).astype(np.float32)
    shares = np.sqrt(np.abs(weights) / largest[:, None])
    return (np.sign(weights) * np.rint(127 * shares)).astype(np.int8), largest
