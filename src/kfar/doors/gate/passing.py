"""Passing on: what is not for the gate goes to the pages, and their answer comes back.

The request is written anew from what was parsed, so that both sides see the same request;
who comes is added to it, and what a stranger says about that is believed only of our own
proxies.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from io import BytesIO

import aiohttp
import structlog
from multidict import CIMultiDict
from yarl import URL

from kfar.doors.gate.counts import Counts
from kfar.doors.gate.http import Request, refuse
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
#: Bytes of a head of an answer, and seconds in which the pages have to say something.
HEAD, SILENCE = 64 * 1024, 120.0
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
        self.proxies = proxies
        self.counts = counts
        self.session = aiohttp.ClientSession(
            # A connection for each request: one that is kept may be closed as we write to it.
            connector=aiohttp.UnixConnector(socket, limit=0, force_close=True),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=5, sock_read=SILENCE),
            auto_decompress=False,
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
            max_line_size=HEAD,
            max_field_size=HEAD,
        )
        self.tasks: set[asyncio.Task[None]] = set()
        self.away: str | None = None

    def take(self, request: Request) -> None:
        """Pass a request on; its answer is written when its turn has come."""
        hosts = [name for name, _ in request.headers if name.lower() == b"host"]
        if len(hosts) != 1 and (hosts or request.modern):
            self.counts.add(Refusal.MALFORMED)
            refuse(request, Refusal.MALFORMED)
            return
        turn = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(self._pass(request, turn))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        request.begin(lambda: turn.set_result(None), gone=task.cancel)

    async def close(self) -> None:
        """Let go of the pages."""
        await self.session.close()

    async def _pass(self, request: Request, turn: asyncio.Future[None]) -> None:
        connection = request.connection
        listen = connection.limits.listen
        begun = False
        try:
            async with self.session.request(
                request.method.decode(),
                URL("http://pages" + request.url.decode(), encoded=True),
                headers=self._headers(request),
                data=BytesIO(request.body) if request.body else None,
                allow_redirects=False,
            ) as answer:
                await turn
                begun = True
                async for piece in _pieces(request, answer):
                    connection.transport.write(piece)
                    if connection.drained is not None:
                        async with asyncio.timeout(listen):
                            await connection.drain()
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

    def _note(self, away: str) -> None:
        """Log that the pages are away, or back; once, and not before they were first there."""
        if self.away is None and away:
            return
        if away != (self.away or ""):
            log.warning("pages.away", error=away) if away else log.warning("pages.back")
        self.away = away

    def _headers(self, request: Request) -> CIMultiDict[str]:
        """Return the headers as the pages get them.

        A name with "_" is none: WSGI could not tell `X_Forwarded_For` from `X-Forwarded-For`.
        """
        headers: CIMultiDict[str] = CIMultiDict()
        named = b",".join(v for name, v in request.headers if name.lower() == b"connection")
        dropped = {name.strip().lower() for name in named.split(b",")} | HOP
        for name, value in request.headers:
            lower = name.lower()
            told = lower.startswith(TOLD) and not self.proxies
            if lower not in dropped and b"_" not in lower and not told:
                headers.add(name.decode(), _text(value))
        before = headers.popall("X-Forwarded-For", [])
        headers["X-Forwarded-For"] = ", ".join([*before, request.peer])
        return headers


def _text(value: bytes) -> str:
    """Return a header's value; what is not UTF-8 becomes it."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


async def _pieces(request: Request, answer: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    """Yield the answer as it goes over the wire: the head, then the body as it comes."""
    bodiless = request.method == b"HEAD" or answer.status in {204, 304}
    length = answer.headers.get("Content-Length")
    lines = [b"%b: %b\r\n" % pair for pair in answer.raw_headers if pair[0].lower() not in HOP]
    if length is not None:
        lines.append(b"Content-Length: %d\r\n" % int(length))
    chunked = length is None and not bodiless and request.modern
    if chunked:
        lines.append(b"Transfer-Encoding: chunked\r\n")
    if not request.keep_alive:
        lines.append(b"Connection: close\r\n")
    status = f"HTTP/1.1 {answer.status} {answer.reason or ''}\r\n".encode("latin-1", "replace")
    yield b"%b%b\r\n" % (status, b"".join(lines))
    async for piece in answer.content.iter_any():
        yield b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece
    if chunked:
        yield b"0\r\n\r\n"
