"""What is for the pages gets there, and what they say gets back; they see what the gate wrote."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.doors.gate.gates import Gate, answers, heard, opened, until
from tests.doors.gate.pages import HELLO, Pages, open_pages, page, say

EVIL = b"GET /evil HTTP/1.1\r\nHost: evil\r\n\r\n"
CLOSE = b"Connection: close\r\n\r\n"


@pytest.fixture
def pages(gate: Gate) -> Iterator[Pages]:
    """The pages behind the module's gate."""
    with open_pages(gate.pages) as found:
        yield found


# --- requests ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "target",
    [
        "/", "/?", "/he/", "/a%20b?c=%D7%90&d", "//double", "/../up/./here", "/a;b=c", "/v1",
        "/v1x/track", "/%761/track", "/a?b=http://c/#d", "/a?b[]=\\^{}|`\"<>", "/" + "x" * 9000,
    ],
    ids=lambda target: target[:30],
)  # fmt: skip
def test_the_target_goes_through_as_it_is(gate: Gate, pages: Pages, target: str) -> None:
    [answer] = gate.say(f"GET {target} HTTP/1.1\r\nHost: shop.example\r\n".encode() + CLOSE)
    assert (answer.status, answer.body) == (200, b"hello")
    assert pages.line == f"GET {target.partition('#')[0]} HTTP/1.1"
    assert pages.headers["Host"] == "shop.example"


def test_one_with_a_host_in_it_too(gate: Gate, pages: Pages) -> None:
    gate.say(b"GET http://u:p@shop.example:8/he?a HTTP/1.1\r\nHost: other\r\n" + CLOSE)
    assert (pages.line, pages.headers["Host"]) == ("GET /he?a HTTP/1.1", "shop.example:8")
    gate.say(b"GET HTTP://shop.example?a HTTP/1.1\r\nhost: other\r\n" + CLOSE)
    assert (pages.line, pages.headers["Host"]) == ("GET /?a HTTP/1.1", "shop.example")


@pytest.mark.parametrize(
    "method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "TRACE"]
)
def test_so_does_every_method(gate: Gate, pages: Pages, method: str) -> None:
    said = raw(gate, f"{method} /x HTTP/1.1\r\nHost: a\r\n".encode() + CLOSE)
    assert said.startswith(b"HTTP/1.1 200 OK\r\n")
    assert pages.line == f"{method} /x HTTP/1.1"


@pytest.mark.parametrize("size", [0, 1, 100_000, 2_000_000, 4 * 1024 * 1024])
@pytest.mark.parametrize("chunked", [False, True])
def test_bodies_go_through(gate: Gate, pages: Pages, size: int, chunked: bool) -> None:
    body = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    head = b"POST /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
    if chunked:
        said = b"".join(b"%x\r\n%b\r\n" % (len(p), p) for p in (body[:1], body[1:], b"") if p)
        said = head + b"Transfer-Encoding: chunked\r\n\r\n" + said + b"0\r\nHost: evil\r\n\r\n"
    else:
        said = head + b"Content-Length: %d\r\n\r\n%b" % (size, body)
    [answer] = gate.say(said)
    assert answer.status == 200
    assert pages.asked[-1][1] == body
    assert pages.headers.get("Content-Length", "0") == str(size)
    assert "Transfer-Encoding" not in pages.headers
    assert pages.headers["Host"] == "a"


def test_a_body_that_is_longer_than_any_page_takes_is_refused(gate: Gate, pages: Pages) -> None:
    size = 4 * 1024 * 1024 + 1
    head = b"POST /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
    [answer] = gate.say(head % size + b"x" * size)
    assert (answer.status, answer.error) == (413, "body_too_large")
    assert pages.asked == []


def test_headers_go_through_and_those_between_neighbours_do_not(gate: Gate, pages: Pages) -> None:
    said = [
        "Cookie: a=b; c=d", "cookie: e=f", "Accept-Language: he", "X-Empty:", "X-Word: כפר",
        "Connection: close, X-Secret", "connection: X-Other", "X-Secret: 1", "x-other: 2",
        "Keep-Alive: 5", "TE: trailers", "Upgrade: h2c", "Proxy-Authorization: x", "Trailer: y",
        "Accept-Encoding: br",
    ]  # fmt: skip
    gate.say("\r\n".join(["GET / HTTP/1.1", "Host: a", *said, "", ""]).encode())
    head = pages.asked[-1][0]
    assert sorted(head.decode().split("\r\n")[1:]) == sorted(
        ["Host: a", "Cookie: a=b; c=d", "cookie: e=f", "Accept-Language: he", "X-Empty: ",
         "X-Word: כפר", "Accept-Encoding: br", "X-Forwarded-For: 127.0.0.1", "Connection: close"]
    )  # fmt: skip


FORGED = [
    "X-Forwarded-For: 6.6.6.6", "x-forwarded-proto: https", "X-Forwarded-Host: evil",
    "X-Forwarded-Port: 1", "Forwarded: for=6.6.6.6", "X-Real-IP: 6.6.6.6",
]  # fmt: skip
#: What WSGI could not tell from them.
ALIKE = ["X_Forwarded_For: 6.6.6.6", "X-Forwarded_Proto: https", "Content_Length: 5"]


def test_what_a_stranger_says_about_who_comes_is_dropped(gate: Gate, pages: Pages) -> None:
    lines = ["GET / HTTP/1.1", "Host: a", *FORGED, *ALIKE, "Connection: close", "", ""]
    gate.say("\r\n".join(lines).encode())
    found = {name.lower(): value for name, value in pages.headers.items()}
    assert found == {"host": "a", "x-forwarded-for": "127.0.0.1", "connection": "close"}


def test_what_our_own_proxy_says_is_believed(folder: Path) -> None:
    with opened(folder, "--proxies=1") as gate, open_pages(gate.pages) as pages:
        lines = ["GET / HTTP/1.1", "Host: a", *FORGED, *ALIKE, "Connection: close", "", ""]
        gate.say("\r\n".join(lines).encode())
        assert pages.headers["X-Forwarded-For"] == "6.6.6.6, 127.0.0.1"
        assert pages.headers["x-forwarded-proto"] == "https"
        assert not {line.partition(":")[0] for line in ALIKE} & set(pages.headers)


@pytest.mark.parametrize("hosts", ["", "Host: a\r\nHost: b\r\n", "Host: a\r\nhost: a\r\n"])
def test_a_request_is_for_one_host(gate: Gate, pages: Pages, hosts: str) -> None:
    [answer] = gate.say(f"GET / HTTP/1.1\r\n{hosts}".encode() + CLOSE)
    assert (answer.status, answer.error) == (400, "malformed")
    assert pages.asked == []


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ("Content-Length: 5|Transfer-Encoding: chunked", b"0\r\n\r\n" + EVIL),
        ("Transfer-Encoding: xchunked", b"5\r\n" + EVIL),
        ("Content-Length: 0|Content-Length: 34", EVIL),
        ("Transfer-Encoding: chunked", b"0\r\nContent-Length: 5\r\n\r\n"),
        ("Upgrade: h2c|Connection: Upgrade|Content-Length: 34", EVIL),
        ("Expect: 100-continue|Content-Length: 34", EVIL),
        (
            "Transfer-Encoding: chunked|Connection: transfer-encoding, host",
            b"22\r\n%b\r\n0\r\n\r\n" % EVIL,
        ),
    ],
    ids=["both", "x", "two lengths", "late length", "upgrade", "expect", "nominated"],
)
def test_nothing_is_smuggled(gate: Gate, pages: Pages, headers: str, body: bytes) -> None:
    """Whatever a request's body holds, the pages are asked no more than the gate was."""
    said = headers.replace("|", "\r\n").encode() + b"\r\n\r\n" + body
    end = b"GET /end HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    gate.say(b"POST /page HTTP/1.1\r\nHost: a\r\n" + said + end)
    asked = [head.partition(b" HTTP")[0] for head, _ in pages.asked]
    assert b"GET /evil" not in asked
    assert set(asked) <= {b"POST /page", b"GET /end"}
    for head, body in pages.asked:
        lines = [line.partition(b": ") for line in head.lower().split(b"\r\n")]
        lengths = [value for name, _, value in lines if name == b"content-length"]
        assert lengths == ([b"%d" % len(body)] if body or b"POST" in head else [])
        assert b"transfer-encoding" not in head.lower()


LETTERS = st.characters(min_codepoint=33, max_codepoint=126)


@settings(max_examples=200)
@given(
    st.sampled_from(["GET", "POST", "PUT", "DELETE"]),
    st.text(LETTERS.filter(lambda c: c != "#"), max_size=30),
    st.lists(
        st.tuples(
            st.text("abcXYZ-09!#$%&'*+.^`|~", min_size=1, max_size=9).map(lambda n: "Q" + n),
            st.text(st.characters(min_codepoint=32, max_codepoint=0x5FF, exclude_characters="\x7f"),
                    max_size=20).map(str.strip),
        ),
        max_size=6,
    ),
    st.binary(max_size=200),
)  # fmt: skip
def test_both_sides_see_the_same_request(
    module_gate: Gate, method: str, path: str, headers: list[tuple[str, str]], body: bytes
) -> None:
    sent = [line for n, v in headers if (line := f"{n}: {v}".strip()).isprintable()]
    lines = [f"{method} /p/{path} HTTP/1.1", "Host: a", *sent, f"Content-Length: {len(body)}"]
    with open_pages(module_gate.pages) as pages:
        said = "\r\n".join([*lines, "Connection: close", "", ""]).encode() + body
        [answer] = module_gate.say(said)
        assert answer.status == 200
        [(head, came)] = pages.asked
    assert came == body
    got = head.decode().split("\r\n")
    assert got[0] == lines[0]
    assert [line.strip() for line in got[1:] if line.startswith("Q")] == [
        line if ":" in line and line.partition(": ")[2] else line.rstrip(": ") + ":"
        for line in sent
    ]


# --- answers -------------------------------------------------------------------------------------


def raw(gate: Gate, said: bytes = b"GET / HTTP/1.1\r\nHost: a\r\n" + CLOSE) -> bytes:
    with gate.talk() as line:
        line.sendall(said)
        return heard(line)


def test_an_answer_comes_back_as_it_is(gate: Gate, pages: Pages) -> None:
    pages.act = say(
        b"HTTP/1.1 418 I'm a Teapot\r\nSet-Cookie: a=1; Path=/\r\nset-cookie: b=2; HttpOnly\r\n"
        b"Location: /he/\r\nX-Word: \xd7\x9b\xd7\xa4\xd7\xa8\r\n"
        b"Keep-Alive: 5\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc"
    )
    assert raw(gate) == (
        b"HTTP/1.1 418 I'm a Teapot\r\nSet-Cookie: a=1; Path=/\r\nset-cookie: b=2; HttpOnly\r\n"
        b"Location: /he/\r\nX-Word: \xd7\x9b\xd7\xa4\xd7\xa8\r\nContent-Length: 3\r\n"
        b"Connection: close\r\n\r\nabc"
    )


@pytest.mark.parametrize("size", [0, 1, 70_000, 20_000_000])
def test_big_pages_come_whole(gate: Gate, pages: Pages, size: int) -> None:
    body = b"x" * size
    pages.act = page(body)
    answer = gate.ask("GET", "/")
    assert (answer.status, len(answer.body)) == (200, size)
    assert answer.body == body


def test_a_long_head_comes_whole(gate: Gate, pages: Pages) -> None:
    pages.act = page(b"", f"Content-Security-Policy: {'x' * 20_000}", f"Set-Cookie: {'y' * 20_000}")
    answer = gate.ask("GET", "/")
    assert len(answer.headers["content-security-policy"]) == 20_000


def test_what_has_no_length_comes_in_chunks_or_until_the_end(gate: Gate, pages: Pages) -> None:
    for head in (b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", b"\r\nabc"):
        pages.act = say(b"HTTP/1.1 200 OK\r\n" + head)
        assert raw(gate).endswith(
            b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
        )
        said = raw(gate, b"GET / HTTP/1.0\r\nHost: a\r\n\r\n")
        assert said.endswith(b"Connection: close\r\n\r\nabc")


def test_an_answer_is_passed_on_as_it_comes(gate: Gate, pages: Pages) -> None:
    more = threading.Event()

    def act(line: socket.socket, _asked: bytes) -> None:
        line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc")
        more.wait(20)
        line.sendall(b"def")

    pages.act = act
    with gate.talk() as line:
        line.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n" + CLOSE)
        said = b""
        while not said.endswith(b"abc"):
            said += line.recv(1000)
        more.set()
        assert heard(line) == b"def"


@pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified"])
def test_answers_without_a_body(gate: Gate, pages: Pages, status: str) -> None:
    pages.act = say(f"HTTP/1.1 {status}\r\nETag: x\r\n\r\n".encode())
    said = raw(gate, (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n" * 2)[:-2] + CLOSE)
    assert (
        said
        == (
            f"HTTP/1.1 {status}\r\nETag: x\r\n\r\n"
            f"HTTP/1.1 {status}\r\nETag: x\r\nConnection: close\r\n\r\n"
        ).encode()
    )


def test_head_has_a_length_and_no_body(gate: Gate, pages: Pages) -> None:
    pages.act = say(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n")
    asked = b"HEAD / HTTP/1.1\r\nHost: a\r\n"
    assert raw(gate, asked + CLOSE).endswith(b"Content-Length: 500\r\nConnection: close\r\n\r\n")
    first, second = raw(gate, asked + b"\r\n" + asked + CLOSE).split(b"HTTP/1.1 200 OK")[1:]
    assert first.endswith(b"\r\n\r\n")
    assert second.endswith(b"\r\n\r\n")


def test_hints_before_the_answer_are_left_out(gate: Gate, pages: Pages) -> None:
    pages.act = say(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", HELLO_RAW)
    assert [answer.body for answer in answers(raw(gate))] == [b"hello"]


HELLO_RAW = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


def test_answers_keep_their_order(gate: Gate, pages: Pages) -> None:
    """Pages and events, asked in one breath; the first page is the last to be ready."""
    slow = threading.Event()

    def act(line: socket.socket, asked: bytes) -> None:
        if asked.startswith(b"GET /slow"):
            slow.wait(20)
        elif asked.startswith(b"GET /last"):
            slow.set()
        target = asked.split(b" ")[1]
        line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(target), target))

    pages.act = act
    names = [b"/slow", b"/v1/x", b"/a", b"/b", b"/v1/y", b"/last"]
    said = b"".join(b"GET %b HTTP/1.1\r\nHost: a\r\n\r\n" % name for name in names)
    found = answers(raw(gate, said[:-2] + CLOSE))
    assert [a.body if a.status == 200 else b"" for a in found] == [
        b"/slow", b"", b"/a", b"/b", b"", b"/last",
    ]  # fmt: skip


# --- pages that are away -------------------------------------------------------------------------


def test_pages_that_are_away_are_said_to_be(gate: Gate) -> None:
    answer = gate.ask("GET", "/", key=None)
    assert (answer.status, answer.headers["retry-after"]) == (503, "3")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "lang=he dir=rtl" in answer.body.decode()
    assert gate.post("/v1/track", {"event": "e", "userId": "u"}).status == 200


@pytest.mark.parametrize(
    "said",
    [b"", b"HTTP/1.1 200", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"],
)
def test_pages_that_break_before_they_answer_are_away(
    gate: Gate, pages: Pages, said: bytes
) -> None:
    pages.act = say(said)
    for method in ("GET", "POST"):
        [answer] = gate.say(f"{method} / HTTP/1.1\r\nHost: a\r\n".encode() + CLOSE)
        assert (answer.status, answer.headers["retry-after"]) == (503, "3")
    assert len(pages.asked) == 2  # nothing is asked twice


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
    ],
    ids=["length", "chunks"],
)
def test_half_an_answer_does_not_look_like_a_whole(gate: Gate, pages: Pages, said: bytes) -> None:
    pages.act = say(said)
    got = raw(gate)
    assert not got.endswith(b"0\r\n\r\n")
    assert b"503" not in got


def test_once_they_are_back_they_answer(gate: Gate) -> None:
    assert gate.ask("GET", "/").status == 503
    with open_pages(gate.pages):
        assert gate.ask("GET", "/").body == b"hello"
    assert gate.ask("GET", "/").status == 503


# --- clients that are slow or gone ---------------------------------------------------------------


@contextmanager
def endless(pages: Pages) -> Iterator[Callable[[], int]]:
    """Let the pages say more and more; yield what asks how many bytes they could say so far."""
    said = [0]
    gone = threading.Event()

    def act(line: socket.socket, _asked: bytes) -> None:
        with suppress(OSError):
            line.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            while not gone.is_set():
                said[0] += line.send(b"x" * 65536)
        gone.set()

    pages.act = act
    try:
        yield lambda: said[0]
    finally:
        gone.set()


def test_a_slow_reader_is_not_read_ahead_for(gate: Gate, pages: Pages) -> None:
    with endless(pages) as said, gate.talk() as line:
        line.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        line.recv(100)
        last = -1

        def stands_still() -> bool | None:
            nonlocal last
            before, last = last, said()
            return True if before == last > 0 else None

        until(stands_still)
        assert said() < 16 * 1024 * 1024
    memory = psutil.Process(gate.process.pid).memory_info().rss
    assert memory < 300 * 1024 * 1024


def test_who_is_gone_leaves_nothing_behind(gate: Gate, pages: Pages) -> None:
    """Also who asked for several pages, and was gone while they thought."""
    process = psutil.Process(gate.process.pid)
    before = process.num_fds()
    think = threading.Event()
    pages.act = lambda line, asked: (think.wait(20), None)[1]
    for _ in range(10):
        with gate.talk() as line:
            line.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n" * 3)
    until(lambda: len(pages.asked) == 30 or None)
    think.set()
    until(lambda: process.num_fds() <= before or None)
    pages.act = HELLO
    assert gate.ask("GET", "/").body == b"hello"


def test_a_reader_that_stops_is_let_go(folder: Path) -> None:
    with opened(folder, "--patience=0.01") as gate, open_pages(gate.pages) as pages:
        with endless(pages), gate.talk() as line:
            line.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            line.recv(100)
            until(lambda: len(psutil.Process(gate.process.pid).net_connections("tcp")) == 1 or None)
        assert gate.ask("GET", "/v1/x").status == 404
