"""Passing on: what is not for the gate goes to the pages, and their answer comes back.

The request is written anew from what was parsed, so that both sides see the same request;
who comes is added to it, and what a stranger says about that is believed only of our own
proxies. Everything else goes through byte for byte, and nothing is asked twice.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

import structlog

from kfar.doors.gate.counts import Counts
from kfar.doors.gate.http import Request, refuse
from kfar.doors.gate.keeping import LONGEST, Shelf
from kfar.doors.gate.refusals import Refusal

log = structlog.get_logger(__name__)

#: What is between two neighbours only.
HOP = {
    b"connection",
    b"keep-alive",
    b"proxy-authenticate",
    b"proxy-authorization",
    b"proxy-connection",
    b"te",
    b"trailer",
    b"transfer-encoding",
    b"upgrade",
    b"expect",
    b"content-length",
}
#: By which proxies say who comes.
TOLD = (b"x-forwarded-", b"forwarded", b"x-real-ip")
#: Methods whose requests say how long their body is, also where they have none.
BODIED = {b"POST", b"PUT", b"PATCH"}
#: Bytes of the head of an answer, and of a piece of it.
HEAD, PIECE = 64 * 1024, 256 * 1024
#: Seconds in which the pages have to say something.
SILENCE = 120.0
STATUS = re.compile(rb"HTTP/1\.[01] ([1-5]\d\d)(?: [^\r\n]*)?")
AWAY = (
    "<!doctype html><meta charset=utf-8><title>Kfar</title>"
    "<p lang=en>One moment, please: the pages are being opened. Try again in a few seconds."
    "<p lang=he dir=rtl>רק רגע: הדפים נפתחים. אפשר לנסות שוב בעוד כמה שניות."
    "<p lang=pl>Chwileczkę: strony właśnie się otwierają. Proszę spróbować za kilka sekund."
).encode()


class Pages:
    """The pages behind the gate, at a Unix socket."""

    #: Bytes of a request for the pages: more than any of them takes.
    LONGEST = 4 * 1024 * 1024

    def __init__(self, socket: str, proxies: int, counts: Counts) -> None:
        self.socket = socket
        self.proxies = proxies
        self.counts = counts
        self.tasks: set[asyncio.Task[None]] = set()
        self.away: str | None = None
        self.shelf = Shelf()

    def client(self, request: Request) -> str:
        """Return the address of who asks, as the proxies that we trust say it."""
        if not self.proxies:
            return request.peer
        told = b",".join(v for name, v in request.headers if name.lower() == b"x-forwarded-for")
        hops = [hop.strip() for hop in told.decode("latin-1").split(",") if hop.strip()]
        return hops[-self.proxies] if len(hops) >= self.proxies else request.peer

    def take(self, request: Request) -> None:
        """Pass a request on; its answer is written when its turn has come."""
        hosts = [name for name, _ in request.headers if name.lower() == b"host"]
        if len(hosts) != 1 and (hosts or request.modern):
            self.counts.add(Refusal.MALFORMED)
            refuse(request, Refusal.MALFORMED)
            return
        loop = asyncio.get_running_loop()
        if kept := self.shelf.find(request, loop.time()):
            request.answer(b"200 OK", kept.body, kept.headers)
            return
        turn = loop.create_future()
        task = asyncio.create_task(self._pass(request, turn))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        request.begin(lambda: turn.set_result(None), gone=task.cancel)

    async def _pass(self, request: Request, turn: asyncio.Future[None]) -> None:
        connection = request.connection
        writer: asyncio.StreamWriter | None = None
        begun = False
        try:
            # A connection for each: one that is kept may be closed as we write to it.
            reader, writer = await asyncio.open_unix_connection(self.socket, limit=HEAD)
            writer.write(self._written(request))
            answer = await _answer(reader)
            await turn
            begun = True
            if not answer.short:
                self.shelf.forget(request)
            said = []
            async for piece in _pieces(request, answer, reader):
                connection.transport.write(piece)
                if connection.drained is not None:
                    async with asyncio.timeout(connection.limits.listen):
                        await connection.drain()
                if answer.short:
                    said.append(piece)
            if answer.short:
                now = asyncio.get_running_loop().time()
                self.shelf.keep(request, answer.headers, b"".join(said[1:]), now)
        except Exception as error:
            self._note(type(error).__name__)
            if begun:  # half an answer must not look like a whole
                if connection.transport is not None:
                    connection.transport.abort()
                return
            self.counts.add(Refusal.PAGES_AWAY)
            request.answer(
                Refusal.PAGES_AWAY.line,
                AWAY,
                b"Content-Type: text/html; charset=utf-8\r\nRetry-After: 3\r\n",
            )
        else:
            self._note("")
            request.finish()
        finally:
            if writer is not None:
                writer.transport.abort()

    def _note(self, away: str) -> None:
        """Log that the pages are away, or back; once, and not before they were first there."""
        if self.away is None and away:
            return
        if away != (self.away or ""):
            log.warning("pages.away", error=away) if away else log.warning("pages.back")
        self.away = away

    def _written(self, request: Request) -> bytes:
        """Return the request as the pages get it.

        A name with "_" is none: WSGI could not tell `X_Forwarded_For` from `X-Forwarded-For`.
        """
        named = b",".join(v for name, v in request.headers if name.lower() == b"connection")
        dropped = {name.strip().lower() for name in named.split(b",")} - {b"host"} | HOP
        lines, came = [], []
        for name, value in request.headers:
            lower = name.lower()
            if lower in dropped or b"_" in lower:
                continue
            if not lower.startswith(TOLD):
                lines.append(b"%b: %b\r\n" % (name, value))
            elif self.proxies:
                if lower == b"x-forwarded-for":
                    came.append(value)
                else:
                    lines.append(b"%b: %b\r\n" % (name, value))
        if not request.header(b"host"):  # HTTP/1.0
            lines.append(b"Host: localhost\r\n")
        if request.body or request.method in BODIED:
            lines.append(b"Content-Length: %d\r\n" % len(request.body))
        came.append(request.peer.encode())
        lines.append(b"X-Forwarded-For: %b\r\nConnection: close\r\n\r\n" % b", ".join(came))
        head = b"%b %b HTTP/1.1\r\n" % (request.method, request.url)
        return b"".join([head, *lines, request.body])


@dataclass(frozen=True)
class Answer:
    """The head of the pages' answer."""

    status: int
    line: bytes  # what follows the version
    headers: list[tuple[bytes, bytes]]  # those for the client
    length: int | None
    chunked: bool

    @property
    def short(self) -> bool:
        """Whether it is a page that can be kept, if it says so."""
        return self.status == 200 and self.length is not None and self.length <= LONGEST


async def _answer(reader: asyncio.StreamReader) -> Answer:
    """Read the head of an answer; hints before it (1xx) are left out."""
    while True:
        async with asyncio.timeout(SILENCE):
            head = await reader.readuntil(b"\r\n\r\n")
        line, *lines = head[:-4].split(b"\r\n")
        matched = STATUS.fullmatch(line)
        if matched is None:
            raise ValueError("not an answer")
        if matched[1].startswith(b"1"):
            continue
        pairs = (header.partition(b":") for header in lines)
        headers = [(name, value.strip()) for name, _, value in pairs]
        known = {name.lower(): value for name, value in headers}
        length = known.get(b"content-length")
        if length is not None and not length.isdigit():
            raise ValueError("not a length")
        return Answer(
            status=int(matched[1]),
            line=line[8:],
            headers=[pair for pair in headers if pair[0].lower() not in HOP],
            length=None if length is None else int(length),
            chunked=b"transfer-encoding" in known,
        )


async def _pieces(
    request: Request, answer: Answer, reader: asyncio.StreamReader
) -> AsyncIterator[bytes]:
    """Yield the answer as it goes over the wire: the head, then the body as it comes."""
    bodiless = request.method == b"HEAD" or answer.status in {204, 304}
    lines = [b"%b: %b\r\n" % pair for pair in answer.headers]
    chunked = answer.length is None and not bodiless and request.modern
    if answer.length is not None:
        lines.append(b"Content-Length: %d\r\n" % answer.length)
    elif chunked:
        lines.append(b"Transfer-Encoding: chunked\r\n")
    if not request.keep_alive:
        lines.append(b"Connection: close\r\n")
    yield b"HTTP/1.1%b\r\n%b\r\n" % (answer.line, b"".join(lines))
    if bodiless:
        return
    if answer.length is not None:
        body = _exactly(answer.length, reader)
    elif answer.chunked:
        body = _unchunked(reader)
    else:
        body = _until_the_end(reader)
    async for piece in body:
        yield b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece
    if chunked:
        yield b"0\r\n\r\n"


async def _exactly(length: int, reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    while length:
        async with asyncio.timeout(SILENCE):
            piece = await reader.read(min(length, PIECE))
        if not piece:
            raise EOFError
        length -= len(piece)
        yield piece


async def _unchunked(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    while True:
        async with asyncio.timeout(SILENCE):
            size = int((await reader.readuntil(b"\r\n")).partition(b";")[0], 16)
        if not size:
            return
        async for piece in _exactly(size, reader):
            yield piece
        await reader.readexactly(2)


async def _until_the_end(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    while True:
        async with asyncio.timeout(SILENCE):
            piece = await reader.read(PIECE)
        if not piece:
            return
        yield piece
