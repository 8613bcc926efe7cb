"""What takes seconds to make and never differs: made by the first worker of a run, for all.

A folder of the run's own holds it, which goes with the run.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from uuid import uuid4

import psycopg
import pytest

from kfar.ground import locks
from tests.postgres import URL
from tests.programs import run

FOLDER = "PYTEST_MADE"
MIGRATE = "from django.core.management import call_command; call_command('migrate', verbosity=0)"


def begin(config: pytest.Config) -> None:
    """Make the folder; where everything is tested, migrate while the workers still collect."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if not worker:
        folder = os.environ[FOLDER] = tempfile.mkdtemp(prefix="kfar-made-")
        config.add_cleanup(lambda: shutil.rmtree(folder))
    elif worker == "gw0" and config.args == config.getini("testpaths"):
        Thread(target=template if os.environ.get(URL) else migrated, daemon=True).start()


def once(name: str, make: Callable[[Path], None]) -> Path:
    """Return a folder of that name, as the first who wanted it made it."""
    made = Path(os.environ[FOLDER], name)
    with locks.held(made.with_suffix(".lock")):
        if not made.exists():
            making = Path(tempfile.mkdtemp(dir=made.parent))
            make(making)
            making.rename(made)
    return made


def migrated() -> Path:
    """Return a data directory with an empty database file, to copy from."""

    def make(folder: Path) -> None:
        run(MIGRATE, folder)

    return once("migrated", make)


def template() -> str:
    """Return the name of an empty PostgreSQL database, to copy from."""

    def make(folder: Path) -> None:
        name = f"template_{uuid4().hex}"
        run(MIGRATE, folder, KFAR_DATABASE_URL=database(name))
        (folder / "name").write_text(name)

    return (once("template", make) / "name").read_text()


def database(name: str, template: str = "template1") -> str:
    """Make a PostgreSQL database; return its address."""
    with psycopg.connect(os.environ[URL], autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return os.environ[URL].replace("/postgres?", f"/{name}?")
