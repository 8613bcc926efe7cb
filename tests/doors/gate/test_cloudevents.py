"""CloudEvents 1.0 in each of their modes, as events of ours."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

import pytest

from tests.doors.gate.gates import KEY, OK, Gate, basic

CE = {
    "specversion": "1.0",
    "id": "5",
    "source": "/shop",
    "type": "shop.bought",
    "subject": "u",
    "time": "2026-11-22T10:00:00Z",
}
TRACK = {
    "type": "track",
    "event": "shop.bought",
    "messageId": "/shop 5",
    "userId": "u",
    "anonymousId": None,
    "timestamp": "2026-11-22T10:00:00Z",
}
ONE = "application/cloudevents+json"
MANY = "application/cloudevents-batch+json"


def post(gate: Gate, body: Any, content: str, **headers: str) -> Any:
    return gate.post("/v1/events", body, Content_Type=content, **headers)


@pytest.mark.parametrize("content", [ONE, f"{ONE}; charset=utf-8", ONE.upper(), "application/json"])
def test_structured(gate: Gate, content: str) -> None:
    assert post(gate, {**CE, "data": {"price": 5}}, content).said == OK
    [record] = gate.records()
    assert record["one"] == "track"
    assert record["b"] == {**TRACK, "properties": {"price": 5}}


def test_batched(gate: Gate) -> None:
    assert (
        post(gate, [{**CE, "data": {"a": 1}}, {"id": "x"}, 5, {**CE, "id": "6"}], MANY).said == OK
    )
    [record] = gate.records()
    assert record["x"] == {"1": "nobody", "2": "not_an_object"}
    first, _, _, last = record["b"]["batch"]
    assert first == {**TRACK, "properties": {"a": 1}}
    assert last == {**TRACK, "messageId": "/shop 6", "properties": None}


@pytest.mark.parametrize(
    ("content", "body", "properties"),
    [
        ("application/json", b'{"price":5}', {"price": 5}),
        ("application/vnd.shop+json", b"[1,2]", {"data": [1, 2]}),
        ("text/plain", "שלום".encode(), {"data": "שלום"}),
        ("text/plain", b"", None),
    ],
)
def test_binary(gate: Gate, content: str, body: bytes, properties: Any) -> None:
    headers = {f"ce-{name}": value for name, value in {**CE, "subject": "%D7%93"}.items()}
    assert post(gate, body, content, **headers).said == OK
    [record] = gate.records()
    assert record["b"] == {**TRACK, "userId": "ד", "properties": properties}


@pytest.mark.parametrize(
    ("more", "properties"),
    [
        ({}, None),
        ({"data": "text"}, {"data": "text"}),
        ({"data_base64": b64encode(b'{"a":1}').decode()}, {"a": 1}),
        ({"data_base64": b64encode(b"\xff\x00").decode()}, None),
        ({"data_base64": "!"}, None),
    ],
    ids=str,
)
def test_data(gate: Gate, more: dict[str, Any], properties: Any) -> None:
    assert post(gate, {**CE, **more}, ONE).said == OK
    assert gate.events()[0]["properties"] == properties


def test_extensions_say_who_it_is(gate: Gate) -> None:
    assert post(gate, {**CE, "userid": "dana", "anonymousid": "a"}, ONE).said == OK
    [event] = gate.events()
    assert (event["userId"], event["anonymousId"]) == ("dana", "a")


@pytest.mark.parametrize(
    ("body", "content", "error"),
    [
        ({**CE, "specversion": "0.3"}, ONE, "no_event_name"),
        ({name: value for name, value in CE.items() if name != "id"}, ONE, "no_event_name"),
        ({name: value for name, value in CE.items() if name != "subject"}, ONE, "nobody"),
        ({**CE, "subject": ["u"]}, ONE, "bad_id"),
        ([CE], ONE, "not_json"),
        (CE, MANY, "not_json"),
        (b"{", ONE, "not_json"),
        (b"", MANY, "not_json"),
        (b"[" * 50_000, MANY, "too_deep"),
        (json.dumps({**CE, "data": json.loads("[" * 100 + "]" * 100)}).encode(), ONE, "too_deep"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_can_not_be_taken_is_refused(gate: Gate, body: Any, content: str, error: str) -> None:
    answer = post(gate, body, content)
    assert (answer.status, answer.error) == (400, error)
    assert gate.records() == []


def test_the_key_comes_with_the_request(gate: Gate) -> None:
    answer = gate.post("/v1/events", {**CE, "writeKey": KEY}, key=None, Content_Type=ONE)
    assert (answer.status, answer.error) == (401, "no_key")
    for headers in ({"Authorization": basic(KEY)}, {"Authorization": f"Bearer {KEY}"}):
        assert gate.post("/v1/events", CE, key=None, Content_Type=ONE, **headers).said == OK


@pytest.mark.parametrize("odd", ["\ud800", "a\nb", "\x00"], ids=repr)
def test_odd_letters_are_mended_or_kept(gate: Gate, odd: str) -> None:
    answer = post(gate, json.dumps({**CE, "data": {"a": odd}}).encode(), ONE)
    assert answer.status == (400 if odd == "\ud800" else 200)
