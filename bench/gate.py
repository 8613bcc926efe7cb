"""How fast the gate is: ballots and events, durable before each answer, beside limit and peer.

    uv run --group bench python -m bench.gate

The limit is nginx answering 204 to the same requests, the peer FastAPI with SQLAlchemy on
SQLite, written as most would. All run on this machine, each in turn, three rounds; the table
shows medians and ratios. The load comes from a process beside, on the same cores.
"""

from __future__ import annotations

import json
import os
import shutil
import socketserver
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from uuid import UUID, uuid4

from bench.load import Answers, free_port, load, post
from kfar.ground.ballots import Form, Paper
from kfar.ground.tokens import voter_token
from kfar.lake.intake.notice import Key, Notice, Question, key_sum
from kfar.lake.intake.notice import post as hang_up

ROUNDS, SECONDS, CONNECTIONS = 3, 5.0, 128
#: Events in a batch, and requests prepared of each kind.
BATCH, PREPARED = 100, 20_000
#: Bytes of a page.
PAGE = 12_000
#: Ballots a second in the open loop.
OPEN = 20_000
SECRET, QUESTION, KEY = b"\x11" * 32, UUID(int=5), "bench-key"


def ballots() -> list[bytes]:
    """Return ballots of as many voters."""
    return [
        post(
            "/v1/ballot",
            json.dumps(
                {"voter": voter_token(SECRET, QUESTION, voter), "option": voter % 4}
            ).encode(),
            "Content-Type: application/json",
        )
        for voter in range(PREPARED)
    ]


def newcomers() -> list[bytes]:
    """Return the first ballots of as many browsers of which nothing is known."""
    return [
        post(
            f"/vote/{QUESTION}/ballot",
            json.dumps({"option": n % 4, "once": f"{n:022}", "nonce": f"{n:022}"}).encode(),
            "Content-Type: application/json",
        )
        for n in range(PREPARED)
    ]


def readers() -> list[bytes]:
    """Return requests of strangers for the page of an open vote."""
    return [f"GET /vote/{QUESTION}/ HTTP/1.1\r\nHost: bench\r\n\r\n".encode()]


class _Pages(socketserver.StreamRequestHandler):
    """Pages that say one of 12 KB, good for two seconds."""

    def handle(self) -> None:
        while self.rfile.readline().strip():
            pass
        head = f"HTTP/1.1 200 OK\r\nCache-Control: s-maxage=2\r\nContent-Length: {PAGE}\r\n\r\n"
        self.wfile.write(head.encode() + b"x" * PAGE)


def an_event(number: int) -> dict[str, object]:
    """Return an event as a browser's client sends it, about 430 bytes."""
    return {
        "type": "track",
        "event": "Product Viewed",
        "anonymousId": str(uuid4()),
        "messageId": f"ajs-next-{number}-{uuid4()}",
        "timestamp": "2026-11-20T12:00:00.000Z",
        "properties": {"product_id": "507f1f77bcf86cd7", "price": 18.99, "category": "Games"},
        "context": {"page": {"path": "/a", "url": "https://shop.example/a", "title": "A"}},
    }


def single_events() -> list[bytes]:
    """Return events, one a request."""
    return [post("/v1/track", json.dumps(an_event(n)).encode(), _basic()) for n in range(PREPARED)]


def batches() -> list[bytes]:
    """Return batches of 100 events, about 44 KB each."""
    return [
        post(
            "/v1/batch",
            json.dumps({"batch": [an_event(n) for n in range(BATCH)]}).encode(),
            _basic(),
        )
        for _ in range(PREPARED // BATCH)
    ]


def _basic() -> str:
    return f"Authorization: Basic {b64encode(f'{KEY}:'.encode()).decode()}"


@contextmanager
def gate(folder: Path) -> Iterator[int]:
    """Run a gate; yield its port."""
    port = free_port()
    notice = Notice(
        keys={key_sum(KEY): Key(source="bench", scope="server")},
        questions={
            str(QUESTION): Question(0, 2**53, Paper(Form.CHOICES, options=4, most=1), link=True)
        },
        ballots=SECRET.hex(),
    )
    hang_up(notice, folder)
    with socketserver.ThreadingUnixStreamServer(str(folder / "pages.sock"), _Pages) as pages:
        threading.Thread(target=pages.serve_forever, daemon=True).start()
        with opened(folder, port):
            yield port
        pages.shutdown()


def opened(folder: Path, port: int) -> AbstractContextManager[None]:
    """Run a gate on a data directory."""
    command = [
        *(sys.executable, "-m", "kfar.doors.gate", f"--port={port}", f"--data={folder}"),
        f"--pages={folder / 'pages.sock'}",
    ]
    return running(command, port)


@contextmanager
def nginx(folder: Path) -> Iterator[int]:
    """Run nginx answering 204 to everything; yield its port."""
    port = free_port()
    conf = folder / "nginx.conf"
    conf.write_text(
        f"""daemon off; worker_processes 1; pid {folder}/pid; error_log /dev/null;
        events {{ worker_connections 2048; }}
        http {{ access_log off; keepalive_requests 100000000; client_body_temp_path {folder}/b;
            client_max_body_size 1m; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
            uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
            server {{ listen 127.0.0.1:{port}; location / {{ return 204; }} }} }}"""
    )
    with running(["nginx", "-c", str(conf), "-e", "/dev/null"], port):
        yield port


@contextmanager
def peer(folder: Path) -> Iterator[int]:
    """Run the peer; yield its port."""
    port = free_port()
    command = [
        *(sys.executable, "-m", "uvicorn", "bench.peer:app", "--port", str(port)),
        *("--log-level", "critical"),
    ]
    with running(command, port, PEER_DATABASE=f"sqlite:///{folder / 'peer.sqlite3'}"):
        yield port


@contextmanager
def running(command: list[str], port: int, **environment: str) -> Iterator[None]:
    """Run a server; begin once it listens."""
    process = subprocess.Popen(
        command, env={**os.environ, **environment}, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(200):
            try:
                HTTPConnection("127.0.0.1", port, timeout=1).connect()
                break
            except OSError:
                time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(20)


Server = Callable[[Path], AbstractContextManager[int]]


def measure(server: Server, requests: list[bytes], *, rate: float = 0) -> Answers:
    """Return what one server does with one kind of request, on an empty folder."""
    folder = Path(tempfile.mkdtemp(prefix="kfar-bench-", dir=".")).resolve()
    try:
        with server(folder) as port:
            load(port, requests, seconds=1, connections=CONNECTIONS)
            return load(port, requests, seconds=SECONDS, connections=CONNECTIONS, rate=rate)
    finally:
        shutil.rmtree(folder)


def main() -> None:
    """Measure and print."""
    have_nginx = shutil.which("nginx") is not None
    kinds: list[tuple[str, list[bytes], int, set[str]]] = [
        ("ballots", ballots(), 1, set()),
        ("ballots of new voters by link", newcomers(), 1, {"peer"}),
        ("readers of an open vote's page", readers(), 1, {"peer"}),
        ("events, one a request", single_events(), 1, set()),
        (f"events, {BATCH} a request", batches(), BATCH, set()),
    ]
    all_servers: dict[str, Server] = {"gate": gate, "peer": peer}
    if have_nginx:
        all_servers["limit"] = nginx
    print("| what | gate /s | p50 ms | p99 ms | limit /s | gate ÷ limit | peer /s | gate ÷ peer |")
    print("|---|---|---|---|---|---|---|---|")
    for name, requests, each, without in kinds:
        servers = {server: run for server, run in all_servers.items() if server not in without}
        found: dict[str, list[Answers]] = {server: [] for server in servers}
        for _ in range(ROUNDS):
            for server, run in servers.items():
                found[server].append(measure(run, requests))
        rate = {s: each * statistics.median(a.per_second for a in f) for s, f in found.items()}
        failed = sum(a.failed for a in found["gate"])
        limit, other = (rate.get(server, float("nan")) for server in ("limit", "peer"))
        print(
            f"| {name} | {rate['gate']:,.0f} |"
            f" {statistics.median(a.percentile(0.5) for a in found['gate']):.1f} |"
            f" {statistics.median(a.percentile(0.99) for a in found['gate']):.1f} |"
            f" {limit:,.0f} | {rate['gate'] / limit:.2f} | {other:,.0f} |"
            f" {rate['gate'] / other:,.0f} |" + (f" {failed} failed" if failed else "")
        )
    opened = [measure(gate, kinds[0][1], rate=OPEN) for _ in range(ROUNDS)]
    print(
        f"\nBallots at {OPEN:,} a second, open loop: p50"
        f" {statistics.median(a.percentile(0.5) for a in opened):.1f} ms, p99"
        f" {statistics.median(a.percentile(0.99) for a in opened):.1f} ms,"
        f" {sum(a.failed for a in opened)} failed."
    )


if __name__ == "__main__":
    main()
