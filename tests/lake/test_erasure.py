"""Erasure: nothing of a person stays on the disk. Forgetting: nothing older than it may be."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import duckdb
import pytest
from pytest_django import Settings

from kfar.lake import inbox, table
from kfar.lake.models import IdRun, Segment
from kfar.lake.scrub import scrub
from kfar.lake.table import plan
from kfar.lake.touch import Touch
from tests.lake.touches import ANNA, BORYS, NOON, a_touch, journey, settle
from tests.programs import Home, run

CEZARY = UUID("77777777-7777-4777-8777-777777777777")
#: What only the erased person's touches say.
PLANTED = ("only-she-name", "only-she-url", "only-she-properties", "only-she-product")


def planted(key: str, hours: float = 0, customer: UUID = CEZARY) -> Touch:
    name, url, properties, product = PLANTED
    return a_touch(
        key,
        hours,
        customer=customer,
        name=name,
        url=url,
        properties=properties,
        product_name=product,
        basket=f"basket-{key}",
    )


def forms(of: UUID) -> set[bytes]:
    """Return how an id may stand in a file: as bytes, as DuckDB's number, as text."""
    flipped = of.int ^ (1 << 127)  # DuckDB keeps ids as signed numbers
    return {
        of.bytes,
        of.bytes_le,
        flipped.to_bytes(16, "big"),
        flipped.to_bytes(16, "little"),
        of.int.to_bytes(16, "little"),
        of.int.to_bytes(16, "big")[8:],
        of.int.to_bytes(16, "little")[:8],
        *(text.encode() for text in (of.hex, str(of), of.hex.upper(), str(of).upper())),
    }


def contents(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield all that stands in the files of a folder: their bytes, and what Parquet packs."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.name, path.read_bytes()
        if ".parquet" in path.name:
            with duckdb.connect() as alone:
                for sql in (
                    "SELECT columns(*)::VARCHAR FROM read_parquet($f)",
                    "SELECT columns(*)::VARCHAR FROM parquet_metadata($f)",
                    "SELECT columns(*)::VARCHAR FROM parquet_kv_metadata($f)",
                ):
                    rows = alone.execute(sql, {"f": str(path)}).fetchall()
                    yield f"{path.name}: {sql}", repr(rows).encode()


def found(folder: Path, *needles: bytes) -> list[str]:
    return [name for name, content in contents(folder) if any(n in content for n in needles)]


def everything_of(*touches: Touch) -> set[bytes]:
    needles = {text.encode() for text in PLANTED}
    for touch in touches:
        needles |= forms(touch.id) | forms(touch.customer)
    return needles


HERS = [planted(str(n), n) for n in range(6)]


def live() -> None:
    """What happens before an erasure: imports, live touches, a retry, compaction."""
    others = [a_touch(f"other {n}", n, customer=UUID(int=n << 100)) for n in range(50)]
    settle([*others[:20], HERS[0]], "one")
    settle([*others[20:40], HERS[1], HERS[2]], "two")
    settle([HERS[3]], "alone")
    table.compact(whole=True)
    settle([*others[40:], HERS[4]], "late")
    for touch in (HERS[4], HERS[5], a_touch("fresh", customer=BORYS)):
        inbox.put(touch)


@pytest.mark.django_db(transaction=True)
class TestErasure:
    def test_one_person_leaves_and_the_others_stay(self, data_dir: Path) -> None:
        live()
        others = 50 + 1
        assert len(journey([CEZARY])) == 6
        assert table.erase([CEZARY]) == 6
        assert journey([CEZARY]) == []
        with table.reading() as session:
            assert session.rows("SELECT count(*), count(DISTINCT id) FROM touches") == [
                (others, others)
            ]
        assert table.damaged() == []
        assert table.erase([CEZARY]) == 0

    def test_several_at_once_and_who_is_not_there(self, data_dir: Path) -> None:
        settle([a_touch("1"), a_touch("2", customer=BORYS), planted("3")])
        assert table.erase([]) == 0
        assert table.erase([ANNA, CEZARY, uuid4()]) == 2
        assert [touch.id for touch in journey([ANNA, BORYS, CEZARY])] == [a_touch("2").id]

    def test_a_file_of_the_erased_alone_is_gone(self, data_dir: Path) -> None:
        settle([planted("1")])
        assert table.erase([CEZARY]) == 1
        assert (Segment.objects.count(), list((data_dir / "lake").glob("*.parquet"))) == (0, [])

    def test_what_others_sent_is_still_known_and_what_was_erased_is_not(
        self, data_dir: Path
    ) -> None:
        live()
        table.erase([CEZARY])
        again = [a_touch(f"other {n}", n, customer=UUID(int=n << 100)) for n in range(50)]
        assert settle(again, "again") == 0
        assert settle(HERS, "again, from who may send it") == 6

    def test_no_file_of_the_table_holds_anything_of_them(self, data_dir: Path) -> None:
        live()
        needles = everything_of(*HERS)
        assert found(data_dir, *needles)
        table.erase([CEZARY])
        assert scrub()
        assert found(data_dir, *needles) == []

    def test_who_is_at_the_edge_of_a_file_leaves_its_bounds_too(self, data_dir: Path) -> None:
        first, last = UUID(int=1), UUID(int=2**128 - 1)
        settle([a_touch("1", customer=first), a_touch("2"), a_touch("3", customer=last)])
        table.erase([first, last])
        segment = Segment.objects.get()
        assert (segment.min_customer, segment.max_customer, segment.rows) == (ANNA, ANNA, 1)

    def test_older_than_is_forgotten(self, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(plan, "LARGEST", 20)
        settle([a_touch(f"{n}", n, customer=UUID(int=n << 120)) for n in range(100)])
        table.compact(whole=True)
        settle([planted("old", -1)], "old alone")
        inbox.put(planted("old and fresh", -2))
        inbox.put(a_touch("new and fresh", 200))
        assert table.forget(before=NOON + timedelta(hours=30)) == 30 + 2
        with table.reading() as session:
            [(rows, first)] = session.rows('SELECT count(*), min("at") FROM touches')
        assert (rows, first) == (71, NOON + timedelta(hours=30))
        assert table.forget(before=NOON + timedelta(hours=30)) == 0
        assert table.damaged() == []
        old = [a_touch(f"{n}", n, customer=UUID(int=n << 120)) for n in range(30)]
        ids = {form for touch in old for form in forms(touch.id)}
        assert found(data_dir / "lake", *ids) == []

    def test_kept_as_long_as_it_is_set(self, data_dir: Path, settings: Settings) -> None:
        now = datetime.now(NOON.tzinfo)
        days = [0, 9, 11]
        settle([a_touch(f"{n}", at=now - timedelta(days=n)) for n in days])
        settings.KFAR_KEEP_TOUCHES = None
        assert table.forget_old() == 0
        settings.KFAR_KEEP_TOUCHES = timedelta(days=10)
        assert table.forget_old() == 1
        assert [touch.id for touch in journey([ANNA])] == [
            a_touch("0").id,
            a_touch("9").id,
        ]


def test_the_search_for_traces_finds_them(home: Path) -> None:
    """Where nothing is erased, every kind of file tells."""
    run(
        """
    from tests.lake.test_erasure import live
    live()
    """,
        home,
    )
    hits = found(home, *everything_of(*HERS))
    kinds = {Path(name.split(":")[0]).suffix for name in hits}
    assert {".parquet", ".ids", ".sqlite3"} <= kinds
    assert any("read_parquet" in name for name in hits)
    assert any("parquet_metadata" in name for name in hits)


def test_nothing_is_left_in_any_file_while_kfar_runs(home: Path) -> None:
    """With the database open, so that its log is there."""
    said = run(
        """
    from django.conf import settings
    from kfar.lake import inbox, table
    from kfar.lake.models import Touchpoint
    from kfar.lake.scrub import scrub
    from kfar.lake.settle import settle as settle_inbox
    from tests.lake.test_erasure import CEZARY, HERS, everything_of, found, live, planted
    from tests.lake.touches import a_touch
    # Many rows, so that pages of the database fill, split and are freed.
    for n in range(400):
        inbox.put(a_touch(f"before {n}", n) if n % 3 else planted(f"her {n}", n))
    settle_inbox(enough=1)
    for n in range(400, 800):
        inbox.put(a_touch(f"before {n}", n) if n % 3 else planted(f"her {n}", n))
    live()
    print(table.erase([CEZARY]), scrub())
    hers = [planted(f"her {n}") for n in range(800) if n % 3 == 0]
    print(found(settings.KFAR_DATA_DIR, *everything_of(*HERS, *hers)))
    print((settings.KFAR_DATA_DIR / "kfar.sqlite3-wal").exists())
    """,
        home,
    )
    assert said.splitlines() == [f"{267 + 6} True", "[]", "True"]


def test_killed_in_the_middle_and_done_again(kfar: Home) -> None:
    said = kfar.run(
        """
    import os
    from django.conf import settings
    from django.db.models import QuerySet
    from kfar.lake import table
    from kfar.lake.engines import duck
    from kfar.lake.table import erasure, ids, writing
    from tests.lake.test_erasure import CEZARY, HERS, everything_of, found, live
    from tests.programs import forked

    def left():
        with table.reading() as session:
            print(session.rows("SELECT count(*), count(DISTINCT id) FROM touches"), flush=True)

    forked(live)
    for moment in [
        (ids, "take_out"),
        (duck.DuckSession, "write"),
        (os, "replace"),
        (QuerySet, "bulk_create"),
        (writing, "_let_go"),
        (QuerySet, "delete"),
        (erasure, "remove"),
    ]:
        forked(lambda: table.erase([CEZARY]), killed_at=moment)
    forked(lambda: table.erase([CEZARY]))
    forked(left)
    print(found(settings.KFAR_DATA_DIR / "lake", *everything_of(*HERS)))
    """
    )
    assert said.splitlines() == ["[(51, 51)]", "[]"]


@pytest.mark.django_db(transaction=True)
def test_an_erased_run_of_neighbours(data_dir: Path) -> None:
    """Ids that stand side by side in the run, at its beginning, and all of it."""
    people = [ANNA, BORYS, CEZARY]
    touches = [a_touch(f"{n}", n, id=UUID(int=n + 1), customer=people[n // 5]) for n in range(15)]
    settle(touches)
    for number, person in enumerate(people):
        assert table.erase([person]) == 5
        assert IdRun.objects.get().gone == 5 * (number + 1)
    assert settle(touches, "again") == 15
