"""The stores of the intake, each held to the same contract (`test_contract.py`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from kfar.lake.intake import Reader, Writer
from kfar.lake.intake.log import LogReader, LogWriter


@dataclass(frozen=True)
class Intake:
    """A store of the test's own: how it is opened to write, and how it is read."""

    open: Callable[[], Writer]
    reader: Callable[[], Reader]

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """Open the store, and close it at the end."""
        writer = self.open()
        try:
            yield writer
        finally:
            writer.close()


@pytest.fixture(params=["log"])
def intake(request: pytest.FixtureRequest, tmp_path: Path) -> Intake:
    """Each store in turn, empty. Another one is a param more, and a fixture `<param>_intake`."""
    found: Intake = request.getfixturevalue(f"{request.param}_intake")
    return found


@pytest.fixture
def log_intake(tmp_path: Path) -> Intake:
    """The log on the disk."""
    folder = tmp_path / "intake"
    return Intake(lambda: LogWriter(folder), lambda: LogReader(folder))
