"""Texts as n-grams of words and of letters within words, hashed; whole batches at once."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]
Hashes = NDArray[np.uint64]

#: Letters in a row within a word (with the space before and after it), and words in a row.
LETTERS, WORDS = range(2, 7), range(1, 4)
#: Into so many cells of each kind they are hashed.
BITS = 21
CELLS = 1 << BITS
#: So much of a text is read, in characters.
LONGEST = 20_000

_TOKEN = re.compile(r"[^\W\d_]+|\d+|[^\w\s]")
#: Hebrew points and marks, and marks of direction: the same word with and without them.
_MARKS = re.compile("[\u0591-\u05bd\u05bf-\u05c7\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_LONG = re.compile(r"(.)\1{2,}")
_STEP = np.uint64(1_099_511_628_211)
_SPACE = 32


@dataclass(frozen=True, eq=False)
class Grams:
    """What stands in some texts: `cell` of `text`, with its share `value`, all (entries,).

    Cells of words are below `CELLS`, those of letters from there to 2 · `CELLS`. The shares of
    one kind in one text are 1 + log of how often it stands there, of Euclidean length 1.
    """

    text: Ints
    cell: Ints
    value: Floats


def plain(text: str) -> str:
    """Return a text as it is read: small letters, words apart, numbers alike, "soooo" as "soo"."""
    small = unicodedata.normalize("NFC", text[:LONGEST].lower())
    small = _LONG.sub(r"\1\1", _MARKS.sub("", small))
    tokens = ("0" if token.isdigit() else token for token in _TOKEN.findall(small))
    return f" {' '.join(tokens)} "


def grams(texts: Sequence[str]) -> Grams:
    """Return what stands in each text; none stands in an empty one."""
    said = [plain(text) for text in texts]
    letters = np.frombuffer("".join(said).encode("utf-32-le", "replace"), np.uint32)
    text = np.repeat(np.arange(len(said)), [len(one) for one in said])
    words = _shares(*_words(letters.astype(np.uint64), text))
    inner = _shares(*_letters(letters.astype(np.uint64), text))
    return Grams(
        np.concatenate([words.text, inner.text]),
        np.concatenate([words.cell, inner.cell + CELLS]),
        np.concatenate([words.value, inner.value]),
    )


def cells(said: Sequence[str], words: int) -> Ints:
    """Return the cell of each of these n-grams of so many words."""
    letters = "".join(plain(one) for one in said).encode("utf-32-le", "replace")
    text = np.repeat(np.arange(len(said)), [len(plain(one)) for one in said])
    hashes, of = _words(np.frombuffer(letters, np.uint32).astype(np.uint64), text, [words])
    found = np.full(len(said), -1)
    found[of] = _cell(hashes)
    return found


def _letters(letters: Hashes, text: Ints) -> tuple[Hashes, Ints]:
    space = letters == _SPACE
    before = np.concatenate([[0], np.cumsum(space)])
    hashes, of, rolled = [], [], letters
    for n in range(2, max(LETTERS) + 1):
        rolled = rolled[:-1] * _STEP + letters[n - 1 :]
        at = np.arange(len(rolled))
        within = before[at + n - 1] == before[at + 1]
        if n == 2:
            within &= ~(space[:-1] & space[1:])
        hashes.append(_mixed(rolled[within] + np.uint64(n)))
        of.append(text[: len(rolled)][within])
    return np.concatenate(hashes), np.concatenate(of)


def _words(
    letters: Hashes, text: Ints, lengths: Sequence[int] | range = WORDS
) -> tuple[Hashes, Ints]:
    space = letters == _SPACE
    start = np.flatnonzero(space[:-1] & ~space[1:]) + 1
    if not start.size:
        return np.empty(0, np.uint64), np.empty(0, np.int64)
    begun = np.cumsum(np.isin(np.arange(len(letters)), start)) - 1
    place = np.where(begun >= 0, np.arange(len(letters)) - start[begun], 0)
    powers = np.cumprod(np.concatenate([[np.uint64(1)], np.full(place.max(), _STEP)]))
    weighed = np.where(space, np.uint64(0), letters * powers[place])
    one = _mixed(np.add.reduceat(weighed, start))
    of_one = text[start]
    hashes, of, rolled = [], [], one
    for n in range(1, max(lengths) + 1):
        if n > 1:
            rolled = _mixed(rolled[:-1] * _STEP + one[n - 1 :])
        if n in lengths:
            same = of_one[: len(rolled)] == of_one[n - 1 :]
            hashes.append(_mixed(rolled[same] + np.uint64(n)))
            of.append(of_one[: len(rolled)][same])
    return np.concatenate(hashes), np.concatenate(of)


def _shares(hashes: Hashes, text: Ints) -> Grams:
    keys, times = np.unique((text << BITS) | _cell(hashes), return_counts=True)
    of, cell = keys >> BITS, keys & (CELLS - 1)
    value = 1 + np.log(times)
    length = np.sqrt(np.bincount(of, value**2, minlength=1))
    return Grams(of, cell, (value / length[of]).astype(np.float32))


def _cell(hashes: Hashes) -> Ints:
    return (hashes >> np.uint64(64 - BITS)).astype(np.int64)


def _mixed(hashes: Hashes) -> Hashes:
    """Return hashes in which every bit hangs on every other (splitmix64)."""
    h = hashes + np.uint64(0x9E3779B97F4A7C15)
    h = (h ^ (h >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    h = (h ^ (h >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return h ^ (h >> np.uint64(31))
