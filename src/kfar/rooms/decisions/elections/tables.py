"""Tables of ballots, one a row: grouped as they are read, so that a row costs next to nothing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from operator import itemgetter

from kfar.ground.ballots import SPOILED, Ballot, Form, Ranking
from kfar.rooms.decisions.elections import columns
from kfar.rooms.decisions.elections.columns import Cells, Layout
from kfar.rooms.decisions.elections.election import (
    NOBODY_DECLARED,
    OVERVOTES,
    UNDERVOTES,
    Election,
    Reading,
    Unreadable,
)

#: Rows that tell what the columns are, and rows grouped at a time.
SAMPLE, AT_ONCE = 1000, 20_000
#: How often a ballot was cast, as tables write it: "1234", "1,234", "1234.0".
TIMES = re.compile(r"(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.0)?")
Grouped = Counter[tuple[str, ...]]


def read(
    rows: Iterator[list[str]], reading: Reading, tick: Callable[[], None] = lambda: None
) -> Election:
    """Read a table, its header first if it has one; `tick` is called every so many rows.

    An empty row is no ballot; a row whose cells are empty is one that says nothing. Options are
    in the order of their names, where the table itself gives none.
    """
    head = list(islice(rows, SAMPLE))
    layout = columns.find(head, reading)
    grouped = _group(chain(head[layout.first :], rows), layout, tick)
    words = _Words(reading)
    match layout.cells:
        case Cells.NAMES:
            form, options, ballots = _names(grouped, words, reading)
        case Cells.MARKS:
            form, options, ballots = _marks(grouped, layout, words, reading)
        case Cells.NUMBERS:
            form, options, ballots = _numbers(grouped, layout, words, reading)
    return Election("", options, form, ballots, notes=(layout.note,))


def _group(rows: Iterable[list[str]], layout: Layout, tick: Callable[[], None]) -> Grouped:
    """Return how often the same cells stand in a row, by the cells of the layout's columns."""
    wanted = layout.columns if layout.count is None else (*layout.columns, layout.count)
    pick: Callable[[list[str]], tuple[str, ...]] = itemgetter(*wanted)
    if len(wanted) == 1:
        only = wanted[0]

        def pick(row: list[str]) -> tuple[str, ...]:
            return (row[only],)

    grouped: Grouped = Counter()
    known: dict[str, str] = {}
    line, rows = layout.first, iter(rows)
    while chunk := list(islice(rows, AT_ONCE)):
        even = {len(row) for row in chunk} == {layout.width}
        picked = Counter(map(pick, chunk if even else _evened(chunk, layout.width, line)))
        for cells in picked:
            if wrong := _wrong(cells, counted=layout.count is not None):
                at = next(n for n, row in enumerate(chunk) if wrong[0] in row)
                raise Unreadable(wrong[1], line + at + 1)
        for cells, times in picked.items():
            # One string for one name, however many ballots are kept.
            grouped[tuple([known.setdefault(cell, cell) for cell in cells])] += times
        line += len(chunk)
        tick()
    return grouped if layout.count is None else _weighed(grouped)


def _wrong(cells: tuple[str, ...], *, counted: bool) -> tuple[str, str] | None:
    """Return a cell that cannot be meant, and what is wrong with it."""
    for cell in cells:
        if "\n" in cell:
            return cell, "a quote that opens here is closed in another line"
    if counted and not TIMES.fullmatch(cells[-1].strip()):
        return cells[-1], f"“{cells[-1]}” is no whole number of ballots"
    return None


def _evened(chunk: list[list[str]], width: int, line: int) -> Iterator[list[str]]:
    """Yield rows of one width: shorter ones filled up, blank lines left out."""
    for number, row in enumerate(chunk, line + 1):
        if len(row) > width and any(cell.strip() for cell in row[width:]):
            raise Unreadable(
                f"{len(row)} cells where the header has {width}; a name with a comma in it"
                ' stands in "quotes"',
                number,
            )
        if len(row) > 1 or any(cell.strip() for cell in row):
            yield [*row[:width], *[""] * (width - len(row))]


def _weighed(grouped: Grouped) -> Grouped:
    """Return the groups times the last of their cells, the count."""
    weighed: Grouped = Counter()
    for (*cells, count), times in grouped.items():
        weighed[tuple(cells)] += times * int(count.strip().removesuffix(".0").replace(",", ""))
    return weighed


class _Words:
    """What cells mean that name nobody."""

    def __init__(self, reading: Reading) -> None:
        self.under = {*UNDERVOTES, *(word.strip().casefold() for word in reading.undervote)}
        self.over = {*OVERVOTES, *(word.strip().casefold() for word in reading.overvote)}
        self.between = reading.between
        #: Whom an empty cell names, where the law says that it is a name written in.
        self.empty = (NOBODY_DECLARED,) if "" in map(str.strip, reading.write_in) else ()

    def named(self, cell: str) -> tuple[str, ...] | None:
        """Return the names in a cell, none for a skipped rank; None for an overvote."""
        whole = " ".join(cell.split())
        if not whole:
            return self.empty
        if whole.casefold() in self.under:
            return ()
        parts = whole.split(self.between) if self.between else [whole]
        names = [part.strip() for part in parts]
        if any(name.casefold() in self.over for name in names):
            return None
        return tuple(name for name in names if name.casefold() not in self.under)


Found = tuple[Form, tuple[str, ...], dict[Ballot, int]]


def _names(grouped: Grouped, words: _Words, reading: Reading) -> Found:
    form = reading.choose(Form.RANKING)
    cells = {cell: words.named(cell) for cell in set(chain.from_iterable(grouped))}
    options = tuple(sorted({name for names in cells.values() for name in names or ()}))
    number = {name: option for option, name in enumerate(options)}
    slots = {
        cell: SPOILED if names is None else tuple(sorted({number[name] for name in names}))
        for cell, names in cells.items()
    }
    ballots: Counter[Ballot] = Counter()
    for row, times in grouped.items():
        ballots[_trimmed([slots[cell] for cell in row])] += times
    return form, options, dict(ballots)


def _marks(grouped: Grouped, layout: Layout, words: _Words, reading: Reading) -> Found:
    form = reading.choose(Form.RANKING)
    options = tuple(dict.fromkeys(layout.names))
    place = [
        (rank, options.index(name)) for rank, name in zip(layout.ranks, layout.names, strict=True)
    ]
    ballots: Counter[Ballot] = Counter()
    for row, times in grouped.items():
        # -1 is what Clear Ballot writes where nobody could tell; RCTab counts it for nothing.
        marked = [at for at, cell in zip(place, row, strict=True) if cell.strip() == "1"]
        ballots[_ranked(marked)] += times
    return form, options, dict(ballots)


def _numbers(grouped: Grouped, layout: Layout, words: _Words, reading: Reading) -> Found:
    form = reading.choose(Form.RANKING, Form.SCORES, Form.POINTS, Form.CHOICES)
    meant = [words.named(name) for name in layout.names]
    options = tuple(name for names in meant for name in names or ())
    number = {name: option for option, name in enumerate(options)}
    #: The option of each column: None for none, -1 for one of overvotes.
    of = [-1 if names is None else number[names[0]] if names else None for names in meant]
    ballots: Counter[Ballot] = Counter()
    for row, times in grouped.items():
        said = [(at, cell.strip()) for at, cell in zip(of, row, strict=True) if at is not None]
        ballots[_told(form, [(at, cell) for at, cell in said if cell])] += times
    return form, options, dict(ballots)


def _told(form: Form, said: Sequence[tuple[int, str]]) -> Ballot:
    """Return the ballot that says these cells of these options."""
    if form is Form.RANKING:
        ranks = [(int(rank), at) for at, cell in said for rank in re.findall(r"\d+", cell)]
        return _ranked([(rank - 1, at) for rank, at in ranks if rank > 0])
    if form is Form.CHOICES:
        ticked = [at for at, cell in said if cell.casefold() not in ("0", "no", "false")]
        return tuple(sorted(ticked))
    return tuple(sorted((at, int(cell)) for at, cell in said))


def _ranked(marked: Iterable[tuple[int, int]]) -> Ranking:
    """Return the ranking of marks, each a rank and an option, or -1 for an overvote."""
    slots: dict[int, set[int]] = {}
    for rank, option in marked:
        slots.setdefault(rank, set()).add(option)
    ranks = range(max(slots, default=-1) + 1)
    told = [slots.get(rank, set()) for rank in ranks]
    return _trimmed([SPOILED if -1 in slot else tuple(sorted(slot)) for slot in told])


def _trimmed(slots: list[tuple[int, ...]]) -> Ranking:
    """Return slots without the empty ones at the end."""
    while slots and not slots[-1]:
        slots.pop()
    return tuple(slots)
