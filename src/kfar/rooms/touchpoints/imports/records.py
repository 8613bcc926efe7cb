"""From a file's bytes to its records, one by one; whatever is broken is named and stepped over.

Memory stays the same however long the file, a line or a field is. A quote that never closes
would make a CSV reader swallow all that follows; here a record that does not come out right
costs its first line alone, and reading goes on with the next line.
"""

from __future__ import annotations

import csv
import json
from collections import deque
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from kfar.ground.errors import Refused
from kfar.rooms.touchpoints.rules import COLUMNS, check_columns

#: The longest record: bytes, and lines (a quoted field may hold line breaks).
MOST = 65_536
MOST_LINES = 100
#: Records that tell which columns an NDJSON file has.
SAMPLE = 1000

#: Objects in objects that have columns of their own.
DEEPEST = 5

JSON = {".ndjson", ".jsonl"}
#: A record by the number of its first line: a whole line whose fields the separator parts and
#: no quote binds, or its fields, or why it cannot be read.
Record = tuple[int, str | list[str] | Refused]
Line = tuple[int, bytes | None]


@dataclass(frozen=True)
class Shape:
    """What a file's records look like: the names of its columns, and what stands between them.

    `own` says that the columns are Kfar's own, so that no mapping is needed. NDJSON has no
    separator, and the columns its first `SAMPLE` records have; it is Kfar's own where the
    first of them is.
    """

    names: tuple[str, ...]
    separator: str
    own: bool


def is_json(name: str) -> bool:
    """Return whether a file of this name is NDJSON."""
    return Path(name).suffix.lower() in JSON


def shape(file: BinaryIO, name: str) -> Shape:
    """Read the shape of a CSV file, or of NDJSON where the name ends so; go back to its start.

    CSV is UTF-8, its first line the columns, separated by comma, semicolon or tab.
    Raises `Refused` where the file as a whole cannot be read: empty, not UTF-8, a column twice.
    """
    lines = _lines(file)
    seen = _keys(lines) if is_json(name) else _head(lines)
    file.seek(0)
    return seen


def read(file: BinaryIO, seen: Shape) -> Iterator[Record]:
    """Yield the records of a file whose shape has been read, from its start.

    Fields come in the order of `seen.names`.
    """
    lines = _lines(file)
    if seen.separator:
        next(lines, None)
        yield from _csv(lines, seen.separator, len(seen.names))
    else:
        yield from _json(lines, seen)


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


def _keys(lines: Iterator[Line]) -> Shape:
    names: dict[str, None] = {}
    for _, said in islice(_objects(lines), SAMPLE):
        if not isinstance(said, Refused):
            if not names and own(_plain(said) or {}):
                return Shape(COLUMNS, "", own=True)
            names.update(dict.fromkeys(_flat(said) or {}))
    if not names:
        return Shape(COLUMNS, "", own=True)
    if len({name.lower() for name in names}) < len(names):
        raise Refused("touchpoints.doubled_columns")
    return Shape(tuple(names), "", own=False)


def _json(lines: Iterator[Line], seen: Shape) -> Iterator[Record]:
    known = frozenset(seen.names)
    for number, said in _objects(lines):
        if isinstance(said, Refused):
            yield number, said
            continue
        fields = _plain(said) if seen.own else _flat(said)
        try:
            if fields is None:
                raise Refused("touchpoints.bad_json")
            if seen.own:
                check_columns(fields)
            elif not known.issuperset(fields):
                unknown = ", ".join(name for name in fields if name not in known)[:200]
                raise Refused("touchpoints.unmapped_columns", columns=unknown)
            yield number, [fields.get(name, "") for name in seen.names]
        except Refused as refused:
            yield number, refused


def _objects(lines: Iterator[Line]) -> Iterator[tuple[int, dict[str, Any] | Refused]]:
    empty = True
    for number, line in lines:
        if empty and line is not None and b"\x00" in line:
            raise Refused("touchpoints.not_utf8")
        text = _text(line)
        if isinstance(text, str) and not text.strip():
            continue
        empty = False
        yield number, text if isinstance(text, Refused) else _object(text)
    if empty:
        raise Refused("touchpoints.empty_file")


def _object(text: str) -> dict[str, Any] | Refused:
    with suppress(ValueError, RecursionError):
        said = json.loads(text, parse_float=str, parse_int=str, parse_constant=str)
        if "\\u" in text:
            json.dumps(said, ensure_ascii=False).encode()  # half of a character stands for nothing
        if isinstance(said, dict):
            return said
    return Refused("touchpoints.bad_json")


def _plain(said: Mapping[str, Any]) -> dict[str, str] | None:
    """Return an object's texts and numbers by column; None where it holds anything else."""
    fields = {name.strip().lower(): "" if v is None else v for name, v in said.items()}
    return fields if all(isinstance(value, str) for value in fields.values()) else None


def _flat(said: Mapping[str, Any], outer: str = "") -> dict[str, str]:
    """Return an object as texts by column; what lies in another object as "outer.inner"."""
    fields: dict[str, str] = {}
    for key, value in said.items():
        name = outer + key.strip()
        if isinstance(value, dict) and outer.count(".") < DEEPEST:
            fields.update(_flat(value, f"{name}."))
        elif value is None or isinstance(value, str):
            fields[name] = value or ""
        else:
            fields[name] = json.dumps(value, ensure_ascii=False)
    return fields


def own(names: Collection[str]) -> bool:
    """Return whether columns are Kfar's own, and enough."""
    with suppress(Refused):
        check_columns(names)
        return True
    return False


def _head(lines: Iterator[Line]) -> Shape:
    _, first = next(lines, (0, b""))
    if first is not None and not first.strip():
        raise Refused("touchpoints.empty_file")
    head = _text(first)
    if first is None and isinstance(head, Refused):
        raise head
    if isinstance(head, Refused) or "\x00" in head:
        raise Refused("touchpoints.not_utf8")
    separator = max(",;\t", key=head.count)
    parts = head.rstrip("\r\n").split(separator)
    if '"' in head:
        with suppress(csv.Error):
            parts = next(csv.reader((head,), delimiter=separator, strict=True))
    names = tuple(part.strip().strip('"') for part in parts)
    lower = [name.lower() for name in names]
    if len(set(lower)) < len(lower):
        raise Refused("touchpoints.doubled_columns")
    kfars = own(lower)
    return Shape(tuple(lower) if kfars else names, separator, kfars)


def _csv(lines: Iterator[Line], separator: str, width: int) -> Iterator[Record]:
    waiting: deque[Line] = deque()
    while (here := waiting.popleft() if waiting else next(lines, None)) is not None:
        number, text = here[0], _text(here[1])
        if isinstance(text, Refused):
            yield number, text
            continue
        if not text.strip():
            continue
        said: str | list[str] | Refused
        if '"' in text:
            said = _quoted((number, text), lines, waiting, separator, width)
            found = 0 if isinstance(said, Refused) else len(said)
        else:
            said = text.rstrip("\r\n")
            found = said.count(separator) + 1
        if found and found != width:
            said = Refused("touchpoints.wrong_width", found=found, expected=width)
        yield number, said


def _quoted(
    first: tuple[int, str], lines: Iterator[Line], waiting: deque[Line], separator: str, width: int
) -> list[str] | Refused:
    """Read a record with quotes, over several lines where need be; give back those not used."""
    with suppress(csv.Error):
        return next(csv.reader((first[1],), delimiter=separator, strict=True))
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
        cells = next(csv.reader(feed(), delimiter=separator, strict=True))
    if cells is None or (further and len(cells) != width):
        waiting.extendleft(reversed(further))
        return Refused("touchpoints.broken_quotes")
    return cells
