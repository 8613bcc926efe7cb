"""A request as the gate has read it, whole, and its answer; what clients may ask of us."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from kfar.doors.gate.refusals import Refusal

if TYPE_CHECKING:
    from kfar.doors.gate.connection import Connection

#: A target as proxies send it: scheme, who asks, host, path and query.
ABSOLUTE = re.compile(rb"https?://(?:[^/?#@]*@)?([^/?#]*)([^#]*)", re.IGNORECASE)
#: Answers that have no body, and so no length.
BODILESS = {b"204", b"304"}


@dataclass(frozen=True)
class Limits:
    """How much a client may say, in bytes, and how long it may take, in seconds."""

    headers: int = 32 * 1024  # the request line, the headers, and what stands around chunks
    whole: float = 30.0  # a request, from its first byte to its last …
    slowest: int = 16 * 1024  # … and a second more for so many bytes
    idle: float = 75.0  # until the next request begins
    linger: float = 2.0  # until a client that is refused has heard us
    listen: float = 60.0  # until a client has taken a piece of a page
    beyond: int = 4 * 1024 * 1024  # of a body that is too long, read before the connection ends
    ahead: int = 64  # requests of one connection that wait for their answers
    small: int = 64 * 1024  # bodies up to here are counted as nothing …
    held: int = 256 * 1024 * 1024  # … and all others together hold no more than this

    def patient(self, patience: float) -> Limits:
        """Return these limits with so many times the time."""
        times = ("whole", "idle", "linger", "listen")
        more = {name: getattr(self, name) * patience for name in times}
        return replace(self, slowest=max(int(self.slowest / patience), 1), **more)


class Handler(Protocol):
    """What answers requests."""

    limits: Limits
    now: float  # the loop's time, not older than a second
    held: int  # bytes of long bodies in memory
    connections: set[Connection]

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
        "gone",
        "headers",
        "held",
        "keep_alive",
        "method",
        "modern",
        "turn",
        "url",
    )

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.url = b""
        self.method = b""
        self.headers: list[tuple[bytes, bytes]] = []
        self.body = b""
        self.modern = True  # HTTP/1.1; else 1.0
        self.keep_alive = True
        self.held = 0
        self.data: bytes | None = None
        self.done = False
        self.turn: Callable[[], None] | None = None
        self.gone: Callable[[], object] | None = None

    @property
    def path(self) -> bytes:
        """The path, as sent."""
        return self.url.partition(b"?")[0]

    @property
    def peer(self) -> str:
        """The address of whoever has connected to us."""
        transport = self.connection.transport
        name = transport.get_extra_info("peername") if transport is not None else None
        return str(name[0]) if isinstance(name, tuple) else "127.0.0.1"

    def header(self, name: bytes) -> bytes:
        """Return a header's first value, b"" where there is none; `name` in small letters."""
        for found, value in self.headers:
            if len(found) == len(name) and found.lower() == name:
                return value
        return b""

    def in_origin_form(self) -> bool:
        """Make the target a path and a query; return whether that is possible.

        `GET http://shop.example/page` is asked of shop.example, whatever Host says (RFC 9112).
        """
        absolute = ABSOLUTE.match(self.url)
        if absolute is not None:
            host, self.url = absolute.groups()
            if not self.url.startswith(b"/"):
                self.url = b"/" + self.url
            self.headers = [pair for pair in self.headers if pair[0].lower() != b"host"]
            self.headers.append((b"Host", host))
        self.url = self.url.partition(b"#")[0]
        return self.url.startswith(b"/")

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

    def begin(self, turn: Callable[[], None], gone: Callable[[], object]) -> None:
        """Give the answer in pieces: `turn` is called once this request's turn has come.

        `gone` is called where the client is gone before it has all of it.
        """
        self.turn = turn
        self.gone = gone
        self.connection.flush()

    def finish(self) -> None:
        """Say that the pieces have all been written."""
        self.done = True
        self.connection.flush()


def cors(request: Request) -> bytes:
    """Return the headers by which any page may send, as its browser asks for them."""
    origin = request.header(b"origin")
    if not origin:
        return b"Access-Control-Allow-Origin: *\r\n"
    return (
        b"Access-Control-Allow-Origin: %b\r\nAccess-Control-Allow-Credentials: true\r\n"
        b"Vary: Origin\r\n" % origin
    )


def refuse(request: Request, refusal: Refusal, headers: bytes = b"", again: int = 1) -> None:
    """Answer that a request is refused, and why; a page that has sent it may read that.

    `again` is after how many seconds one may try again, where that can help.
    """
    if refusal.passes:
        headers += b"Retry-After: %d\r\n" % again
    content = b"Content-Type: application/json\r\n"
    request.answer(refusal.line, refusal.answer, cors(request) + headers + content)
