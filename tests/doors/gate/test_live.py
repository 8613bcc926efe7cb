"""`GET /v1/live/<question>`: who watches is told at once, of every news, and let go in order."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

import pytest

from kfar.lake.intake.live import live_file, read, tell
from tests.doors.gate.gates import QUESTION, Gate, opened

NAME = str(QUESTION)


@contextmanager
def watching(gate: Gate, name: str = NAME) -> Iterator[HTTPResponse]:
    connection = HTTPConnection("127.0.0.1", gate.port, timeout=30)
    try:
        connection.request("GET", f"/v1/live/{name}")
        yield connection.getresponse()
    finally:
        connection.close()


def event(answer: HTTPResponse) -> Any:
    """The next event, comments left out."""
    while (line := answer.readline()) in {b"\n", b":\n"}:
        pass
    assert line.startswith(b"data: "), line
    return json.loads(line.removeprefix(b"data: "))


@pytest.fixture
def told(gate: Gate) -> Iterator[dict[str, Any]]:
    said = {NAME: {"answered": 1, "asked": 5}}
    tell(said, gate.data)
    yield said
    live_file(gate.data).unlink()


def test_who_watches_is_told_at_once_and_of_every_news(gate: Gate, told: dict[str, Any]) -> None:
    while True:  # the gate looks once a second
        with watching(gate) as answer:
            if answer.status == 200:
                break
    with watching(gate) as one, watching(gate) as other:
        for answer in (one, other):
            assert answer.status == 200
            assert answer.headers["Content-Type"] == "text/event-stream"
            assert event(answer) == told[NAME]
        for answered in (2, 1042):
            told[NAME] = {"answered": answered, "asked": 5}
            assert tell(told, gate.data)
            assert not tell(told, gate.data)
            assert [event(one), event(other)] == [told[NAME]] * 2
    assert gate.post("/v1/ballot", {}, key=None).error == "bad_voter"  # it goes on


def test_nobody_is_told_of_what_is_not_asked(gate: Gate) -> None:
    for name in ("nothing", "%D7%9B", "a/b"):
        answer = gate.ask("GET", f"/v1/live/{name}")
        assert (answer.status, answer.error) == (404, "unknown_question")


def test_a_gate_that_ends_lets_them_go(tmp_path: Path) -> None:
    with opened(tmp_path) as gate:
        tell({NAME: {"answered": 1}}, gate.data)
        while True:
            with watching(gate) as answer:
                if answer.status == 200:
                    assert event(answer) == {"answered": 1}
                    gate.end()
                    assert answer.read() == b"\n"
                    break


def test_a_broken_file_tells_nothing(gate: Gate) -> None:
    file = live_file(gate.data)
    file.write_bytes(b"{")
    assert read(file) == {}
    file.unlink()
    assert read(file) == {}
