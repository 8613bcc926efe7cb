"""Programs started by tests: Kfar in a process of its own, which may be killed.

Each is forked from one process in which all is imported and nothing done (`tests/imported.py`),
since to import everything takes longer than what most programs do.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import signal
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import dedent
from typing import Any

import django
from django.conf import settings
from django.db import connections
from django.utils.functional import empty

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.imported"])


@dataclass(frozen=True)
class Home:
    """Where a Kfar keeps what it knows: its data directory, and its PostgreSQL or ""."""

    folder: Path
    database_url: str

    def run(self, code: str) -> str:
        """Run Python code there; return what it printed."""
        return run(code, self.folder, KFAR_DATABASE_URL=self.database_url)


def environment(data_dir: Path, **more: str) -> dict[str, str]:
    """The environment of a Kfar whose data is in `data_dir`."""
    return {
        **{name: v for name, v in os.environ.items() if not name.startswith("KFAR_")},
        "KFAR_DATA_DIR": str(data_dir),
        "KFAR_LOG_LEVEL": "ERROR",
        "KFAR_EMBEDDINGS": "off",  # whatever extra is installed here
        "DJANGO_SETTINGS_MODULE": "kfar.settings.project",
        **more,
    }


def run(code: str, data_dir: Path, *, status: int = 0, **more: str) -> str:
    """Run Python code in a Kfar whose data is in `data_dir`; return what it printed.

    Fails where the process does not end with `status` (-9: killed).
    """
    with TemporaryDirectory() as folder:
        said, error = Path(folder, "said"), Path(folder, "error")
        given = environment(data_dir, **more)
        program = FORKS.Process(target=_program, args=(dedent(code), given, said, error))
        program.start()
        program.join(600)  # longer than anything takes on a slow machine
        ended = program.exitcode
        program.kill()
        program.join()
        assert ended == status, error.read_text()
        return said.read_text().strip()


def _program(code: str, given: dict[str, str], said: Path, error: Path) -> None:
    """Do what a program does, once Kfar is set up by the environment that is given."""
    for number, file in ((1, said), (2, error)):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT), number)
    os.environ.clear()
    os.environ.update(given)
    importlib.reload(importlib.import_module(given["DJANGO_SETTINGS_MODULE"]))
    settings._wrapped = empty
    for opened in connections.all(initialized_only=True):
        del connections[opened.alias]
    connections.settings = connections.configure_settings(None)
    django.setup()
    exec(code, {"__name__": "__main__"})
    connections.close_all()  # as where Python itself ends


def forked(
    act: Callable[[], object], *, killed_at: tuple[Any, str] | None = None, killed: bool = False
) -> None:
    """Do `act` in a process forked from this one, as a step of a program.

    With `killed_at=(owner, name)` the process is killed (-9) where it would call that; with
    `killed` it must kill itself.
    Nothing may be open before: a database, an engine.
    """

    def die_there() -> None:
        if killed_at:
            setattr(*killed_at, lambda *args, **kwargs: os.kill(os.getpid(), signal.SIGKILL))
        act()

    [status] = forked_at_once(die_there)
    assert status == (-signal.SIGKILL if killed_at or killed else 0), status


def forked_at_once(*acts: Callable[[], object]) -> list[int]:
    """Do all of `acts` at once, each in a process forked from this one; return their exit codes."""
    pids = []
    for act in acts:
        pid = os.fork()
        if pid == 0:
            try:
                act()
            except BaseException:
                traceback.print_exc()
                os._exit(1)
            sys.stdout.flush()
            os._exit(0)
        pids.append(pid)
    return [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids]
