"""Traces of people: every form in which a word or an id may lie in a file, and who finds them."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from uuid import UUID

import duckdb
from django.contrib.sessions.models import Session
from django.db import connection


def forms(trace: str | UUID) -> set[bytes]:
    """All forms of a word, or of an id: as text, as number, as DuckDB has it, in base64."""
    if isinstance(trace, str):
        plain = {trace.encode(), trace.lower().encode(), trace.encode("utf-16-le")}
    else:
        raw = trace.bytes
        hugeint = (trace.int ^ 1 << 127).to_bytes(16, "little")  # DuckDB flips the first bit
        texts = {str(trace), trace.hex, str(trace).upper(), trace.hex.upper()}
        plain = {raw, trace.bytes_le, raw[::-1], hugeint, *(text.encode() for text in texts)}
    return plain | {coded for found in plain for coded in _base64(found)}


def _base64(plain: bytes) -> Iterator[bytes]:
    """Base64 of something in the middle of something: what is the same wherever it begins."""
    for before in range(3):
        coded = base64.b64encode(bytes(before) + plain)
        first = -(-before * 8 // 6)
        last = (before + len(plain)) * 8 // 6
        yield coded[first:last]
        yield coded[first:last].translate(bytes.maketrans(b"+/", b"-_"))


def found(folder: Path, traces: Iterable[str | UUID]) -> set[str | UUID]:
    """Which of these can be found: in any byte of any file, or in what the files mean."""
    heaps = [*_files(folder), *_touches(folder), *_rows(), *_sessions()]
    heaps += _server(connection.vendor)
    return {
        trace
        for trace in traces
        if any(re.search(b"|".join(map(re.escape, forms(trace))), heap) for heap in heaps)
    }


def _files(folder: Path) -> Iterator[bytes]:
    """Every file as it is, and its name."""
    for path in folder.rglob("*"):
        yield str(path.relative_to(folder)).encode()
        if path.is_file():
            yield path.read_bytes()


def _touches(folder: Path) -> Iterator[bytes]:
    """Parquet files as they read."""
    for path in folder.rglob("*.parquet"):
        rows = duckdb.execute("SELECT r::VARCHAR FROM read_parquet($f) AS r", {"f": str(path)})
        yield repr(rows.fetchall()).encode()


def _server(vendor: str) -> Iterator[bytes]:
    """What the database server has in the files of its tables and indexes."""
    if vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")
        cursor.execute(
            "SELECT current_setting('data_directory') || '/base/' || oid FROM pg_database"
            " WHERE datname = current_database()"
        )
        [folder] = cursor.fetchone()
    yield from _files(Path(folder))


def _rows() -> Iterator[bytes]:
    """Every row of every table, as text."""
    for table in connection.introspection.table_names():
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            yield repr([[str(value) for value in row] for row in cursor]).encode()


def _sessions() -> Iterator[bytes]:
    """What is kept of sessions is packed."""
    for session in Session.objects.all():
        yield repr(session.get_decoded()).encode()
