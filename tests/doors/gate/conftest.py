"""A gate for the tests of a module."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.doors.gate.gates import Gate, opened


@pytest.fixture(scope="module")
def module_gate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gate]:
    """A gate that all tests of a module share."""
    with opened(tmp_path_factory.mktemp("gate")) as gate:
        yield gate


@pytest.fixture
def gate(module_gate: Gate) -> Gate:
    """The module's gate; what has come in so far is forgotten."""
    module_gate.records()
    return module_gate


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a gate of the test's own may stand."""
    return tmp_path / "gate"
