"""The bucket: what the table holds stands there too, and nothing else, whatever happens."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest
from pytest_django import Settings

from kfar.ground.errors import Refused
from kfar.lake import inbox, table
from kfar.lake.models import IdRun, Noted, Segment, Touchpoint
from kfar.lake.settle import settle as settle_inbox
from kfar.lake.table import mirroring
from kfar.lake.table.writing import FETCHING
from tests.buckets import Bucket, Wire, wire
from tests.lake.test_erasure import CEZARY, HERS, everything_of, found, live
from tests.lake.touches import ANNA, BORYS, a_touch, journey, settle
from tests.programs import Home, run

db = pytest.mark.django_db(transaction=True)


@pytest.fixture
def line(bucket: Bucket) -> Iterator[Wire]:
    """The wire on which Kfar reaches the bucket."""
    with wire(bucket.port) as made:
        yield made


@pytest.fixture
def lake(
    bucket: Bucket, line: Wire, data_dir: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """The lake's folder, with the bucket behind it."""
    for name, value in Bucket.keys(line.port).items():
        monkeypatch.setenv(name, value)
    settings.KFAR_LAKE_URL = bucket.url
    return data_dir / "lake"


def catalogue() -> set[str]:
    return {
        name for rows in (Segment, IdRun) for name in rows.objects.values_list("name", flat=True)
    }


def on_the_disk(lake: Path) -> dict[str, bytes]:
    kept = [path for path in lake.iterdir() if path.suffix in {".parquet", ".ids"}]
    return {path.name: path.read_bytes() for path in kept}


def traces(bucket: Bucket, folder: Path, *needles: bytes) -> list[str]:
    """Return what in the bucket holds one of these, packed or not."""
    folder.mkdir()
    for name, content in bucket.objects().items():
        (folder / name).write_bytes(content)
    return found(folder, *needles)


@db
class TestBucket:
    def test_what_settled_stands_in_the_bucket_byte_for_byte(
        self, bucket: Bucket, lake: Path
    ) -> None:
        for n in range(5):
            settle([a_touch(f"{n}/{i}", i) for i in range(3)], f"{n}")
        table.compact()
        assert set(bucket.objects()) == catalogue()
        assert bucket.objects() == on_the_disk(lake)
        assert Noted.objects.count() == 0

    def test_an_empty_folder_fetches_what_is_read_and_no_more(
        self, bucket: Bucket, lake: Path
    ) -> None:
        settle([a_touch(f"{n}", n) for n in range(9)], "hers")
        settle([a_touch("his", customer=BORYS)], "his")
        hers = next(s.name for s in Segment.objects.all() if s.max_customer == ANNA)
        before, only, kept = journey([ANNA, BORYS]), journey([ANNA]), on_the_disk(lake)
        shutil.rmtree(lake)
        assert journey([ANNA]) == only
        assert on_the_disk(lake) == {hers: kept[hers]}
        assert journey([ANNA, BORYS]) == before
        assert settle([a_touch("3", 3), a_touch("new", 9)], "again") == 1
        assert {name: on_the_disk(lake)[name] for name in kept} == kept
        assert set(bucket.objects()) == catalogue()
        assert list(lake.glob("*.part")) == []

    def test_who_is_erased_leaves_the_bucket(
        self, bucket: Bucket, lake: Path, tmp_path: Path
    ) -> None:
        live()
        needles = everything_of(*HERS)
        assert traces(bucket, tmp_path / "before", *needles)
        assert table.erase([CEZARY]) == 6
        assert traces(bucket, tmp_path / "after", *needles) == []
        assert set(bucket.objects()) <= catalogue()
        table.mirror()  # runs of ids that were changed come anew
        assert traces(bucket, tmp_path / "later", *needles) == []
        assert set(bucket.objects()) == catalogue()
        assert bucket.objects() == on_the_disk(lake)
        assert table.lacking() == {}

    def test_who_is_erased_on_a_new_disk_leaves_bucket_and_disk(
        self, bucket: Bucket, lake: Path, tmp_path: Path
    ) -> None:
        live()
        shutil.rmtree(lake)
        lake.mkdir()
        for name, content in bucket.objects().items():  # somebody was killed while they fetched
            (lake / f"{name}.part").write_bytes(content)
        assert table.erase([CEZARY]) == 6
        assert traces(bucket, tmp_path / "after", *everything_of(*HERS)) == []
        assert found(lake, *everything_of(*HERS)) == []

    def test_a_lake_of_before_comes_into_the_bucket(
        self, bucket: Bucket, lake: Path, line: Wire, settings: Settings
    ) -> None:
        settings.KFAR_LAKE_URL = ""
        for n in range(3):
            settle([a_touch(f"{n}", n)], f"{n}")
        assert (table.mirror(), bucket.objects()) == (0, {})
        settings.KFAR_LAKE_URL = bucket.url
        settle([a_touch("new", 9)], "new")
        assert len(bucket.objects()) == 2
        line.left = 0
        with pytest.raises(Refused, match=r"lake\.bucket_away"):
            table.mirror()
        line.left = None
        lost, *_ = sorted(name for name in catalogue() if name not in bucket.objects())
        (lake / lost).rename(lake / "lost")  # in neither: the others come all the same
        assert table.mirror() == len(catalogue()) - 3
        assert table.lacking() == {lost: None}
        (lake / "lost").rename(lake / lost)
        assert table.mirror() == 0  # it looks now and then
        mirroring.soon()
        assert table.mirror() == 1
        assert bucket.objects() == on_the_disk(lake)
        assert table.lacking() == {}

    def test_it_is_seen_what_the_bucket_lacks(self, bucket: Bucket, lake: Path) -> None:
        settle([a_touch()])
        [segment], [run] = Segment.objects.all(), IdRun.objects.all()
        shutil.rmtree(lake)
        assert (table.lacking(), table.damaged()) == ({}, [])
        bucket.remove(segment.name)
        bucket.s3().put_object(Bucket=bucket.name, Key=f"lake/{run.name}", Body=b"torn")
        assert table.lacking() == {segment.name: None, run.name: 4}
        with pytest.raises(Refused, match=r"lake\.damaged"):
            journey([ANNA])

    def test_runs_that_are_nowhere_are_made_anew(self, bucket: Bucket, lake: Path) -> None:
        settle([a_touch("1"), a_touch("2")])
        bucket.remove(IdRun.objects.get().name)
        shutil.rmtree(lake)
        assert settle([a_touch("1"), a_touch("3")], "again") == 1
        assert set(bucket.objects()) == catalogue()

    def test_a_bucket_that_is_away_refuses_and_loses_nothing(
        self, bucket: Bucket, lake: Path, line: Wire
    ) -> None:
        settle([a_touch("1")], "1")
        settle([a_touch("2", customer=BORYS)], "2")
        there = bucket.objects()
        inbox.put(a_touch("3", 1))
        line.left = 0
        with pytest.raises(Refused, match=r"lake\.bucket_away"):
            settle_inbox(enough=1)
        with pytest.raises(Refused, match=r"lake\.bucket_away"):
            settle([a_touch("4", 2)], "4")
        assert (Touchpoint.objects.count(), table.taken("4")) == (1, False)
        assert [touch.id for touch in journey([ANNA])] == [a_touch("3").id, a_touch("1").id]
        (lake / Segment.objects.get(max_customer=BORYS).name).unlink()
        with pytest.raises(Refused, match=r"lake\.bucket_away"):
            journey([BORYS])
        with pytest.raises(Refused, match=r"lake\.bucket_away"):
            table.erase([BORYS])
        assert bucket.objects() == there
        line.left = None
        assert (settle_inbox(enough=1), settle([a_touch("4", 2)], "4")) == (1, 1)
        assert len(journey([ANNA])) == 3
        assert len(journey([BORYS])) == table.erase([BORYS]) == 1
        mirroring.soon()
        table.mirror()
        assert bucket.objects() == on_the_disk(lake)
        assert set(bucket.objects()) == catalogue()

    def test_an_erasure_is_not_done_before_it_is_done_in_the_bucket(
        self, bucket: Bucket, lake: Path, line: Wire, tmp_path: Path
    ) -> None:
        live()
        line.left = 0
        with pytest.raises(Refused, match=r"lake\.bucket_away"):
            table.erase([CEZARY])
        line.left = None
        table.erase([CEZARY])
        table.mirror()
        assert traces(bucket, tmp_path / "after", *everything_of(*HERS)) == []
        assert set(bucket.objects()) == catalogue()

    def test_a_bucket_that_keeps_old_versions_gets_nothing(
        self, bucket: Bucket, lake: Path
    ) -> None:
        bucket.keep_versions()
        with pytest.raises(Refused, match=r"lake\.versioned"):
            settle([a_touch()])
        assert (bucket.objects(), Segment.objects.count()) == ({}, 0)
        versions = bucket.s3().list_object_versions(Bucket=bucket.name)["Versions"]
        assert {version["Key"] for version in versions} == {"lake/kfar.probe"}

    def test_one_that_begins_to_keep_them_is_refused(self, bucket: Bucket, lake: Path) -> None:
        settle([a_touch("1")], "1")
        bucket.keep_versions()
        with pytest.raises(Refused, match=r"lake\.versioned"):
            settle([a_touch("2")], "2")
        assert [touch.id for touch in journey([ANNA])] == [a_touch("1").id]

    def test_a_torn_download_is_not_read(self, bucket: Bucket, lake: Path, line: Wire) -> None:
        settle([a_touch(f"{n}", n, properties=f"{n:x}" * 99) for n in range(100)])
        before = journey([ANNA])
        shutil.rmtree(lake)
        line.left = 1500  # the size, and some of the file
        with pytest.raises(Refused, match=r"lake\.bucket_away"):
            journey([ANNA])
        assert on_the_disk(lake) == {}
        line.left = None
        assert journey([ANNA]) == before

    def test_without_the_extra_it_is_said(
        self, lake: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, "obstore.store", None)
        with pytest.raises(Refused, match=r"lake\.no_s3"):
            settle([a_touch()])
        assert Segment.objects.count() == 0

    def test_a_bucket_that_is_not_there_is_said(self, lake: Path, settings: Settings) -> None:
        settings.KFAR_LAKE_URL = "s3://nowhere"
        with pytest.raises(Refused, match=r"lake\.bucket_away"):
            settle([a_touch()])


@pytest.mark.django_db
def test_without_a_bucket_nothing_is_noted_or_fetched(data_dir: Path) -> None:
    settle([a_touch()])
    assert journey([ANNA]) == [a_touch()]
    assert (table.mirror(), Noted.objects.count()) == (0, 0)
    assert not (data_dir / "lake" / FETCHING).exists()


#: For programs: what is done, and where the disk is lost.
PROGRAM = """
import os, shutil
from django.conf import settings
from django.db.models import QuerySet
from kfar.lake import table
from kfar.lake.models import IdRun
from kfar.lake.table import bucket, erasure, writing
from tests.lake.test_bucket import catalogue
from tests.lake.test_erasure import CEZARY, HERS, everything_of, found, live
from tests.lake.touches import a_touch, settle
from tests.programs import forked, forked_at_once

LAKE = settings.KFAR_DATA_DIR / "lake"

def lose():
    if {lost}:
        shutil.rmtree(LAKE)

def tell():
    table.mirror()
    with table.reading() as session:
        print(session.rows("SELECT count(*), count(DISTINCT id) FROM touches"))
    print(" ".join(sorted(catalogue())), table.damaged(), table.lacking())

"""


@pytest.mark.parametrize("lost", [False, True], ids=["disk-stays", "disk-lost"])
class TestKilledAnywhere:
    def test_appending_and_compacting(self, kfar: Home, bucket: Bucket, lost: bool) -> None:
        said = done(
            kfar,
            bucket,
            lost,
            """
        def appends(turn):
            for n in range(4):
                settle([a_touch(f"{turn}/{n}/{i}", i) for i in range(5)], f"{turn}/{n}")

        for moment in [(bucket, "keep"), (os, "replace"), (IdRun, "save"), (os, "ftruncate")]:
            forked(lambda: appends(0), killed_at=moment)
            lose()
        moments = [
            (bucket, "keep"),
            (os, "replace"),
            (QuerySet, "bulk_create"),
            (bucket, "drop"),
            (writing, "_let_go"),
            (os, "ftruncate"),
        ]
        for turn, moment in enumerate(moments):
            forked(lambda: appends(turn))
            forked(table.compact, killed_at=moment)
            lose()
        forked(table.compact)
        lose()
        forked(tell)
        """,
        )
        rows, named = said.splitlines()
        assert rows == "[(120, 120)]"
        assert named == f"{' '.join(sorted(bucket.objects()))} [] {{}}"

    def test_erasing(self, kfar: Home, bucket: Bucket, lost: bool, tmp_path: Path) -> None:
        said = done(
            kfar,
            bucket,
            lost,
            """
        def killed_when_a_file_has_left_the_table():
            drop = bucket.drop
            def dies(names):
                if any(name.endswith(".parquet") for name in names):
                    os.kill(os.getpid(), 9)
                drop(names)
            bucket.drop = dies
            table.erase([CEZARY])

        forked(live)
        lose()
        for moment in [
            (bucket, "drop"),
            (bucket, "keep"),
            (QuerySet, "bulk_create"),
            None,
            (writing, "_let_go"),
            (os, "ftruncate"),
            (erasure, "remove"),
        ]:
            if moment:
                forked(lambda: table.erase([CEZARY]), killed_at=moment)
            else:
                forked(killed_when_a_file_has_left_the_table, killed=True)
            lose()
        forked(lambda: table.erase([CEZARY]))
        print(found(LAKE, *everything_of(*HERS)), flush=True)
        forked(tell)
        """,
        )
        traced, rows, named = said.splitlines()
        assert (traced, rows) == ("[]", "[(51, 51)]")
        assert named == f"{' '.join(sorted(bucket.objects()))} [] {{}}"
        assert traces(bucket, tmp_path / "bucket", *everything_of(*HERS)) == []


def test_many_fetch_while_files_are_joined_and_somebody_is_erased(
    kfar: Home, bucket: Bucket, tmp_path: Path
) -> None:
    said = done(
        kfar,
        bucket,
        True,
        """
    forked(live)
    lose()
    def reads():
        for n in range(5):
            with table.reading() as session:
                [(rows, ids)] = session.rows("SELECT count(*), count(DISTINCT id) FROM touches")
            assert rows == ids >= 51, (rows, ids)

    def joins():
        for n in range(3):
            settle([a_touch(f"more/{n}", n)], f"more/{n}")
            table.compact(whole=True)

    erases = lambda: table.erase([CEZARY])
    print(forked_at_once(reads, reads, reads, joins, erases), flush=True)
    forked(table.compact)
    print(found(LAKE, *everything_of(*HERS)), flush=True)
    forked(tell)
    """,
    )
    ended, traced, rows, named = said.splitlines()
    assert (ended, traced, rows) == ("[0, 0, 0, 0, 0]", "[]", "[(54, 54)]")
    assert named == f"{' '.join(sorted(bucket.objects()))} [] {{}}"
    assert traces(bucket, tmp_path / "bucket", *everything_of(*HERS)) == []


def done(kfar: Home, bucket: Bucket, lost: bool, code: str) -> str:
    """Run a program in a Kfar with that bucket; return what it printed."""
    return run(
        PROGRAM.format(lost=lost) + dedent(code),
        kfar.folder,
        status=0,
        KFAR_DATABASE_URL=kfar.database_url,
        **bucket.environment,
    )
