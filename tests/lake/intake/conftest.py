"""The stores of the intake, each held to the same contract (`test_contract.py`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from nats.js.errors import NotFoundError

from kfar.lake.intake import Reader, Writer
from kfar.lake.intake.jetstream import STREAM, JetStreamReader, JetStreamWriter
from kfar.lake.intake.log import LogReader, LogWriter
from tests.brokers import Brokers, brokers


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


@pytest.fixture(params=["log", "jetstream"])
def intake(request: pytest.FixtureRequest, tmp_path: Path) -> Intake:
    """Each store in turn, empty. Another one is a param more, and a fixture `<param>_intake`."""
    found: Intake = request.getfixturevalue(f"{request.param}_intake")
    return found


@pytest.fixture
def log_intake(tmp_path: Path) -> Intake:
    """The log on the disk."""
    folder = tmp_path / "intake"
    return Intake(lambda: LogWriter(folder), lambda: LogReader(folder))


@pytest.fixture(scope="module")
def module_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Brokers]:
    """A NATS server for the tests of a module."""
    with brokers(tmp_path_factory.mktemp("broker"), 1) as found:
        yield found


@pytest.fixture
def jetstream_intake(module_server: Brokers) -> Iterator[Intake]:
    """A stream in NATS JetStream, not made yet."""

    async def forget(stream: Any) -> None:
        with suppress(NotFoundError):
            await stream.delete_stream(STREAM)

    module_server.ask(forget)
    readers: list[JetStreamReader] = []

    def reader() -> JetStreamReader:
        readers.append(JetStreamReader(module_server.url))
        return readers[-1]

    yield Intake(lambda: JetStreamWriter(module_server.url), reader)
    for one in readers:
        one.close()
