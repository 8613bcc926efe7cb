"""`POST /v1/ballot`: who may vote, on what, and the receipt."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfar.doors.gate.voting import mac
from kfar.ground.ballots import commitment
from kfar.ground.tokens import tracker
from tests.doors.gate.gates import CLOSED, QUESTION, RANKED, SCORED, SECRET, Gate, token


def cast(gate: Gate, **more: Any) -> Any:
    return gate.post("/v1/ballot", {"voter": token(5), "options": [1], **more}, key=None)


@pytest.mark.parametrize(
    ("ballot", "text"),
    [
        ({"options": [0]}, "0"),
        ({"options": [2, 0]}, "0 2"),
        ({"options": None, "option": 2}, "2"),
        ({"question": str(QUESTION)}, "1"),
        ({"voter": f"https://vote.example/b/{token(5)}"}, "1"),
    ],
    ids=str,
)
def test_a_ballot_is_kept_and_acknowledged(gate: Gate, ballot: dict[str, Any], text: str) -> None:
    answer = cast(gate, **ballot)
    assert (answer.status, answer.said["success"]) == (200, True)
    [line] = gate.lines()
    record = json.loads(line)
    received = record.pop("r")
    nonce = record.pop("n")
    assert record == {"k": "ballot", "q": str(QUESTION), "v": 5, "b": text}
    assert received > 1_700_000_000_000
    known = tracker(SECRET, QUESTION.bytes, 5)
    bound = commitment(str(QUESTION), known, nonce, text)
    assert answer.said == {
        "success": True,
        "tracker": known,
        "nonce": nonce,
        "ballot": text,
        "commitment": bound,
        "mac": mac(SECRET, known, bound),
    }


@pytest.mark.parametrize(
    ("question", "ballot", "text"),
    [
        (RANKED, {"ranking": [2, 0, 1]}, "2>0>1"),
        (RANKED, {"ranking": [[2], [1, 0]]}, "2>0=1"),
        (RANKED, {"ballot": "1>2"}, "1>2"),
        (SCORED, {"scores": {"2": 3, "0": 5}}, "0:5 2:3"),
        (SCORED, {"ballot": "1:0"}, "1:0"),
    ],
    ids=str,
)
def test_every_form_of_ballot_is_kept_as_its_text(
    gate: Gate, question: UUID, ballot: dict[str, Any], text: str
) -> None:
    answer = cast(gate, voter=token(5, question), **({"options": None} | ballot))
    assert (answer.status, answer.said["ballot"]) == (200, text)
    assert [record["b"] for record in gate.records()] == [text]


@pytest.mark.parametrize(
    ("question", "ballot"),
    [
        (RANKED, {"options": [0]}),
        (RANKED, {"ranking": []}),
        (RANKED, {"ranking": [0, 0]}),
        (RANKED, {"ranking": [[], 0]}),
        (RANKED, {"ranking": [3]}),
        (RANKED, {"ranking": [-2]}),
        (RANKED, {"ballot": "*"}),
        (RANKED, {"ballot": "2>>1"}),
        (RANKED, {"ballot": " 1"}),
        (RANKED, {"ballot": "1" * 10_000}),
        (SCORED, {"ranking": [0]}),
        (SCORED, {"scores": {}}),
        (SCORED, {"scores": {"0": 6}}),
        (SCORED, {"scores": {"0": -1}}),
        (SCORED, {"scores": {"3": 1}}),
        (QUESTION, {"ballot": "1 0"}),
        (QUESTION, {"ballot": "٠"}),
    ],
    ids=str,
)
def test_what_the_paper_does_not_allow_is_refused(
    gate: Gate, question: UUID, ballot: dict[str, Any]
) -> None:
    answer = cast(gate, voter=token(5, question), **({"options": None} | ballot))
    assert (answer.status, answer.error) == (400, "bad_choice")
    assert gate.records() == []


def test_a_page_makes_the_nonce_and_where_it_makes_none_we_do(gate: Gate) -> None:
    one, other, own = cast(gate), cast(gate), cast(gate, nonce="a" * 22)
    assert len({answer.said["commitment"] for answer in (one, other, own)}) == 3
    assert own.said["nonce"] == "a" * 22
    assert [record["n"] for record in gate.records()] == [
        answer.said["nonce"] for answer in (one, other, own)
    ]


def test_a_later_ballot_stands_after_the_earlier(gate: Gate) -> None:
    for options in ([0], [1], [2]):
        assert cast(gate, options=options).status == 200
    assert [record["b"] for record in gate.records()] == ["0", "1", "2"]


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
        ({"voter": token(5, UUID(int=99))}, 404, "unknown_question"),
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
        ({"nonce": "x" * 21}, 400, "bad_choice"),
        ({"nonce": "ב" * 22}, 400, "bad_choice"),
        ({"nonce": '"' * 22}, 400, "bad_choice"),
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
