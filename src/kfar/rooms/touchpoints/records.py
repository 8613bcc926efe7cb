"""From a file's bytes to its records, one by one; whatever is broken is named and stepped over.

Memory stays the same however long the file, a line or a field is. A quote that never closes
would make a CSV reader swallow all that follows; here a record that does not come out right
costs its first line alone, and reading goes on with the next line.
"""

from __future__ import annotations

import csv
import json
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from kfar.ground.errors import Refused
from kfar.rooms.touchpoints.rules import check_columns

#: The longest record: bytes, and lines (a quoted field may hold line breaks).
MOST = 65_536
MOST_LINES = 100

JSON = {".ndjson", ".jsonl"}
#: A record by the number of its first line: what it says by column, or why it cannot be read.
Record = tuple[int, dict[str, str] | Refused]
Line = tuple[int, bytes | None]


def read(file: BinaryIO, name: str) -> Iterator[Record]:
    """Yield the records of a CSV file, or of NDJSON where the name ends so.

    CSV is UTF-8, its first line the columns, separated by comma, semicolon or tab.
    Raises `Refused` where the file as a whole cannot be read: empty, not UTF-8, columns that
    are unknown, doubled or missing.
    """
    lines = _lines(file)
    if Path(name).suffix.lower() in JSON:
        yield from _json(lines)
    else:
        yield from _csv(lines)


def _lines(file: BinaryIO) -> Iterator[Line]:
    """Yield lines with their numbers; None for one that is too long."""
    number = 0
    while line := file.readline(MOST + 1):
        number += 1
        if len(line) > MOST:
            while not line.endswith(b"\n") and (line := file.readline(MOST)):
                pass
            yield number, None
        else:
            yield number, line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line


def _text(line: bytes | None) -> str | Refused:
    if line is None:
        return Refused("touchpoints.line_too_long", most=MOST)
    try:
        return line.decode()
    except UnicodeDecodeError:
        return Refused("touchpoints.line_not_utf8")


def _json(lines: Iterator[Line]) -> Iterator[Record]:
    empty = True
    for number, line in lines:
        if empty and line is not None and b"\x00" in line:
            raise Refused("touchpoints.not_utf8")
        text = _text(line)
        if isinstance(text, str) and not text.strip():
            continue
        empty = False
        yield number, text if isinstance(text, Refused) else _fields(text)
    if empty:
        raise Refused("touchpoints.empty_file")


def _fields(text: str) -> dict[str, str] | Refused:
    try:
        said = json.loads(text, parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError):
        return Refused("touchpoints.bad_json")
    if not isinstance(said, dict):
        return Refused("touchpoints.bad_json")
    fields = {name.strip().lower(): "" if v is None else v for name, v in said.items()}
    if not all(isinstance(value, str) for value in fields.values()):
        return Refused("touchpoints.bad_json")
    try:
        check_columns(fields)
    except Refused as refused:
        return refused
    return fields


def _csv(lines: Iterator[Line]) -> Iterator[Record]:
    waiting: deque[Line] = deque()
    _, first = next(lines, (0, b""))
    if first is not None and not first.strip():
        raise Refused("touchpoints.empty_file")
    head = _text(first)
    if first is None and isinstance(head, Refused):
        raise head
    if isinstance(head, Refused) or "\x00" in head:
        raise Refused("touchpoints.not_utf8")
    mark = max(",;\t", key=head.count)
    names = [name.strip().strip('"').lower() for name in head.rstrip("\r\n").split(mark)]
    check_columns(names)
    while (here := waiting.popleft() if waiting else next(lines, None)) is not None:
        number, text = here[0], _text(here[1])
        if isinstance(text, Refused):
            yield number, text
            continue
        if not text.strip():
            continue
        cells: list[str] | Refused
        if '"' in text:
            cells = _quoted((number, text), lines, waiting, mark, len(names))
        else:
            cells = text.rstrip("\r\n").split(mark)
        if isinstance(cells, Refused):
            yield number, cells
        elif len(cells) != len(names):
            yield number, Refused("touchpoints.wrong_width", found=len(cells), expected=len(names))
        else:
            yield number, dict(zip(names, cells, strict=True))


def _quoted(
    first: tuple[int, str], lines: Iterator[Line], waiting: deque[Line], mark: str, width: int
) -> list[str] | Refused:
    """Read a record with quotes, over several lines where need be; give back those not used."""
    further: list[Line] = []

    def feed() -> Iterator[str]:
        size = len(first[1])
        yield first[1]
        while len(further) < MOST_LINES and size <= MOST:
            line = waiting.popleft() if waiting else next(lines, None)
            if line is None:
                return
            further.append(line)
            text = _text(line[1])
            if isinstance(text, Refused):
                return
            size += len(text)
            yield text

    cells: list[str] | None = None
    with suppress(csv.Error):
        cells = next(csv.reader(feed(), delimiter=mark, strict=True))
    if cells is None or (further and len(cells) != width):
        waiting.extendleft(reversed(further))
        return Refused("touchpoints.broken_quotes")
    return cells
