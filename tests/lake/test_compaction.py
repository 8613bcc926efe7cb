"""Compaction: fewer files, the same touches, whatever happens meanwhile."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from kfar.ground.errors import Refused
from kfar.lake import table
from kfar.lake.engines import engine
from kfar.lake.models import Segment
from kfar.lake.table import appending, plan, tiers, writing
from kfar.lake.touch import NAMES
from tests.lake.touches import ANNA, BORYS, a_touch, journey, settle
from tests.programs import Home


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files so small that a few rows show what many would."""
    monkeypatch.setattr(plan, "LARGEST", 8)
    monkeypatch.setattr(tiers, "SMALLEST", 2)


def everything() -> list[tuple[Any, ...]]:
    with table.reading() as session:
        return session.rows(f"SELECT {NAMES} FROM touches ORDER BY id")


def person(number: int) -> UUID:
    """Return one of 256 ids, spread evenly."""
    return UUID(int=number << 120)


def on_the_disk(folder: Path) -> set[str]:
    return {path.name for path in (folder / "lake").glob("*.parquet*")}


@pytest.mark.django_db
class TestCompaction:
    def test_few_files_are_left_alone_and_four_of_a_size_become_one(self, data_dir: Path) -> None:
        settle([a_touch(f"old {n}", n) for n in range(20)], "old")
        for n in range(2):
            settle([a_touch(f"{n}", n)], f"{n}")
            assert table.compact() == 0
        before = everything()
        settle([a_touch("3", 3, customer=BORYS)], "3")
        assert table.compact() == 4
        segment = Segment.objects.get()
        assert (segment.rows, segment.min_customer, segment.max_customer) == (23, ANNA, BORYS)
        assert len(everything()) == len(before) + 1
        assert on_the_disk(data_dir) == {segment.name}
        assert table.damaged() == []
        assert table.compact() == 0

    @pytest.mark.usefixtures("small")
    def test_in_the_end_each_customer_stands_in_one_file_in_order(self, data_dir: Path) -> None:
        for batch in range(12):
            settle(
                [a_touch(f"{batch}/{n}", -batch, customer=person(n)) for n in range(0, 256, 16)],
                f"{batch}",
            )
            table.compact()
        before = everything()
        assert len(before) == 12 * 16
        table.compact(whole=True)
        assert everything() == before
        assert all(len(table.files(customers=[person(n)])) == 1 for n in range(0, 256, 16))
        # 192 rows are 24 files of 8: the ids are halved five times; and once more, as far as
        # that goes, where one customer alone has more.
        assert sorted(Segment.objects.values_list("rows", "depth")) == [(12, 6)] * 16
        assert on_the_disk(data_dir) == set(Segment.objects.values_list("name", flat=True))
        for file in table.files():
            with engine().session() as session:
                rows = session.rows('SELECT customer, "at" FROM read_parquet($f)', f=str(file))
            assert rows == sorted(rows)
        assert len(journey([person(16), person(32)])) == 24

    def test_a_large_batch_is_put_in_order_later(
        self, data_dir: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(appending, "SORTED", 2)
        settle([a_touch(f"{n}", 9 - n) for n in range(9)])
        assert not Segment.objects.get().ordered
        assert table.compact() == 0
        Segment.objects.update(added_at=timezone.now() - timedelta(minutes=2))
        before = everything()
        assert table.compact() == 1
        assert Segment.objects.get().ordered
        assert everything() == before

    def test_a_touch_that_was_moved_is_not_taken_again(self, data_dir: Path) -> None:
        touches = [a_touch(f"{n}", n) for n in range(4)]
        for n, touch in enumerate(touches):
            settle([touch], f"{n}")
        assert table.compact() == 4
        assert settle(touches, "again") == 0

    def test_what_somebody_reads_stays_until_they_are_through(self, data_dir: Path) -> None:
        for n in range(4):
            settle([a_touch(f"{n}", n)], f"{n}")
        old = {path.name for path in table.files()}
        with table.reading() as session:
            assert table.compact() == 4
            [new] = [path.name for path in table.files()]
            assert on_the_disk(data_dir) == {*old, new}
            assert session.rows("SELECT count(*) FROM touches") == [(4,)]
            with table.reading() as later:
                assert later.rows("SELECT count(*) FROM touches") == [(4,)]
        table.compact()
        assert on_the_disk(data_dir) == {new}
        assert list((data_dir / "lake").glob("*.leaving")) == []

    def test_who_reads_for_long_keeps_what_leaves_later(self, data_dir: Path) -> None:
        settle([a_touch()])
        names = ["first.parquet", "later.parquet"]
        with table.lease():
            for name in names:  # nobody takes a lease between the two
                (data_dir / "lake" / name).touch()
                writing._let_go([name])
            writing.remove()
            assert {*names} < on_the_disk(data_dir)
        writing.remove()
        assert on_the_disk(data_dir) == {path.name for path in table.files()}
        assert list((data_dir / "lake").glob("*.leaving")) == []

    def test_a_file_that_lost_rows_is_not_compacted_away(self, data_dir: Path) -> None:
        for n in range(4):
            settle([a_touch(f"{n}", n)], f"{n}")
        wrong = Segment.objects.order_by("pk")[0]
        Segment.objects.filter(pk=wrong.pk).update(rows=2)
        with pytest.raises(Refused, match=r"lake\.damaged"):
            table.compact()
        assert len(everything()) == Segment.objects.count() == 4
        assert table.damaged() == [wrong.name]


def test_killed_anywhere_each_touch_stands_once(kfar: Home) -> None:
    said = kfar.run(
        """
    import os
    from django.conf import settings
    from django.db.models import QuerySet
    from kfar.lake import table
    from kfar.lake.engines import duck
    from kfar.lake.models import Segment
    from kfar.lake.table import writing
    from tests.lake.touches import a_touch, settle
    from tests.programs import forked

    def fill():
        for n in range(4):
            settle([a_touch(str(n), n)], str(n))

    def read():
        with table.reading() as session:
            [count] = session.rows("SELECT count(*), count(DISTINCT id) FROM touches")
        print(count, Segment.objects.count(), flush=True)

    def left():
        folder = settings.KFAR_DATA_DIR / "lake"
        print(len([*folder.glob("*.parquet*"), *folder.glob("*.leaving")]), flush=True)

    def sweep():
        with writing.writing(writing.REWRITING):
            pass

    forked(fill)
    for moment in [
        (duck.DuckSession, "write"),  # before anything is written
        (os, "replace"),  # written, under its other name
        (QuerySet, "bulk_create"),  # about to change places
        (writing, "_let_go"),  # changed, the old ones still there
    ]:
        forked(sweep)
        forked(table.compact, killed_at=moment)
        forked(read)
    forked(table.compact)
    forked(read)
    forked(left)
    """
    )
    assert said.splitlines() == ["(4, 4) 4"] * 3 + ["(4, 4) 1"] * 2 + ["1"]


def test_appending_reading_and_compacting_go_on_at_once(kfar: Home) -> None:
    said = kfar.run(
        """
    from kfar.lake import table
    from kfar.lake.models import Segment
    from tests.lake.touches import a_touch, settle
    from tests.programs import forked_at_once

    def appends(who):
        for n in range(12):
            settle([a_touch(f"{who}/{n}/{i}", i) for i in range(50)], f"{who}/{n}")

    def compacts():
        for n in range(30):
            table.compact()

    def reads():
        last = 0
        for n in range(40):
            with table.reading() as session:
                [(rows, ids)] = session.rows("SELECT count(*), count(DISTINCT id) FROM touches")
            assert rows == ids >= last, (rows, ids, last)
            last = rows

    both = [lambda: appends("a"), lambda: appends("b")]
    print(forked_at_once(*both, compacts, compacts, reads, reads))
    table.compact(whole=True)
    with table.reading() as session:
        print(session.rows("SELECT count(*), count(DISTINCT id) FROM touches"))
    print(Segment.objects.count(), table.damaged())
    """
    )
    assert said.splitlines() == ["[0, 0, 0, 0, 0, 0]", "[(1200, 1200)]", "1 []"]
