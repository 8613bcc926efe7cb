"""A `kfar serve` of the torture's own: started, killed in part or in whole, started again."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import TypeVar

import psutil

from tests.programs import Home, environment
from tests.torture.disk import Disk

T = TypeVar("T")

#: What can be killed, by what its command line ends with or holds; the worker is a child.
GATE, WORK, PAGES, PAGES_WORKER = "gate", "work", "pages", "worker of the pages"
SUPERVISOR = "supervisor"
#: Seconds in which everything that is waited for happens.
PATIENCE = 120


class EndedError(Exception):
    """`kfar serve` has ended, and nobody had killed it."""


class Serving:
    """Kfar, serving from `home` on `disk`; what it says goes to `log`."""

    def __init__(self, home: Home, disk: Disk, log: Path) -> None:
        self.home, self.disk, self.log = home, disk, log
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, as whoever watches over services does: at once."""
        env = environment(
            self.home.folder,
            KFAR_DATABASE_URL=self.home.database_url,
            KFAR_PORT=str(self.port),
            **self.disk.environment(),
        )
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "kfar", "serve"], env=env, stdout=log, stderr=log
            )

    def stop(self) -> int:
        """End it in order; return its exit code."""
        assert self.process
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)

    def kill(self, what: str) -> None:
        """Kill one of its processes (-9), as soon as there is one."""
        victim = self.until(lambda: self.find(what))
        victim.kill()
        if what == SUPERVISOR:
            assert self.process
            self.process.wait()

    def kill_all(self) -> None:
        """Kill all that runs on this disk, also what is left of earlier ones."""
        while living := list(self.everyone()):
            for one in living:
                one.kill()
            if self.process:
                self.process.wait()
            psutil.wait_procs(living, timeout=PATIENCE)

    # --- who is there ------------------------------------------------------------------------

    def find(self, what: str) -> psutil.Process | None:
        """Return a process that runs, None where there is none at this moment."""
        assert self.process
        try:
            whole = psutil.Process(self.process.pid)
            if what == SUPERVISOR:
                return whole
            for child in whole.children():
                command = child.cmdline()
                if what == WORK and command[-1:] == ["work"]:
                    return child
                if what == GATE and "kfar.doors.gate" in command:
                    return child
                if "kfar.doors.cli.pages" in command:
                    if what == PAGES:
                        return child
                    if what == PAGES_WORKER:
                        return next(iter(child.children()), None)
        except psutil.Error:
            pass  # it has ended while we looked
        return None

    def everyone(self) -> Iterator[psutil.Process]:
        """Yield all that runs on this disk."""
        mark = self.disk.environment()["POWERCUT_DISK"]
        for process in psutil.process_iter():
            try:
                runs = process.status() != psutil.STATUS_ZOMBIE
                if runs and process.environ().get("POWERCUT_DISK") == mark:
                    yield process
            except psutil.Error:
                continue

    def get(self, path: str) -> int | None:
        """Return the status of a page; None while nobody answers."""
        at = HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            at.request("GET", path)
            return at.getresponse().status
        except (OSError, HTTPException):
            return None
        finally:
            at.close()

    def until(self, found: Callable[[], T | None]) -> T:
        """Return what `found` finds, asked again until then; fail where Kfar ends meanwhile."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if (value := found()) is not None:
                return value
            if self.process and self.process.poll() is not None:
                raise EndedError(f"code {self.process.returncode}")
            time.sleep(0.02)
        raise TimeoutError(found)
