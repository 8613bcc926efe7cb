"""What many tests stand on."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from kfar.doors.cli.messages import compile_catalogues
from tests.programs import run

pytest_plugins = ["tests.browser"]


def pytest_configure(config: pytest.Config) -> None:
    """Compile the translations, once, before a process of the tests reads them."""
    if not hasattr(config, "workerinput"):
        compile_catalogues()


@pytest.fixture
def data_dir(tmp_path: Path, settings: Settings) -> Path:
    """A data directory of the test's own."""
    settings.KFAR_DATA_DIR = tmp_path
    return tmp_path


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with an empty database file, to copy from."""
    folder = tmp_path_factory.mktemp("migrated")
    run(
        "from django.core.management import call_command; call_command('migrate', verbosity=0)",
        folder,
    )
    return folder


@pytest.fixture
def home(migrated: Path, tmp_path: Path) -> Path:
    """A data directory with a database of its own, for programs that are started and killed."""
    return Path(shutil.copytree(migrated, tmp_path / "home"))
