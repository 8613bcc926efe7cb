"""The Node clients of Segment and RudderStack, as they are, today's and older ones."""

from __future__ import annotations

import gzip

import pytest

from tests.doors.gate.clients.calls import check_all_told
from tests.doors.gate.clients.conftest import Node
from tests.doors.gate.clients.front import before
from tests.doors.gate.gates import SECRET_KEY, Gate

CLIENTS = ["segment", "segment 1", "segment 5", "rudder"]


@pytest.mark.parametrize("client", CLIENTS)
def test_all_that_is_told_comes_in(gate: Gate, node: Node, client: str) -> None:
    assert node.tell(client, f"http://127.0.0.1:{gate.port}", SECRET_KEY) == []
    check_all_told(gate)


def test_packed_it_comes_in_too(gate: Gate, node: Node) -> None:
    with before(gate.port) as front:
        assert node.tell("rudder", front.url, SECRET_KEY, gzip=True) == []
    check_all_told(gate)
    assert all(gzip.decompress(body) for _, _, body in front.came)


@pytest.mark.parametrize("trouble", [503, 429, "drop"], ids=str)
@pytest.mark.parametrize("client", CLIENTS)
def test_what_was_not_taken_comes_again(
    gate: Gate, node: Node, client: str, trouble: int | str
) -> None:
    with before(gate.port, trouble) as front:
        assert node.tell(client, front.url, SECRET_KEY) == []
    check_all_told(gate)


@pytest.mark.parametrize("client", CLIENTS)
def test_an_answer_that_was_lost_makes_no_other_event(gate: Gate, node: Node, client: str) -> None:
    with before(gate.port, "lost") as front:
        assert node.tell(client, front.url, SECRET_KEY) == []
    ids = [event["messageId"] for event in gate.events()]
    assert len(ids) > 6
    assert len(set(ids)) == 6


@pytest.mark.parametrize("client", CLIENTS)
def test_a_key_that_is_none_of_ours_is_not_tried_again(gate: Gate, node: Node, client: str) -> None:
    with before(gate.port) as front:
        assert node.tell(client, front.url, "nobody's") != []
    assert gate.records() == []
    told = {body for _, _, body in front.came}
    assert len(told) == len(front.came)
