"""Asking servers outside: nothing inside is reached, and no server holds us."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from kfar.doors.reaching import Answer, check, reach
from kfar.ground.errors import Refused


class Server(BaseHTTPRequestHandler):
    """Says what was asked, and other things by path."""

    def do_POST(self) -> None:
        """Answer."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status = 302 if self.path == "/moved" else 200
        said = b"x" * 300_000 if self.path == "/large" else self.path.encode() + b" " + body
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "http://169.254.169.254/")
        self.send_header("X-Said", self.headers.get("X-Say", ""))
        self.send_header("X-Host", self.headers["Host"])
        self.send_header("Content-Length", str(len(said) + (9 if self.path == "/short" else 0)))
        self.end_headers()
        self.wfile.write(said)

    do_GET = do_POST  # noqa: N815 - as the library names it

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.fixture
def allowed(port: int, settings: Settings) -> str:
    settings.KFAR_REACH = frozenset([f"127.0.0.1:{port}"])
    return f"http://127.0.0.1:{port}"


@contextmanager
def refused(code: str) -> Iterator[None]:
    with pytest.raises(Refused) as error:
        yield
    assert error.value.code == code


def test_a_server_is_asked_as_it_was_said(allowed: str) -> None:
    answer = reach("POST", f"{allowed}/a?b=c", headers={"X-Say": "hello"}, body=b"words")
    assert (answer.status, answer.body, answer.headers["x-said"]) == (200, b"/a?b=c words", "hello")
    assert answer.headers["x-host"] == allowed.removeprefix("http://")


def test_a_redirect_is_an_answer_and_not_followed(allowed: str) -> None:
    answer = reach("GET", f"{allowed}/moved")
    assert (answer.status, answer.headers["location"]) == (302, "http://169.254.169.254/")


def test_an_answer_has_a_limit(allowed: str) -> None:
    assert len(reach("GET", f"{allowed}/large", most=300_000).body) == 300_000
    with refused("reach.too_large"):
        reach("GET", f"{allowed}/large", most=299_999)


def test_half_an_answer_is_none(allowed: str) -> None:
    with refused("reach.away"):
        reach("GET", f"{allowed}/short", seconds=0.3)


def test_nobody_there_is_said(settings: Settings) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, and nobody listens
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        settings.KFAR_REACH = frozenset([address])
        for url in (f"http://{address}/", f"https://{address}/"):
            with refused("reach.away"):
                reach("GET", url)


def test_who_says_a_byte_now_and_then_holds_nobody(settings: Settings) -> None:
    """A header a moment, for ever: each of them is in time, all of them together are not."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        settings.KFAR_REACH = frozenset([address])

        def drip() -> None:
            there, _ = server.accept()
            with there:
                while not over.wait(0.02):
                    try:
                        there.sendall(b"X")
                    except OSError:
                        return

        thread = threading.Thread(target=drip)
        thread.start()
        with refused("reach.away"):
            reach("GET", f"http://{address}/", seconds=0.3)
        over.set()
        thread.join()


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "127.1", "2130706433", "0x7f.1", "0", "localhost", "[::1]", "[::]"),
        *("10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "224.0.0.1"),
        *("[::ffff:10.0.0.1]", "[fd00::1]", "[fe80::1]", "[64:ff9b::a00:1]", "[2002:a00:1::]"),
        *("255.255.255.255", "192.0.2.1", "[ff02::1]", "①②⑦.0.0.1"),
        *("[fec0::1]", "[64:ff9b:1::a00:1]", "[::10.0.0.1]", "[::ffff:0:10.0.0.1]"),
    ],
)
def test_what_leads_inside_is_refused_however_it_is_written(host: str) -> None:
    with refused("reach.inside"):
        reach("GET", f"http://{host}/")


def test_a_name_with_one_address_inside_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who would take the first alone would be led inside the next time."""
    found = [(2, 1, 6, "", (address, 80)) for address in ("93.184.215.14", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: found)
    with refused("reach.inside"):
        reach("GET", "http://example.org/")


def test_a_name_is_looked_up_once_and_that_address_is_asked(
    port: int, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.KFAR_REACH = frozenset(["tracker.example"])
    asked: list[Any] = []
    real = socket.getaddrinfo

    def look_up(host: str, *args: Any, **named: Any) -> list[Any]:
        asked.append(host)
        return real("127.0.0.1" if host == "tracker.example" else host, *args, **named)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    answer = reach("GET", f"http://tracker.example:{port}/")
    assert isinstance(answer, Answer)
    assert answer.headers["x-host"] == f"tracker.example:{port}"
    assert asked.count("tracker.example") == 1


@pytest.mark.parametrize(
    "url",
    [
        *("", "example.org", "ftp://example.org/", "file:///etc/passwd", "https://", "http:///a"),
        *("http://me:secret@example.org/", "http://example.org:x/", "http://[::1/", "http://a b/"),
        *("https://example.org/a b", "https://example.org/\r\nX: y", "https://example.org/żółć"),
        *("http://" + "a" * 64 + "ł.org/", "https://example.org/" + "a" * 2_000),
    ],
)
def test_what_is_no_address_is_refused_before_it_is_kept(url: str) -> None:
    with refused("reach.bad_address"):
        check(url)


@given(st.text(max_size=40))
def test_whatever_is_written_is_an_address_or_refused_as_none(text: str) -> None:
    for url in (text, f"https://{text}", f"https://example.org/{text}"):
        try:
            check(url)
        except Refused as error:
            if error.code != "reach.bad_address":
                raise
