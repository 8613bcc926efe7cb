"""What a department is called, which tables of people and departments are understood."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from kfar.ground.errors import Refused
from kfar.ground.text import LANGUAGES
from kfar.rooms.village.rules import PARTS

#: The largest table that is read: characters, and lines below the first.
LARGEST, MOST = 5_000_000, 20_000
#: The longest name of a department or a person, and the longest purpose.
LONGEST_NAME, LONGEST_PURPOSE = 120, 300
#: How deep departments may stand in one another.
DEEPEST = 10

CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,49}")
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")

T = TypeVar("T")


@dataclass(frozen=True)
class Line:
    """One employee of a table."""

    line: int
    email: str
    name: str
    role: str
    departments: tuple[str, ...]


@dataclass(frozen=True)
class Row:
    """One department of a table."""

    line: int
    code: str
    name: dict[str, str]
    parent: str | None


@dataclass(frozen=True)
class Wrong:
    """What is wrong with a line; `line` counts from 1, the names of the columns."""

    line: int
    why: Refused


def check_code(code: str) -> str:
    """Return a department's code; refuse `village.bad_department`."""
    if not CODE.fullmatch(code):
        raise Refused("village.bad_department", department=code[:60])
    return code


def check_name(name: Mapping[str, str]) -> dict[str, str]:
    """Return a name by language, on one line; refuse `village.no_name`, `village.long_name`."""
    said = {language: " ".join(name.get(language, "").split()) for language in LANGUAGES}
    said = {language: text.replace("\x00", "") for language, text in said.items() if text}
    if not said:
        raise Refused("village.no_name")
    if max(map(len, said.values())) > LONGEST_NAME:
        raise Refused("village.long_name", most=LONGEST_NAME)
    return said


def check_purposes(sees: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """Return what is seen and what for, by language.

    Refuses `village.no_such_part`, and `village.no_purpose`: what has none is not to be seen.
    """
    found = {}
    for part, purpose in sees.items():
        if part not in PARTS:
            raise Refused("village.no_such_part", part=part[:60], parts=", ".join(PARTS))
        said = {language: " ".join(purpose.get(language, "").split()) for language in LANGUAGES}
        said = {language: text for language, text in said.items() if text}
        if not said:
            raise Refused("village.no_purpose", part=part)
        if max(map(len, said.values())) > LONGEST_PURPOSE:
            raise Refused("village.long_purpose", most=LONGEST_PURPOSE)
        found[part] = said
    return found


def check_parent(code: str, parents: Mapping[str, str | None]) -> None:
    """Refuse a department that stands in one that is not there, in itself or too deep.

    Raises `Refused`: `village.no_such_department`, `village.departments_in_a_ring`.
    """
    above, seen = parents.get(code), [code]
    while above is not None:
        if above not in parents:
            raise Refused("village.no_such_department", department=above[:60])
        if above in seen or len(seen) >= DEEPEST:
            raise Refused("village.departments_in_a_ring", department=code)
        seen.append(above)
        above = parents[above]


def read_people(text: str) -> tuple[list[Line], list[Wrong]]:
    """Return the employees of a table, and what is wrong with which lines.

    Columns are email, name, role and, where wanted, departments: codes with ";" between.
    Refuses with `village.bad_table`, `village.columns_missing`, `village.table_too_large`.
    """
    before: dict[str, int] = {}

    def read(line: int, cells: Mapping[str, str]) -> Line:
        email = cells["email"].lower()
        if not ADDRESS.fullmatch(email) or len(email) > 254:
            raise Refused("village.not_an_address", email=cells["email"][:60])
        if email in before:
            raise Refused("village.twice_in_table", what=email, line=before[email])
        before[email] = line
        name = " ".join(cells["name"].replace("\x00", "").split())
        if not name:
            raise Refused("village.no_name")
        if len(name) > LONGEST_NAME:
            raise Refused("village.long_name", most=LONGEST_NAME)
        codes = [code.strip() for code in cells.get("departments", "").split(";")]
        departments = tuple(check_code(code) for code in dict.fromkeys(codes) if code)
        return Line(line, email, name, cells["role"], departments)

    return _read(text, ("email", "name", "role"), read)


def read_departments(text: str) -> tuple[list[Row], list[Wrong]]:
    """Return the departments of a table, and what is wrong with which lines.

    Columns are code, a name a language (en, he, pl; one is enough) and, where wanted, parent.
    Refuses as `read_people` does.
    """
    before: dict[str, int] = {}

    def read(line: int, cells: Mapping[str, str]) -> Row:
        code = check_code(cells["code"])
        if code in before:
            raise Refused("village.twice_in_table", what=code, line=before[code])
        before[code] = line
        return Row(line, code, check_name(cells), cells.get("parent") or None)

    return _read(text, ("code",), read)


def _read(
    text: str, needed: tuple[str, ...], read: Callable[[int, Mapping[str, str]], T]
) -> tuple[list[T], list[Wrong]]:
    found: list[T] = []
    wrong: list[Wrong] = []
    for line, cells in _cells(text, needed):
        try:
            found.append(read(line, cells))
        except Refused as refused:
            wrong.append(Wrong(line, refused))
    return found, wrong


def _cells(text: str, needed: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the lines of a table, by the names of its columns; empty ones are left out."""
    if len(text) > LARGEST:
        raise Refused("village.table_too_large", most=MOST)
    text = text.removeprefix("\ufeff")
    first = text.partition("\n")[0]
    # Spreadsheets write ";" where a comma is the decimal point.
    between = ";" if first.count(";") > first.count(",") else ","
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=between, strict=True)
    try:
        names = [name.strip().lower() for name in next(rows, [])]
        if missing := [name for name in needed if name not in names]:
            raise Refused("village.columns_missing", columns=", ".join(missing))
        for count, row in enumerate(rows):
            if count >= MOST:
                raise Refused("village.table_too_large", most=MOST)
            said = [cell.strip() for cell in row]
            if any(said):
                cells = dict(zip(names, said, strict=False))
                yield rows.line_num, dict.fromkeys(names, "") | cells
    except csv.Error:
        raise Refused("village.bad_table", line=rows.line_num) from None
