"""HTTP/1.1 as the gate speaks it: llhttp parses, requests are whole before they are answered.

Answers leave in the order of the requests, however many a client has sent ahead. A client
that is slow to speak or to listen costs a little memory, and is let go when its time is up.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

import httptools

from kfar.doors.gate.http import Handler, Request, refuse
from kfar.doors.gate.refusals import Refusal

#: Bytes that may stand around each byte of a body in chunks (`1 CR LF x CR LF`), at most.
AROUND = 8


class Connection(asyncio.Protocol):
    """One client."""

    def __init__(self, handler: Handler) -> None:
        self.handler = handler
        self.limits = handler.limits
        self.waiting: deque[Request] = deque()
        self.transport: Any = None
        self.parser = httptools.HttpRequestParser(self)
        self.request = Request(self)
        self.chunks: list[bytes] = []
        self.size = 0  # of the body so far
        self.around = 0  # what was received beside it
        self.most = 0
        self.held = 0
        self.deadline = 0.0
        self.inside = False  # a request has begun and is not whole
        self.upgrades = False
        self.closing = False  # nothing more is heard
        self.lingering = False
        self.paused = False
        self.drained: asyncio.Event | None = None

    # --- the client comes, speaks, goes ------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self.transport = transport
        self.handler.connections.add(self)
        self.deadline = self.handler.now + self.limits.idle

    def connection_lost(self, exc: Exception | None) -> None:
        """End; answers not yet given have nowhere to go."""
        self.handler.connections.discard(self)
        self.closing = True
        self.transport = None
        if self.drained is not None:
            self.drained.set()
        self._let_go(self)
        for request in self.waiting:
            self._let_go(request)
            if request.gone is not None:
                request.gone()
        self.waiting.clear()

    def eof_received(self) -> bool:
        """Stay while the client, who says no more, still waits for answers."""
        self.closing = True
        return bool(self.waiting)

    def data_received(self, data: bytes) -> None:
        """Take in what the client sends."""
        if self.closing:
            return
        self.around += len(data)
        rest: bytes | memoryview = data
        try:
            while True:
                try:
                    self.parser.feed_data(rest)
                    break
                except httptools.HttpParserUpgrade as wish:
                    rest = memoryview(rest)[wish.args[0] :]
                    self._go_on_without_upgrade()
        except httptools.HttpParserError:
            self._refuse(Refusal.MALFORMED)
        else:
            if self.around > self.limits.headers + AROUND * self.size:
                self._refuse(Refusal.HEADERS_TOO_LONG)

    def pause_writing(self) -> None:
        """The client is slow to listen."""
        self.drained = asyncio.Event()
        self._pause()

    def resume_writing(self) -> None:
        """It has listened."""
        if self.drained is not None:
            self.drained.set()
            self.drained = None
        self.flush()

    async def drain(self) -> None:
        """Wait until the client has taken what was written."""
        if self.drained is not None:
            await self.drained.wait()

    def expire(self) -> None:
        """Let a client go whose time is up; one that waits for us is not late."""
        late = self.handler.now - self.deadline
        if late < 0 or self.waiting or self.transport is None:
            return
        if self.lingering or self.transport.get_write_buffer_size():
            self.transport.abort()
        elif not self.inside:
            self.transport.close()
        elif late > self.size / self.limits.slowest:
            self._refuse(Refusal.TOO_SLOW)

    def hang_up(self) -> None:
        """End the connection once what was asked has been answered."""
        if self.waiting:
            self.waiting[-1].keep_alive = False
        self.closing = True
        self.flush()

    # --- llhttp's callbacks ------------------------------------------------------------------

    def on_message_begin(self) -> None:
        """A request begins."""
        self.request = Request(self)
        self.chunks = []
        self.inside = True
        self.deadline = self.handler.now + self.limits.whole

    def on_url(self, url: bytes) -> None:
        """Take the address, which may come in pieces."""
        self.request.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; what comes after the body is none."""
        if not self.most:
            self.request.headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Know who will answer, and how much may follow."""
        request, parser = self.request, self.parser
        request.method = parser.get_method()
        version = parser.get_http_version()
        self.upgrades = parser.should_upgrade()
        request.modern = version == "1.1"
        if request.method == b"CONNECT" or version not in {"1.1", "1.0"}:
            self._refuse(Refusal.MALFORMED)
        elif self.upgrades:
            return
        elif self.around > self.limits.headers and _length(request) > self.limits.headers:
            self._refuse(Refusal.HEADERS_TOO_LONG)
        elif not _plain(request.url) and not request.in_origin_form():
            self._refuse(Refusal.MALFORMED)
        else:
            self.most = self.handler.most(request)
            if request.header(b"expect"):
                self._expected(request)

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body; of one that is too long, no more than the limit."""
        size = self.size = self.size + len(body)
        self.around -= len(body)
        if size <= self.most:
            self.chunks.append(body)
            if size > self.limits.small:
                self.held += len(body)
                self.handler.held += len(body)
                if self.handler.held > self.limits.held:
                    self._refuse(Refusal.OVERLOADED)
        elif size > self.most + self.limits.beyond:
            self._refuse(Refusal.BODY_TOO_LARGE)

    def on_message_complete(self) -> None:
        """Hand the request over."""
        if self.upgrades or self.closing:
            return
        request, size = self.request, self.size
        request.keep_alive = request.modern and self.parser.should_keep_alive()
        if not request.keep_alive:
            self.closing = True
        request.held, self.held = self.held, 0
        self.inside = False
        self.around = self.size = 0
        self.deadline = self.handler.now + self.limits.idle
        self.waiting.append(request)
        if len(self.waiting) >= self.limits.ahead:
            self._pause()
        most, self.most = self.most, 0
        if size > most:
            self.handler.refused(Refusal.BODY_TOO_LARGE)
            refuse(request, Refusal.BODY_TOO_LARGE)
            return
        request.body = self.chunks[0] if len(self.chunks) == 1 else b"".join(self.chunks)
        self.handler.handle(request)

    # --- answers -----------------------------------------------------------------------------

    def flush(self) -> None:
        """Write the answers whose turn has come."""
        transport = self.transport
        if transport is None:
            return
        while self.waiting:
            first = self.waiting[0]
            if first.turn is not None:
                turn, first.turn = first.turn, None
                turn()
            if not first.done:
                break
            if first.data is not None:
                transport.write(first.data)
            self.waiting.popleft()
            self._let_go(first)
            if not first.keep_alive:
                self.closing = True
                for request in self.waiting:
                    self._let_go(request)
                self.waiting.clear()
        if self.closing and not self.waiting:
            self._leave()
        elif self.paused and self.drained is None and len(self.waiting) < self.limits.ahead // 2:
            self.paused = False
            transport.resume_reading()

    def _leave(self) -> None:
        """Hang up; one that still speaks must hear our answer first, so listen a little on."""
        if not self.inside:
            self.transport.close()
        elif not self.lingering:
            self.lingering = True
            self.deadline = self.handler.now + self.limits.linger
            self.transport.write_eof()
            if self.paused:
                self.paused = False
                self.transport.resume_reading()

    def _pause(self) -> None:
        if not self.paused and not self.lingering and not self.transport.is_closing():
            self.paused = True
            self.transport.pause_reading()

    def _let_go(self, held: Connection | Request) -> None:
        if held.held:
            self.handler.held -= held.held
            held.held = 0

    def _expected(self, request: Request) -> None:
        """Let a client go on that has asked whether it may; say at once where it may not."""
        length = request.header(b"content-length")
        if length and int(length) > self.most:
            self._refuse(Refusal.BODY_TOO_LARGE)
        elif not self.waiting and request.header(b"expect").lower() == b"100-continue":
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _go_on_without_upgrade(self) -> None:
        """Read a request as if it had no wish to speak something else, which nobody here does.

        llhttp would take its body for the other language.
        """
        if self.closing:
            return
        request = self.request
        kept = [pair for pair in request.headers if pair[0].lower() != b"upgrade"]
        lines = b"".join(b"%b: %b\r\n" % pair for pair in kept)
        version = b"1.1" if request.modern else b"1.0"
        self.parser = httptools.HttpRequestParser(self)
        self.parser.feed_data(
            b"%b %b HTTP/%b\r\n%b\r\n" % (request.method, request.url, version, lines)
        )

    def _refuse(self, refusal: Refusal) -> None:
        """Answer what cannot be read any further, and hang up."""
        if self.closing:
            return
        self.handler.refused(refusal)
        self.closing = True
        self.inside = True
        self._let_go(self)
        broken = Request(self)
        broken.keep_alive = False
        self.waiting.append(broken)
        refuse(broken, refusal)


def _plain(url: bytes) -> bool:
    """Return whether a target is a path and a query, as nearly all are."""
    return url.startswith(b"/") and b"#" not in url


def _length(request: Request) -> int:
    """Return how long the request line and the headers are."""
    return len(request.url) + sum(len(name) + len(value) + 4 for name, value in request.headers)
