"""A disk that is full, read-only or broken: 503 while it lasts, pages answer, nothing is lost."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from random import Random

import psutil
import pytest

from tests.programs import Home
from tests.torture.checker import Report
from tests.torture.run import CLIENTS, Torture
from tests.torture.serving import GATE, GATE_MODULE

MEGABYTES = 64
numbers = count()


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own, where we may have one."""
    folder = tmp_path / "small"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", str(folder)]
    if (
        not shutil.which("mount")
        or subprocess.run(command, capture_output=True, check=False).returncode
    ):
        pytest.skip("nothing may be mounted here")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def send(run: Torture) -> tuple[int, str | None, str]:
    """Send one event of our own; return status, Retry-After and the reason, if any."""
    message = f"own-{next(numbers)}"
    event = {"event": "Tried", "userId": "p1", "messageId": message, "writeKey": run.to.key}
    run.ledger.events[message] = False
    at = HTTPConnection("127.0.0.1", run.to.port, timeout=60)
    try:
        at.request("POST", "/v1/track", json.dumps(event))
        answer = at.getresponse()
        said = json.loads(answer.read())
    finally:
        at.close()
    run.ledger.events[message] = answer.status == 200
    return answer.status, answer.getheader("Retry-After"), said.get("error", "")


def refuses_meanwhile(
    run: Torture, trouble: Callable[[], object], well: Callable[[], object]
) -> set[str]:
    """In that trouble clients are told to come back and pages answer; after it all goes on.

    Returns what else clients were answered from the first such answer on.
    """
    gate = run.serving.until(lambda: run.serving.find(GATE))
    trouble()
    # What little room is left may be taken first.
    said = run.serving.until(lambda: ((answer := send(run))[0] != 200 and answer) or None)
    # What was answered before may be noted only now: each client has one request under way.
    run.ledger.answers.clear()
    run.serving.until(lambda: run.ledger.answers.get("503", 0) > 2 * CLIENTS or None)
    run.ledger.answers.clear()
    assert said == (503, "1", "disk_full")
    assert [run.serving.get("/") for _ in range(3)] == [200] * 3
    run.serving.until(lambda: run.ledger.answers.get("503") or None)
    others = set(run.ledger.answers) - {"503"}
    well()
    run.answered()
    assert run.serving.find(GATE) == gate
    return others


def test_the_gate_says_so_while_it_lasts_and_goes_on_after(home: Path, tmp_path: Path) -> None:
    run = Torture(Home(home, ""), tmp_path / "kept", Random(5))
    run.begin()
    disk, serving = run.disk, run.serving
    try:
        serving.until(lambda: serving.get("/") == 200 or None)
        assert refuses_meanwhile(run, disk.full, disk.well) == set()
        assert refuses_meanwhile(run, disk.read_only, disk.well) == set()

        # A sync that fails: nobody knows what is kept, so nobody is told anything.
        gate = serving.until(lambda: serving.find(GATE))
        disk.broken("intake")
        psutil.wait_procs([gate], timeout=60)
        serving.until(lambda: serving.exit_codes(GATE_MODULE) or None)
        disk.well()
        run.answered()
        assert run.end(code=3) == Report()
    finally:
        run.clear()


def test_a_disk_that_is_really_full(migrated: Path, small: Path, tmp_path: Path) -> None:
    home = Path(shutil.copytree(migrated, small / "home"))
    run = Torture(Home(home, ""), tmp_path / "kept", Random(6))
    run.begin()
    ballast = small / "ballast"

    def fill() -> None:
        with ballast.open("wb", buffering=0) as file:
            for size in (1 << 20, 4096, 1):
                with suppress(OSError):
                    while file.write(b"x" * size):
                        pass

    try:
        run.serving.until(lambda: run.serving.get("/") == 200 or None)
        refuses_meanwhile(run, fill, ballast.unlink)
        assert run.end() == Report()
    finally:
        run.clear()
