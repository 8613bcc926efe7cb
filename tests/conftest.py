"""What tests of every part use."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator
from pathlib import Path
from uuid import uuid4

import hypothesis
import pytest
import structlog
from django.core.management.commands import flush
from django.db import connections
from pytest_django.fixtures import Settings

from kfar.doors.cli.messages import compile_catalogues
from kfar.ground import lasting
from kfar.lake import scrub
from kfar.rooms.promises import commands as promises
from kfar.rooms.voice.reading.embedding import OFF
from tests import made
from tests.clock import Clock
from tests.postgres import URL
from tests.programs import Home

# How long an example takes is the machine's affair.
hypothesis.settings.register_profile("kfar", deadline=None)
hypothesis.settings.load_profile("kfar")

# What was logged before must not keep `capture_logs` from hearing what is logged now.
structlog.configure(cache_logger_on_first_use=False)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Generator[None]:
    """Mark what needs no database, or SQLite alone, so that it runs once.

    What starts whole programs takes longest and comes first, so that no core is idle at the end.
    """
    for item in items:
        if not (
            _asks(item, "db", "transactional_db", "kfar") or item.get_closest_marker("django_db")
        ):
            item.add_marker("once")
    yield  # others put them in an order of their own
    items.sort(key=lambda item: not _asks(item, "kfar", "home", "browser"))


def _asks(item: pytest.Item, *fixtures: str) -> bool:
    return not set(fixtures).isdisjoint(getattr(item, "fixturenames", ()))


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None,
    template: str,
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Test on a copy of an empty database, since to migrate takes seconds.

    On SQLite on a file, as in life, so that threads have connections of their own.
    """
    default = connections.settings["default"]
    default["TEST"]["MIGRATE"] = False  # the copied one is
    if template:
        default["TEST"]["TEMPLATE"] = template
    else:
        folder = tmp_path_factory.mktemp("database") / "test"
        shutil.copytree(request.getfixturevalue("migrated"), folder)
        default["TEST"]["NAME"] = str(folder / "kfar.sqlite3")


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """Let a copy be used as it is; it goes with its folder, or with its server."""
    return True


@pytest.fixture(autouse=True, scope="session")
def _in_peace() -> None:
    """Scrub however long the tests of other processes use the same PostgreSQL server.

    Send all letters in one round, and count all figures anew, however slow the machine is.
    """
    scrub.SOON = 60
    lasting.SOON = float("inf")
    promises.TURN = 600.0


@pytest.fixture(autouse=True, scope="session")
def _empty_is_empty() -> Generator[None]:
    """Let Django not fill an emptied database with permissions, which Kfar has no use for."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flush, "emit_post_migrate_signal", lambda *_of, **_named: None)
        yield


@pytest.fixture(autouse=True)
def _read_by_what_ships(settings: Settings) -> None:
    """Let voices be read by what every Kfar has, whatever extra is installed here."""
    settings.KFAR_EMBEDDINGS = OFF


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The time, standing still until it is moved."""
    return Clock(monkeypatch)


pytest_plugins = [
    "tests.browser",
    "tests.buckets",
    "tests.geography",
    "tests.mailboxes",
    "tests.servers",
]


def pytest_configure(config: pytest.Config) -> None:
    """Compile the translations, once, before a process of the tests reads them."""
    if not hasattr(config, "workerinput"):
        compile_catalogues()
    made.begin(config)


@pytest.fixture
def data_dir(tmp_path: Path, settings: Settings) -> Path:
    """A data directory of the test's own."""
    settings.KFAR_DATA_DIR = tmp_path
    return tmp_path


@pytest.fixture(scope="session")
def migrated() -> Path:
    """A data directory with an empty database file, to copy from."""
    return made.migrated()


@pytest.fixture
def home(migrated: Path, tmp_path: Path) -> Path:
    """A data directory with a database of its own, for programs that are started and killed."""
    return Path(shutil.copytree(migrated, tmp_path / "home"))


@pytest.fixture(scope="session")
def template() -> str:
    """The name of an empty PostgreSQL database to copy from; "" where the run uses SQLite."""
    return made.template() if os.environ.get(URL) else ""


@pytest.fixture
def kfar(template: str, request: pytest.FixtureRequest) -> Home:
    """A whole Kfar for programs, on the kind of database this run uses."""
    folder: Path = request.getfixturevalue("tmp_path" if template else "home")
    return Home(folder, made.database(f"program_{uuid4().hex}", template) if template else "")
