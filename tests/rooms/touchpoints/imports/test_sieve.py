"""The rules at once and one by one are the same rules."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kfar.ground.errors import Refused
from kfar.lake.engines import engine
from kfar.rooms.touchpoints.imports import chunks, records
from kfar.rooms.touchpoints.imports.mapping import own
from kfar.rooms.touchpoints.imports.reshaping import reshape
from kfar.rooms.touchpoints.imports.sieve import sift
from kfar.rooms.touchpoints.rules import COLUMNS, Row, read_row

Said = list[tuple[int, Row | tuple[str, dict[str, object]]]]

ZONES = ("UTC", "Europe/Warsaw", "America/New_York", "Asia/Jerusalem", "Australia/Lord_Howe")


def one_by_one(raw: bytes, zone: str, name: str = "a.csv") -> Said:
    """Read a file as the rules say it: record by record."""
    file = io.BytesIO(raw)
    shape = records.shape(file, name)
    found: Said = []
    for number, said in records.read(file, shape):
        try:
            if isinstance(said, Refused):
                raise said
            cells = said if isinstance(said, list) else said.split(shape.separator)
            fields = dict(zip(shape.names, cells, strict=True))
            found.append((number, read_row(fields, zone=ZoneInfo(zone), currency="USD")))
        except Refused as refused:
            found.append((number, (refused.code, refused.params)))
    return found


def at_once(raw: bytes, zone: str, folder: Path, name: str = "a.csv") -> Said:
    """Read a file as an import does: chunk by chunk."""
    path = folder / name
    path.write_bytes(raw)
    found: Said = []
    with engine().session() as session, chunks.opened(path, session) as file:
        mapping = own(file.names)
        for chunk in file.chunks(mapping.named()):
            reshape(session, mapping, file.names, currency="USD")
            order = mapping.order_of(file.names)
            sifted = sift(session, order=order, zone=ZoneInfo(zone), currency="USD")
            for number, refused in [*chunk.refused, *sifted]:
                found.append((number, (refused.code, refused.params)))
            rows = session.rows("SELECT number, * EXCLUDE (number, good) FROM rows")
            found.extend((row[0], Row(*row[1:])) for row in rows)
    return sorted(found, key=lambda one: one[0])


# --- what people and programs write into files ---------------------------------------------------

ODD = "aZ09łš€İıſK@.,;:<>\"'-+/?# \t\r\n\x00\x0b\x1c\x1d\x1e\x1f\x7f\x85\xa0\u2028\u3000\ufeff"
DAYS = """2026-03-29 2026-10-25 2026-03-08 2026-11-01 2026-03-27 2026-04-05 1900-01-01 2200-12-31
    2026-02-30 0000-01-01 1899-12-31 2201-01-01 26-1-1 20260101"""
CLOCKS = """00:00 02:30 01:59:59.999999 02:00:00 03:00 24:00 23:59:60 1:00 10 1000 10:00:00.1
    10:00:00,5 10:00:00.1234567"""
AHEAD = "+02:00 z UTC +0200 +02 +24:00 +01:60 -00:00"
AMOUNTS = "NaN 1e3 1,000 1.000 5.99 5,99 -0 -0.00 0.001 -- 007 ٣ 999999999999 1234567890123 $5"
ADDRESSES = "ł@b.pl a@b İ@b.pl \u212a@b.pl a@b..pl"


def one_of(words: str, *more: str) -> st.SearchStrategy[str]:
    return st.sampled_from([*more, *words.split()])


def joined(*parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(*parts).map("".join)


odd = st.text(st.sampled_from(ODD), max_size=12)
days, odd_days = st.dates(date(1900, 1, 2), date(2200, 12, 30)).map(str), one_of(DAYS)
clocks, odd_clocks = st.times().map(str), one_of(CLOCKS)
amount = joined(one_of("-", "", ""), st.integers(0, 10**6).map(str), one_of(".0 ,50", ""))
odd_amount = joined(
    one_of("- -- +", "", "", " ", "- "),
    st.integers(0, 10**13).map(str) | one_of(AMOUNTS),
    one_of(". , .0 ,50 .999 .1234 .0000000", "", ""),
)
#: What a column mostly says, and what it says now and then, beside anything at all.
values = {
    "at": (
        joined(days | odd_days, one_of("T", " "), clocks, one_of("Z +02:00 -05:30", "")) | days,
        joined(days | odd_days, one_of("T t _", " "), clocks | odd_clocks, one_of(AHEAD, "")),
    ),
    "email": (one_of("a@b.pl Anna@Shop.PL", ""), one_of(ADDRESSES)),
    "channel": (one_of("web", " store "), one_of("web", "")),
    "kind": (one_of("visit purchase"), one_of("", " ")),
    "units": (st.integers(-999, 999).map(str), odd_amount),
    "paid": (amount, odd_amount),
    "discount": (one_of("0 0.50 5,5 100", ""), odd_amount),
    "measure": (amount, odd_amount),
    "currency": (one_of("usd JPY kwd PLN", ""), one_of("ſek € zloty")),
    "url": (one_of("https://a.pl/x?mail=a@b.pl /a#b", ""), one_of("?", "/a ?b")),
}
texts = (
    one_of("a ł חלב", " a b "),
    one_of("", "a" * 254, "a" * 255, "ł" * 254, "x" * 70_000),
)


def quoted(cell: str, separator: str, always: bool) -> str:
    if always or any(sign in cell for sign in f'{separator}"\r\n'):
        return '"' + cell.replace('"', '""') + '"'
    return cell


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """A file that may be almost good."""
    names = draw(st.lists(st.sampled_from(COLUMNS), unique=True, max_size=8))
    names += [name for name in ("customer", "at", "channel", "kind") if name not in names]
    separator = draw(st.sampled_from(",;\t"))
    end = draw(st.sampled_from(["\n", "\r\n"]))
    head = (separator.join(names) + end).encode()
    lines = []
    for _ in range(draw(st.integers(0, 5))):
        spoilt = draw(st.lists(st.sampled_from(names), max_size=2)) if draw(st.booleans()) else []
        row = []
        for name in names:
            good, less = values.get(name, texts)
            row.append(draw((less | odd) if name in spoilt else good))
        style = draw(st.sampled_from(["good"] * 8 + ["all"] * 3 + ["none", "wide", "narrow"]))
        if style == "wide":
            row = [*row, "more"]
        cells = row[:-1] if style == "narrow" else row
        if style != "none":
            cells = [quoted(cell, separator, style == "all") for cell in cells]
        lines.append(separator.join(cells))
    raw = end.join(lines).encode()
    for sign in draw(
        st.lists(st.sampled_from([b'"', b"\0", b"\xff", b"\n", b"\r", b","]), max_size=2)
    ):
        at = draw(st.integers(0, len(raw)))
        raw = raw[:at] + sign + raw[at:]
    return draw(st.sampled_from([b"", b"\xef\xbb\xbf"])) + head + raw


@given(files(), st.sampled_from(ZONES))
@example(b"customer,at,channel,kind\nc,2026-10-25 02:30,web,visit\n", "Europe/Warsaw")
@example(b"customer,at,channel,kind\nc,2026-03-29 02:30,web,visit\n", "Europe/Warsaw")
@example(b"email,at,channel,kind\n\xc4\xb0@b.pl,2026-03-29,web,visit\n", "UTC")
def test_rows_taken_at_once_are_those_taken_one_by_one(
    tmp_path_factory: pytest.TempPathFactory, raw: bytes, zone: str
) -> None:
    folder = tmp_path_factory.getbasetemp()
    assert at_once(raw, zone, folder) == one_by_one(raw, zone)
