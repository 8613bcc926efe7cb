"""`POST /v1/ballot`: who may vote, on what, and the receipt."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfar.doors.gate.voting import receipt
from tests.doors.gate.gates import CLOSED, QUESTION, SECRET, Gate, token


def cast(gate: Gate, **more: Any) -> Any:
    return gate.post("/v1/ballot", {"voter": token(5), "options": [1], **more}, key=None)


@pytest.mark.parametrize(
    ("ballot", "options"),
    [
        ({"options": [0]}, [0]),
        ({"options": [2, 0]}, [0, 2]),
        ({"options": None, "option": 2}, [2]),
        ({"question": str(QUESTION)}, [1]),
        ({"voter": f"https://vote.example/b/{token(5)}"}, [1]),
    ],
    ids=str,
)
def test_a_ballot_is_kept_and_acknowledged(
    gate: Gate, ballot: dict[str, Any], options: list[int]
) -> None:
    answer = cast(gate, **ballot)
    assert (answer.status, answer.said["success"]) == (200, True)
    [line] = gate.lines()
    record = json.loads(line)
    received = record.pop("r")
    assert record == {"k": "ballot", "q": str(QUESTION), "v": 5, "o": options}
    assert received > 1_700_000_000_000
    leaf, _ = answer.said["receipt"].split(".")
    assert urlsafe_b64decode(leaf + "=") == sha256(line).digest()
    assert answer.said["receipt"].encode() == receipt(SECRET, line)


def test_a_page_may_add_a_nonce_so_that_no_two_receipts_are_alike(gate: Gate) -> None:
    one, other = cast(gate, nonce="a" * 64), cast(gate, nonce="ב")
    assert one.said["receipt"] != other.said["receipt"]
    assert [record["n"] for record in gate.records()] == ["a" * 64, "ב"]


def test_a_later_ballot_stands_after_the_earlier(gate: Gate) -> None:
    for options in ([0], [1], [2]):
        assert cast(gate, options=options).status == 200
    assert [record["o"] for record in gate.records()] == [[0], [1], [2]]


@pytest.mark.parametrize("voter", [0, 1, 2**32, 2**64 - 1])
def test_voters_are_numbers(gate: Gate, voter: int) -> None:
    assert cast(gate, voter=token(voter)).status == 200
    assert [record["v"] for record in gate.records()] == [voter]


FORGED = token(5)[:-2] + ("AA" if not token(5).endswith("AA") else "BB")


@pytest.mark.parametrize(
    ("ballot", "status", "error"),
    [
        ({"voter": ""}, 403, "bad_voter"),
        ({"voter": "nobody"}, 403, "bad_voter"),
        ({"voter": FORGED}, 403, "bad_voter"),
        ({"voter": token(5)[:-1]}, 403, "bad_voter"),
        ({"voter": "כפר" * 18}, 403, "bad_voter"),
        ({"voter": "\u0000" * 54}, 403, "bad_voter"),
        ({"question": str(CLOSED)}, 403, "bad_voter"),
        ({"question": "x"}, 403, "bad_voter"),
        ({"voter": token(5, UUID(int=9))}, 404, "unknown_question"),
        ({"voter": token(5, CLOSED), "options": [0]}, 409, "not_open"),
        ({"options": []}, 400, "bad_choice"),
        ({"options": None}, 400, "bad_choice"),
        ({"options": [3]}, 400, "bad_choice"),
        ({"options": [-1]}, 400, "bad_choice"),
        ({"options": [0, 0]}, 400, "bad_choice"),
        ({"options": [0, 1, 2]}, 400, "bad_choice"),
        ({"options": [2**70]}, 400, "bad_choice"),
        ({"options": [0.5]}, 400, "not_json"),
        ({"options": [True]}, 400, "not_json"),
        ({"options": ["0"]}, 400, "not_json"),
        ({"options": 0}, 400, "not_json"),
        ({"voter": 5}, 400, "not_json"),
        ({"nonce": 5}, 400, "not_json"),
        ({"nonce": "x" * 65}, 400, "bad_choice"),
        ({"nonce": "\ud800"}, 400, "not_json"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_no_ballot_is_refused(
    gate: Gate, ballot: dict[str, Any], status: int, error: str
) -> None:
    answer = cast(gate, **ballot)
    assert (answer.status, answer.error) == (status, error)
    assert gate.records() == []


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"null", b'"x"', b"{", b"[" * 100_000, b'{"voter":' * 50_000, b"\xff", b"a=1"],
    ids=lambda value: str(value)[:20],
)
def test_what_is_no_json_is_refused(gate: Gate, body: bytes) -> None:
    answer = gate.post("/v1/ballot", body, key=None)
    assert (answer.status, answer.error) == (400, "not_json")


def test_only_tokens_that_were_made_are_taken(gate: Gate) -> None:
    """Changed anywhere, a token is nobody's."""
    made = token(5)

    @given(st.integers(0, len(made) - 2), st.sampled_from("ABCxyz019-_"))
    def change(place: int, letter: str) -> None:
        changed = made[:place] + letter + made[place + 1 :]
        assert cast(gate, voter=changed).status == (200 if changed == made else 403)

    change()
