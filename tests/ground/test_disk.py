"""A full disk is known by its code, whoever found it, and a message says nothing."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

import psycopg
import pytest
from django.db import DatabaseError

from kfar.ground import disk


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG])
def test_what_the_system_says(code: int) -> None:
    assert disk.is_full(OSError(code, "x"))
    assert not disk.is_full(OSError(errno.ENOENT, "No space left on device"))


def test_what_sqlite_says(tmp_path: Path) -> None:
    database = sqlite3.connect(tmp_path / "small.sqlite3", isolation_level=None)
    database.execute("CREATE TABLE words (word TEXT)")
    database.execute("PRAGMA max_page_count = 2")
    with pytest.raises(sqlite3.OperationalError) as full:
        database.execute("INSERT INTO words VALUES (?)", ["x" * 10_000])
    with pytest.raises(sqlite3.OperationalError) as wrong:
        database.execute("SELECT disk_is_full")
    database.close()
    assert (disk.is_full(full.value), disk.is_full(wrong.value)) == (True, False)


def test_what_postgresql_says() -> None:
    assert disk.is_full(psycopg.errors.DiskFull())
    assert disk.is_full(psycopg.errors.ReadOnlySqlTransaction())
    assert not disk.is_full(psycopg.errors.UniqueViolation("Key (text)=(The bottle was full)"))


def test_what_caused_it_counts() -> None:
    error = DatabaseError("x")
    error.__cause__ = OSError(errno.ENOSPC, "x")
    assert disk.is_full(error)
    assert not disk.is_full(None)
