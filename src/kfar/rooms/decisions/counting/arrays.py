"""The sums of `sums.py` over arrays of millions of ballots; the only file here with numpy.

One row a ballot, whole numbers of any type, by form: a *ranking* has a column for each rank, with
the number of the option named there, -1 for nothing and -2 for a mark that names nobody
(`SPOILED`); equal ranks do not fit into an array. *Choices* have a column for each option, 1 where
it is named and 0 where not; *scores* the score, -1 for nothing; *points* the points, 0 for none.

Equal ballots are put together first: a ballot is packed into one number, the numbers are sorted,
and what follows is done once for each different ballot. All sums are of whole numbers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from kfar.ground.ballots import SPOILED, Ballot, Form, slots_of
from kfar.rooms.decisions.counting.count import tabulate
from kfar.rooms.decisions.counting.report import Report
from kfar.rooms.decisions.counting.rules import Overvote, Rule
from kfar.rooms.decisions.counting.sums import Counted, Matrix, Piles, Sums

Whole = NDArray[np.integer]


def count_array(rule: Rule, ballots: Whole, options: int, times: Whole | None = None) -> Report:
    """Count the rows of `ballots`, each cast once or as many `times` as its entry there says.

    Gives what `count` gives for the same ballots. A number that means nothing in the form
    `rule.takes`, an array of another shape, or more than 126 options raise `ValueError`.
    """
    return tabulate(rule, Grouped(rule.takes, ballots, options, times))


def count_many(rule: Rule, ballots: Mapping[Ballot, int], options: int) -> Report:
    """Count as `count` does, by arrays where the ballots fit into one."""
    return tabulate(rule, sums_of(rule.takes, ballots, options))


def sums_of(form: Form, ballots: Mapping[Ballot, int], options: int) -> Sums:
    """Return the sums over {ballot: how many times it was cast}, ballots that may be cast.

    By arrays, unless there are equal ranks.
    """
    array = _array(form, ballots, options)
    if array is None:
        return Counted(form, ballots, options)
    return Grouped(form, array, options, np.fromiter(ballots.values(), np.int64, len(ballots)))


def _array(form: Form, ballots: Collection[Ballot], options: int) -> Whole | None:
    if form is Form.RANKING:
        rankings = [slots_of(ballot) for ballot in ballots]
        if any(len(slot) > 1 for slots in rankings for slot in slots):
            return None
        ranks = max([1, *map(len, rankings)])
        empty = ((),) * ranks
        named = (
            slot[0] if slot else -1 for slots in rankings for slot in slots + empty[len(slots) :]
        )
        return np.fromiter(named, np.int8, len(rankings) * ranks).reshape(len(rankings), ranks)
    array = np.full((len(ballots), options), -1 if form is Form.SCORES else 0, np.int32)
    for row, ballot in zip(array, ballots, strict=True):
        for said in ballot:
            option, number = said if isinstance(said, tuple) else (said, 1)
            row[option] = number
    return array


class Grouped:
    """The sums over an array of ballots, one row a ballot (see above), equal ones put together."""

    def __init__(
        self, form: Form, ballots: Whole, options: int, times: Whole | None = None
    ) -> None:
        _check(form, ballots, options, times)
        self.form, self.options = form, options
        columns, self._times = _grouped(ballots, times)
        self._columns = columns
        self.ballots = int(self._times.sum())
        nothing = {Form.RANKING: columns < 0, Form.SCORES: columns < 0}.get(form, columns == 0)
        self.blank = int(self._times[nothing.all(axis=0)].sum())

    def piles(self, rule: Rule, unit: int) -> Piles:
        """See `Sums`."""
        return _GroupedPiles(_single_file(self._columns, rule), self._times, self.options, unit)

    def pairwise(self) -> Matrix:
        """See `Sums`."""
        if self.form is Form.SCORES:
            return self._graded()
        columns, before = self._columns, self._before(self._columns)
        if before.diagonal().any():
            columns = _named_once(columns)
            before = self._before(columns)
        # Every ballot that names a puts it before b, but for those that name b earlier.
        named = np.sum([self._sum(column, self.options) for column in columns], axis=0)
        matrix = named[:, None] - before.T
        np.fill_diagonal(matrix, 0)
        return [[int(votes) for votes in row] for row in matrix]

    def named(self) -> list[int]:
        """See `Sums`."""
        return [int(self._times @ (column > 0)) for column in self._columns]

    def totals(self) -> list[int]:
        """See `Sums`."""
        given = self._columns.clip(min=0) if self.form is Form.SCORES else self._columns
        return [int(self._times @ column) for column in given]

    def given(self, score: int) -> list[int]:
        """See `Sums`."""
        return [int(self._times @ (column == score)) for column in self._columns]

    def grouped(self) -> Iterator[tuple[Ballot, int]]:
        """See `Sums`."""
        for row, times in zip(self._columns.T.tolist(), self._times.tolist(), strict=True):
            match self.form:
                case Form.CHOICES:
                    yield tuple(option for option, named in enumerate(row) if named), times
                case Form.RANKING:
                    yield tuple(self._slot(option) for option in row), times
                case Form.SCORES:
                    yield tuple((n, score) for n, score in enumerate(row) if score >= 0), times
                case Form.POINTS:
                    yield tuple((n, points) for n, points in enumerate(row) if points), times

    @staticmethod
    def _slot(option: int) -> tuple[int, ...]:
        return () if option == -1 else SPOILED if option == -2 else (option,)

    def _before(self, columns: Whole) -> Whole:
        """Return [a][b]: ballots that name both, a earlier."""
        size = self.options + 1
        found = np.zeros(size * size, np.int64)
        earlier = np.zeros(columns.shape[1], np.int16)
        for n, column in enumerate(columns):
            # Numbers below 0 become the last row and column, which are left out.
            here = np.where(column < 0, self.options, column).astype(np.int16)
            for other in columns[:n]:
                np.multiply(other, size, out=earlier, dtype=np.int16)
                earlier[other < 0] = self.options * size
                earlier += here
                found += self._sum(earlier, size * size)
        return found.reshape(size, size)[:-1, :-1]

    def _sum(self, numbers: Whole, size: int) -> Whole:
        """Return how many ballots have each number from 0 to below `size`."""
        if numbers.min(initial=0) < 0:
            there = numbers >= 0
            return _weighed(numbers[there], self._times[there], size)
        return _weighed(numbers, self._times, size)

    def _graded(self) -> Matrix:
        grades = self._columns.clip(min=0)
        return [
            [int(self._times[a > b].sum()) if a is not b else 0 for b in grades] for a in grades
        ]


def _check(form: Form, ballots: Whole, options: int, times: Whole | None) -> None:
    low, most = {
        Form.CHOICES: (0, 1),
        Form.RANKING: (-2, options - 1),
        Form.SCORES: (-1, 2**31),
        Form.POINTS: (-(2**31), 2**31),
    }[form]
    shaped = ballots.ndim == 2 and ballots.shape[1] == (
        max(ballots.shape[1], 1) if form is Form.RANKING else options
    )
    if not shaped or ballots.dtype.kind not in "iub" or options > 126:
        raise ValueError(f"not {form} over {options} options: {ballots.dtype}, {ballots.shape}")
    if ballots.size and ballots.min() < low:
        raise ValueError(f"not a number of {form}: {ballots.min()}")
    if ballots.size and ballots.max() > most:
        raise ValueError(f"not a number of {form} over {options} options: {ballots.max()}")
    cast = len(ballots) if times is None else int(times.sum())
    if (times is not None and (times < 0).any()) or cast >= 2**53:
        raise ValueError("ballots are cast so many times, and fewer than 2 to the 53rd in all")


def _grouped(ballots: Whole, times: Whole | None) -> tuple[Whole, Whole]:
    """Return the different ballots, a column each, and how many times each was cast."""
    if not len(ballots):
        return ballots.T, np.zeros(0, np.int64)
    low, high = int(ballots.min()), int(ballots.max())
    bits = max((high - low).bit_length(), 1)
    fit = 64 // bits
    blocks = [ballots[:, n : n + fit] for n in range(0, ballots.shape[1], fit)]
    keys = [_packed(block, low, bits) for block in blocks]
    if len(keys) == 1 and times is None:
        keys[0].sort()
        cast = None
    else:
        order = np.lexsort(keys[::-1])
        keys = [key[order] for key in keys]
        cast = None if times is None else times[order].astype(np.int64)
    new = np.ones(len(ballots), np.bool_)
    np.logical_or.reduce([key[1:] != key[:-1] for key in keys], out=new[1:])
    starts = np.flatnonzero(new)
    cast = np.diff(starts, append=len(ballots)) if cast is None else np.add.reduceat(cast, starts)
    kind = np.int8 if low >= -128 and high < 128 else np.int64
    columns = np.empty((ballots.shape[1], len(starts)), kind)
    for n, key in enumerate(keys):
        _unpack(key[starts], low, bits, columns[n * fit : (n + 1) * fit])
    return columns, cast


def _packed(block: Whole, low: int, bits: int) -> Whole:
    """Return each row of `block` as one number, the first column highest."""
    key: Whole = np.zeros(len(block), np.uint32 if bits * block.shape[1] <= 32 else np.uint64)
    for column in block.T:
        key <<= key.dtype.type(bits)
        key |= (column.astype(np.int64) - low).astype(key.dtype)
    return key


def _unpack(key: Whole, low: int, bits: int, columns: Whole) -> None:
    """Write the numbers packed into `key` into `columns`."""
    kind = key.dtype.type
    for column in columns[::-1]:
        column[:] = (key & kind((1 << bits) - 1)).astype(np.int64) + low
        if bits < 64:
            key = key >> kind(bits)


def _weighed(numbers: Whole, times: Whole, size: int) -> Whole:
    """Return the sum of `times` for each of `numbers`, from 0 to below `size`.

    numpy adds them up as floats; below 2 to the 53rd these are exact.
    """
    return np.bincount(numbers, weights=times, minlength=size).astype(np.int64)


def _named_once(columns: Whole) -> Whole:
    """Return rankings in which what is named again is nothing."""
    once = columns.copy()
    for n, column in enumerate(once):
        for other in once[:n]:
            column[column == other] = -1
    return once


def _single_file(columns: Whole, rule: Rule) -> Whole:
    """Return rankings as `single_file` reads them: nothing after the rank that ends a ballot."""
    spoiled = rule.overvote is not Overvote.SKIP and bool((columns == -2).any())
    skips = rule.max_skipped is not None and rule.max_skipped < len(columns)
    if not spoiled and not skips and not rule.end_at_duplicate:
        return columns
    read = columns.copy()
    ended = np.zeros(columns.shape[1], np.bool_)
    skipped = np.zeros(columns.shape[1], np.int64)
    for n, column in enumerate(read):
        if rule.max_skipped is not None:
            ended |= (column != -1) & (skipped > rule.max_skipped)
        skipped = np.where(column == -1, skipped + 1, 0)
        if spoiled:
            ended |= column == -2
        if rule.end_at_duplicate:
            for other in columns[:n]:
                ended |= (column >= 0) & (column == other)
        column[ended] = -1
    return read


class _GroupedPiles:
    def __init__(self, columns: Whole, times: Whole, options: int, unit: int) -> None:
        self._columns, self._times, self._options = columns, times, options
        # On each pile: (value, place) and the ballots that are worth it and name it there.
        self._piles: list[dict[tuple[int, int], list[Whole]]]
        self._piles = [defaultdict(list) for _ in range(options)]
        self.worth = [0] * options
        self.exhausted = 0
        self._lay(np.arange(columns.shape[1], dtype=np.int32), 0, unit, range(options))

    def _lay(self, ballots: Whole, place: int, value: int, open_to: Collection[int]) -> int:
        """Lay ballots on the piles of their next open options; return what they are worth."""
        # A number below 0 finds the last place, which stands for nobody.
        closed = np.array([n not in open_to for n in range(self._options)] + [True] * 2)
        moved = 0
        while ballots.size and place < len(self._columns):
            at = self._columns[place][ballots]
            on = closed[at]
            laid, at = ballots[~on], at[~on]
            order = np.argsort(at, kind="stable")
            laid = laid[order]
            ends = np.cumsum(np.bincount(at, minlength=self._options)).tolist()
            start = 0
            for option, end in enumerate(ends):
                if end > start:
                    part = laid[start:end]
                    self._piles[option][value, place].append(part)
                    worth = value * int(self._times[part].sum())
                    self.worth[option] += worth
                    moved += worth
                start = end
            ballots = ballots[on]
            place += 1
        rest = value * int(self._times[ballots].sum())
        self.exhausted += rest
        return moved + rest

    def transfer(self, option: int, open_to: Collection[int], surplus: int, of: int) -> int:
        pile, self._piles[option] = self._piles[option], defaultdict(list)
        self.worth[option] = 0
        return sum(
            self._lay(np.concatenate(parts), place + 1, value * surplus // of, open_to)
            for (value, place), parts in pile.items()
        )
