"""A disk that is full, slow or broken, seen through HTTP: never a lie, and nothing lost."""

from __future__ import annotations

import errno
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path

import pytest

from tests.doors.gate.gates import Gate, opened, token, until

#: The disk does as a file says: `write 28` and `sync 5` fail so, `slow` waits until it is gone.
DISK = """
import os, time
told, write, sync = {told!r}, os.write, os.fdatasync
def says(what, handle):
    try:
        said = open(told).read().split()
    except FileNotFoundError:
        return
    if said[0] == what and os.readlink(f"/proc/self/fd/{{handle}}").endswith(".log"):
        raise OSError(int(said[1]), "as told")
def slow():
    while os.path.exists(told) and open(told).read() == "slow":
        time.sleep(0.01)
def told_write(handle, data):
    says("write", handle)
    return write(handle, data)
def told_sync(handle):
    slow()
    says("sync", handle)
    sync(handle)
os.write, os.fdatasync = told_write, told_sync
import kfar.doors.gate.committing as committing
committing.MOST = {most}
"""


class Disk:
    """The disk of a gate."""

    def __init__(self, folder: Path) -> None:
        self.told = folder / "disk"

    @contextmanager
    def does(self, what: str) -> Iterator[None]:
        """Let it do so for a while."""
        part = self.told.with_suffix(".part")
        part.write_text(what)
        part.rename(self.told)
        yield
        self.told.unlink(missing_ok=True)


@contextmanager
def on_a_bad_disk(folder: Path, most: int = 1 << 26) -> Iterator[tuple[Gate, Disk]]:
    folder.mkdir()
    disk = Disk(folder)
    with opened(folder, code=DISK.format(told=str(disk.told), most=most)) as gate:
        yield gate, disk


def event(n: int) -> dict[str, str]:
    return {"event": f"e{n}", "userId": "u", "messageId": str(n)}


def ids(gate: Gate) -> list[str]:
    return [event["messageId"] for event in gate.events()]


FULL = [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG]


@pytest.mark.parametrize("error", FULL, ids=errno.errorcode.get)
def test_a_full_disk_is_said_and_everything_is_taken_once_there_is_room(
    folder: Path, error: int
) -> None:
    with on_a_bad_disk(folder) as (gate, disk):
        assert gate.post("/v1/track", event(0)).status == 200
        with disk.does(f"write {error}"):
            for path, body in (
                ("/v1/track", event(1)),
                ("/v1/batch", {"batch": [{"type": "track", **event(1)}]}),
                ("/v1/ballot", {"voter": token(5), "option": 1}),
            ):
                answer = gate.post(path, body)
                assert (answer.status, answer.error) == (503, "disk_full")
                assert answer.headers["retry-after"] == "1"
            assert gate.post("/v1/track", {}).status == 400  # which needs no disk
            assert gate.ask("GET", "/v1/projects/web-key/settings").status == 200
        assert gate.post("/v1/track", event(2)).status == 200
        assert ids(gate) == ["0", "2"]
        assert "intake.full" in gate.log.read_text()


def test_clients_that_try_again_lose_nothing_to_a_disk_that_is_full_now_and_then(
    folder: Path,
) -> None:
    with on_a_bad_disk(folder) as (gate, disk):
        refused = threading.Event()

        def send(first: int) -> None:
            for n in range(first, first + 25):
                while (status := gate.post("/v1/track", event(n)).status) == 503:
                    refused.set()
                    time.sleep(0.01)
                assert status == 200

        threads = [threading.Thread(target=send, args=(first,)) for first in range(0, 100, 25)]
        with disk.does(f"write {errno.ENOSPC}"):
            for thread in threads:
                thread.start()
            assert refused.wait(20)
        for thread in threads:
            thread.join(30)
        assert sorted(ids(gate), key=int) == [str(n) for n in range(100)]


@pytest.mark.parametrize("what", [f"sync {errno.EIO}", f"write {errno.EIO}"])
def test_a_broken_disk_acknowledges_nobody_and_ends_the_process(folder: Path, what: str) -> None:
    with on_a_bad_disk(folder) as (gate, disk):
        for n in range(3):
            assert gate.post("/v1/track", event(n)).status == 200
        with disk.does(what):
            with pytest.raises((HTTPException, ConnectionError)):
                gate.post("/v1/track", event(3))
            assert gate.process.wait(20) == 3
        assert "intake.broken" in gate.log.read_text()
        gate.start()
        assert gate.post("/v1/track", event(4)).status == 200
        # What was under way may be there; what was acknowledged is.
        assert [found for found in ids(gate) if found != "3"] == ["0", "1", "2", "4"]


def test_a_disk_that_can_not_follow_is_said_and_what_waits_is_taken(folder: Path) -> None:
    with on_a_bad_disk(folder, most=3000) as (gate, disk):
        statuses: list[int] = []

        def send(n: int) -> None:
            body = {**event(n), "properties": {"x": "x" * 1000}}
            statuses.append(gate.post("/v1/track", body).status)

        threads = [threading.Thread(target=send, args=(n,)) for n in range(12)]
        with disk.does("slow"):
            for thread in threads:
                thread.start()
            until(lambda: len(statuses) >= 8 or None)
            assert set(statuses) == {503}
            answer = gate.post("/v1/track", event(99))
            assert (answer.error, answer.headers["retry-after"]) == ("overloaded", "1")
        for thread in threads:
            thread.join(30)
        assert statuses.count(200) == len(ids(gate)) > 0
        assert statuses.count(200) + statuses.count(503) == 12


def test_two_gates_do_not_share_a_log(folder: Path) -> None:
    with opened(folder) as gate:
        given = ["--port=0", f"--data={gate.data}", f"--pages={gate.pages}"]
        second = subprocess.run(
            [sys.executable, "-m", "kfar.doors.gate", *given],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert second.returncode == 3
        assert "another process writes" in second.stderr
        assert gate.post("/v1/track", event(0)).status == 200


def test_figures_that_can_not_be_read_or_written_harm_nobody(folder: Path) -> None:
    """Also a notice that is half written: what it said before counts on."""
    with opened(folder) as gate:
        notice, figures = gate.data / "gate" / "notice.json", gate.data / "gate" / "figures.json"
        gate.post("/v1/track", event(0))
        until(lambda: figures.exists() or None)
        long = b'{"ballots":"%b"}' % (b"00" * 65)
        for nonsense in (b"{", b"\xff", b'{"keys":5}', b'{"ballots":"xyz"}', long):
            gate.log.write_text("")
            notice.write_bytes(nonsense)
            until(lambda: "notice.unread" in gate.log.read_text() or None)
            assert gate.post("/v1/track", event(1)).status == 200
        assert gate.post("/v1/ballot", {"voter": token(5), "option": 1}).status == 200
        figures.write_bytes(b"{")
        gate.end()
        figures.write_bytes(b'{"total":5}')
        gate.start()
        notice.unlink()
