"""Passing on: what is not for the gate goes to the pages, and their answer comes back.

The request is written anew from what was parsed, so that both sides see the same request;
who comes is added to it, and what a stranger says about that is believed only of our own
proxies.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import structlog
from multidict import CIMultiDict
from yarl import URL

from kfar.doors.gate.http import Request

log = structlog.get_logger(__name__)

#: What is between two neighbours only.
HOP = {
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "proxy-connection",
    "expect",
    "content-length",
}
TOLD = {"x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "forwarded", "x-real-ip"}
#: Seconds after which a client that does not listen is let go.
LISTEN = 60
AWAY = (
    b"<!doctype html><meta charset=utf-8><title>Kfar</title>"
    b"<p>One moment, please: the pages are being opened. Try again in a few seconds."
)


class Pages:
    """The pages behind the gate, at a Unix socket."""

    #: Bytes of a request for the pages.
    LONGEST = 32 * 1024 * 1024

    def __init__(self, socket: str, proxies: int) -> None:
        self.proxies = proxies
        self.session = aiohttp.ClientSession(
            connector=aiohttp.UnixConnector(socket, limit=0, keepalive_timeout=30),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=5),
            auto_decompress=False,
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
        )
        self.tasks: set[asyncio.Task[None]] = set()
        self.away: str | None = None

    def take(self, request: Request) -> None:
        """Pass a request on; its answer is written when its turn has come."""
        turn = asyncio.get_running_loop().create_future()
        request.begin(lambda: turn.set_result(None))
        task = asyncio.create_task(self._pass(request, turn))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def close(self) -> None:
        """Let go of the pages."""
        await self.session.close()

    async def _pass(self, request: Request, turn: asyncio.Future[None]) -> None:
        connection = request.connection
        begun = False
        try:
            async with self.session.request(
                request.method.decode("latin-1"),
                URL("http://pages" + _target(request), encoded=True),
                headers=self._headers(request),
                data=request.body or None,
                allow_redirects=False,
            ) as answer:
                await turn
                begun = True
                async for piece in _pieces(request, answer):
                    if connection.transport is None:
                        return
                    connection.transport.write(piece)
                    async with asyncio.timeout(LISTEN):
                        await connection.drain()
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            self._note(type(error).__name__)
            if begun:
                if connection.transport is not None:
                    connection.transport.abort()  # half an answer must not look like a whole
                return
            request.answer(
                b"503 Service Unavailable",
                AWAY,
                b"Content-Type: text/html\r\nRetry-After: 3\r\n",
            )
        else:
            self._note("")
            request.finish()

    def _note(self, away: str) -> None:
        """Log that the pages are away, or back; once, and not before they were first there."""
        if self.away is None and away:
            return
        if away != (self.away or ""):
            log.warning("pages.away", error=away) if away else log.warning("pages.back")
        self.away = away

    def _headers(self, request: Request) -> CIMultiDict[str]:
        headers: CIMultiDict[str] = CIMultiDict()
        nominated = {
            name.strip().lower()
            for name in request.header(b"connection").decode("latin-1").split(",")
        }
        for raw_name, raw_value in request.headers:
            name = raw_name.decode("latin-1")
            lower = name.lower()
            if lower in HOP or lower in nominated or (lower in TOLD and not self.proxies):
                continue
            headers.add(name, raw_value.decode("latin-1"))
        peer = request.connection.transport and request.connection.transport.get_extra_info(
            "peername"
        )
        address = peer[0] if isinstance(peer, tuple) else "127.0.0.1"
        before = ", ".join(headers.popall("X-Forwarded-For", []))
        headers["X-Forwarded-For"] = f"{before}, {address}" if before else address
        return headers


def _target(request: Request) -> str:
    """Return path and query; what else a request line may hold is no business of the pages."""
    target = request.url.decode("latin-1")
    return target if target.startswith("/") else "/"


async def _pieces(request: Request, answer: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    """Yield the answer as it goes over the wire: the head, then the body as it comes."""
    bodiless = request.method == b"HEAD" or answer.status in {204, 304}
    length = answer.headers.get("Content-Length")
    lines: list[Any] = [
        f"{name}: {value}" for name, value in answer.headers.items() if name.lower() not in HOP
    ]
    if length is not None:
        lines.append(f"Content-Length: {length}")
    chunked = length is None and not bodiless
    if chunked:
        lines.append("Transfer-Encoding: chunked")
    if not request.keep_alive:
        lines.append("Connection: close")
    head = "\r\n".join([f"HTTP/1.1 {answer.status} {answer.reason}", *lines, "", ""])
    yield head.encode("latin-1")
    async for piece in answer.content.iter_any():
        yield b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece
    if chunked:
        yield b"0\r\n\r\n"
