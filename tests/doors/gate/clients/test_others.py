"""Clients in languages that are not run here: requests as they write them, from their sources."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from tests.doors.gate.gates import KEY, OK, Gate, basic

EVENT: dict[str, Any] = {
    "type": "track",
    "event": "Seen",
    "userId": "u",
    "anonymousId": None,
    "messageId": "m",
}
AT = "2026-11-22T10:00:00.000Z"
KEYED = f"Authorization: {basic(KEY)}"
BATCH: dict[str, Any] = {"batch": [EVENT], "sentAt": AT}
WITH_KEY = {**BATCH, "writeKey": KEY}
JSON = "Content-Type: application/json"
UTF8 = f"{JSON}; charset=utf-8"

#: Path, headers, body, and how it is sent.
CLIENTS: dict[str, tuple[str, list[str], dict[str, Any], str]] = {
    "go": ("/v1/batch", [KEYED, JSON, "User-Agent: analytics-go (version: 3.0.0)"],
           {**BATCH, "messageId": "b", "context": {"library": {"name": "analytics-go"}}}, ""),
    "ruby": ("/v1/batch", [KEYED, JSON, "Accept: application/json", "Connection: keep-alive"],
             BATCH, ""),
    "ruby 2": ("/v1/import", [KEYED, JSON, "accept: application/json"], BATCH, ""),
    "php by socket": ("/v1/batch", [JSON, KEYED, "Accept: application/json"], WITH_KEY, "gzip"),
    "php by curl": ("/v1/batch", [KEYED, JSON, "Expect: 100-continue"], BATCH, "asks"),
    "java": ("/v1/import/", [KEYED, UTF8, "Accept-Encoding: gzip", "User-Agent: analytics-java/3"],
             {**WITH_KEY, "context": {"library": {"name": "analytics-java"}}, "sequence": 1}, ""),
    "java 17": ("/v1/batch", [KEYED, JSON, "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c",
                              "HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA"],
                BATCH, ""),
    "kotlin": ("/v1/b", ["Content-Type: text/plain", "Content-Encoding: gzip"], WITH_KEY,
               "gzip chunked"),
    "swift": ("/v1/b", [UTF8, "Accept-Encoding: gzip", "User-Agent: analytics-ios/1.5"], WITH_KEY,
              ""),
    "ios 4": ("/v1/batch", [KEYED, JSON, JSON, "Content-Encoding: gzip"], BATCH, "gzip"),
    "android 4": ("/v1/import", [KEYED, JSON, "Content-Encoding: gzip"],
                  {**BATCH, "integrations": {}}, "gzip chunked"),
    ".net": ("/v1/batch", [KEYED, UTF8, "Expect: 100-continue", "Connection: Keep-Alive"],
             {**BATCH, "messageId": "b"}, "asks"),
    "rust": ("/v1/track", [KEYED, JSON, "user-agent: segment.rs/0.2", "accept: */*"], EVENT, ""),
    "analytics.js classic": ("/v1/t", ["Content-Type: text/plain", "Origin: https://a.example"],
                             {**EVENT, "writeKey": KEY, "_metadata": {"bundled": []}}, ""),
    "rudder android": ("/v1/batch", [KEYED, JSON, "AnonymousId: YQ=="], BATCH, "chunked"),
    "rudder ios": ("/v1/batch", ["Content-Type: Application/json", KEYED, "AnonymousId: YQ=="],
                   BATCH, "gzip"),
    "rudder js 1": ("/v1/track", [KEYED, UTF8, "AnonymousId: YQ=="],
                    {**EVENT, "originalTimestamp": AT, "channel": "web"}, ""),
}  # fmt: skip


@pytest.mark.parametrize("client", CLIENTS)
def test_what_it_sends_comes_in(gate: Gate, client: str) -> None:
    path, headers, body, how = CLIENTS[client]
    content = json.dumps(body).encode()
    packed = gzip.compress(content) if "gzip" in how else content
    lines = [f"POST {path} HTTP/1.1", "Host: kfar.example", *headers]
    if "chunked" in how:
        lines.append("Transfer-Encoding: chunked")
        pieces = (packed[:7], packed[7:], b"")
        packed = b"".join(b"%X\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
    else:
        lines.append(f"Content-length: {len(packed)}")
    last = b"GET /v1/x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    with gate.talk() as line:
        line.sendall("\r\n".join([*lines, "", ""]).encode())
        if how == "asks":
            assert line.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        line.sendall(packed + last)
        head, _, rest = line.makefile("rb").read().partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert rest.startswith(json.dumps(OK, separators=(",", ":")).encode() + b"HTTP/1.1 404")
    [record] = gate.records()
    assert record["b"] == body
    assert (record["s"], record.get("one")) == ("site", None if "batch" in body else "track")
