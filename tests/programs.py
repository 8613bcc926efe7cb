"""Programs started by tests: Kfar in a process of its own, which may be killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

SETUP = "import django; django.setup()\n"


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
        "DJANGO_SETTINGS_MODULE": "kfar.settings.project",
        **more,
    }


def run(code: str, data_dir: Path, *, status: int = 0, **more: str) -> str:
    """Run Python code in a Kfar whose data is in `data_dir`; return what it printed.

    Fails where the process does not end with `status` (-9: killed).
    """
    done = subprocess.run(
        [sys.executable, "-c", SETUP + dedent(code)],
        env=environment(data_dir, **more),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == status, done.stderr
    return done.stdout.strip()


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
