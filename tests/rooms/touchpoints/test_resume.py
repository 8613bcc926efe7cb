"""Imports killed at any step and run again: complete, and nothing twice."""

from __future__ import annotations

from pathlib import Path

from kfar.lake.engines import engine
from kfar.rooms.touchpoints import completejourney
from tests.programs import run

COUNT = """
    import os, signal, pathlib
    from kfar.lake import table
    from kfar.lake.models import Segment
    from kfar.rooms.customers.models import Consent, Customer, Handle
    from kfar.rooms.touchpoints import completejourney, imports
    from kfar.rooms.touchpoints.imports import chunks
    from tests.programs import forked

    def count():
        with table.reading() as session:
            [there] = session.rows("SELECT count(*), count(DISTINCT id) FROM touches")
        people = Customer.objects.count(), Handle.objects.count(), Consent.objects.count()
        print(there, people, Segment.objects.count(), flush=True)

    def kill():
        os.kill(os.getpid(), signal.SIGKILL)
"""


def a_cut(folder: Path) -> tuple[int, int]:
    """Write the first 60 households' part of the data set; return its touches and people."""
    with engine().session() as session:
        completejourney.open_files(session)
        for name in completejourney.FILES:
            kept = {
                "products": "true",
                "campaign_descriptions": "true",
                "promotions": "false",
            }.get(name, "household_id <= 60")
            session.write(f"SELECT * FROM {name} WHERE {kept}", folder / f"{name}.parquet")
        [(touches, people)] = session.rows(
            """SELECT count(*), count(DISTINCT household_id) FROM transactions
            WHERE household_id <= 60"""
        )
    return touches, people


def test_the_demo_killed_at_every_step_is_complete_in_the_end(home: Path) -> None:
    touches, people = a_cut(home)

    said = run(
        COUNT
        + f"""
    cut = pathlib.Path({str(home)!r})
    def load():
        print(completejourney.load(folder=cut), flush=True)
    def load_until(*moment):
        completejourney.load(folder=cut, progress=lambda *step: step == moment and kill())
    forked(load, killed_at=(Consent.objects, "bulk_create"))
    forked(count)
    forked(load, killed_at=(table, "append"))
    forked(count)
    forked(load, killed_at=(os, "replace"))
    forked(load, killed_at=(Segment.objects, "create"))
    forked(count)
    forked(lambda: load_until("purchases", 2, 4), killed=True)
    forked(load)
    forked(count)
    forked(load)
    forked(count)
    """,
        home,
    )

    agreed = sum(len(completejourney.consents(n)) for n in range(1, people + 1))
    everybody = (people, 2 * people, agreed)
    lines = said.splitlines()
    assert lines[:3] == ["(0, 0) (0, 0, 0) 0", *[f"(0, 0) {everybody} 0"] * 2]
    assert 0 < int(lines[3]) < touches
    assert lines[4:] == [
        f"{(touches, touches)} {everybody} 4",
        "0",
        f"{(touches, touches)} {everybody} 4",
    ]


def test_an_import_killed_at_every_step_is_complete_in_the_end(home: Path) -> None:
    rows = [f"c{n % 40},2026-01-01T00:{n // 60:02}:{n % 60:02},web,visit" for n in range(2500)]
    (home / "shop.csv").write_text("customer,at,channel,kind\n" + "\n".join(rows))

    said = run(
        COUNT
        + f"""
    chunks.CHUNK = 1000
    def take():
        path = pathlib.Path({str(home)!r}) / "shop.csv"
        print(imports.import_file(path, source="shop"), flush=True)
    def killed_in_the_second_chunk():
        append = table.append
        def append_once(*args, **more):
            return kill() if Segment.objects.exists() else append(*args, **more)
        table.append = append_once
        take()
    forked(take, killed_at=(table, "append"))
    forked(count)
    forked(killed_in_the_second_chunk, killed=True)
    forked(count)
    forked(take)
    forked(count)
    chunks.CHUNK = 700
    forked(take)
    forked(count)
    """,
        home,
    )

    assert said.splitlines() == [
        "(0, 0) (40, 40, 0) 0",
        "(1000, 1000) (40, 40, 0) 1",
        "Imported(taken=1500, known=1000, rejected=0)",
        "(2500, 2500) (40, 40, 0) 3",
        "Imported(taken=0, known=2500, rejected=0)",
        "(2500, 2500) (40, 40, 0) 3",
    ]
