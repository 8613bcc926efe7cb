"""A file in chunks, as the engine sees them."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from kfar.lake.engines import engine
from kfar.rooms.touchpoints.imports import chunks


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("TIMESTAMPTZ '2026-03-29 01:30:00.25+02'", "2026-03-28T23:30:00.250000Z"),
        ("TIMESTAMP '2026-03-29 01:30:00'", "2026-03-29T01:30:00.000000"),
        ("TIMESTAMP_NS '2026-03-29 01:30:00.123456789'", "2026-03-29T01:30:00.123457"),
        ("DATE '2026-03-29'", "2026-03-29"),
        ("5.989999999999999::DOUBLE", "5.99"),
        ("5.99::FLOAT", "5.99"),
        ("100::DOUBLE", "100"),
        ("-0.5::DOUBLE", "-0.5"),
        ("1e300::DOUBLE", "1e+300"),
        ("'nan'::DOUBLE", ""),
        ("5.9900::DECIMAL(9, 4)", "5.99"),
        ("100::DECIMAL(9, 4)", "100"),
        ("100::DECIMAL(9, 0)", "100"),
        ("100::HUGEINT", "100"),
        ("true", "true"),
        ("' a '", " a "),
        ("NULL::VARCHAR", ""),
        ("NULL::DOUBLE", ""),
        ("uuid '00000000-0000-0000-0000-000000000001'", "00000000-0000-0000-0000-000000000001"),
    ],
)
def test_types_of_parquet_as_text(tmp_path: Path, value: str, text: str) -> None:
    path = tmp_path / 'o\'clock "1".parquet'
    with engine().session() as session:
        session.write(f'SELECT {value} AS "a ""b"" \'c\'"', path)
        with chunks.opened(path, session) as file:
            assert (file.names, file.sample(9)) == (("a \"b\" 'c'",), [[text]])


def test_fields_come_as_they_stand_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    fields = ["", " a ", "b\nc", "\x1d\x1e\x1f", "\x00", 'd"', "\ufeff", "x" * 60_000]
    quoted = [",".join(["1", '"' + field.replace('"', '""') + '"']) for field in fields]
    path.write_bytes("\r\n".join(["n,field", 'plain,5" pipe', *quoted]).encode())
    with engine().session() as session, chunks.opened(path, session) as file:
        [chunk] = file.chunks({"field"})
        found = session.rows("SELECT number, c1 FROM raw ORDER BY number")
    # Two of the signs that mean nothing to anybody stand for parts; the rules refuse all three.
    fields[3] = "\x1d\x1d\x1d"
    lines = [3, 4, 5, 7, 8, 9, 10, 11]
    assert found == [(2, '5" pipe'), *zip(lines, fields, strict=True)]
    assert (chunk.rows, chunk.refused, chunk.last) == (9, [], True)


@pytest.mark.parametrize("size", [1, 2, 3, 4, 9])
def test_an_order_is_seen_whole_however_chunks_cut_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(chunks, "CHUNK", size)
    path = tmp_path / "a.csv"
    path.write_text("order,n\n1,a\n2,b\n2\n2,c\n3,d\n4,e\n4,f\n")
    with engine().session() as session, chunks.opened(path, session) as file:
        seen = []
        coming = chunks.whole_orders(session, file.chunks({"order", "n"}), "c0")
        for chunk in coming:
            rows = session.rows("SELECT number, c0 FROM raw ORDER BY number")
            assert len(rows) == chunk.rows
            seen.append((rows, [number for number, _ in chunk.refused]))
    assert [row for rows, _ in seen for row in rows] == [
        (2, "1"),
        (3, "2"),
        (5, "2"),
        (6, "3"),
        (7, "4"),
        (8, "4"),
    ]
    assert [number for _, refused in seen for number in refused] == [4]
    cut = [a[-1][1] == b[0][1] for (a, _), (b, _) in pairwise(seen) if a and b]
    assert not any(cut) or size == 1  # an order as long as a chunk is let go
