"""What the columns of a table of ballots say, by clear rules.

In this order:

1. `--ranks FROM:TO` names the columns, or numbers them from 1.
2. Clear Ballot's export: one column for each candidate at each rank.
3. Columns whose names number a rank: "rank1", "Rank 2", "3rd choice", "Mayor Choice 1 of 5", "1".
4. Columns named after candidates, where the cells are numbers: ranks, scores or ticks.
5. All columns behind those that say which ballot it is: "Cast Vote Record", "Precinct" and such.
6. No header at all: all columns are ranks, where the names in the first line come again below.

A column named "count", "weight" or the like says how often a ballot was cast.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from kfar.ground.ballots import Form
from kfar.rooms.decisions.elections.election import Reading, Unreadable

Row = Sequence[str]

WORD = r"(?:rank(?:ing)?|choice|pref(?:erence)?)"
ORDINALS = [
    *("first", "second", "third", "fourth", "fifth"),
    *("sixth", "seventh", "eighth", "ninth", "tenth"),
]
NTH = r"(\d{1,2})\s?(?:st|nd|rd|th)"
#: Names that number a rank; the group is the number.
RANKED = [
    re.compile(rf"(?:{WORD}|r|v|vote|position|candidate|column)?[\s_.#-]*(\d{{1,2}})$"),
    re.compile(rf"{NTH}$"),
    re.compile(rf".*?\b{NTH}[\s_-]*{WORD}\b.*"),
    re.compile(rf".*?\b{WORD}[\s_.#:-]*(\d{{1,2}})(?!\d).*"),
    re.compile(rf".*?\b({'|'.join(ORDINALS)})[\s_-]*{WORD}\b.*"),
    re.compile(rf"({'|'.join(ORDINALS)})$"),
]
#: Names of a column that says how often a ballot was cast.
COUNTS = re.compile(
    r"(?:n|num|number|wt)"
    r"|(?:(?:n|#|no\.?|num|number|total)\s*(?:of\s+)?)?"
    r"(?:(?:vote|ballot|voter)\s+)?(?:counts?|weights?|times|freq(?:uency)?|multiplicity)"
    r"|(?:(?:n|#|no\.?|num|number|total)\s*(?:of\s+)?)?(?:ballots|votes|voters)"
)
ALONE = frozenset({"vote", "choice", "candidate", "answer", "selection"})
#: Columns that say which ballot it is, and nothing of what is on it.
WHICH = frozenset(
    {
        *("cast vote record", "cvr", "cvr number", "precinct", "precinct id", "ballot style"),
        *("ballot", "ballot id", "id", "voter", "voter id", "ward", "district", "county", "batch"),
        *("timestamp", "tabulator", "machine", "contest", "party", "ballot type", "name", ""),
    }
)
CLEAR_BALLOT = re.compile(r"Choice_\d+_\d+:(.*):(\d+):[^:]*:([^:]*):[^:]*$")
#: A column of a candidate, as some exports name it: "candidate_Lee", "Whom do you want? [Lee]".
CANDIDATE = re.compile(r"(?:candidate[_:]\s*(.+)|[^\[]*\[(.+)\]$)", re.IGNORECASE)
#: A rank or several in a cell, as a number or "1st".
NUMBERS = re.compile(r"\s*(?:\d{1,3}(?:st|nd|rd|th)?(?:\s*[,;]\s*\d{1,3})*)?\s*$", re.IGNORECASE)
#: What else differs from one rank's column to the next: the rest of "1st", a number of its own.
NUMBERED = re.compile(r"\s*\(\d+\)|(?:(?<=\s)|^)(?:st|nd|rd|th)\b")
BARE = re.compile(r"\d+(?:st|nd|rd|th)?$")
TICKS = frozenset({"", "0", "1", "x", "yes", "no", "true", "false"})
#: Rows a header is looked for in, from the first, and the most ranks a ballot may have.
TOP, MOST_RANKS = 12, 60


class Cells(Enum):
    """What the cells hold: names at ranks, numbers under names, or marks at names and ranks."""

    NAMES = "names"
    NUMBERS = "numbers"
    MARKS = "marks"


@dataclass(frozen=True)
class Layout:
    """Which columns say something, and what.

    `first` is the row the ballots begin at, `width` how many columns there are. `names` and
    `ranks` (from 0) belong to the columns, where the cells themselves do not say them.
    """

    cells: Cells
    columns: tuple[int, ...]
    first: int
    width: int
    count: int | None = None
    names: tuple[str, ...] = ()
    ranks: tuple[int, ...] = ()
    note: str = ""


def find(rows: Sequence[Row], reading: Reading) -> Layout:
    """Return what the columns of a table say, of which `rows` are the first."""
    top = next((n for n, row in enumerate(rows) if any(cell.strip() for cell in row)), None)
    if top is None:
        raise Unreadable("it is empty")
    if reading.ranks is not None:
        return _told(rows, top, reading.ranks)
    ranked = Form.RANKING in reading.forms
    for at in range(top, min(top + TOP, len(rows))):
        header = [_plain(cell) for cell in rows[at]]
        found = _clear_ballot(rows[at], at) or _named(header, at, lower=at > top)
        if found is not None:
            reading.choose(Form.RANKING)
            return found
    found = _numbered(rows, top, ranked)
    if found is None and ranked:
        found = _behind(rows, top) or _bare(rows, top)
    if found is None:
        raise Unreadable(
            "its columns do not tell which are ranks; say so with --ranks FROM:TO, by name or"
            " by number from 1",
            top + 1,
        )
    return found


def _plain(cell: str) -> str:
    return " ".join(cell.replace("_", " ").casefold().split())


def _count(header: Sequence[str], taken: Sequence[int]) -> int | None:
    return next(
        (n for n, name in enumerate(header) if COUNTS.fullmatch(name) and n not in taken), None
    )


def _told(rows: Sequence[Row], top: int, told: str) -> Layout:
    """Return the columns that `--ranks FROM:TO` names."""
    header = [_plain(cell) for cell in rows[top]]
    ends = [_plain(end) for end in (told.split(":") if told.count(":") == 1 else (told, told))]
    by_name = all(end in header for end in ends)
    if by_name:
        low, high = (header.index(end) for end in ends)
    elif all(end.isdigit() for end in ends):
        low, high = (int(end) - 1 for end in ends)
    else:
        raise Unreadable(f"no columns {told}; there are: {', '.join(rows[top])}", top + 1)
    if not 0 <= low <= high < len(header):
        raise Unreadable(f"--ranks {told}: there are columns 1 to {len(header)}", top + 1)
    columns = tuple(range(low, high + 1))
    count = _count(header, columns)
    headed = by_name or count is not None or any(_rank(header[n]) for n in columns)
    headed = headed or not _again(rows, top, columns, any)
    note = f"Ranks: columns {low + 1} to {high + 1}, as told."
    return Layout(Cells.NAMES, columns, top + headed, len(header), count, note=note)


def _rank(name: str) -> tuple[int, str] | None:
    """Return the rank a column's name numbers, and the name without it."""
    for pattern in RANKED:
        if found := pattern.match(name):
            text = found[1]
            number = ORDINALS.index(text) + 1 if text in ORDINALS else int(text)
            return number, NUMBERED.sub("", name[: found.start(1)] + name[found.end(1) :])
    return None


def _named(header: Sequence[str], at: int, *, lower: bool) -> Layout | None:
    """Return the columns whose names number ranks; two contests are not counted as one.

    A plain number, or "1st", names a rank in the first row alone, and not alone in it.
    """
    contests: dict[str, dict[int, int]] = {}
    bare = sum(BARE.match(name) is not None for name in header) > 1 and not lower
    for column, name in enumerate(header):
        if (found := _rank(name)) and (bare or not BARE.match(name)):
            number, stem = found
            contest = contests.setdefault(stem, {})
            if number in contest:
                raise Unreadable(f"two columns are called “{name}”; say which with --ranks", at + 1)
            contest[number] = column
    whole = {
        stem: [columns[n] for n in sorted(columns)]
        for stem, columns in contests.items()
        if sorted(columns) in (list(range(len(columns))), list(range(1, len(columns) + 1)))
    }
    longer = {stem: columns for stem, columns in whole.items() if len(columns) > 1} or whole
    if not longer and len(alone := [n for n, name in enumerate(header) if name in ALONE]) == 1:
        longer = {"": alone}
    if len(longer) > 1:
        first = ", ".join(f"{min(columns) + 1}:{max(columns) + 1}" for columns in longer.values())
        raise Unreadable(f"several contests stand in it; say which with --ranks {first}", at + 1)
    if not longer:
        return None
    columns = tuple(next(iter(longer.values())))
    names = ", ".join(header[column] for column in columns)
    count = _count(header, columns)
    note = f"Ranks: {names}." + ("" if count is None else f" Counts: {header[count]}.")
    return Layout(Cells.NAMES, columns, at + 1, len(header), count, note=note)


def _clear_ballot(header: Row, at: int) -> Layout | None:
    found = {n: match for n, cell in enumerate(header) if (match := CLEAR_BALLOT.match(cell))}
    if not found:
        return None
    contests = sorted({match[1] for match in found.values()})
    if len(contests) > 1:
        raise Unreadable(f"several contests stand in it: {', '.join(contests)}", at + 1)
    return Layout(
        Cells.MARKS,
        tuple(found),
        at + 1,
        len(header),
        names=tuple(match[3].strip() for match in found.values()),
        ranks=tuple(int(match[2]) - 1 for match in found.values()),
        note=f"Clear Ballot's record of {contests[0]}.",
    )


def _numbered(rows: Sequence[Row], top: int, ranked: bool) -> Layout | None:
    """Return the columns of candidates, whose cells are ranks, or else scores or ticks."""
    header, below = rows[top], [row for row in rows[top + 1 :] if any(row)]
    count = _count([_plain(cell) for cell in header], ())
    called = [n for n, cell in enumerate(header) if CANDIDATE.match(cell.strip())]
    columns = called or [n for n, cell in enumerate(header) if n != count and cell.strip()]

    def fits(column: int) -> bool:
        cells = [row[column] if column < len(row) else "" for row in below]
        if header[column].strip().isdigit() or not any(cell.strip() for cell in cells):
            return bool(called)
        if ranked:
            numbers = [int(part) for cell in cells for part in re.findall(r"\d+", cell)]
            return all(map(NUMBERS.match, cells)) and max(numbers) <= len(header)
        ticks = all(cell.strip().casefold() in TICKS for cell in cells)
        return ticks or all(re.match(r"\s*\d{0,3}\s*$", cell) for cell in cells)

    columns = [column for column in columns if fits(column)]
    if len(columns) < 2 or not below:
        return None
    named = (CANDIDATE.match(header[n].strip()) for n in columns)
    names = tuple(
        (match[1] or match[2]) if match else header[n].strip()
        for match, n in zip(named, columns, strict=True)
    )
    note = f"Candidates: {len(names)} columns, whose cells are numbers."
    return Layout(Cells.NUMBERS, tuple(columns), top + 1, len(header), count, names, note=note)


def _behind(rows: Sequence[Row], top: int) -> Layout | None:
    header = [_plain(cell) for cell in rows[top]]
    count = _count(header, ())
    which = [n for n, name in enumerate(header) if name in WHICH]
    columns = tuple(n for n in range(len(header)) if n not in which and n != count)
    if not any(header[n] for n in which) or not columns or len(columns) > MOST_RANKS:
        return None
    below = rows[top + 1 :]
    names = [{row[n].strip() for row in below if n < len(row)} - {""} for n in columns]
    if columns[0] < max(which) or any(some and not some & names[0] for some in names):
        return None  # ranks name the same people; other columns are of other contests
    note = f"Ranks: all columns behind {rows[top][max(which)]}."
    return Layout(Cells.NAMES, columns, top + 1, len(header), count, note=note)


def _bare(rows: Sequence[Row], top: int) -> Layout | None:
    columns = tuple(range(len(rows[top])))
    if not _again(rows, top, columns, all):
        return None
    note = "Ranks: all columns; there is no header."
    return Layout(Cells.NAMES, columns, top, len(columns), note=note)


def _again(
    rows: Sequence[Row], top: int, columns: Sequence[int], how: Callable[[Iterable[bool]], bool]
) -> bool:
    """Return whether any or all that the first row says comes again below, as no header's does."""
    first = {rows[top][n].strip() for n in columns} - {""}
    below = {row[n].strip() for row in rows[top + 1 :] for n in columns if n < len(row)}
    return bool(first) and how(name in below for name in first)
