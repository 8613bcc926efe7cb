"""Serving: the gate, the pages and the worker, started, watched and stopped together."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from hashlib import sha256
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import FrameType
from typing import TextIO

import structlog
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import DatabaseError, close_old_connections, connection
from django.utils import timezone

from kfar import loop
from kfar.doors.cli import messages
from kfar.ground import lifeline
from kfar.ground.lifeline import Lifeline
from kfar.lake import outbox
from kfar.rooms.decisions import limiting
from kfar.rooms.village import defaults
from kfar.rooms.village import queries as village

log = structlog.get_logger(__name__)

#: A child that dies is started again after so many seconds; where it had not run for so long
#: that it must have started well, after twice as many as the time before, up to the slowest.
FIRST, WELL, SLOWEST = 0.2, 10.0, 30.0
#: Seconds to wait for what is left of another Kfar on this data directory that was killed.
PATIENCE = 2 * lifeline.GRACE
#: Seconds a child has to stop; and, of those, the worker's threads to finish what they do.
STOPS, END = 10.0, 8.0
#: A Unix socket's path, in bytes.
LONGEST_SOCKET = 100
#: How often the loop ticks, others' servers are asked for what was said, and what nobody needs
#: any more is removed, in seconds.
TICK, LISTEN, TIDY = 1.0, 15.0, 3600.0
#: How long the outbox keeps what was delivered, to look at.
KEPT = timedelta(days=30)
#: The tasks backend whose worker is ours to run.
DATABASE = "django_tasks_db.DatabaseBackend"


def prepare() -> None:
    """Bring the data directory up to this version: tables, roles, words, static files.

    Done twice it changes nothing and takes little time.
    """
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    defaults.begin()
    if lacking := village.unheld():
        log.warning("roles.lacking", acts=lacking)  # of a newer version, perhaps
    loop.post_notice()
    messages.compile_catalogues()
    if not _static_is_fresh():
        call_command("collectstatic", interactive=False, verbosity=0)


def _static_is_fresh() -> bool:
    """Return whether every static file stands in the manifest, which is newer than all of them."""
    manifest = settings.STATIC_ROOT / "staticfiles.json"
    if not manifest.exists():
        return False
    collected = set(json.loads(manifest.read_bytes())["paths"])
    made = manifest.stat().st_mtime
    found = {
        path: Path(storage.path(path)).stat().st_mtime
        for finder in get_finders()
        for path, storage in finder.list([])
    }
    return set(found) == collected and all(changed < made for changed in found.values())


def taken(host: str, port: int) -> bool:
    """Return whether something listens at that address already."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False


def hold_data() -> TextIO | None:
    """Hold the data directory for this Kfar and its children; None where another holds it.

    The lock goes with the last of them, however they end.
    """
    lock = (settings.KFAR_DATA_DIR / "serving.lock").open("a")
    end = time.monotonic() + PATIENCE
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            if time.monotonic() > end:
                lock.close()
                return None
            time.sleep(0.1)
        else:
            return lock


def serve(host: str, port: int, lock: TextIO, ready: Callable[[], None] = lambda: None) -> None:
    """Serve until stopped by a signal; calls `ready` once pages answer.

    Three children: the gate on the public port, the pages behind it, and `kfar work`. One
    that dies is started again; what it was doing is not lost, since it stands on the disk.
    """
    pages = _socket()
    children = [
        [sys.executable, "-m", "kfar.doors.cli.pages", str(pages)],
        [
            *(sys.executable, "-m", "kfar.doors.gate", f"--host={host}", f"--port={port}"),
            *(f"--data={settings.KFAR_DATA_DIR}", f"--pages={pages}"),
            f"--proxies={settings.KFAR_PROXIES}",
        ],
        [sys.executable, "-m", "kfar", "work"],
    ]
    stop = threading.Event()
    line = Lifeline()
    _on_signal(stop)
    watchers = [
        threading.Thread(target=_watch, args=(command, stop, line, lock), daemon=True)
        for command in children
    ]
    for watcher in watchers:
        watcher.start()
    while not stop.is_set() and not (_listens(pages) and _answers(host, port)):
        time.sleep(0.05)
    if not stop.is_set():
        ready()
    stop.wait()
    for watcher in watchers:
        watcher.join()


def _socket() -> Path:
    """Return where the pages listen: in the data directory, unless its path is too long."""
    path: Path = settings.KFAR_DATA_DIR / "pages.sock"
    if len(os.fsencode(path)) <= LONGEST_SOCKET:
        return path
    folder = Path(tempfile.gettempdir()) / f"kfar-{sha256(os.fsencode(path)).hexdigest()[:16]}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder / "pages.sock"


def work() -> None:
    """Do what happens behind the pages, until stopped: tasks, and the loop's tick."""
    lifeline.hold()
    if settings.TASKS["default"]["BACKEND"] != DATABASE:
        stop = threading.Event()
        _on_signal(stop)
        with _clocks():
            stop.wait()
        return
    from django_tasks_db.management.commands.db_worker import Worker

    worker = Worker(
        queue_names=["default"],
        interval=0.5,
        batch=False,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id=f"kfar-{os.getpid()}",
        excluded_queue_names=[],
    )
    worker.configure_signals()
    with _clocks():
        while worker.running:
            try:
                worker.run()
            except DatabaseError as error:  # a full disk, or a server that is away
                log.error("tasks.failed", error=type(error).__name__)
                time.sleep(TICK)


def _on_signal(stop: threading.Event) -> None:
    """Let Ctrl-C and SIGTERM set `stop`.

    In a thread of its own: a second signal within `Event.set` would wait for its lock for ever.
    """

    def end(_signal: int, _frame: FrameType | None) -> None:
        threading.Thread(target=stop.set, daemon=True).start()

    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, end)


def tidy() -> None:
    """Remove ended sessions, rate limits that are over (they name IP addresses), done work."""
    outbox.forget(before=timezone.now() - KEPT)
    limiting.tidy()
    call_command("clearsessions")
    if settings.TASKS["default"]["BACKEND"] == DATABASE:
        call_command("prune_db_task_results", verbosity=0)
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM kfar_cache WHERE expires < %s", [now])


@contextmanager
def _clocks() -> Iterator[None]:
    """Do each thing every so many seconds, in a thread of its own: none waits for another.

    In the end each may finish what it does, within reason: a thread that is in the midst of
    DuckDB when Python ends takes the process down with an abort.
    """
    stop = threading.Event()
    clocks = [
        threading.Thread(target=_every, args=(stop, act, seconds), daemon=True)
        for seconds, acts in (
            (TICK, (loop.tick, loop.reckon, loop.tend, loop.let_go, loop.understand)),
            (LISTEN, (loop.listen,)),
            (TIDY, (tidy,)),
        )
        for act in acts
    ]
    for clock in clocks:
        clock.start()
    try:
        yield
    finally:
        stop.set()
        until = time.monotonic() + END
        for clock in clocks:
            clock.join(max(0.0, until - time.monotonic()))


def _every(stop: threading.Event, act: Callable[[], object], seconds: float) -> None:
    while True:
        close_old_connections()
        try:
            act()
        except Exception as error:
            # The next time tries again. The class alone: a message may carry people's data.
            log.error("tick.failed", error=type(error).__name__)
        finally:
            close_old_connections()
        if stop.wait(seconds):
            return


def _watch(command: list[str], stop: threading.Event, line: Lifeline, lock: TextIO) -> None:
    wait = 0.0
    while not stop.is_set():
        child = subprocess.Popen(
            command,
            start_new_session=True,  # so that Ctrl-C reaches it through us and it ends in order
            env=line.environment(),
            pass_fds=(*line.pass_fds, lock.fileno()),
        )
        started = time.monotonic()
        while child.poll() is None and not stop.wait(0.1):
            pass
        if stop.is_set():
            child.terminate()
            try:
                child.wait(STOPS)
            except subprocess.TimeoutExpired:
                child.kill()
            return
        well = time.monotonic() - started > WELL
        wait = FIRST if well or not wait else min(2 * wait, SLOWEST)
        log.error("child.died", command=command[2], code=child.returncode, again_in=wait)
        stop.wait(wait)


def _listens(path: Path) -> bool:
    """Return whether somebody listens at a socket; to ask the gate would count as turned away."""
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0


def _answers(host: str, port: int) -> bool:
    """Return whether pages are answered, through the gate."""
    at = HTTPConnection("127.0.0.1" if host == "0.0.0.0" else host, port, timeout=5)  # noqa: S104
    try:
        at.request("HEAD", "/", headers={"Host": "localhost"})
        return at.getresponse().status != HTTPStatus.SERVICE_UNAVAILABLE
    except (OSError, HTTPException):
        return False
    finally:
        at.close()
