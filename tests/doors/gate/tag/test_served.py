"""The snippet from the real gate, and what it tells there."""

from __future__ import annotations

import gzip
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from kfar.doors.gate import snippet
from kfar.lake.intake.log import LogReader
from kfar.lake.intake.notice import Key, Notice, key_sum, post
from tests.doors.gate.tag.site import Site
from tests.doors.gate.tag.steps import UPDATED, YES, call, titled


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[int]:
    """A gate in a process of its own, which one key opens; the port it listens on."""
    post(Notice(keys={key_sum("shop"): Key(source="shop")}), tmp_path)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    command = [sys.executable, "-m", "kfar.doors.gate", f"--port={port}", f"--data={tmp_path}"]
    with subprocess.Popen([*command, f"--pages={tmp_path}/pages"]) as process:
        try:
            deadline = time.monotonic() + 60
            while not answers(port):
                assert time.monotonic() < deadline, "the gate does not open"
                assert process.poll() is None, "the gate ended"
                time.sleep(0.05)
            yield port
        finally:
            process.terminate()
            process.wait(30)


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True


def asked(port: int, method: str, **headers: str) -> tuple[HTTPResponse, bytes]:
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, "/kfar.js", headers=named)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer, body


def accepted(data: Path) -> list[dict[str, Any]]:
    """Return the events that stand in the intake, each once."""
    records = [json.loads(line) for line in LogReader(data / "intake").read(0, 1 << 20).records]
    events = [event for record in records for event in record["b"]["batch"]]
    return list({event["messageId"]: event for event in events}.values())


def test_the_gate_serves_it(gate: int) -> None:
    answer, body = asked(gate, "GET")
    assert (answer.status, body) == (200, snippet.source())
    assert answer.getheader("Content-Type") == "text/javascript; charset=utf-8"
    assert answer.getheader("Cache-Control") == "public, max-age=3600"
    assert answer.getheader("Access-Control-Allow-Origin") == "*"
    assert answer.getheader("Cross-Origin-Resource-Policy") == "cross-origin"
    tag = answer.getheader("ETag") or ""
    packed, body = asked(gate, "GET", Accept_Encoding="br, gzip")
    assert packed.getheader("Content-Encoding") == "gzip"
    assert packed.getheader("Vary") == "Accept-Encoding"
    assert (len(body) < 5000, gzip.decompress(body)) == (True, snippet.source())
    known, body = asked(gate, "GET", If_None_Match=tag)
    assert (known.status, body, known.getheader("Content-Length")) == (304, b"", None)
    assert known.getheader("ETag") == tag
    head, body = asked(gate, "HEAD")
    assert (head.status, body) == (200, b"")
    assert asked(gate, "POST")[0].status == 405


@pytest.mark.journey
def test_what_a_site_tells_stands_in_the_intake(
    gate: int, page: Page, site: Site, tmp_path: Path
) -> None:
    site.elsewhere = f"http://localhost:{gate}"
    with page.expect_response("**/v1/batch") as answer:
        page.goto("/milk?mail=anna&utm_source=letter")
    assert answer.value.json() == {"success": True}
    with page.expect_response("**/v1/batch") as answer:
        call(page, "consent", YES)
        call(page, "identify", "anna", {"email": "anna@village.example"})
    assert answer.value.json() == {"success": True}
    with page.expect_response(
        lambda r: r.url.endswith("/v1/batch") and '"/rye"' in (r.request.post_data or "")
    ) as answer:
        page.evaluate("kfar.track('Left'); location.href = '/rye'")
    assert answer.value.json() == {"success": True}
    seen, updated, anna, *rest = accepted(tmp_path)
    assert titled([seen, updated]) == [("page", "/milk"), ("track", UPDATED)]
    assert seen["context"]["page"]["url"] == f"{site.url}/milk?utm_source=letter"
    assert (anna["userId"], anna["traits"]) == ("anna", {"email": "anna@village.example"})
    assert titled(rest) == [("track", "Left"), ("page", "/rye")]
    assert {event["userId"] for event in rest} == {"anna"}
    assert len({event["anonymousId"] for event in (seen, updated, anna, *rest)}) == 1
