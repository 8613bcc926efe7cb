"""The Python clients of Segment and RudderStack, as they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rudderstack.analytics.client import Client as RudderClient
from segment.analytics.client import Client as SegmentClient

from tests.doors.gate.clients.calls import check_all_told
from tests.doors.gate.clients.front import before
from tests.doors.gate.gates import SECRET_KEY, SLOW_KEY, Gate

Make = Callable[..., Any]
clients = pytest.mark.parametrize("make", [SegmentClient, RudderClient], ids=["segment", "rudder"])


def client(make: Make, port: int, key: str = SECRET_KEY, **more: Any) -> tuple[Any, list[Any]]:
    """Make a client, and a list for what it could not send."""
    failed: list[Any] = []
    url = f"http://127.0.0.1:{port}"
    more = {"gzip": False, "upload_interval": 0.05, **more}
    return make(key, host=url, on_error=lambda *why: failed.append(why), **more), failed


def tell(to: Any) -> None:
    to.identify("דנה", {"email": "dana@example.com", "plan": 3})
    to.track("דנה", "Bought", {"price": 12.5})
    to.page("דנה", None, "Home", {"url": "https://x.example/"})
    to.screen("דנה", None, "Menu", {"dark": True})
    to.group("דנה", "g1", {"name": "Żółw"})
    to.alias("before", "דנה")


@clients
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_all_that_is_told_comes_in(gate: Gate, make: Make, packed: bool) -> None:
    to, failed = client(make, gate.port, gzip=packed)
    tell(to)
    to.shutdown()
    assert failed == []
    check_all_told(gate)


@clients
def test_told_at_once(gate: Gate, make: Make) -> None:
    to, failed = client(make, gate.port, sync_mode=True)
    tell(to)
    assert failed == []
    check_all_told(gate)


@clients
@pytest.mark.parametrize("trouble", [503, 429, 500, "drop"], ids=str)
def test_what_was_not_taken_comes_again(gate: Gate, make: Make, trouble: int | str) -> None:
    with before(gate.port, trouble, trouble) as front:
        to, failed = client(make, front.port, upload_interval=0.5)
        tell(to)
        to.shutdown()
    assert failed == []
    check_all_told(gate)
    assert len(front.came) == 3
    assert len({key_of(headers) for _, headers, _ in front.came}) == 1


@clients
def test_an_answer_that_was_lost_makes_no_other_event(gate: Gate, make: Make) -> None:
    """It comes twice, by the same messageIds: settling counts it once."""
    with before(gate.port, "lost") as front:
        to, failed = client(make, front.port, upload_interval=0.5)
        tell(to)
        to.shutdown()
    assert failed == []
    events = gate.events()
    assert len(events) == 12
    assert len({event["messageId"] for event in events}) == 6


@clients
def test_a_key_that_is_none_of_ours_is_not_tried_again(gate: Gate, make: Make) -> None:
    with before(gate.port) as front:
        to, failed = client(make, front.port, key="nobody's")
        to.track("u", "Bought")
        to.flush()
        to.shutdown()
    assert [(error.status, error.code) for error, _ in failed] == [(401, "unknown_key")]
    assert len(front.came) == 1
    assert gate.records() == []


@clients
def test_what_comes_too_fast_comes_later(gate: Gate, make: Make) -> None:
    """Twenty at once by a key that may send five a second: told to wait, and all come."""
    to, failed = client(make, gate.port, key=SLOW_KEY, upload_size=4)
    for n in range(20):
        to.track("u", f"Event {n}")
    to.flush()
    to.shutdown()
    assert failed == []
    assert sorted(e["event"] for e in gate.events()) == sorted(f"Event {n}" for n in range(20))


def key_of(headers: dict[str, str]) -> str:
    return headers["Authorization"]
