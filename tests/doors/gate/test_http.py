"""HTTP as it should not be: each is answered as documented, nothing hangs, the gate lives."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.doors.gate.gates import KEY, OK, Gate, answers, basic, heard, opened, until

EVENT = json.dumps({"event": "Seen", "userId": "u"}).encode()
HEAD = f"POST /v1/track HTTP/1.1\r\nHost: a\r\nAuthorization: {basic(KEY)}\r\n".encode()
WHOLE = HEAD + b"Content-Length: %d\r\n\r\n%b" % (len(EVENT), EVENT)
LAST = HEAD + b"Connection: close\r\nContent-Length: %d\r\n\r\n%b" % (len(EVENT), EVENT)
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.fixture(scope="module")
def module_gate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gate]:
    """A gate without patience: what takes 30 seconds elsewhere takes a third of one."""
    with opened(tmp_path_factory.mktemp("gate"), "--patience=0.01") as gate:
        yield gate


@pytest.fixture(autouse=True)
def alive(gate: Gate) -> Iterator[None]:
    """Whatever was said, the gate takes the next one's events."""
    yield
    gate.records()
    assert gate.post("/v1/track", EVENT).said == OK
    assert [event["event"] for event in gate.events()] == ["Seen"]


def chunks(*pieces: bytes) -> bytes:
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in (*pieces, b""))


# --- what is not HTTP ----------------------------------------------------------------------------

MALFORMED = {
    "nonsense": b"hello there\r\n\r\n",
    "tls": bytes.fromhex("1603010200010001fc0303") + bytes(200),
    "http/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "version 2": b"GET /v1/x HTTP/2.0\r\nHost: a\r\n\r\n",
    "version 0.9": b"GET /v1/x\r\n\r\n",
    "small letters": b"get /v1/x HTTP/1.1\r\nHost: a\r\n\r\n",
    "connect": b"CONNECT shop.example:443 HTTP/1.1\r\nHost: a\r\n\r\n",
    "asterisk": b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
    "other scheme": b"GET ftp://a/v1/x HTTP/1.1\r\nHost: a\r\n\r\n",
    "space in target": b"GET /v1 x HTTP/1.1\r\nHost: a\r\n\r\n",
    "nul in target": b"GET /v1/\0 HTTP/1.1\r\nHost: a\r\n\r\n",
    "bytes in target": "GET /v1/כפר HTTP/1.1\r\nHost: a\r\n\r\n".encode(),
    "nul in value": b"GET /v1/x HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n",
    "return in value": b"GET /v1/x HTTP/1.1\r\nHost: a\r\nX: a\rY: b\r\n\r\n",
    "bare line feeds": b"GET /v1/x HTTP/1.1\nHost: a\n\n",
    "folded": b"GET /v1/x HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n",
    "space before colon": b"GET /v1/x HTTP/1.1\r\nHost : a\r\n\r\n",
    "no colon": b"GET /v1/x HTTP/1.1\r\nHost\r\n\r\n",
    "bracket in name": b"GET /v1/x HTTP/1.1\r\nHost: a\r\nX(Y): a\r\n\r\n",
    "two lengths": HEAD + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    "the same length twice": HEAD + b"Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
    "length and chunks": HEAD + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks and length": HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
    "negative length": HEAD + b"Content-Length: -1\r\n\r\n",
    "length with plus": HEAD + b"Content-Length: +1\r\n\r\na",
    "list of lengths": HEAD + b"Content-Length: 1, 1\r\n\r\na",
    "endless length": HEAD + b"Content-Length: 99999999999999999999999\r\n\r\na",
    "coded otherwise": HEAD + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "coded twice": HEAD + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n0\r\n\r\n",
    "chunked, not last": HEAD + b"Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
    "chunk size of letters": CHUNKED + b"xyz\r\nabc\r\n0\r\n\r\n",
    "chunk size with minus": CHUNKED + b"-3\r\nabc\r\n0\r\n\r\n",
    "chunk size too big": CHUNKED + b"fffffffffffffffff\r\nabc\r\n0\r\n\r\n",
    "chunk longer than said": CHUNKED + b"2\r\nabc\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("said", MALFORMED.values(), ids=MALFORMED)
@pytest.mark.parametrize("by_one", [False, True], ids=["at once", "byte by byte"])
def test_what_is_malformed_is_refused_and_nothing_after_it_is_heard(
    gate: Gate, said: bytes, by_one: bool
) -> None:
    pieces = [bytes([byte]) for byte in said] if by_one else [said]
    [answer] = gate.say(*pieces, WHOLE)
    assert (answer.status, answer.error) == (400, "malformed")
    assert answer.headers["connection"] == "close"
    assert gate.records() == []


def test_what_came_before_is_answered_first(gate: Gate) -> None:
    first, second, third = gate.say(WHOLE + WHOLE + b"\0" + WHOLE)
    assert (first.status, second.status, third.status) == (200, 200, 400)
    assert len(gate.events()) == 2


# --- too much ------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", [1 << 20, 1000], ids=["at once", "in pieces"])
@pytest.mark.parametrize("name", ["one", "many", "target"])
def test_headers_have_an_end(gate: Gate, name: str, by: int) -> None:
    said = {
        "one": b"GET /v1/x HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 33_000,
        "many": b"GET /v1/x HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 6000,
        "target": b"GET /v1/" + b"x" * 33_000 + b" HTTP/1.1\r\nHost: a",
    }[name]
    said += b"\r\n\r\n" if by > 1000 else b""  # or they go on for ever
    [answer] = gate.say(*(said[n : n + by] for n in range(0, len(said), by)))
    assert (answer.status, answer.error) == (431, "headers_too_long")


def test_headers_may_be_long(gate: Gate) -> None:
    said = LAST.replace(b"Host: a", b"Host: a\r\nCookie: " + b"c" * 30_000)
    assert [answer.status for answer in gate.say(said)] == [200]


@pytest.mark.parametrize(
    "around",
    [
        b"1;" + b"x" * 70_000 + b"\r\na\r\n",
        b"0\r\nX: " + b"x" * 70_000,
        b"0\r\n" + b"X: y\r\n" * 9000,
    ],
    ids=["extension", "trailer", "trailers"],
)
def test_what_stands_around_chunks_has_an_end(gate: Gate, around: bytes) -> None:
    [answer] = gate.say(CHUNKED, around)
    assert (answer.status, answer.error) == (431, "headers_too_long")


def test_a_body_that_is_too_long_is_refused_and_the_next_is_heard(gate: Gate) -> None:
    long = HEAD + b"Content-Length: 600000\r\n\r\n" + b"x" * 600_000
    first, second = gate.say(long + LAST)
    assert (first.status, first.error) == (413, "body_too_large")
    assert second.status == 200


def test_a_body_without_end_is_refused_and_the_client_hears_it(gate: Gate) -> None:
    """Also one that goes on speaking meanwhile: an answer must not get lost in a reset."""
    pieces = (b"%x\r\n%b\r\n" % (50_000, b"x" * 50_000) for _ in range(400))
    with gate.talk() as line:
        line.sendall(CHUNKED)
        try:
            for piece in pieces:
                line.sendall(piece)
        except (BrokenPipeError, ConnectionResetError):
            pass
        [answer] = answers(heard(line))
    assert (answer.status, answer.error) == (413, "body_too_large")


def test_many_long_bodies_hold_no_more_than_they_may(folder: Path) -> None:
    """Bodies for the pages may be long, so who sends many at once is told to come back."""
    code = (
        "import dataclasses, kfar.doors.gate.__main__ as m\n"
        "m.Limits = lambda: dataclasses.replace(Limits(), held=8_000_000)\n"
        "from kfar.doors.gate.http import Limits"
    )
    with opened(folder, code=code) as gate:
        lines = []
        for _ in range(3):
            line = gate.talk()
            lines.append(line)
            sock = line.__enter__()
            sock.sendall(b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 3500000\r\n\r\n")
            try:
                sock.sendall(b"x" * 3_400_000)
            except (BrokenPipeError, ConnectionResetError):
                break
        [answer] = answers(heard(sock))
        assert (answer.status, answer.error) == (503, "overloaded")
        for line in lines:
            line.__exit__(None, None, None)
        # What they held is free again.
        until(lambda: len(psutil.Process(gate.process.pid).net_connections()) == 1 or None)
        long = b"POST /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 3500000\r\n"
        for _ in range(5):
            [answer] = gate.say(long + b"\r\n" + b"x" * 3_500_000)
            assert answer.status == 503
            assert b"pages" in answer.body


# --- too slow ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [b"P", b"POST /v1/track HT", HEAD, WHOLE[:-1], CHUNKED + b"5\r\nab"],
    ids=["a letter", "half a line", "no end of headers", "all but a byte", "half a chunk"],
)
def test_who_stops_in_the_middle_is_let_go(gate: Gate, said: bytes) -> None:
    [answer] = gate.say(said)
    assert (answer.status, answer.error) == (408, "too_slow")
    assert answer.headers["connection"] == "close"


def test_who_drips_is_let_go(gate: Gate) -> None:
    with gate.talk() as line:
        end = time.monotonic() + 15
        try:
            for byte in WHOLE * 100:
                line.sendall(bytes([byte]))
                time.sleep(0.01)
                assert time.monotonic() < end
        except (BrokenPipeError, ConnectionResetError):
            pass


def test_who_says_nothing_is_let_go_without_a_word(gate: Gate) -> None:
    with gate.talk() as line:
        assert heard(line) == b""


def test_who_is_done_is_let_go_after_a_while(gate: Gate) -> None:
    [answer] = gate.say(WHOLE)
    assert (answer.status, answer.headers.get("connection")) == (200, None)


def test_who_does_not_listen_is_let_go(gate: Gate) -> None:
    """Many answers that nobody reads: no more is read from such a client, then it is let go."""
    with gate.talk() as line:
        line.settimeout(20)
        ask = b"GET /v1/projects/web-key/settings HTTP/1.1\r\nHost: a\r\n\r\n" * 1000
        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            line.sendall(ask * 2000)


def test_who_hangs_up_in_the_middle_leaves_nothing_behind(gate: Gate) -> None:
    process = psutil.Process(gate.process.pid)
    before = process.num_fds()
    for n in range(50):
        with gate.talk() as line:
            line.sendall(WHOLE[:-1][: 4 * n + 1])
    until(lambda: process.num_fds() <= before or None)


# --- many at once --------------------------------------------------------------------------------


def test_answers_come_in_the_order_of_the_requests(gate: Gate) -> None:
    """Some are known at once, some wait for the disk."""
    said, expected = b"", []
    draw = random.Random(3)
    for n in range(500):
        kind = draw.randrange(3)
        path = (b"/v1/track", b"/v1/nothing", b"/v1/track?n=1")[kind]
        body = (EVENT, EVENT, b"no json")[kind]
        said += HEAD.replace(b"/v1/track", path)
        said += b"Connection: close\r\n" if n == 499 else b""
        said += b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
        expected.append((200, 404, 400)[kind])
    assert [answer.status for answer in gate.say(said)] == expected
    assert len(gate.events()) == expected.count(200)


def test_a_request_may_come_in_any_pieces(gate: Gate) -> None:
    said = WHOLE + CHUNKED + chunks(EVENT[:9], EVENT[9:]) + LAST
    draw = random.Random(4)
    cuts = sorted(draw.sample(range(1, len(said)), 60))
    pieces = [said[a:b] for a, b in zip([0, *cuts], [*cuts, len(said)], strict=True)]
    assert [answer.status for answer in gate.say(*pieces)] == [200, 200, 200]
    assert len(gate.events()) == 3


def test_trailers_are_no_headers(gate: Gate) -> None:
    """Or somebody could say afterwards who they are."""
    late = chunks(EVENT)[:-2] + b"Authorization: Basic d2ViLWtleTo=\r\n\r\n"
    [answer] = gate.say(
        b"POST /v1/track HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n" + late
    )
    assert (answer.status, answer.error) == (401, "no_key")


# --- what is rare, and right ---------------------------------------------------------------------


def test_who_says_no_more_still_hears_the_answer(gate: Gate) -> None:
    assert [answer.status for answer in gate.say(WHOLE * 3, end=True)] == [200, 200, 200]


def test_http_1_0(gate: Gate) -> None:
    old = WHOLE.replace(b"HTTP/1.1", b"HTTP/1.0")
    [answer] = gate.say(old)
    assert (answer.status, answer.headers["connection"]) == (200, "close")
    [answer] = gate.say(old.replace(b"Host: a", b"Connection: keep-alive"))
    assert (answer.status, answer.headers["connection"]) == (200, "close")


def test_head_is_answered_without_a_body(gate: Gate) -> None:
    path = "/v1/projects/web-key/settings"
    got, asked = gate.ask("GET", path), gate.ask("HEAD", path)
    assert (asked.status, asked.body) == (200, b"")
    assert asked.headers == got.headers


def test_a_target_may_name_the_host(gate: Gate) -> None:
    for target in (b"http://shop.example/v1/track", b"HTTPS://u:p@[::1]:80/v1/track?x#y"):
        assert [a.status for a in gate.say(LAST.replace(b"/v1/track", target))] == [200]
    asked = b"GET http://shop.example:1/v1/projects/web-key/settings HTTP/1.1\r\nHost: other\r\n"
    [answer] = gate.say(asked + b"Connection: close\r\n\r\n")
    assert answer.said["integrations"]["Segment.io"]["apiHost"] == "shop.example:1/v1"


def test_who_asks_first_may_go_on(gate: Gate) -> None:
    with gate.talk() as line:
        line.sendall(HEAD + b"Expect: 100-continue\r\nConnection: close\r\n")
        line.sendall(b"Content-Length: %d\r\n\r\n" % len(EVENT))
        assert line.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        line.sendall(EVENT)
        assert [answer.status for answer in answers(heard(line))] == [200]


def test_who_asks_first_to_send_too_much_is_told_at_once(gate: Gate) -> None:
    asked = HEAD + b"Expect: 100-continue\r\nContent-Length: 600000\r\n\r\n"
    [answer] = gate.say(asked)
    assert (answer.status, answer.error) == (413, "body_too_large")


@pytest.mark.parametrize("packing", ["length", "chunks"])
@pytest.mark.parametrize("wish", [b"h2c", b"websocket"], ids=bytes.decode)
def test_a_wish_to_speak_something_else_is_not_heard(gate: Gate, wish: bytes, packing: str) -> None:
    """Java's client wishes for HTTP/2 in every first request, and sends its body all the same."""
    upgrade = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: " + wish + b"\r\n"
    if packing == "length":
        asked = HEAD + upgrade + b"Content-Length: %d\r\n\r\n%b" % (len(EVENT), EVENT)
    else:
        asked = HEAD + upgrade + b"Transfer-Encoding: chunked\r\n\r\n" + chunks(EVENT)
    assert [answer.status for answer in gate.say(asked + asked + LAST)] == [200, 200, 200]
    assert len(gate.events()) == 3
    assert [a.status for a in gate.say(*(bytes([b]) for b in asked + LAST))] == [200, 200]


def test_line_ends_before_a_request_are_nothing(gate: Gate) -> None:
    assert [answer.status for answer in gate.say(b"\r\n\r\n" + WHOLE + b"\r\n" + LAST)] == [
        200,
        200,
    ]


def test_told_to_end_it_answers_what_was_asked_and_takes_no_more(folder: Path) -> None:
    with opened(folder) as gate:
        with gate.talk() as line:
            line.sendall(WHOLE * 50 + HEAD)
            until(lambda: gate.records() or None)
            gate.end()
            said = answers(heard(line))
        gate.position = 0
        assert len(gate.events()) == len(said) == 50
        assert {answer.status for answer in said} == {200}
