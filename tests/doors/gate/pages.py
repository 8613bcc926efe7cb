"""Pages behind a gate, that answer as told and remember what they were asked, byte for byte."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

Act = Callable[[socket.socket, bytes], None]


@dataclass
class Pages:
    """What they do when asked, and what they were asked: head and body of each request."""

    act: Act
    asked: list[tuple[bytes, bytes]] = field(default_factory=list)

    @property
    def headers(self) -> dict[str, str]:
        """The headers of the last request."""
        lines = self.asked[-1][0].decode("latin-1").split("\r\n")[1:]
        return {name: value for name, _, value in (line.partition(": ") for line in lines)}

    @property
    def line(self) -> str:
        """The request line of the last request."""
        return self.asked[-1][0].partition(b"\r\n")[0].decode("latin-1")


def say(*said: bytes) -> Act:
    """Say something, and hang up."""

    def act(line: socket.socket, _asked: bytes) -> None:
        for piece in said:
            line.sendall(piece)

    return act


def page(body: bytes, *headers: str, status: str = "200 OK") -> Act:
    """Answer with a page."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return say("\r\n".join(lines).encode() + body)


HELLO = page(b"hello", "Content-Type: text/plain")


@contextmanager
def open_pages(path: Path) -> Iterator[Pages]:
    """Open pages at a Unix socket for a while; they say hello unless told otherwise."""
    pages = Pages(HELLO)
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(path))
    listening.listen(64)

    def serve(line: socket.socket) -> None:
        with line, suppress(OSError):
            head, body = _read(line)
            pages.asked.append((head, body))
            pages.act(line, head)

    def accept() -> None:
        with suppress(OSError):
            while True:
                line, _ = listening.accept()
                threading.Thread(target=serve, args=(line,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield pages
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join()
        path.unlink()


def _read(line: socket.socket) -> tuple[bytes, bytes]:
    said = b""
    while b"\r\n\r\n" not in said:
        piece = line.recv(1 << 16)
        if not piece:
            return said, b""
        said += piece
    head, _, body = said.partition(b"\r\n\r\n")
    length = next(
        (
            int(v)
            for n, _, v in (part.partition(b": ") for part in head.split(b"\r\n")[1:])
            if n.lower() == b"content-length"
        ),
        0,
    )
    while len(body) < length:
        body += line.recv(1 << 16)
    return head, body
