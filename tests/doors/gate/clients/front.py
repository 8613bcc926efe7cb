"""A bad line: it stands between a client and a gate, and at first does not let through."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar


@dataclass
class Front:
    """Where it stands, what it will do to the next requests, and which have come.

    `troubles`, one for each POST: a status to answer with, "drop" to hang up at once, "lost" to
    hang up once the gate has answered. When none is left it lets through.
    """

    port: int
    gate: int
    troubles: list[int | str] = field(default_factory=list)
    came: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    front: ClassVar[Front]

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""

    def do_POST(self) -> None:
        front = self.front
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with front.lock:
            front.came.append((self.path, dict(self.headers), body))
            trouble = front.troubles.pop(0) if front.troubles else None
        if trouble == "drop":
            self.close_connection = True
            return
        if isinstance(trouble, int):
            self._answer(trouble, {}, b'{"success":false}')
            return
        self._pass(body, lost=trouble == "lost")

    def do_GET(self) -> None:
        self._pass(b"")

    def do_OPTIONS(self) -> None:
        self._pass(b"")

    def _pass(self, body: bytes, *, lost: bool = False) -> None:
        gate = HTTPConnection("127.0.0.1", self.front.gate, timeout=30)
        gate.request(self.command, self.path, body, dict(self.headers))
        answer = gate.getresponse()
        content = answer.read()
        gate.close()
        if lost:
            self.close_connection = True
            return
        self._answer(answer.status, dict(answer.getheaders()), content)

    def _answer(self, status: int, headers: dict[str, str], content: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() != "content-length":
                self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that hang up."""


@contextmanager
def before(gate: int, *troubles: int | str) -> Iterator[Front]:
    """Stand before the gate at a port for a while."""

    class OneHandler(_Handler):
        pass

    server = _Server(("127.0.0.1", 0), OneHandler)
    OneHandler.front = Front(server.server_address[1], gate, list(troubles))
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield OneHandler.front
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
