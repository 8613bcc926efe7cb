"""Any file of an election, read by what it holds."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO, TextIO

from kfar.rooms.decisions.elections import (
    abif,
    blt,
    pabulib,
    preflib,
    scottish,
    spreadsheets,
    standing,
    tables,
    votekit,
)
from kfar.rooms.decisions.elections.election import Election, Reading, Unreadable

#: A line of text with its number, from 1.
Lines = Iterator[tuple[int, str]]

TEXTS: dict[str, Callable[[Lines, Reading], Election]] = {
    "abif": abif.read,
    "blt": blt.read,
    "pabulib": pabulib.read,
    "preflib": preflib.read,
    "scottish": scottish.read,
    "votekit": votekit.read,
}
FORMATS = ("csv", "xlsx", *TEXTS)

#: What the end of a name says of the format.
ENDINGS = {
    **dict.fromkeys((".soc", ".soi", ".toc", ".toi", ".cat"), "preflib"),
    **dict.fromkeys((".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"), "xlsx"),
    ".abif": "abif",
    ".blt": "blt",
    ".pb": "pabulib",
}
#: What the first lines of a file say of it, in this order.
SIGNS = [
    ("pabulib", re.compile(r"\s*META\s*[\r\n]")),
    ("votekit", re.compile(r"VoteKit ")),
    ("preflib", re.compile(r"\s*# (?:FILE NAME|TITLE|DATA TYPE|NUMBER ALTERNATIVES|ALTERNATIVE )")),
    ("preflib", re.compile(r"\s*(\d+)[ \t]*\r?\n\s*1[ \t]*,[^\r\n]*\r?\n\s*2[ \t]*,")),
    ("scottish", re.compile(r"\s*\d+,\s*\d+,*[ \t]*\r?\n\s*\d+,\s*\d+(?:,\s*\d+)*,*[ \t]*\r?\n")),
    ("blt", re.compile(r"\s*\d+[ \t]+\d+[ \t]*\r?\n\s*(?:-\d|\(?\d+[^,:\n]*[ \t]0[ \t]*\r?\n)")),
    ("abif", re.compile(r"(?:\s*(?:#[^\n]*|\{[^\n]*\}|=[^\n,]*:\s*\[[^\n]*)?\n)*\s*\d+\s*:[^\n]*")),
]
#: Characters looked at for a sign, and bytes decoded at a time.
HEAD, AT_ONCE = 65_536, 1 << 20
#: Lines after which progress is told.
EVERY = 20_000


def read(path: Path, reading: Reading, *, format: str | None = None) -> Election:  # noqa: A002
    """Read the election in a file, in `format` (one of `FORMATS`) or the one it is seen to be in.

    Text may be UTF-8, with or without a byte order mark, UTF-16 with one, or Windows-1252, with
    any line ends. Raises `Unreadable`, with the file's name, where it is no election that can be
    counted in one of the forms wanted.
    """
    try:
        election = standing.settle(_read(path, reading, format), reading)
        if not election.ballots:
            raise Unreadable("no ballot stands in it")
        if not election.options:
            raise Unreadable("its ballots name nobody")
    except Unreadable as error:
        raise Unreadable(f"{path.name}, {error}") from None
    return election if election.title else replace(election, title=path.stem)


def _read(path: Path, reading: Reading, format: str | None) -> Election:  # noqa: A002
    with path.open("rb") as raw:
        start = raw.read(4)
    if format is None and (start in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        format = "xlsx"  # noqa: A001
    format = format or ENDINGS.get(path.suffix.lower())  # noqa: A001
    if format == "xlsx":
        return spreadsheets.read(path, reading)
    encoding = _encoding(path)
    with path.open("rb") as raw, _text(raw, encoding) as text:

        def tick() -> None:
            reading.progress(raw.tell())

        head = text.read(HEAD)
        text.seek(0)
        if "\0" in head:
            raise Unreadable("this is no text; say with --format what it is")
        kind = format or next((kind for kind, sign in SIGNS if sign.match(head)), "csv")
        if kind in TEXTS:
            return TEXTS[kind](_numbered(text, tick), reading)
        rows = csv.reader(text, delimiter=_separator(head))
        try:
            return tables.read(rows, reading, tick)
        except csv.Error as error:
            raise Unreadable(str(error), rows.line_num) from None


def _text(raw: BinaryIO, encoding: str) -> TextIOWrapper:
    return TextIOWrapper(raw, encoding=encoding, errors="replace", newline="")


def _encoding(path: Path) -> str:
    """Return the encoding that all of a file is in."""
    with path.open("rb") as raw:
        start = raw.read(2)
        if start in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return "utf-16"
        raw.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while part := raw.read(AT_ONCE):
                decoder.decode(part)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8-sig"


def _numbered(text: TextIO, tick: Callable[[], None]) -> Lines:
    for number, line in enumerate(text, 1):
        if number % EVERY == 0:
            tick()
        yield number, line.rstrip("\r\n")


def _separator(head: str) -> str:
    """Return what parts the cells of a table: what the first line that says anything has most."""
    first = next((line for line in head.splitlines() if line.strip()), "")
    return max(",;\t|", key=first.count)
