"""A `kfar serve` of the torture's own: started, killed in part or in whole, started again."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import TypeVar

import psutil

from tests.programs import Home, environment
from tests.torture.disk import Disk

T = TypeVar("T")

#: What can be killed.
GATE, WORK, PAGES, PAGES_WORKER = "gate", "work", "pages", "worker of the pages"
SUPERVISOR, SECOND_WORK = "supervisor", "second work"
GATE_MODULE = "kfar.doors.gate"
#: What is started here, and with which command; the others are the supervisor's to start.
STARTED = {SUPERVISOR: "serve", SECOND_WORK: "work"}
#: Seconds in which everything that is waited for happens.
PATIENCE = 120


class EndedError(Exception):
    """Something has ended, and nobody had killed it."""


class Serving:
    """Kfar, serving from `home` on `disk`, and a second `kfar work`; what they say is in `log`."""

    def __init__(self, home: Home, disk: Disk, log: Path) -> None:
        self.home, self.disk, self.log = home, disk, log
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        """Start what does not run, as whoever watches over services does: at once."""
        env = environment(
            self.home.folder,
            KFAR_DATABASE_URL=self.home.database_url,
            KFAR_PORT=str(self.port),
            **self.disk.environment(),
        )
        for name, command in STARTED.items():
            if name not in self.running:
                with self.log.open("ab") as log:
                    self.running[name] = subprocess.Popen(
                        [sys.executable, "-m", "kfar", command], env=env, stdout=log, stderr=log
                    )

    def stop(self) -> list[int]:
        """End it in order; return the exit codes."""
        for process in self.running.values():
            process.terminate()
        return [process.wait(PATIENCE) for process in self.running.values()]

    def kill(self, what: str, moment: Callable[[], object]) -> None:
        """Kill one of its processes (-9), once there is one and the moment has come."""
        killed = False
        while not killed:
            victim = self.until(lambda: self.find(what))
            moment()
            with suppress(psutil.NoSuchProcess):  # Granian has put another in its place
                victim.kill()
                killed = True
        if what in self.running:
            self.running.pop(what).wait()

    def suspend(self, what: str) -> None:
        """Let one of its processes stand still from now on."""
        victim = self.until(lambda: self.find(what))
        with self.disk.still():
            victim.suspend()
            self.until(lambda: victim.status() == psutil.STATUS_STOPPED or None)

    def kill_all(self, moment: Callable[[], object] = lambda: None) -> None:
        """Kill all that runs on this disk, also what is left of earlier ones."""
        living = list(self.everyone())
        moment()
        while living:
            for one in living:
                with suppress(psutil.NoSuchProcess):
                    one.kill()
            for process in self.running.values():
                process.wait()
            psutil.wait_procs(living, timeout=PATIENCE)
            living = list(self.everyone())
        self.running.clear()

    def exit_codes(self, child: str) -> list[int]:
        """Return how that child of the supervisor has ended, each time."""
        lines = (line for line in self.log.read_text().splitlines() if "child.died" in line)
        died = (json.loads(line) for line in lines)
        return [one["code"] for one in died if one["command"] == child]

    # --- who is there ------------------------------------------------------------------------

    def find(self, what: str) -> psutil.Process | None:
        """Return a process that runs, None where there is none at this moment."""
        try:
            if what in STARTED:
                return psutil.Process(self.running[what].pid)
            for child in psutil.Process(self.running[SUPERVISOR].pid).children():
                command = child.cmdline()
                if what == WORK and command[-1:] == ["work"]:
                    return child
                if what == GATE and GATE_MODULE in command:
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
            for name, process in self.running.items():
                if process.poll() is not None:
                    raise EndedError(f"{name}: code {process.returncode}")
            time.sleep(0.02)
        raise TimeoutError(found)
