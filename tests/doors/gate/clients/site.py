"""A site with analytics.js on it: pages, and the clients' own bundles."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

SEGMENT = "@segment/analytics-next/dist/umd"
BUNDLES = {
    "/segment.js": f"{SEGMENT}/index.js",
    "/standalone.js": f"{SEGMENT}/standalone.js",
    "/rudder.js": "@rudderstack/analytics-js/dist/npm/modern/bundled/umd/index.js",
    "/rudder-legacy.js": "@rudderstack/analytics-js/dist/npm/legacy/bundled/umd/index.js",
}


@contextmanager
def opened(modules: Path) -> Iterator[str]:
    """Serve the site for a while; yield its address. `/any?a&b` is a page with scripts a and b."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

        def do_GET(self) -> None:
            path, _, query = self.path.partition("?")
            kind = "text/html; charset=utf-8"
            status = 200
            if path in BUNDLES:
                content, kind = (modules / BUNDLES[path]).read_bytes(), "text/javascript"
            elif path == "/favicon.ico":
                content, status = b"", 404
            else:
                names = query.split("&") if query else []
                scripts = "".join(f'<script src="/{name}.js"></script>' for name in names)
                content = f"<!doctype html><title>Shop</title>{scripts}<p>Hello".encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
