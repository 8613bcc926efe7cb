"""What is the same for every stranger is asked of the pages once, and said to all."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kfar.doors.gate.http import Request
from kfar.doors.gate.keeping import LONGEST, MOST, SOON, Headers, Shelf
from tests.doors.gate.gates import Answer, Gate, until
from tests.doors.gate.pages import Act, Pages, open_pages, page

KEEP = (b"Cache-Control", b"public, max-age=0, s-maxage=60")
VARY = (b"Vary", b"Accept-Language, Cookie")


def request(
    *headers: tuple[bytes, bytes], url: bytes = b"/a", method: bytes = b"GET", host: bytes = b"shop"
) -> Request:
    made = Request(None)  # type: ignore[arg-type]
    made.method, made.url, made.headers = method, url, [(b"Host", host), *headers]
    return made


def kept(shelf: Shelf, asked: Request, now: float = 1) -> bytes | None:
    found = shelf.find(asked, now)
    return found.body if found else None


class TestShelf:
    def test_it_is_kept_until_its_time_is_up_and_then_asked_for_once(self) -> None:
        shelf = Shelf()
        assert kept(shelf, request()) is None
        shelf.keep(request(), [KEEP, VARY], b"page", 1)
        assert [kept(shelf, request(), now) for now in (1, 60.9)] == [b"page"] * 2
        assert [kept(shelf, request(), now) for now in (61, 61.1, 61 + SOON)] == [
            *(None, b"page", None)
        ]
        shelf.keep(request(), [KEEP], b"new", 63)
        assert kept(shelf, request(), 64) == b"new"

    def test_hosts_addresses_and_languages_are_kept_apart(self) -> None:
        shelf, hebrew = Shelf(), (b"accept-language", b"he")
        shelf.keep(request(hebrew), [KEEP, VARY], b"page", 1)
        assert kept(shelf, request(hebrew)) == b"page"
        assert kept(shelf, request(hebrew, method=b"HEAD")) == b"page"
        others = [
            *(request(), request(hebrew, host=b"other"), request(hebrew, url=b"/a?b")),
            *(request((b"Accept-Language", b"pl")), request(hebrew, method=b"POST")),
            *(request(hebrew, (name, b"x")) for name in (b"Cookie", b"Authorization", b"Range")),
        ]
        assert [kept(shelf, other) for other in others] == [None] * len(others)

    @pytest.mark.parametrize(
        "headers",
        [
            [VARY],
            [(b"Cache-Control", b"public, max-age=60")],
            [(b"Cache-Control", b"s-maxage=0")],
            [(b"Cache-Control", b"xs-maxage=60")],
            [KEEP, (b"Set-Cookie", b"a=b")],
            [KEEP, VARY, (b"vary", b"User-Agent")],
            [KEEP, (b"Vary", b"*")],
        ],
        ids=str,
    )
    def test_nothing_is_kept_that_does_not_say_so(self, headers: Headers) -> None:
        shelf = Shelf()
        shelf.keep(request(), headers, b"page", 1)
        assert kept(shelf, request()) is None

    def test_what_is_of_one_reader_or_one_request_is_not_said_to_another(self) -> None:
        shelf = Shelf()
        for asked in (request((b"Cookie", b"a")), request(method=b"HEAD"), request(method=b"POST")):
            shelf.keep(asked, [KEEP], b"page", 1)
        assert kept(shelf, request()) is None
        shelf.keep(request(), [KEEP, (b"X-Request-Id", b"5"), (b"Content-Type", b"t")], b"", 1)
        found = shelf.find(request(), 1)
        assert found is not None
        assert found.headers == b"Cache-Control: %b\r\nContent-Type: t\r\n" % KEEP[1]

    def test_it_holds_so_many_and_so_long_ones(self) -> None:
        shelf = Shelf()
        for n in range(MOST + 1):
            shelf.keep(request(url=b"/%d" % n), [KEEP], b"page", 1)
        assert kept(shelf, request(url=b"/0")) is None
        assert kept(shelf, request(url=b"/1")) == b"page"
        shelf.keep(request(), [KEEP], b"x" * (LONGEST + 1), 1)
        assert kept(shelf, request()) is None


class TestGate:
    @pytest.fixture
    def pages(self, gate: Gate) -> Iterator[Pages]:
        """Pages that let the gate keep what they say."""
        with open_pages(gate.pages) as found:
            found.act = page(b"hello", "Cache-Control: s-maxage=600", "Content-Type: text/plain")
            yield found

    def test_the_pages_are_asked_once(self, gate: Gate, pages: Pages) -> None:
        def ask(path: str, method: str = "GET", **headers: str) -> Answer:
            return gate.ask(method, path, None, None, **headers)

        said = [ask("/kept") for _ in range(3)]
        assert [(a.status, a.body, a.headers["content-type"]) for a in said] == [
            (200, b"hello", "text/plain")
        ] * 3
        assert len(pages.asked) == 1
        head = ask("/kept", "HEAD")
        assert (head.status, head.body, head.headers["content-length"]) == (200, b"", "5")
        assert len(pages.asked) == 1
        ask("/kept", Cookie="a=b")
        ask("/kept", Accept_Language="he")
        ask("/other")
        assert len(pages.asked) == 4

    @pytest.mark.parametrize(
        "now",
        [page(b"gone", status="404 Not Found"), page(b"own", "Set-Cookie: a=b")],
        ids=["gone", "a reader's own"],
    )
    def test_what_is_answered_in_another_way_is_no_longer_said(
        self, gate: Gate, pages: Pages, now: Act
    ) -> None:
        def ask() -> int:
            return gate.ask("GET", "/soon", None, None).status

        pages.act = page(b"hello", "Cache-Control: s-maxage=1")
        assert (ask(), ask(), len(pages.asked)) == (200, 200, 1)
        pages.act = now
        until(lambda: (ask(), len(pages.asked) > 1)[1] or None)
        asked = len(pages.asked)
        ask()
        assert len(pages.asked) == asked + 1

    def test_answers_leave_in_their_order(self, gate: Gate, pages: Pages) -> None:
        ask = b"GET /%b HTTP/1.1\r\nHost: a\r\n%b\r\n"
        gate.say(ask % (b"first", b"Connection: close\r\n"))
        pages.act = page(b"slow")
        said = gate.say(
            ask % (b"new", b""), ask % (b"first", b""), ask % (b"next", b"Connection: close\r\n")
        )
        assert [answer.body for answer in said] == [b"slow", b"hello", b"slow"]

    def test_what_is_too_long_goes_through_unkept(self, gate: Gate, pages: Pages) -> None:
        pages.act = page(b"x" * (LONGEST + 1), "Cache-Control: s-maxage=600")
        for _ in range(2):
            assert len(gate.ask("GET", "/long", None, None).body) == LONGEST + 1
        assert len(pages.asked) == 2
