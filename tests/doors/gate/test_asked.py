"""What clients ask before they send, and pixels."""

from __future__ import annotations

import json
from base64 import b64encode, urlsafe_b64encode
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from tests.doors.gate.gates import KEY, Gate, basic, opened

SETTINGS = f"/v1/projects/{KEY}/settings"


# --- settings ------------------------------------------------------------------------------------


def test_a_browser_is_told_to_send_here(gate: Gate) -> None:
    answer = gate.ask("GET", SETTINGS, key=None, Origin="https://shop.example")
    assert answer.status == 200
    assert answer.headers["access-control-allow-origin"] == "https://shop.example"
    segment = answer.said["integrations"]["Segment.io"]
    assert segment["apiKey"] == KEY
    assert segment["apiHost"] == f"127.0.0.1:{gate.port}/v1"
    assert segment["protocol"] == "http"
    assert list(answer.said["integrations"]) == ["Segment.io"]
    assert answer.said["plan"]["track"]["__default"]["enabled"] is True
    assert answer.said["metrics"] == {"sampleRate": 0}


def test_over_https_a_browser_is_told_to_send_by_https(gate: Gate, folder: Path) -> None:
    said = {"X_Forwarded_Proto": "https"}
    answer = gate.ask("GET", SETTINGS, key=None, **said)
    assert answer.said["integrations"]["Segment.io"]["protocol"] == "http"  # a stranger says so
    with opened(folder, "--proxies=1") as behind:
        answer = behind.ask("GET", SETTINGS, key=None, **said)
        assert answer.said["integrations"]["Segment.io"]["protocol"] == "https"


@pytest.mark.parametrize("key", ["nobody", "", "%00", "a/b", "x" * 3000])
def test_a_key_that_is_none_has_no_settings(gate: Gate, key: str) -> None:
    answer = gate.ask("GET", f"/v1/projects/{key}/settings", key=None)
    assert (answer.status, answer.error) == (401, "unknown_key")


@pytest.mark.parametrize("path", ["/sourceConfig", "/sourceConfig/?p=npm&v=3"])
def test_rudderstack_is_told_its_source(gate: Gate, path: str) -> None:
    for key, query in ((KEY, ""), (None, f"writeKey={KEY}")):
        asked = path + ("&" if "?" in path else "?") + query if query else path
        source = gate.ask("GET", asked, key=key).said["source"]
        assert (source["id"], source["enabled"], source["destinations"]) == ("site", True, [])
        assert source["config"]["statsCollection"]["errors"] == {"enabled": False}


def test_without_a_key_there_is_no_source(gate: Gate) -> None:
    assert gate.ask("GET", "/sourceConfig", key=None).error == "no_key"
    assert gate.ask("GET", "/sourceConfig", key="nobody").error == "unknown_key"


# --- pixels --------------------------------------------------------------------------------------

EVENT: dict[str, Any] = {"writeKey": KEY, "userId": "דנה?>~", "event": "Opened"}


@pytest.mark.parametrize("encode", [b64encode, urlsafe_b64encode])
@pytest.mark.parametrize("form", ["quoted", "as it is", "unpadded"])
def test_a_pixel_of_segment_tells(gate: Gate, encode: Any, form: str) -> None:
    data = encode(json.dumps(EVENT, indent=2).encode()).decode()
    data = {"quoted": quote(data, safe=""), "as it is": data, "unpadded": data.rstrip("=")}[form]
    answer = gate.ask("GET", f"/v1/pixel/track?x=1&data={data}", key=None)
    assert answer.status == 200
    assert answer.headers["content-type"] == "image/gif"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.body.startswith(b"GIF89a")
    [record] = gate.records()
    assert (record["one"], record["b"]) == ("track", EVENT)


@pytest.mark.parametrize("kind", ["identify", "page", "screen"])
def test_pixels_of_other_kinds(gate: Gate, kind: str) -> None:
    data = quote(b64encode(json.dumps(EVENT).encode()))
    assert gate.ask("GET", f"/v1/pixel/{kind}?data={data}", key=None).status == 200
    assert [record["one"] for record in gate.records()] == [kind]


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ("", "not_json"),
        ("data=", "not_json"),
        ("data=!!!", "not_json"),
        ("data=a", "not_json"),
        ("data=" + b64encode(b"[]").decode(), "not_json"),
        ("data=" + b64encode(b'{"userId":"u","event":"e"}').decode(), "no_key"),
        ("data=" + b64encode(b'{"writeKey":"web-key","event":"e"}').decode(), "nobody"),
    ],
)
def test_a_pixel_that_tells_nothing_is_refused(gate: Gate, data: str, error: str) -> None:
    assert gate.ask("GET", f"/v1/pixel/track?{data}", key=None).error == error


def test_a_pixel_of_rudderstack_tells(gate: Gate) -> None:
    query = {
        "writeKey": KEY,
        "anonymousId": "a",
        "event": "Opened",
        "context.page.title": "שלום & more",
        "context.library.name": "amp",
        "properties.url": "https://x.example/?a=b",
        "empty": "",
    }
    answer = gate.ask("GET", f"/pixel/v1/track?{urlencode(query)}", key=None)
    assert (answer.status, answer.headers["content-type"]) == (200, "image/gif")
    [record] = gate.records()
    assert record["b"] == {
        "writeKey": KEY,
        "anonymousId": "a",
        "event": "Opened",
        "context": {"page": {"title": "שלום & more"}, "library": {"name": "amp"}},
        "properties": {"url": "https://x.example/?a=b"},
        "empty": "",
    }


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("a=1&a.b=2", "not_json"),
        (".".join("a" * 102) + "=1", "too_deep"),
        ("=1&.=2&..=3", "not_json"),
        ("%ff=%ff&%00=%00", "no_key"),
    ],
)
def test_odd_queries_are_refused(gate: Gate, query: str, error: str) -> None:
    assert gate.ask("GET", f"/pixel/v1/page?{query}", key=None).error == error


def test_a_beacon_may_bring_its_key_in_the_query(gate: Gate) -> None:
    body = {"batch": [{"type": "page", "anonymousId": "a"}]}
    path = f"/beacon/v1/batch?writeKey={KEY}"
    assert gate.post(path, body, key=None, Content_Type="text/plain").status == 200
    assert len(gate.events()) == 1
    assert gate.post("/v1/page", {"anonymousId": "a"}, key=None, Authorization=basic(KEY))
