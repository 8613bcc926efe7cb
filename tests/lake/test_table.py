"""The table: whole batches or nothing, once, and readable by customer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, timedelta
from importlib import import_module
from pathlib import Path
from threading import Event
from uuid import uuid4

import pytest
from django.apps import apps

from kfar.ground.errors import Refused
from kfar.lake import inbox, table
from kfar.lake.engines import engine
from kfar.lake.models import Batch, Segment
from kfar.lake.touch import COLUMNS, NAMES, Touch
from tests.at_once import at_once
from tests.lake.touches import ANNA, BORYS, NOON, a_touch, settle
from tests.programs import run

pytestmark = pytest.mark.django_db


def everything() -> list[Touch]:
    with table.reading() as session:
        rows = session.rows(f'SELECT {NAMES} FROM touches ORDER BY customer, "at", id')
    return [Touch(**dict(zip(Touch.__dataclass_fields__, row, strict=True))) for row in rows]


def test_what_was_appended_is_read_back_exactly(data_dir: Path) -> None:
    full = a_touch(
        place="367",
        basket="b",
        product="p",
        product_name="חלב · Śmietana",
        category="DAIRY",
        department="GROCERY",
        units=2,
        measure=10.603,
        measure_unit="gal",
        paid=-199,
        discount=20,
        currency="USD",
        ref="r",
    )
    bare = a_touch("2", 1, customer=BORYS)

    assert settle([bare, full]) == 2

    assert everything() == [full, bare]
    assert everything()[0].at.tzinfo is UTC


def test_an_empty_table_is_read_as_nothing(data_dir: Path) -> None:
    assert everything() == []
    assert table.until() is None


def test_a_batch_is_taken_once(data_dir: Path) -> None:
    assert not table.taken("monday")
    assert settle([a_touch("1")], "monday") == 1
    assert table.taken("monday")
    assert settle([a_touch("2")], "monday") == 0
    assert everything() == [a_touch("1")]


def test_a_row_is_taken_once_in_a_batch_and_between_batches(data_dir: Path) -> None:
    assert settle([a_touch("1"), a_touch("1"), a_touch("2", 1)], "monday") == 2
    assert settle([a_touch("2", 1), a_touch("3", 2)], "tuesday") == 1
    assert settle([a_touch("2", 1), a_touch("3", 2)], "wednesday") == 0
    assert everything() == [a_touch("1"), a_touch("2", 1), a_touch("3", 2)]
    assert list(Segment.objects.order_by("pk").values_list("rows", flat=True)) == [2, 1]
    assert [table.taken(day) for day in ("monday", "tuesday", "wednesday", "friday")] == [
        True,
        True,
        True,
        False,
    ]


def test_the_catalogue_tells_what_a_file_holds(data_dir: Path) -> None:
    settle([a_touch("1", 5, customer=BORYS), a_touch("2", 1), a_touch("3", 9)])
    segment = Segment.objects.get()
    assert (segment.rows, segment.first_at, segment.last_at) == (
        3,
        NOON + timedelta(hours=1),
        NOON + timedelta(hours=9),
    )
    assert (segment.min_customer, segment.max_customer) == (ANNA, BORYS)
    assert table.until() == NOON + timedelta(hours=9)
    assert [path.name for path in table.files()] == [segment.name]


def test_one_customer_is_read_from_the_files_that_can_hold_them(data_dir: Path) -> None:
    settle([a_touch("1")], "anna")
    settle([a_touch("2", customer=BORYS)], "borys")
    one, other = Segment.objects.order_by("pk")
    assert [path.name for path in table.files(customers=[ANNA])] == [one.name]
    assert [path.name for path in table.files(customers=[BORYS])] == [other.name]


def test_files_are_sorted_compressed_and_in_groups(data_dir: Path) -> None:
    with engine().session() as session:
        table.append(
            session,
            batch="many",
            select="""SELECT md5(n::VARCHAR)::UUID AS id, md5((n % 50)::VARCHAR)::UUID AS customer,
                TIMESTAMPTZ '2026-01-01 00:00:00+00' + to_minutes(n) AS "at",
                'store' AS channel, 'purchase' AS kind, 'test' AS source
                FROM (SELECT range::INTEGER AS n FROM range(50000))""",
        )
        [file] = table.files()
        groups = session.rows(
            """SELECT row_group_num_rows, compression, stats_min_value, stats_max_value
            FROM parquet_metadata($f) WHERE path_in_schema = 'customer' ORDER BY row_group_id""",
            f=str(file),
        )
        [(disorder,)] = session.rows(
            """SELECT count(*) FROM (SELECT (customer, "at") < lag((customer, "at"))
                OVER (ORDER BY file_row_number) AS wrong
            FROM read_parquet($f, file_row_number = true)) WHERE wrong""",
            f=str(file),
        )
    assert [(rows, kind) for rows, kind, _, _ in groups] == [
        *[(4_096, "ZSTD")] * 12,
        (848, "ZSTD"),
    ]
    assert all(groups[i][3] <= groups[i + 1][2] for i in range(12))
    assert disorder == 0


def test_a_file_the_catalogue_has_forgotten_is_not_read_and_not_removed(data_dir: Path) -> None:
    """So looks a lake beside an older database, put back from a backup."""
    settle([a_touch("1")], "monday")
    settle([a_touch("2", 1)], "tuesday")
    [_, forgotten] = table.files()
    Segment.objects.get(name=forgotten.name).delete()

    settle([a_touch("3", 2)], "wednesday")

    assert everything() == [a_touch("1"), a_touch("3", 2)]
    assert forgotten.exists()


def _remove(path: Path) -> None:
    path.unlink()


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def _scribble(path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2] + bytes(len(whole) // 2 - 20) + whole[-20:])


@pytest.mark.parametrize("damage", [_remove, _empty, _cut, _scribble])
def test_a_damaged_file_is_named(data_dir: Path, damage: object) -> None:
    settle([a_touch("1")], "monday")
    settle([a_touch("2")], "tuesday")
    _, file = table.files()
    assert callable(damage)
    damage(file)
    with pytest.raises(Refused) as refused:
        everything()
    assert (refused.value.code, refused.value.params) == ("lake.damaged", {"file": file.name})


def test_a_fault_in_the_program_is_not_called_damage(data_dir: Path) -> None:
    settle([a_touch("1")])
    with pytest.raises(Exception, match="nonsense"), table.reading() as session:
        session.rows("SELECT nonsense FROM touches")


def test_a_row_without_a_customer_is_a_fault_and_adds_nothing(data_dir: Path) -> None:
    with pytest.raises(Exception, match="NOT NULL"):
        settle([a_touch("1"), a_touch("2", customer=None)])
    assert everything() == []
    assert settle([a_touch("1")]) == 1


def test_inbox_and_table_are_read_as_one(data_dir: Path) -> None:
    settle([a_touch("1"), a_touch("2", customer=BORYS)])
    fresh = a_touch("3", 3, kind="voice", channel="web", ref=str(uuid4()))
    inbox.put(fresh)
    assert everything() == [a_touch("1"), fresh, a_touch("2", customer=BORYS)]
    with table.reading([ANNA]) as session:
        assert session.rows("SELECT count(*) FROM touches") == [(2,)]


APPEND = """
    from tests.lake.touches import a_touch, settle
    from kfar.ground.errors import Refused
    from kfar.lake.models import Segment
"""


def test_a_full_disk_is_said_and_leaves_nothing_half_written(home: Path) -> None:
    said = run(
        APPEND
        + """
    import resource, pathlib
    from django.conf import settings
    settle([a_touch("before")], "small")
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
    try:
        settle([a_touch(str(n), n, product=str(a_touch(f"x{n}").id)) for n in range(9000)], "big")
    except Refused as refused:
        print(refused.code)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    print(list(Segment.objects.values_list("rows", flat=True)))
    print(len(list((settings.KFAR_DATA_DIR / "lake").glob("*.parquet*"))))
    print(settle([a_touch(str(n), n) for n in range(9000)], "big"))
    """,
        home,
    )
    assert said.splitlines() == ["lake.disk_full", "[1]", "1", "9000"]


def test_a_killed_append_leaves_nothing_visible(home: Path) -> None:
    said = run(
        APPEND
        + """
    import os
    from django.conf import settings
    from kfar.lake import table
    from kfar.lake.engines import duck
    from tests.programs import forked

    def read():
        with table.reading() as session:
            count = session.rows("SELECT count(*), count(DISTINCT id) FROM touches")
        print(count, len(list((settings.KFAR_DATA_DIR / "lake").glob("*.parquet*"))), flush=True)

    tuesday = lambda: settle([a_touch("2"), a_touch("3")], "tuesday")
    forked(lambda: settle([a_touch("1")], "monday"))
    for moment in [
        (duck.DuckSession, "write"),  # before anything is written
        (os, "replace"),  # written, under its other name
        (Segment.objects, "create"),  # under its name, not in the catalogue
    ]:
        forked(tuesday, killed_at=moment)
        forked(read)
    forked(tuesday)
    forked(read)
    """,
        home,
    )
    assert said.splitlines() == ["[(1, 1)] 1", "[(1, 1)] 2", "[(1, 1)] 2", "[(3, 3)] 2"]


def test_appends_at_once_take_turns(home: Path) -> None:
    said = run(
        APPEND
        + """
    from functools import partial
    from kfar.lake import table
    from tests.programs import forked_at_once
    rows = [[a_touch(str(i), i) for i in range(n * 500, n * 500 + 1000)] for n in range(4)]
    print(forked_at_once(*(partial(settle, some, f"batch {n}") for n, some in enumerate(rows))))
    with table.reading() as session:
        print(session.rows("SELECT count(*), count(DISTINCT id) FROM touches"))
    """,
        home,
    )
    assert said.splitlines() == ["[0, 0, 0, 0]", "[(2500, 2500)]"]


#: The columns of files written before the web told of more.
BEFORE = list(COLUMNS)[:19]


def written_before(folder: Path, touches: Sequence[Touch]) -> None:
    """Put a file of an older version into the table: fewer columns, no ids noted."""
    name = f"{uuid4().hex}.parquet"
    (folder / "lake").mkdir(exist_ok=True)
    columns = {column: COLUMNS[column] for column in BEFORE}
    with engine().session() as session:
        session.load("old", columns, [[getattr(t, c) for c in columns] for t in touches])
        session.write('SELECT * FROM old ORDER BY customer, "at"', folder / "lake" / name)
        [(width,)] = session.rows(
            "SELECT count(*) FROM (DESCRIBE SELECT * FROM read_parquet($f))",
            f=str(folder / "lake" / name),
        )
    assert width == 19
    Segment.objects.create(
        name=name,
        rows=len(touches),
        first_at=min(touch.at for touch in touches),
        last_at=max(touch.at for touch in touches),
        min_customer=min(touch.customer for touch in touches),
        max_customer=max(touch.customer for touch in touches),
        width=19,
    )


def test_files_with_fewer_columns_are_read_with_null_for_the_others(data_dir: Path) -> None:
    old = [a_touch("old", 0, product="p"), a_touch("old 2", 1, customer=BORYS)]
    new = a_touch("new", 2, name="Checkout", url="https://shop.example", received=NOON)
    written_before(data_dir, old)
    assert everything() == old
    settle([new])
    assert everything() == [old[0], new, old[1]]
    assert settle(old, "told again") == 0
    table.compact(whole=True)
    assert list(Segment.objects.values_list("rows", "width")) == [(3, len(COLUMNS))]
    assert everything() == [old[0], new, old[1]]


def test_an_older_table_is_brought_up_to_this_version(data_dir: Path) -> None:
    """The migration looks into the files for how many columns there are."""
    written_before(data_dir, [a_touch("old")])
    settle([a_touch("new", 1)], "new")
    Segment.objects.update(width=24)
    migration = import_module("kfar.lake.migrations.0005_compaction_and_erasure")
    migration.widths(apps, None)
    assert list(Segment.objects.order_by("pk").values_list("width", flat=True)) == [19, 24]


def test_a_batch_without_a_name_is_not_remembered(data_dir: Path) -> None:
    assert settle([a_touch("1")], "") == 1
    assert settle([a_touch("1"), a_touch("2")], "") == 1
    assert Batch.objects.count() == 0


def test_what_the_table_lost_is_named(data_dir: Path) -> None:
    for n in range(3):
        settle([a_touch(f"{n}")], f"{n}")
    assert table.damaged() == []
    gone, broken, short = table.files()
    gone.unlink()
    broken.write_bytes(b"PAR1")
    Segment.objects.filter(name=short.name).update(rows=2)
    assert table.damaged() == [gone.name, broken.name, short.name]


@pytest.mark.django_db(transaction=True)
def test_who_is_alone_may_append_and_others_wait(data_dir: Path) -> None:
    comes = Event()

    def other() -> int:
        comes.set()
        return settle([a_touch("other")], "other")

    def first() -> int:
        with table.alone():
            comes.wait()
            settle([a_touch("1")], "one")
            settle([a_touch("2")], "two")
            return Segment.objects.count()

    assert at_once(first, other) == [2, 1]
    assert Segment.objects.count() == 3
