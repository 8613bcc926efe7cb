"""`kfar serve`: it answers, outlives its children, and stops in order. Real processes."""

from __future__ import annotations

import fcntl
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.client import HTTPConnection
from typing import TypeVar

import psutil
import pytest

from tests.programs import Home, environment

T = TypeVar("T")


def until(found: Callable[[], T | None], seconds: float = 60) -> T:
    """Return what `found` finds, asked again until then; fail after `seconds`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if (value := found()) is not None:
            return value
        time.sleep(0.05)
    raise TimeoutError(found)


class Server:
    """A `kfar serve` of the test's own."""

    def __init__(self, kfar: Home) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        env = environment(
            kfar.folder, KFAR_DATABASE_URL=kfar.database_url, KFAR_PORT=str(self.port)
        )
        command = [sys.executable, "-m", "kfar", "serve"]
        self.process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True)
        self.family: dict[int, psutil.Process] = {}

    def get(self, path: str) -> int | None:
        """Return the status of a page; None while nobody answers."""
        page = HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            page.request("GET", path)
            return page.getresponse().status
        except OSError:
            return None
        finally:
            page.close()

    def child(self, name: str) -> psutil.Process | None:
        """Return the running child whose command line says this."""
        for child in psutil.Process(self.process.pid).children():
            self.family[child.pid] = child
            with suppress(psutil.Error):  # it has ended while we looked
                if child.status() != psutil.STATUS_ZOMBIE and name in child.cmdline():
                    return child
        return None

    def killed(self, name: str) -> psutil.Process:
        """Kill that child; return the one that takes its place."""
        first = until(lambda: self.child(name))
        first.kill()
        return until(lambda: (new := self.child(name)) and ((new.pid != first.pid and new) or None))


@pytest.fixture
def server(kfar: Home) -> Iterator[Server]:
    server = Server(kfar)
    yield server
    closed(server)


def closed(server: Server) -> None:
    """Leave nothing of a server."""
    if server.process.poll() is None:  # the test has failed
        for child in psutil.Process(server.process.pid).children(recursive=True):
            child.kill()
        server.process.kill()
    server.process.wait()
    assert server.process.stdout
    server.process.stdout.close()


def test_it_answers_outlives_its_children_and_stops_at_two_signals_in_a_row(server: Server) -> None:
    assert server.process.stdout
    said = server.process.stdout.readline()
    assert said == f"Kfar is open at http://127.0.0.1:{server.port}\n"
    assert [until(lambda: server.get("/")), server.get("/attic/")] == [200, 404]

    second = server.killed("work")
    assert server.get("/questions/") == 200
    server.killed("kfar.doors.cli.pages")
    server.killed("kfar.doors.gate")
    until(lambda: server.get("/questions/") == 200 or None)

    server.process.send_signal(signal.SIGTERM)
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(30) == 0
    assert len(server.family) == 6  # the gate, the pages and the worker, each twice
    assert [child.is_running() for child in server.family.values()] == [False] * 6
    assert (server.get("/"), second.is_running()) == (None, False)


def test_a_gate_that_ends_with_a_broken_intake_is_started_again(kfar: Home) -> None:
    """Here another holds its log: it ends with code 3, again and again, until it can."""
    (kfar.folder / "intake").mkdir()
    with (kfar.folder / "intake" / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        server = Server(kfar)
        try:
            first = until(lambda: server.child("kfar.doors.gate"))
            assert first.wait(30) in {3, None}  # somebody else's child may not tell
            assert server.get("/") is None
            fcntl.flock(lock, fcntl.LOCK_UN)
            until(lambda: server.get("/") == 200 or None)
            server.process.send_signal(signal.SIGTERM)
            assert server.process.wait(30) == 0
        finally:
            closed(server)


def test_killed_it_leaves_nobody_behind_and_another_takes_over(kfar: Home, server: Server) -> None:
    until(lambda: server.get("/"))
    second = subprocess.run(
        [sys.executable, "-m", "kfar", "serve"],
        env=environment(kfar.folder, KFAR_DATABASE_URL=kfar.database_url, KFAR_PORT="1"),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (second.returncode, second.stderr.split(" serves ")[0]) == (2, "Another Kfar")

    family = psutil.Process(server.process.pid).children(recursive=True)
    server.process.kill()
    _, alive = psutil.wait_procs(family, timeout=30)
    assert alive == []
