"""What every engine promises; DuckDB is the first."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from kfar.lake.engines import engine


def test_instants_leave_as_utc_whatever_else_is_in_the_row() -> None:
    with engine().session() as session:
        rows = session.rows(
            """SELECT 1 AS one, TIMESTAMPTZ '2017-01-02 00:00:00-05' AS "at", max(n),
                NULL::TIMESTAMPTZ
            FROM (VALUES (1), (2)) v(n)"""
        )
    at = rows[0][1]
    assert rows == [(1, datetime(2017, 1, 2, 5, tzinfo=UTC), 2, None)]
    assert at.tzinfo is UTC


def test_rows_from_memory_come_back_as_they_were() -> None:
    given = [
        (uuid4(), datetime(2026, 1, 1, tzinfo=UTC), "קפה", None, 2.5),
        (uuid4(),) + (None,) * 4,
    ]
    columns = {
        "id": "UUID NOT NULL",
        "at": "TIMESTAMPTZ",
        "text": "VARCHAR",
        "n": "INTEGER",
        "x": "DOUBLE",
    }
    with engine().session() as session:
        session.load("given", columns, given)
        assert session.rows("SELECT * FROM given") == given
        session.load("given", columns, [])
        assert session.rows("SELECT * FROM given") == []


def test_a_session_does_not_see_another_ones_tables() -> None:
    with engine().session() as one, engine().session() as other:
        one.run("CREATE TEMP TABLE mine AS SELECT 1 AS n")
        other.run("CREATE TEMP TABLE mine AS SELECT 2 AS n")
        assert one.rows("SELECT n FROM mine") == [(1,)]


def test_threads_have_sessions_of_their_own() -> None:
    def work(n: int) -> int:
        with engine().session() as session:
            session.run("CREATE TEMP TABLE mine AS SELECT range AS n FROM range($n)", n=n)
            return int(session.rows("SELECT count(*) FROM mine")[0][0])

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(work, range(40))) == list(range(40))


def test_files_are_written_in_the_order_of_the_query_and_read_as_a_view(tmp_path: Path) -> None:
    file = tmp_path / "it's.parquet"
    with engine().session() as session:
        session.write("SELECT n FROM (VALUES (3), (1), (2)) v(n) ORDER BY n", file)
        session.view("v", {"n": "INTEGER"}, {file: 1})
        assert session.rows("SELECT n FROM v") == [(1,), (2,), (3,)]
        session.view("v", {"n": "INTEGER"}, {})
        assert session.rows("SELECT n FROM v") == []
