"""What every engine promises, in the same words and to the same values."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pytest_django import Settings

from kfar.doors.cli import doctor
from kfar.doors.cli.doctor import Finding
from kfar.ground.errors import Refused
from kfar.lake import inbox, insight
from kfar.lake.engines import Engine, engine, wide
from kfar.lake.touch import COLUMNS, NAMES, OCCASION, Touch
from tests.lake.touches import ANNA, BORYS, NOON, a_touch, settle
from tests.programs import run

AT = datetime(2026, 3, 29, 0, 59, 59, 999_999, tzinfo=UTC)
KINDS = {
    "id": "UUID NOT NULL",
    "at": "TIMESTAMPTZ",
    "text": "VARCHAR",
    "n": "INTEGER",
    "amount": "BIGINT",
    "x": "DOUBLE",
    "price": "DECIMAL(12,2)",
    "day": "DATE",
    "yes": "BOOLEAN",
}
ROWS: list[tuple[Any, ...]] = [
    (ANNA, AT, "קפה ☕ it's", -1, 2**62, 2.5, Decimal("-1234567890.05"), date(2026, 3, 29), True),
    (BORYS, datetime(1950, 1, 1, tzinfo=UTC), "", 0, 0, 0.1, Decimal("0.00"), date.min, False),
    (UUID(int=0), *[None] * 8),
    (UUID(int=2**128 - 1), *[None] * 8),
]


def written(file: Path, columns: dict[str, str], rows: list[tuple[Any, ...]]) -> Path:
    """Write a file as the table's files are written: by DuckDB."""
    with engine().session() as session:
        session.load("given", columns, rows)
        session.write("SELECT * FROM given", file)
    return file


def settled(file: Path, touches: list[Touch]) -> Path:
    return written(file, COLUMNS, [tuple(vars(touch).values()) for touch in touches])


# --- values ------------------------------------------------------------------------------------


def test_rows_from_memory_come_back_as_they_were(spoken: Engine) -> None:
    with spoken.session() as session:
        session.load("given", KINDS, ROWS)
        found = session.rows("SELECT * FROM given")
        assert found == ROWS
        assert found[0][1].tzinfo is UTC
        session.load("given", KINDS, [])
        assert session.rows("SELECT * FROM given") == []


def test_rows_from_files_come_back_as_they_were(spoken: Engine, tmp_path: Path) -> None:
    file = written(tmp_path / "it's קפה.parquet", KINDS, ROWS)
    with spoken.session() as session:
        session.view("given", KINDS, [file])
        assert session.rows("SELECT * FROM given") == ROWS
        session.view("given", KINDS, [file, file])
        assert session.rows("SELECT count(*), count(DISTINCT id) FROM given") == [(8, 4)]
        session.view("given", KINDS, [])
        assert session.rows("SELECT * FROM given") == []


def test_a_table_holds_the_rows_that_fit(spoken: Engine, tmp_path: Path) -> None:
    file = written(tmp_path / "given.parquet", KINDS, ROWS)
    one = f"id = '{ROWS[0][0]}'::UUID"
    with spoken.session() as session:
        session.table("given", KINDS, [file], one)
        assert session.rows("SELECT * FROM given") == [ROWS[0]]
        session.table("given", KINDS, [], one)
        assert session.rows("SELECT * FROM given") == []


def test_what_is_written_is_open_to_others(spoken: Engine, tmp_path: Path) -> None:
    """In order, as Parquet whose types any reader knows, and read again by DuckDB."""
    file = tmp_path / "result.parquet"
    with spoken.session() as session:
        session.load("given", KINDS, ROWS)
        session.write("SELECT * FROM given ORDER BY id DESC", file)
    ordered = sorted(ROWS, reverse=True, key=lambda row: row[0])
    kinds = {c.name: (c.physical_type, str(c.logical_type)) for c in pq.ParquetFile(file).schema}
    assert kinds["id"] == ("FIXED_LEN_BYTE_ARRAY", "UUID")
    assert pq.read_schema(file).field("at").type == pa.timestamp("us", tz="UTC")
    assert pq.ParquetFile(file).metadata.row_group(0).column(0).compression == "ZSTD"
    with engine().session() as session:
        session.view("result", KINDS, [file])
        assert session.rows("SELECT * FROM result") == ordered


@pytest.mark.parametrize("spoken", ["spark"], indirect=True)
def test_an_older_file_lacks_columns_and_they_are_null(spoken: Engine, tmp_path: Path) -> None:
    old = written(tmp_path / "old.parquet", {"id": "UUID", "n": "INTEGER"}, [(ANNA, 1)])
    new = written(
        tmp_path / "new.parquet",
        {"id": "UUID", "n": "INTEGER", "at": "TIMESTAMPTZ"},
        [(BORYS, 2, AT)],
    )
    with spoken.session() as session:
        columns = {"id": "UUID", "n": "INTEGER", "at": "TIMESTAMPTZ", "name": "VARCHAR"}
        session.view("v", columns, [old, new])
        assert session.rows("SELECT * FROM v ORDER BY n") == [
            (ANNA, 1, None, None),
            (BORYS, 2, AT, None),
        ]


def test_instants_are_utc_and_days_are_those_of_a_zone(spoken: Engine) -> None:
    with spoken.session() as session:
        [row] = session.rows(
            """SELECT TIMESTAMPTZ '2017-01-02 00:00:00-05', NULL::TIMESTAMPTZ, $at::TIMESTAMPTZ,
                ($at::TIMESTAMPTZ AT TIME ZONE 'Asia/Jerusalem')::DATE,
                ($at::TIMESTAMPTZ AT TIME ZONE 'America/New_York')::DATE""",
            at=AT,
        )
    assert row == (
        datetime(2017, 1, 2, 5, tzinfo=UTC),
        None,
        AT,
        date(2026, 3, 29),
        date(2026, 3, 28),
    )
    assert row[0].tzinfo is UTC


def test_ids_sort_as_ids_and_null_comes_last(spoken: Engine) -> None:
    ids = [ANNA, BORYS, UUID(int=0), UUID(int=2**128 - 1), UUID(int=2**127)]
    with spoken.session() as session:
        session.load("given", {"id": "UUID"}, [*((each,) for each in ids), (None,)])
        both = [session.rows(f"SELECT id FROM given ORDER BY id {way}") for way in ("ASC", "DESC")]
        assert session.rows("SELECT id FROM given WHERE id = $id", id=ANNA) == [(ANNA,)]
        assert session.rows(f"SELECT id FROM given WHERE id = '{BORYS}'::UUID") == [(BORYS,)]
        assert session.rows("SELECT min(id), max(id) FROM given") == [(ids[2], ids[3])]
    up = [(each,) for each in sorted(ids)]
    assert both == [[*up, (None,)], [*reversed(up), (None,)]]


def test_text_sorts_by_code_point(spoken: Engine) -> None:
    given = ["b", "B", "é", "ש", "a", "", "💐", "ﬀ"]
    with spoken.session() as session:
        session.load("given", {"text": "VARCHAR"}, [(each,) for each in given])
        assert session.rows("SELECT text FROM given ORDER BY text") == [(t,) for t in sorted(given)]


# --- sessions ----------------------------------------------------------------------------------


def test_a_session_does_not_see_another_ones_tables(spoken: Engine) -> None:
    with spoken.session() as one, spoken.session() as other:
        one.run("CREATE TEMP TABLE mine AS SELECT 1 AS n")
        other.run("CREATE OR REPLACE TEMP TABLE mine AS SELECT $n AS n", n=2)
        assert one.rows("SELECT n FROM mine") == [(1,)]
        assert other.rows("SELECT n FROM mine") == [(2,)]
        other.run("DROP TABLE mine")
        with pytest.raises(Exception, match="mine"):
            other.rows("SELECT n FROM mine")


def test_threads_have_sessions_of_their_own(spoken: Engine) -> None:
    def work(n: int) -> tuple[Any, ...]:
        with spoken.session() as session:
            session.load("mine", {"n": "INTEGER"}, [(i,) for i in range(n)])
            return session.rows("SELECT count(*), max(n) FROM mine")[0]

    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(work, range(6)))
    assert found == [(n, n - 1 if n else None) for n in range(6)]


def test_rows_change_only_where_touches_settle(spoken: Engine) -> None:
    with spoken.session() as session:
        session.run("CREATE TEMP TABLE mine AS SELECT 1 AS n")
        if spoken.settles:
            session.run("INSERT INTO mine VALUES (2)")
            session.run("DELETE FROM mine WHERE n = 1")
        else:
            for change in ("INSERT INTO mine VALUES (2)", "DELETE FROM mine WHERE n = 1"):
                with pytest.raises(NotImplementedError):
                    session.run(change)
        left = [(2,)] if spoken.settles else [(1,)]
        assert session.rows("SELECT n FROM mine") == left


def test_a_file_that_is_missing_or_cut_is_named(spoken: Engine, tmp_path: Path) -> None:
    whole = settled(tmp_path / "whole.parquet", [a_touch(str(n), n) for n in range(50)])
    cut = tmp_path / "cut.parquet"
    cut.write_bytes(whole.read_bytes()[:-100])

    def read(file: Path) -> None:
        with spoken.session() as session:
            session.view("settled", COLUMNS, [whole, file])
            session.rows("SELECT count(ref) FROM settled")

    for file in (cut, tmp_path / "missing.parquet"):
        with pytest.raises(Refused) as refused:
            read(file)
        assert (refused.value.code, refused.value.params) == ("lake.damaged", {"file": file.name})


def test_what_another_process_adds_meanwhile_is_for_the_next_view(
    spoken: Engine, tmp_path: Path
) -> None:
    first = settled(tmp_path / "first.parquet", [a_touch(str(n), n) for n in range(5)])
    with spoken.session() as session:
        session.view("settled", COLUMNS, [first])
        run(
            f"""
            from pathlib import Path
            from tests.lake.engines.test_contract import settled
            from tests.lake.touches import a_touch
            settled(Path({str(tmp_path / "second.parquet")!r}), [a_touch("5"), a_touch("6")])
            """,
            tmp_path / "home",
        )
        assert session.rows("SELECT count(*) FROM settled") == [(5,)]
        session.view("settled", COLUMNS, sorted(tmp_path.glob("*.parquet")))
        assert session.rows("SELECT count(*), count(DISTINCT id) FROM settled") == [(7, 7)]


def test_without_java_spark_says_what_it_needs(tmp_path: Path) -> None:
    said = run(
        """
        from kfar.doors.sentences import SENTENCES
        from kfar.ground.errors import Refused
        from kfar.lake.engines import wide
        try:
            with wide().session():
                print("started")
        except Refused as refused:
            print(refused.code in SENTENCES, refused.code)
        """,
        tmp_path,
        KFAR_ENGINE="spark",
        JAVA_HOME="/nowhere",
    )
    assert said == "True lake.no_spark"


def test_without_the_extra_spark_says_what_it_needs(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.KFAR_ENGINE = "spark://far:7077"
    monkeypatch.setitem(sys.modules, "kfar.lake.engines.spark", None)
    with pytest.raises(Refused, match=r"lake\.no_spark"):
        wide()


# --- what is asked of the table ----------------------------------------------------------------

#: Two sources count their baskets alike; a source's name and a basket's may hold anything.
JOURNEY = [
    a_touch("milk", 1, basket="b", product_name="MILK", category="DAIRY", paid=349, discount=50),
    a_touch("bread", 1, basket="b", product_name="BREAD", category="BAKERY", paid=-5, discount=0),
    a_touch("other", 2, basket="b", source="other", category="DAIRY", paid=100, discount=None),
    a_touch("voice", 3, kind="voice", channel="web", ref="7"),
    a_touch("לחם", 26, basket="קנייה 1", category="DAIRY", paid=1, discount=0),
    a_touch("borys", 1, customer=BORYS, basket="b", category="DAIRY", paid=7, discount=0),
]

TIMELINE = f"""
WITH keyed AS (SELECT *, {OCCASION} AS occasion FROM touches WHERE customer = $customer),
occasions AS (
    SELECT occasion, max("at") AS latest FROM keyed GROUP BY occasion
    HAVING $at IS NULL OR (latest, occasion) < ($at::TIMESTAMPTZ, $occasion::UUID)
    ORDER BY latest DESC, occasion DESC LIMIT $most
)
SELECT {NAMES} FROM keyed JOIN occasions USING (occasion)
ORDER BY latest DESC, occasion DESC, "at", product_name, id
"""


def test_a_timeline_page_by_page(spoken: Engine, tmp_path: Path) -> None:
    with spoken.session() as session:
        session.view("touches", COLUMNS, [settled(tmp_path / "t.parquet", JOURNEY)])

        def page(before: Touch | None) -> list[Touch]:
            rows = session.rows(
                TIMELINE,
                customer=ANNA,
                at=before and before.at,
                occasion=before and before.occasion,
                most=2,
            )
            return [Touch(**dict(zip(COLUMNS, row, strict=True))) for row in rows]

        milk, bread, other, voice, late = JOURNEY[:5]
        assert page(None) == [late, voice]
        assert page(voice) == [other, bread, milk]
        assert page(milk) == []


def test_an_occasion_is_the_same_in_python_and_in_sql(spoken: Engine, tmp_path: Path) -> None:
    with spoken.session() as session:
        session.view("touches", COLUMNS, [settled(tmp_path / "t.parquet", JOURNEY)])
        found = session.rows(f"SELECT id, {OCCASION} AS occasion FROM touches")
    assert dict(found) == {touch.id: touch.occasion for touch in JOURNEY}


def test_figures_by_category_and_median(spoken: Engine, tmp_path: Path) -> None:
    with spoken.session() as session:
        session.view("touches", COLUMNS, [settled(tmp_path / "t.parquet", JOURNEY)])
        session.run(f"CREATE TEMP TABLE keyed AS SELECT *, {OCCASION} AS occasion FROM touches")
        assert session.rows(
            """SELECT category, count(DISTINCT occasion) AS visits, sum(paid)::BIGINT AS spent,
                count(*) FILTER (WHERE discount > 0), median(paid), sum(discount) / count(*)
            FROM keyed WHERE "at" >= $since GROUP BY category ORDER BY visits DESC, category""",
            since=NOON + timedelta(hours=1),
        ) == [
            ("DAIRY", 3, 457, 1, 53.5, 12.5),
            ("BAKERY", 1, -5, 0, -5.0, 0.0),
            (None, 1, None, 0, None, None),
        ]


# --- the whole table, asked once for every engine ----------------------------------------------


@pytest.mark.django_db
def test_insight_asks_table_and_inbox_in_one_expression(
    spoken: Engine, data_dir: Path, settings: Settings
) -> None:
    """Ids, days of the company's zone, amounts, medians; with what settled meanwhile once."""
    settings.TIME_ZONE = "Asia/Jerusalem"
    settle(JOURNEY)
    inbox.put(JOURNEY[0])
    inbox.put(a_touch("fresh", 10.5, basket="c", category="DAIRY", paid=3))  # 00:30 in Jerusalem
    touches = insight.touches()
    one = touches.filter(touches.customer == ANNA, touches.paid.notnull())
    by_day = one.group_by("day", "category").agg(
        visits=one.occasion.nunique(), spent=one.paid.sum(), median=one.paid.median()
    )
    people = touches.group_by("customer").agg(
        n=touches.count(), first=touches["at"].min(), last=touches["at"].max()
    )
    named = touches.filter(
        touches.source.concat("\x1f", touches.basket).hexdigest("md5").cast("uuid")
        == JOURNEY[4].occasion,
        touches["at"] >= NOON,
    )
    with insight.reading() as session:
        assert session.ask(by_day.order_by("day", "category")) == [
            (date(2026, 3, 1), "BAKERY", 1, -5, -5.0),
            (date(2026, 3, 1), "DAIRY", 2, 449, 224.5),
            (date(2026, 3, 2), "DAIRY", 2, 4, 2.0),
        ]
        assert session.ask(people.order_by("customer")) == [
            (ANNA, 6, NOON + timedelta(hours=1), NOON + timedelta(hours=26)),
            (BORYS, 1, NOON + timedelta(hours=1), NOON + timedelta(hours=1)),
        ]
        assert session.ask(named.select("id", "ref", "product_name")) == [
            (JOURNEY[4].id, None, None)
        ]
        assert session.rows("SELECT count(*) FROM touches") == [(7,)]


@pytest.mark.django_db
def test_arrow_is_handed_out_with_the_same_values(spoken: Engine, data_dir: Path) -> None:
    settle(JOURNEY)
    touches = insight.touches()
    bought = touches.group_by("day", "category").agg(spent=touches.paid.sum().cast("int64"))
    with insight.reading() as session:
        found = session.arrow(bought.order_by("day", "category"))
        kept = session.keep("bought", bought)
        none = session.arrow(kept.filter(kept.category == "TEA"))
        again = session.arrow(kept.order_by("day", "category"))
    assert found.column_names == none.column_names == ["day", "category", "spent"]
    assert found["day"].type == pa.date32()
    assert found["spent"].type == pa.int64()
    first, second = date(2026, 3, 1), date(2026, 3, 2)
    assert found.to_pylist() == [
        {"day": first, "category": "BAKERY", "spent": -5},
        {"day": first, "category": "DAIRY", "spent": 456},
        {"day": first, "category": None, "spent": None},
        {"day": second, "category": "DAIRY", "spent": 1},
    ]
    assert none.num_rows == 0
    assert again.to_pylist() == found.to_pylist()


@pytest.mark.django_db
def test_an_expression_is_kept_as_a_table_of_what_was_there_then(
    spoken: Engine, data_dir: Path
) -> None:
    touches = insight.touches()
    paid = touches.filter(touches.paid.notnull()).select("id", "paid")
    inbox.put(JOURNEY[0])
    with insight.reading() as session:
        for _ in range(2):  # in the place of the one before
            session.keep("spent", paid)
        assert session.rows("SELECT id, paid FROM spent") == [(JOURNEY[0].id, JOURNEY[0].paid)]
        session.keep("spent", paid.filter(paid.paid < 0))
        assert session.rows("SELECT id FROM spent") == []


@pytest.mark.django_db
def test_an_id_that_would_silently_become_text_is_an_error(spoken: Engine, data_dir: Path) -> None:
    touches = insight.touches()
    text = touches.select(text=touches.customer.cast("string"))
    with insight.reading() as session:
        assert session.ask(touches.filter(touches.id == ANNA)) == []
        if spoken.settles:
            assert session.ask(text) == []
        else:
            with pytest.raises(NotImplementedError):
                session.ask(text)


@pytest.mark.once
@pytest.mark.django_db
@pytest.mark.parametrize("spoken", ["spark"], indirect=True)
def test_the_doctor_counts_the_table_through_spark(spoken: Engine, data_dir: Path) -> None:
    settle(JOURNEY)
    found = [finding for finding in doctor.examine() if finding.what == "Spark"]
    assert found == [Finding("Spark", True, "spark, 6 touchpoints")]
