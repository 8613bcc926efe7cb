"""HTTP/1.1 as the gate speaks it: llhttp parses, requests are whole before they are answered.

Answers leave in the order of the requests, however many a client has sent ahead. A client
that is slow to speak or to listen costs a little memory, and is let go when its time is up.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol

import httptools

from kfar.doors.gate.refusals import Refusal

#: Bytes of the request line and headers.
HEADERS = 32 * 1024
#: Seconds in which a request has to be whole, and in which the next one has to begin.
WHOLE, IDLE = 30.0, 75.0
#: Bytes of a body that is too long which are read before the connection ends.
BEYOND = 4 * 1024 * 1024
#: Requests of one connection that may wait for their answers before no more are read.
AHEAD = 64
#: Answers that have no body, and so no length.
BODILESS = {b"204", b"304"}


class Handler(Protocol):
    """What answers requests."""

    def most(self, request: Request) -> int:
        """Return how long the body of this request may be, in bytes."""

    def handle(self, request: Request) -> None:
        """Answer now, or later: `request.answer(…)`."""

    def refused(self, refusal: Refusal) -> None:
        """Note that a request was refused before it could be handled."""


class Request:
    """One request, whole, and the place of its answer."""

    __slots__ = (
        "body",
        "connection",
        "data",
        "done",
        "headers",
        "keep_alive",
        "method",
        "turn",
        "url",
    )

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.url = b""
        self.method = b""
        self.headers: list[tuple[bytes, bytes]] = []
        self.body = b""
        self.keep_alive = True
        self.data: bytes | None = None
        self.done = False
        self.turn: Callable[[], None] | None = None

    @property
    def path(self) -> bytes:
        """The path, as sent."""
        return self.url.partition(b"?")[0]

    def header(self, name: bytes) -> bytes:
        """Return a header's first value, b"" where there is none; `name` in small letters."""
        for found, value in self.headers:
            if len(found) == len(name) and found.lower() == name:
                return value
        return b""

    def answer(
        self, status: bytes, body: bytes = b"", headers: bytes = b"", *, close: bool = False
    ) -> None:
        """Give the whole answer: `status` as b"200 OK", `headers` as lines ending with CRLF."""
        if close:
            self.keep_alive = False
        self.data = b"HTTP/1.1 %b\r\n%b%b%b\r\n%b" % (
            status,
            headers,
            b"" if self.keep_alive else b"Connection: close\r\n",
            b"" if status[:3] in BODILESS else b"Content-Length: %d\r\n" % len(body),
            b"" if self.method == b"HEAD" else body,
        )
        self.done = True
        self.connection.flush()

    def begin(self, turn: Callable[[], None]) -> None:
        """Give the answer in pieces: `turn` is called once this request's turn has come."""
        self.turn = turn
        self.connection.flush()

    def finish(self) -> None:
        """Say that the pieces have all been written."""
        self.done = True
        self.connection.flush()


class Connection(asyncio.Protocol):
    """One client."""

    def __init__(self, handler: Handler, all_of_them: set[Connection]) -> None:
        self.handler = handler
        self.others = all_of_them
        self.waiting: deque[Request] = deque()
        self.transport: Any = None
        self.parser = httptools.HttpRequestParser(self)
        self.head = 0
        self.chunks: list[bytes] = []
        self.size = 0
        self.most = 0
        self.request = Request(self)
        self.deadline = 0.0
        self.inside = False
        self.closing = False
        self.paused = False
        self.clock = asyncio.get_running_loop().time
        self.drained: asyncio.Event | None = None

    # --- the client comes, speaks, goes ------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self.transport = transport
        self.others.add(self)
        self._expect(IDLE)

    def connection_lost(self, exc: Exception | None) -> None:
        """End; answers not yet given have nowhere to go."""
        self.others.discard(self)
        self.closing = True
        self.transport = None
        self.resume_writing()
        self.waiting.clear()

    def data_received(self, data: bytes) -> None:
        """Take in what the client sends."""
        if self.closing:
            return
        if self.head >= 0:
            self.head += len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._refuse(Refusal.MALFORMED)
        except httptools.HttpParserError:
            self._refuse(Refusal.MALFORMED)
        else:
            if self.head > HEADERS:
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

    def expire(self, now: float) -> None:
        """Let a client go whose time is up; one that waits for us is not late."""
        if now < self.deadline or self.waiting or self.transport is None:
            return
        if self.transport.get_write_buffer_size():
            self.transport.abort()
        elif self.inside:
            self._refuse(Refusal.TOO_SLOW)
        else:
            self.transport.close()

    def hang_up(self) -> None:
        """End the connection once what is owed has been answered."""
        self.closing = True
        self.flush()

    # --- llhttp's callbacks ------------------------------------------------------------------

    def on_message_begin(self) -> None:
        """A request begins."""
        self.request = Request(self)
        self.chunks = []
        self.size = 0
        self.inside = True
        self._expect(WHOLE)

    def on_url(self, url: bytes) -> None:
        """Take the address, which may come in pieces."""
        self.request.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header."""
        self.request.headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Know who will answer, and how much may follow."""
        request = self.request
        request.method = self.parser.get_method()
        self.head = -1
        self.most = self.handler.most(request)
        if request.header(b"expect").lower() == b"100-continue" and not self.waiting:
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        self._expect(WHOLE)

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body; of one that is too long, no more than the limit."""
        self.size += len(body)
        if self.size <= self.most:
            self.chunks.append(body)
        elif self.size > self.most + BEYOND and not self.closing:
            self._refuse(Refusal.BODY_TOO_LARGE)

    def on_message_complete(self) -> None:
        """Hand the request over."""
        request = self.request
        self.head = 0
        self.inside = False
        request.keep_alive = self.parser.should_keep_alive()
        self._expect(IDLE)
        if self.closing:
            return
        if not request.keep_alive:
            self.closing = True
        self.waiting.append(request)
        if len(self.waiting) >= AHEAD:
            self._pause()
        if self.size > self.most:
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
            if not first.keep_alive:
                self.closing = True
                self.waiting.clear()
        if self.closing and not self.waiting:
            transport.close()
        elif self.paused and self.drained is None and len(self.waiting) < AHEAD // 2:
            self.paused = False
            transport.resume_reading()

    def _pause(self) -> None:
        if not self.paused and self.transport is not None:
            self.paused = True
            self.transport.pause_reading()

    def _expect(self, seconds: float) -> None:
        self.deadline = self.clock() + seconds

    def _refuse(self, refusal: Refusal) -> None:
        """Answer what cannot be read any further, and hang up."""
        self.handler.refused(refusal)
        self.closing = True
        broken = Request(self)
        broken.keep_alive = False
        self.waiting.append(broken)
        refuse(broken, refusal)


def refuse(request: Request, refusal: Refusal, headers: bytes = b"") -> None:
    """Answer that a request is refused, and why."""
    status = refusal.status
    if refusal.passes:
        headers += b"Retry-After: 1\r\n"
    request.answer(
        b"%d %b" % (status, status.phrase.encode()),
        b'{"success":false,"error":"%b"}' % refusal.encode(),
        headers + b"Content-Type: application/json\r\n",
    )
