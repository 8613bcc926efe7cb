"""From bytes to records: what is broken costs its own line, and nothing else is lost."""

from __future__ import annotations

import csv
import io
import tracemalloc
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfar.ground.errors import Refused
from kfar.rooms.touchpoints.imports import records
from kfar.rooms.touchpoints.rules import COLUMNS

HEAD = "customer,at,channel,kind\n"


def read(text: str | bytes, name: str = "a.csv") -> list[tuple[int, object]]:
    """Read a file; a refusal as its code, a record as its values."""
    file = io.BytesIO(text.encode() if isinstance(text, str) else text)
    shape = records.shape(file, name)
    return [(number, values(said, shape)) for number, said in records.read(file, shape)]


def values(said: str | list[str] | Refused, shape: records.Shape) -> object:
    if isinstance(said, Refused):
        return said.code
    return said.split(shape.separator) if isinstance(said, str) else said


def test_rows_with_their_lines() -> None:
    assert read(HEAD + "a,b,c,d\r\n\n e ,f,g,h") == [
        (2, ["a", "b", "c", "d"]),
        (4, [" e ", "f", "g", "h"]),
    ]


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_fields_may_be_quoted_and_hold_marks_quotes_and_line_breaks(mark: str) -> None:
    head = HEAD.replace(",", mark)
    assert read(
        head + mark.join(['"a\n\nb"', f'"c{mark}d"', '"e""f"', "g"]) + "\nx" + mark * 3
    ) == [
        (2, ["a\n\nb", f"c{mark}d", 'e"f', "g"]),
        (5, ["x", "", "", ""]),
    ]


def test_the_first_line_may_have_a_mark_of_utf8_capitals_and_quotes() -> None:
    text = '\ufeff"Customer", AT,Channel,Kind\na,b,c,d\n'
    assert records.shape(io.BytesIO(text.encode()), "a.csv") == records.Shape(
        names=("customer", "at", "channel", "kind"), separator=",", own=True
    )
    assert read(text) == [(2, ["a", "b", "c", "d"])]


def test_columns_of_others_are_read_as_they_are() -> None:
    text = 'Name;"E-mail; billing";Paid at\n#1;a@b.pl;2026\n'
    assert records.shape(io.BytesIO(text.encode()), "a.csv") == records.Shape(
        names=("Name", "E-mail; billing", "Paid at"), separator=";", own=False
    )
    assert read(text) == [(2, ["#1", "a@b.pl", "2026"])]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"", "empty_file"),
        (b"\n", "empty_file"),
        (b"\xef\xbb\xbf", "empty_file"),
        (HEAD.encode("utf-16"), "not_utf8"),
        (HEAD.encode("utf-16-le"), "not_utf8"),
        ("customer;at;channel;kind;stra\u00dfe\n".encode("cp1252"), "not_utf8"),
        (b"a,b,B,d\n", "doubled_columns"),
        (b"x" * 70_000, "line_too_long"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(text: bytes, code: str) -> None:
    with pytest.raises(Refused, match=rf"touchpoints\.{code}$"):
        read(text)


def test_a_row_in_another_encoding_costs_itself() -> None:
    assert read(HEAD.encode() + "ł,b,c,d\n".encode("cp1250") + b"e,f,g,h\n") == [
        (2, "touchpoints.line_not_utf8"),
        (3, ["e", "f", "g", "h"]),
    ]


@pytest.mark.parametrize(
    "broken",
    ['"a,b,c,d', 'a,"b,c,d', 'a,"b"x,c,d', '"a"",b,c,d'],
)
def test_a_broken_quote_costs_its_own_line(broken: str) -> None:
    after = "".join(f"e{n},f,g,h\n" for n in range(300))
    assert read(HEAD + "1,2,3,4\n" + broken + "\n" + after) == [
        (2, ["1", "2", "3", "4"]),
        (3, "touchpoints.broken_quotes"),
        *[(n + 4, [f"e{n}", "f", "g", "h"]) for n in range(300)],
    ]


def test_a_broken_quote_does_not_swallow_a_good_quoted_row() -> None:
    assert read(HEAD + '"a,b,c,d\n"e",f,g,h\n"i\nj",k,l,m\n') == [
        (2, "touchpoints.broken_quotes"),
        (3, ["e", "f", "g", "h"]),
        (4, ["i\nj", "k", "l", "m"]),
    ]


def test_a_quote_inside_a_plain_field_is_a_letter() -> None:
    assert read(HEAD + 'a,b,c,5" pipe\n') == [(2, ["a", "b", "c", '5" pipe'])]


def test_a_row_of_another_width_is_named() -> None:
    assert read(HEAD + "a,b,c\na,b,c,d,e\n1,2,3,4\n") == [
        (2, "touchpoints.wrong_width"),
        (3, "touchpoints.wrong_width"),
        (4, ["1", "2", "3", "4"]),
    ]


class Endless(io.RawIOBase):
    """A file with one field of `size` bytes in the middle, never whole in memory."""

    def __init__(self, size: int) -> None:
        self.parts = [HEAD.encode() + b"a,b,c,", *[b"x" * 2**20] * (size // 2**20), b"\ne,f,g,h\n"]

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        assert isinstance(buffer, memoryview)
        if not self.parts:
            return 0
        part = self.parts[0][: len(buffer)]
        buffer[: len(part)] = part
        rest = self.parts[0][len(part) :]
        self.parts[:1] = [rest] if rest else []
        return len(part)


def test_an_endless_field_costs_its_line_and_no_memory() -> None:
    file = io.BufferedReader(Endless(2**28))
    shape = records.Shape(names=("customer", "at", "channel", "kind"), separator=",", own=True)
    tracemalloc.start()
    found = [(n, values(said, shape)) for n, said in records.read(file, shape)]
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found == [
        (2, "touchpoints.line_too_long"),
        (3, ["e", "f", "g", "h"]),
    ]
    assert most < 8 * 2**20


cells = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r"), max_size=8)


@given(st.lists(st.lists(cells, min_size=4, max_size=4).filter(any), max_size=8))
def test_what_a_csv_writer_writes_is_read_back(rows: list[list[str]]) -> None:
    out = io.StringIO(newline="")
    out.write(HEAD)
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows(rows)
    assert [said for _, said in read(out.getvalue())] == rows


@given(st.binary(max_size=300))
def test_any_bytes_are_records_or_refusals(raw: bytes) -> None:
    assert all(number > 1 for number, _ in read(HEAD.encode() + raw))
    with suppress(Refused):
        read(raw, "a.ndjson")


def test_ndjson() -> None:
    good = '{"customer": 7, "at": "b", "channel": "c", "kind": "d", "paid": 5.10, "place": null}'
    said = {"customer": "7", "at": "b", "channel": "c", "kind": "d", "paid": "5.10"}
    assert read(
        f"{good}\n\n[1]\n{{]\n" + '{"customer": 1}\n{"x": {}}\n' + "[" * 9000, "a.ndjson"
    ) == [
        (1, [said.get(name, "") for name in COLUMNS]),
        (3, "touchpoints.bad_json"),
        (4, "touchpoints.bad_json"),
        (5, "touchpoints.missing_columns"),
        (6, "touchpoints.bad_json"),
        (7, "touchpoints.bad_json"),
    ]
    with pytest.raises(Refused, match="empty_file"):
        read("\n", "a.jsonl")
    with pytest.raises(Refused, match="not_utf8"):
        read(good.encode("utf-16-le"), "a.jsonl")


def test_half_a_character_in_ndjson_costs_its_line() -> None:
    good = '{"customer": "\\u0142", "at": "b", "channel": "c", "kind": "d"}'
    [(one, said), (two, refused)] = read(good + "\n" + good.replace("0142", "d800"), "a.ndjson")
    assert isinstance(said, list)
    assert (one, said[1], two, refused) == (1, "ł", 2, "touchpoints.bad_json")


def test_ndjson_of_others_says_what_lies_within_by_a_name_of_its_own() -> None:
    text = (
        '{"userId": "7", "context": {"page": {"url": "/a"}}, "tags": ["x", 1], "new": true}\n'
        '{"event": "Seen"}\n'
    )
    file = io.BytesIO(text.encode())
    shape = records.shape(file, "a.ndjson")
    assert shape.names == ("userId", "context.page.url", "tags", "new", "event")
    assert not shape.own
    assert read(text, "a.ndjson") == [
        (1, ["7", "/a", '["x", "1"]', "true", ""]),
        (2, ["", "", "", "", "Seen"]),
    ]


def test_a_column_ndjson_shows_only_late_costs_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "SAMPLE", 1)
    assert read('{"who": "a"}\n{"who": "b", "late": 1}\n{"who": "c"}\n', "a.ndjson") == [
        (1, ["a"]),
        (2, "touchpoints.unmapped_columns"),
        (3, ["c"]),
    ]
