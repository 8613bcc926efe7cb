"""A site with the tag, and a gate that writes down what it is told: one server, two origins."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from threading import Thread
from typing import Any

from kfar.doors.gate import snippet

PAGE = """<!doctype html><html lang="en"><head><title>{path}</title>{early}
<script async src="{gate}{folder}/kfar.js" data-key="shop" {options}>
</script></head><body></body></html>"""

#: What the strictest site allows: its own programs and the gate's, and what the tag tells it.
POLICY = (
    "default-src 'none'; script-src 'self' {gate}; connect-src {gate}; "
    "require-trusted-types-for 'script'"
)


@dataclass
class Site:
    """The pages are at `url`, on every path; the tag is told to speak to `gate`, elsewhere."""

    port: int
    elsewhere: str = ""  # a gate that really is one
    folder: str = ""  # in which the gate is found
    options: str = ""  # attributes of the tag
    early: str = ""  # a program of the site's own that runs before the tag is there
    answers: deque[int] = field(default_factory=deque)  # of the gate; after the last one, 200
    told: Queue[dict[str, Any]] = field(default_factory=Queue)  # bodies, as they came
    known: set[str] = field(default_factory=set)  # messageIds that were heard

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def gate(self) -> str:
        return self.elsewhere or f"http://localhost:{self.port}"

    def hears(self, count: int = 1) -> list[dict[str, Any]]:
        """Wait for the next `count` messages; return them, each as the gate keeps it: once.

        A page that is left before the answer is there tells it again on the next.
        """
        messages: dict[str, dict[str, Any]] = {}
        while len(messages) < count:
            batch = self.told.get(timeout=20)["batch"]
            messages |= {m["messageId"]: m for m in batch if m["messageId"] not in self.known}
        assert len(messages) == count, messages
        self.known |= messages.keys()
        return list(messages.values())


@contextmanager
def opened() -> Iterator[Site]:
    """Serve until the end."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == f"{site.folder}/kfar.js":
                self._say(200, snippet.source(), "text/javascript; charset=utf-8")
            elif self.path == "/early.js":
                self._say(200, site.early.encode(), "text/javascript; charset=utf-8")
            else:
                early = '<script src="/early.js"></script>' if site.early else ""
                path = self.path.partition("?")[0]
                where = {"path": path, "gate": site.gate, "folder": site.folder}
                page = PAGE.format(**where, options=site.options, early=early)
                self._say(200, page.encode(), "text/html; charset=utf-8")

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            assert self.path == f"{site.folder}/v1/batch"
            assert self.headers["Content-Type"] == "text/plain;charset=UTF-8"
            status = site.answers.popleft() if site.answers else 200
            site.told.put(body)
            self._say(status, b'{"success":true}', "application/json")

        def _say(self, status: int, body: bytes, kind: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Access-Control-Allow-Origin", "*")
            self.send_header("Content-Security-Policy", POLICY.format(gate=site.gate))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True  # a browser opens connections that it never uses
    site = Site(server.server_port)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
